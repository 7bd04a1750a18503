"""A room as JSON and back; an event as a line and back. ``store.schema`` says what a state must look like.

A state is written with its revision in the first line, for the hooks in ``sh`` to compare,
then the rest of the head, then a member a line, so that a person can read the file.
"""

from __future__ import annotations

from stickhooks.fast import json
from stickhooks.fast.records import Frozen, dataclass, field, fields
from stickhooks.protocol.model import (
    Asking,
    Closing,
    Event,
    Handoff,
    Json,
    Lease,
    Letter,
    Member,
    Part,
    Policy,
    Process,
    Reservation,
    Room,
    Waiter,
)
from stickhooks.store import crowd, reader, schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final

DEPTH: Final = 20
#: The fields of each record in their order, but for the unknown ones that it keeps.
_NAMES: Final = {
    cls: {one.name: None for one in fields(cls) if one.name != "extra"}
    for cls in (
        Asking, Closing, Event, Handoff, Lease, Letter, Member, Part, Policy, Process, Reservation,
        Room, Waiter,
    )
}  # fmt: skip
#: Fields that are written only where there is something in them: states were without them.
_SPARSE: Final[Mapping[type, Mapping[str, object]]] = {
    Member: {"unread": []}, Room: {"asks": [], "parts": [], "last_turn": 0},
    Handoff: {"artifacts": None}, Policy: {"idle_after": 0, "wake": "on"},
    Letter: {"unread_from": None}, Event: {"paths": []},
    Waiter: {"paths": [], "whole": False, "folds": False},
    Part: {
        "lease": None, "reservation": None, "letter": None, "pending": False, "asks": [],
        "folds": False,
    },
}  # fmt: skip

_PLAIN: Final = frozenset({str, int, bool, type(None)})


@dataclass(frozen=True)
class Record(Frozen):
    """What the store keeps beside a room: its revision, the length of its log, its clock, and the
    side that it belongs to: see ``sides``. None in states of older versions."""

    revision: int
    log_bytes: int
    clock_boot: str
    clock_offset: int
    clock_extra: Json = field(default_factory=dict, compare=False)
    side: Json | None = None
    clock_shift: int = 0  # how far the wall clock was ahead when the lease was written
    place: object = None  # where the room lies: see ``young``
    mirror: Json | None = None  # of a room on an engine: see ``store.engine.openness``


_RECORD_KEYS: Final = (
    "schema",
    "revision",
    "log_bytes",
    "clock",
    "side",
    "place",
    "mirror",
    crowd.SUM,
)


def encode(room: Room, record: Record) -> bytes:
    """Return the state file of a room. Keys that a later version put there are kept."""
    raw = plain(room)
    members = ",\n".join(json.write(member) for member in raw.pop("members"))
    lines = f'"members":[\n{members}\n]}}\n'
    number = schema.SCHEMA if record.mirror is None else schema.MIRRORED
    if room.parts or room.last_turn:
        number = schema.PARTED
    first = {"schema": number, "revision": record.revision, "room_id": raw.pop("room_id")}
    rest = {
        "log_bytes": record.log_bytes,
        "clock": {
            "boot": record.clock_boot,
            "offset": record.clock_offset,
            **({"shift": record.clock_shift} if record.clock_shift else {}),
            **record.clock_extra,
        },
        **({"place": record.place} if record.place else {}),
        **raw,
    }
    if record.mirror is not None:
        rest["mirror"] = record.mirror
    if record.side is not None:
        rest["side"] = record.side
    if len(lines) > reader.LARGE:
        rest[crowd.SUM] = crowd.sum_of(lines.encode())
    return f"{reader.first_line(first)}\n{json.write(rest)[1:-1]},{lines}".encode()


def decode(raw: Mapping[str, Any]) -> tuple[Room, Record]:
    """Return the room that a parsed state describes; ``store.schema.complaint`` had nothing to say of it.

    Raises ValueError for unknown keys that are nested too deeply to be kept.
    """
    room = _read(
        Room,
        {key: value for key, value in raw.items() if key not in _RECORD_KEYS},
        closing=_maybe(Closing, raw.get("closing")),
        lease=_maybe(Lease, raw["lease"]),
        reservation=_maybe(Reservation, raw["reservation"]),
        letter=_letter(raw["letter"]),
        waiters=tuple(_waiter(waiter) for waiter in raw["waiters"]),
        asks=_asks(raw),
        parts=tuple(map(_part, raw.get("parts", ()))),
        members=tuple(_member(member) for member in raw["members"]),
        policy=_policy(raw["policy"]),
    )
    clock = dict(raw["clock"])
    boot, offset, shift = clock.pop("boot"), clock.pop("offset"), clock.pop("shift", 0)
    side, mirror = raw.get("side"), raw.get("mirror")
    if not (_shallow(clock, DEPTH) and _shallow(side, DEPTH) and _shallow(mirror, DEPTH)):
        raise ValueError("it has unknown keys that are nested too deeply")
    place = raw.get("place")
    log_bytes = raw["log_bytes"]
    record = Record(raw["revision"], log_bytes, boot, offset, clock, side, shift, place, mirror)
    return room, record


