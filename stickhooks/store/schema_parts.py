"""What the parts of a state must look like; loaded only where there are some."""

from stickhooks.store import schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def complaint(raw: "dict[str, Any]") -> "str | None":
    """Return what is wrong with the parts of a parsed state and with their turns, None for nothing.

    A turn is given once: of the room's own and those of its parts no two are the same, and none is
    higher than the highest that was given.
    """
    parts, latest = raw.get("parts", []), raw.get("last_turn")
    if type(latest) is not int or latest < raw["turn_id"]:
        return "the field last_turn is missing or too low"
    if not isinstance(parts, list):
        return "the field parts is of the wrong kind"
    turns, names = {raw["turn_id"]}, {member["agent_id"] for member in raw["members"]}
    for part in parts:
        if not _part(part):
            return "the field parts is of the wrong kind"
        if part["turn_id"] in turns or part["turn_id"] > latest:
            return "a turn stands in it twice, or was never given"
        turns.add(part["turn_id"])
        if keeper_of(part) not in names:
            return "who has a part of it is not a member"
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
        fits = promise is None and (_is_plain_lease(lease) or schema.is_lease(lease))
    if not fits or len(part) == _PLAIN:
        return fits
    letter = part.get("letter")
    return schema.are_further(letter, part.get("pending", False), part.get("asks", []))


_PLAIN = 3  # the keys of a part that nobody wrote or asked for yet
_FAR = 1 << 62


def _is_plain_lease(lease: object) -> bool:
    """Tell whether it is a lease as most are: the gate looks at up to 64 before every edit."""
    if type(lease) is not dict:
        return False
    get = lease.get
    holder, name, why = get("holder"), get("lease_id"), get("why", 0)
    given, renewed, until = get("granted_at"), get("renewed_at"), get("expires_at")
    return (
        type(holder) is str is type(name)
        and holder.isascii()
        and name.isascii()
        and (why is None or (type(why) is str and why.isascii()))
        and type(given) is int is type(renewed)
        and type(until) is int
        and min(given, renewed, until) > -_FAR
        and max(given, renewed, until) < _FAR
        and lease.get("auto_from") is None
    )
