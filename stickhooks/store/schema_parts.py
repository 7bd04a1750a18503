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
    if not isinstance(parts, list) or not all(map(_part, parts)):
        return "the field parts is of the wrong kind"
    if type(latest) is not int or latest < raw["turn_id"]:
        return "the field last_turn is missing or too low"
    turns = [raw["turn_id"], *(part["turn_id"] for part in parts)]
    if len(set(turns)) != len(turns) or max(turns) > latest:
        return "a turn stands in it twice, or was never given"
    names = {member["agent_id"] for member in raw["members"]}
    if not all(keeper_of(part) in names for part in parts):
        return "who has a part of it is not a member"
    return None


def keeper_of(part: "dict[str, Any]") -> "str | None":
    """Return who holds a part of a parsed state, or to whom it is promised."""
    lease, promise = part.get("lease"), part.get("reservation")
    name: str | None = lease["holder"] if lease else promise["recipient"] if promise else None
    return name


def _part(part: object) -> bool:
    """Tell whether it is a part: held or promised, not both, of paths below the workspace."""
    if not isinstance(part, dict) or not schema.is_count(part.get("turn_id")):
        return False
    paths, lease, promise = part.get("paths"), part.get("lease"), part.get("reservation")
    if not isinstance(paths, list) or not paths or not all(map(schema.is_place, paths)):
        return False
    if (lease is None) == (promise is None) or "" in paths:
        return False
    letter = part.get("letter")
    return (
        schema.is_lease(lease) if lease is not None else schema.is_promise(promise)
    ) and schema.are_further(letter, part.get("pending", False), part.get("asks", []))