def event_line(event: Event) -> bytes:
    """Return the log line of an event; it begins with its number, so that a log can be bisected."""
    return raw_line(plain(event))


def raw_line(event: Mapping[str, object]) -> bytes:
    """Return a log line of an event as plain values, in their order."""
    return (json.write(event) + "\n").encode()


def event_of(line: bytes) -> Event:
    """Return the event of a log line. Raises ValueError where it is none."""
    raw: Any = json.read(line.decode())
    if not schema.is_event(raw):
        raise ValueError("it is not an event")
    known = {name: raw[name] for name in _NAMES[Event] if name not in ("handoff", "paths")}
    handoff = _handoff(raw["handoff"]) if raw["handoff"] else None
    return Event(**known, handoff=handoff, paths=tuple(raw.get("paths", ())))


def plain(record: Any) -> Any:
    """Return a record as JSON takes it, with the keys it was given to keep."""
    kind = type(record)
    if kind is tuple:
        return [item if type(item) in _PLAIN else plain(item) for item in record]
    names = _NAMES.get(kind)
    if names is None:
        return record
    known = {}
    for name in names:
        value = getattr(record, name)
        known[name] = value if type(value) in _PLAIN else plain(value)
    for name, nothing in _SPARSE.get(kind, {}).items():
        if known[name] == nothing:
            del known[name]
    extra = getattr(record, "extra", None)
    return {**known, **extra} if extra else known


def _read(cls: type[Any], raw: Mapping[str, Any], **parts: Any) -> Any:
    """Return a record of a class: its parts as given, the rest from ``raw``, and what it knows not."""
    names = _NAMES[cls]
    whole = {**raw, **parts}
    if whole.keys() == names.keys():
        return cls(**whole, extra={})
    extra: Json = {key: value for key, value in raw.items() if key not in names}
    if extra and not _shallow(extra, DEPTH):
        raise ValueError("it has unknown keys that are nested too deeply")
    known = {name: raw[name] for name in names if name in raw and name not in parts}
    return cls(**known, **parts, extra=extra)


def _shallow(value: object, depth: int) -> bool:
    if not isinstance(value, list | dict):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return depth > 0 and all(_shallow(item, depth - 1) for item in inner)


def _maybe(cls: type[Any], raw: Mapping[str, Any] | None) -> Any:
    return None if raw is None else _read(cls, raw)


def _waiter(raw: Mapping[str, Any]) -> Any:
    return _read(Waiter, raw, paths=tuple(raw.get("paths", ())))


def _asks(raw: Mapping[str, Any]) -> tuple[Asking, ...]:
    return tuple(_read(Asking, asking) for asking in raw.get("asks", ()))


def _part(raw: Mapping[str, Any]) -> Any:
    return _read(
        Part,
        raw,
        paths=tuple(raw["paths"]),
        lease=_maybe(Lease, raw.get("lease")),
        reservation=_maybe(Reservation, raw.get("reservation")),
        letter=_letter(raw.get("letter")),
        asks=_asks(raw),
    )


def _member(raw: Mapping[str, Any]) -> Any:
    return _read(
        Member,
        raw,
        process=_maybe(Process, raw["process"]),
        beside=tuple(_read(Process, process) for process in raw["beside"]),
        sessions=tuple(raw["sessions"]),
        unread=tuple(raw.get("unread", ())),
    )


def _policy(raw: Mapping[str, Any]) -> Any:
    lists = {name: tuple(raw.get(name, ())) for name in ("exempt", "reads", "keep_not")}
    return _read(Policy, raw, **lists)


def _letter(raw: Mapping[str, Any] | None) -> Any:
    return None if raw is None else _read(Letter, raw, handoff=_handoff(raw["handoff"]))


def _handoff(raw: Mapping[str, Any]) -> Any:
    artifacts = raw.get("artifacts")
    return _read(Handoff, raw, artifacts=None if artifacts is None else tuple(artifacts))
