"""A room with many members: the gate reads only the lines that can be about its caller.

Whoever writes such a state puts a sum of the members' lines into its head. While that is right,
the lines are what a writer checked and wrote, a member each, and those that name nobody the
gate asks about need not be parsed again. Where it is not, all of them are, and complained of.
"""

from _imp import source_hash

from stickhooks.fast import json
from stickhooks.store import schema

SUM = "members_sum"
PARTIAL = "partial"  # a key of a state that was read in part, never written
_MARK = b'"members":[\n'
_END = b"\n]}\n"
_KEY = 0x737469636B  # any will do: it is no secret, and keeps nobody out


def sum_of(members: bytes) -> str:
    """Return the sum of the members' lines, in the form that this interpreter gives it."""
    return source_hash(_KEY, members).hex()


def glimpse(data: bytes, signs: "list[bytes]") -> "dict[str, object] | None":
    """Return a state with only those members in whose lines one of ``signs`` stands, and its keeper.

    None where the sum does not vouch for the others, or anything is odd: then it has to be read.
    """
    place = data.find(_MARK)
    if place < 0 or not data.endswith(_END) or SUM.encode() not in data[:place]:
        return None
    try:
        raw = json.read((data[:place] + b'"members":[]}').decode())
        if not isinstance(raw, dict) or raw.get(SUM) != sum_of(data[place:]):
            return None
        holders = [raw, *raw.get("parts", ())]
        kept = [one[key][who] for one in holders for key, who in _KEEPERS if one.get(key)]
        wanted = [*signs, *(name_sign(str(name)) for name in kept)]
        starts = {start for sign in wanted for start in _lines(data, place, sign)}
        lines = [data[start : data.index(b"\n", start)].rstrip(b",") for start in sorted(starts)]
        raw["members"] = [json.read(line.decode()) for line in lines]
    except (ValueError, KeyError, TypeError):
        return None
    raw[PARTIAL] = True
    return None if schema.is_newer(raw) or schema.complaint(raw) else raw


_KEEPERS = (("lease", "holder"), ("reservation", "recipient"))


def signs_of(sighting, said: str) -> "list[bytes]":  # type: ignore[no-untyped-def]
    """Return what stands in the line of every member that a caller, as it was seen, may be."""
    own = [one for one in (sighting.own, sighting.leader) if one]
    seen = [*sighting.ancestors, *own]
    names = [name_sign(name) for name in (said, sighting.name) if name]
    session = [session_sign(sighting.session)] if sighting.session else []
    return [*names, *session, *(process_sign(one.pid) for one in seen)]


def name_sign(name: str) -> bytes:
    return f'"agent_id":{json.write(name)}'.encode()


def process_sign(pid: int) -> bytes:
    return f'"pid":{pid},'.encode()


def session_sign(session: str) -> bytes:
    return json.write(session.partition(":")[2])[1:-1].encode()


def _lines(data: bytes, place: int, sign: bytes) -> "list[int]":
    """Return where the members' lines begin in which a sign stands."""
    starts = []
    at = data.find(sign, place) if sign else -1
    while at >= 0:
        starts.append(data.rindex(b"\n", 0, at) + 1)
        at = data.find(sign, data.index(b"\n", at))
    return starts
