"""What a state file must look like, said once for the gate and the store; no imports.

``complaint`` names the first thing that is wrong. Keys it does not know are left alone:
a later version of the same schema may add some.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Fits = Callable[[object], bool]

SCHEMA = 1
MIRRORED = 2  # of a room on an engine, which programs that know of none must not write
PARTED = 2  # of a room with parts, or that had some since its own last turn: as above
_ODD = frozenset(("", ".", ".."))  # parts that no path of a room has


def _text(value: object) -> bool:
    """Tell whether a value is text that terminals and files can take: no lone surrogates."""
    if not isinstance(value, str):
        return False
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_place(value: object) -> bool:
    """Tell whether a value can name a folder below a workspace, ``""`` the workspace itself."""
    if not isinstance(value, str) or not _text(value) or "\0" in value:
        return False
    return value == "" or _ODD.isdisjoint(value.split("/"))


def _id(value: object) -> bool:
    """Tell whether a value can name a room's folder among the logs, and nothing else."""
    return isinstance(value, str) and 0 < len(value) <= 64 and value.replace("-", "").isalnum()


def _count(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 63


def _device(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 64


def _whole(value: object) -> bool:
    return type(value) is int and -(1 << 63) < value < 1 << 63


def _flag(value: object) -> bool:
    return value is True or value is False


def _texts(value: object) -> bool:
    if not isinstance(value, list):
        return False
    for item in value:  # noqa: SIM110 - a generator would take as long again
        if not _text(item):
            return False
    return True


def _maybe(fits: "Fits") -> "Fits":
    return lambda value: value is None or fits(value)


def _record(**fields: "Fits") -> "Fits":
    return lambda value: _first_wrong(value, fields) is None


def _records(fits: "Fits") -> "Fits":
    def all_fit(value: object) -> bool:
        if not isinstance(value, list):
            return False
        for item in value:  # noqa: SIM110 - as above
            if not fits(item):
                return False
        return True

    return all_fit


def _first_wrong(value: object, fields: "dict[str, Fits]") -> str | None:
    """Return the first field that does not fit, ``""`` where the value has no fields at all."""
    if not isinstance(value, dict):
        return ""
    for name, fits in fields.items():
        if name not in value or not fits(value[name]):
            return name
    return None


_PROCESS = _record(
    pid=_count,
    start=_maybe(_count),
    machine=_text,
    boot=_text,
    pidns=_text,
    name=_text,
    dead=_flag,
)


def _counts(value: object) -> bool:
    return isinstance(value, list) and all(map(_count, value))


_JOINED = _record(
    agent_id=_text,
    ordinal=_count,
    joined_at=_whole,
    last_seen_at=_whole,
    session_kind=_text,
    display_name=_maybe(_text),
    process=_maybe(_PROCESS),
    beside=_records(_PROCESS),
    sessions=_texts,
)


def _member(value: object) -> bool:
    """Tell whether it is a member; one to whom nobody left a note has no ``unread``."""
    if not isinstance(value, dict) or not _JOINED(value):
        return False
    return "unread" not in value or _counts(value["unread"])


_WORDS = _record(status=_text, next_action=_text)


def _handoff(value: object) -> bool:
    if not isinstance(value, dict) or not _WORDS(value):
        return False
    return value.get("artifacts") is None or _texts(value["artifacts"])


_HOLDING = _record(
    holder=_text,
    lease_id=_text,
    granted_at=_whole,
    renewed_at=_whole,
    expires_at=_whole,
    why=_maybe(_text),
)


def _lease(value: object) -> bool:
    if not isinstance(value, dict) or not _HOLDING(value):
        return False
    return value.get("auto_from") is None or _text(value["auto_from"])


_POLICY = _record(
    owner_lease_ttl=_count,
    claim_ttl=_count,
    presence_ttl=_count,
    gone_grace=_count,
    reserve=("waiters", "order").__contains__,
    on_idle=("refuse", "claim").__contains__,
    exempt=_texts,
)


def _policy(value: object) -> bool:
    """Tell whether it is a policy; what came after the first weeks may be missing."""
    if not (isinstance(value, dict) and _POLICY(value)):
        return False
    mcp = value.get("mcp", "judge") in ("judge", "allow", "refuse")
    bounds = (
        _count(value.get("idle_after", 0))
        and _count(value.get("keep_turns", 0))
        and _count(value.get("keep_bytes", 0))
    )
    wake = value.get("wake", "on") in ("on", "off")
    return (
        mcp
        and wake
        and bounds
        and _texts(value.get("reads", []))
        and _texts(value.get("keep_not", []))
    )


_PROMISE = _record(recipient=_text, expires_at=_whole)
_LETTER = _record(author=_text, event_seq=_count, event_type=_text, handoff=_handoff)


def _letter(value: object) -> bool:
    return isinstance(value, dict) and _LETTER(value) and _maybe(_count)(value.get("unread_from"))


_PLACE = _record(agent_id=_text, since=_whole, why=_maybe(_text))


def _waiter(value: object) -> bool:
    """Tell whether it is a place in the line; one for the rest of a room has no more."""
    if not isinstance(value, dict) or not _PLACE(value):
        return False
    if len(value) == _PLAIN_PLACE:
        return True
    wish = _flag(value.get("whole", False)) and _flag(value.get("folds", False))
    return wish and _texts(value.get("paths", []))


_PLAIN_PLACE = 3

_STATE = {
    "schema": _count,
    "revision": _count,
    "room_id": _id,
    "path": _text,
    "created_at": _whole,
    "turn_id": _count,
    "event_seq": _count,
    "log_bytes": _count,
    "closed": _flag,
    "pending": _flag,
    "clock": _record(boot=_text, offset=_whole),
    "lease": _maybe(_lease),
    "reservation": _maybe(_PROMISE),
    "letter": _maybe(_letter),
    "waiters": _records(_waiter),
    "policy": _policy,
    "members": _records(_member),
}


_SIDE = _record(boot=_text, dev=_device, kind=_text, root=_text)

_ASKS = _records(_record(agent_id=_text, asked_at=_whole, event_seq=_count, why=_maybe(_text)))


def is_lease(value: object) -> bool:
    return _lease(value)


def is_promise(value: object) -> bool:
    return _PROMISE(value)


def are_further(letter: object, pending: object, asks: object) -> bool:
    """Tell whether these can be a part's letter, whether that is pending, and who asks for it."""
    return (letter is None or _letter(letter)) and _flag(pending) and _ASKS(asks)


_OPENING = _record(own=_text, base=_whole, until=_whole, boot=_text, skew=_whole)


def _mirror(value: object) -> bool:
    """Tell whether it is a mirror, open or not: see ``store.engine.openness``."""
    if not isinstance(value, dict) or not _text(value.get("clone")):
        return False
    if not isinstance(value.get("fence", {}), dict):
        return False
    return ("until" not in value or _OPENING(value)) and _texts(value.get("pending", []))


_CLOSING = _record(by=_text, person=_flag, opened_by=_maybe(_text), reason=_maybe(_text))

_EVENT = {
    "event_seq": _count,
    "turn_id": _count,
    "event_type": _text,
    "from_agent_id": _maybe(_text),
    "to_agent_id": _maybe(_text),
    "handoff": _maybe(_handoff),
    "reason": _maybe(_text),
    "kind": _maybe(_text),
    "created_at": _whole,
}


def is_event(raw: object) -> bool:
    """Tell whether a parsed line of a log is an event; those of a part's turn have its ``paths``."""
    if not isinstance(raw, dict) or _first_wrong(raw, _EVENT) is not None:
        return False
    return "paths" not in raw or _texts(raw["paths"])


def complaint(raw: object) -> str | None:
    """Return what is wrong with a parsed state, or None where it may be used."""
    if not isinstance(raw, dict):
        return "it is not an object"
    wrong = _first_wrong(raw, _STATE)
    if wrong is not None:
        return f"the field {wrong} is missing or of the wrong kind"
    if not _whole(raw["clock"].get("shift", 0)):
        return "the field clock is of the wrong kind"
    if "side" in raw and not _SIDE(raw["side"]):  # states of older versions have none
        return "the field side is of the wrong kind"
    if raw.get("closing") is not None and not _CLOSING(raw["closing"]):
        return "the field closing is of the wrong kind"
    if "asks" in raw and not _ASKS(raw["asks"]):  # only while somebody asks
        return "the field asks is of the wrong kind"
    if "mirror" in raw and not _mirror(raw["mirror"]):
        return "the field mirror is of the wrong kind"
    if "parts" in raw or "last_turn" in raw:
        from stickhooks.store import schema_parts

        wrong = schema_parts.complaint(raw)
        if wrong is not None:
            return wrong
    names = [member["agent_id"] for member in raw["members"]]
    if len(set(names)) != len(names):
        return "a member stands in it twice"
    if raw["lease"] and raw["reservation"]:
        return "it is held and reserved at once"
    if raw["lease"] and raw["lease"]["holder"] not in names:
        return "its holder is not a member"
    if raw["reservation"] and raw["reservation"]["recipient"] not in names:
        return "the stick is reserved for somebody who is not a member"
    if raw["pending"] and not raw["letter"]:
        return "a handoff is pending that is not there"
    return None


def is_newer(raw: object) -> bool:
    """Tell whether a state was written under a later schema than this program knows."""
    if not isinstance(raw, dict) or type(raw.get("schema")) is not int:
        return False
    known = MIRRORED if "mirror" in raw else PARTED if "last_turn" in raw else SCHEMA
    return bool(raw["schema"] > known)
