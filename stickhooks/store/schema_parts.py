"""What the parts of a state must look like; loaded only where there are some."""

# bundle: parts
from stickhooks.store import schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_WRONG_KIND = "the field parts is of the wrong kind"
_PLAIN = 3  # the keys of a part that nobody wrote or asked for yet
_FAR = 1 << 62


def complaint(raw: "dict[str, Any]") -> "str | None":
    """Return what is wrong with the parts of a parsed state and with their turns, None for nothing.

    A turn is given once: of the room's own and those of its parts no two are the same, and none is
    higher than the highest that was given.
    """
    parts, latest = raw.get("parts", []), raw.get("last_turn")
    if type(latest) is not int or latest < raw["turn_id"]:
        return "the field last_turn is missing or too low"
    if not isinstance(parts, list):
        return _WRONG_KIND
    turns, names = {raw["turn_id"]}, {member["agent_id"] for member in raw["members"]}
    plain = [part for part in parts if type(part) is dict and len(part) == _PLAIN]
    if plain and _are_held(plain, turns, latest, names):
        turns.update([part["turn_id"] for part in plain])
        parts = [part for part in parts if len(part) != _PLAIN] if len(plain) < len(parts) else []
    for part in parts:
        if not _part(part):
            return _WRONG_KIND
        if part["turn_id"] in turns or part["turn_id"] > latest:
            return "a turn stands in it twice, or was never given"
        turns.add(part["turn_id"])
        if keeper_of(part) not in names:
            return "a holder of some of its paths is not a member"
    return None


def keeper_of(part: "dict[str, Any]") -> "str | None":
    """Return who holds a part of a parsed state, or to whom it is promised."""
    lease, promise = part.get("lease"), part.get("reservation")
    name: str | None = lease["holder"] if lease else promise["recipient"] if promise else None
    return name


def _part(part: object) -> bool:
    """Tell whether it is a part: held or promised, not both, of paths below the workspace."""
    if not isinstance(part, dict) or type(part.get("turn_id")) is not int:
        return False
    paths, lease, promise = part.get("paths"), part.get("lease"), part.get("reservation")
    if type(paths) is not list or not paths or part["turn_id"] < 1:
        return False
    for path in paths:
        if path == "" or not schema.is_place(path):
            return False
    if lease is None:
        fits = promise is not None and schema.is_promise(promise)
    else:
        fits = promise is None and schema.is_lease(lease)
    letter, asks = part.get("letter"), part.get("asks", [])
    return fits and schema.are_further(letter, part.get("pending", False), asks)


def _are_held(
    parts: "list[dict[str, Any]]", turns: "set[int]", latest: int, names: "set[str]"
) -> bool:
    """Tell at once whether all have a lease of a member and a turn that none has twice, and no more.

    Most do, and the gate looks at up to 64 before every edit: one by one they cost it a twentieth of B0.
    What does not fit here may be right all the same.
    """
    try:
        rows = [
            (
                part["turn_id"], part["paths"], (lease := part["lease"])["holder"], lease["lease_id"],
                lease["why"], lease.get("auto_from"), lease["granted_at"], lease["renewed_at"],
                lease["expires_at"],
            )
            for part in parts
        ]  # fmt: skip
        own, lists, holders, ids, why, by, *stamps = zip(*rows, strict=True)
        if set(map(type, lists)) != {list} or not all(lists):
            return False
        paths = "/".join(["/".join(some) for some in lists])  # what is no text raises, as below
        texts = "".join([*holders, *ids, *(word for word in why + by if word is not None)])
    except (KeyError, TypeError, AttributeError):
        return False
    times = [stamp for kind in stamps for stamp in kind]
    return (
        paths != ""
        and schema.is_place(paths)
        and texts.isascii()
        and set(map(type, own)) == set(map(type, times)) == {int}
        and min(times) > -_FAR
        and max(times) < _FAR
        and min(own) > 0
        and max(own) <= latest
        and len({*own, *turns}) == len(own) + len(turns)
        and names.issuperset(holders)
    )
