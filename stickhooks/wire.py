"""A room as JSON and back; an event as a line and back. ``shape`` says what a state must look like.

A state is written head first and then a member a line, so that a reader who wants one
member does not have to parse a thousand, and a person can read the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from stickhooks import jsontext, shape
from stickhooks.commands import handoff_answer
from stickhooks.model import (
    Event,
    Handoff,
    Lease,
    Letter,
    Member,
    Policy,
    Process,
    Reservation,
    Room,
    Waiter,
)


@dataclass(frozen=True, slots=True)
class Record:
    """What the store keeps beside a room: its revision, the length of its log, its clock."""

    revision: int
    log_bytes: int
    clock_boot: str
    clock_offset: int


_ROOM_KEYS: Final = (
    "schema", "revision", "room_id", "path", "created_at", "closed", "turn_id", "event_seq",
    "log_bytes", "clock", "lease", "reservation", "letter", "pending", "waiters", "policy", "members",
)  # fmt: skip
_MEMBER_KEYS: Final = tuple(f.name for f in fields(Member) if f.name != "extra")


def encode(room: Room, record: Record) -> bytes:
    """Return the state file of a room. Keys that a later version put there are kept."""
    head = {
        "schema": shape.SCHEMA,
        "revision": record.revision,
        "room_id": room.room_id,
        "path": room.path,
        "created_at": room.created_at,
        "closed": room.closed,
        "turn_id": room.turn_id,
        "event_seq": room.event_seq,
        "log_bytes": record.log_bytes,
        "clock": {"boot": record.clock_boot, "offset": record.clock_offset},
        "lease": asdict(room.lease) if room.lease else None,
        "reservation": asdict(room.reservation) if room.reservation else None,
        "letter": _letter_out(room.letter),
        "pending": room.pending,
        "waiters": [asdict(w) for w in room.waiters],
        "policy": asdict(room.policy),
        **room.extra,
    }
    members = ",\n".join(jsontext.write(member_out(m)) for m in room.members)
    return (jsontext.write(head)[:-1] + ',"members":[\n' + members + "\n]}\n").encode()


def decode(raw: Mapping[str, Any]) -> tuple[Room, Record]:
    """Return the room that a parsed state describes; ``shape.complaint`` had nothing to say of it."""
    lease, reservation = raw["lease"], raw["reservation"]
    room = Room(
        room_id=raw["room_id"],
        path=raw["path"],
        created_at=raw["created_at"],
        turn_id=raw["turn_id"],
        event_seq=raw["event_seq"],
        closed=raw["closed"],
        lease=_known(Lease, lease) if lease else None,
        reservation=_known(Reservation, reservation) if reservation else None,
        letter=_letter_in(raw["letter"]),
        pending=raw["pending"],
        waiters=tuple(_known(Waiter, w) for w in raw["waiters"]),
        members=tuple(_member_in(m) for m in raw["members"]),
        policy=replace(_known(Policy, raw["policy"]), exempt=tuple(raw["policy"]["exempt"])),
        extra={k: v for k, v in raw.items() if k not in _ROOM_KEYS},
    )
    clock = raw["clock"]
    return room, Record(raw["revision"], raw["log_bytes"], clock["boot"], clock["offset"])


def event_line(event: Event) -> bytes:
    """Return the log line of an event; it begins with its number, so that a log can be bisected."""
    raw = {**asdict(event), "handoff": handoff_answer(event.handoff) if event.handoff else None}
    return (jsontext.write(raw) + "\n").encode()


def event_of(line: bytes) -> Event:
    """Return the event of a log line. Raises ValueError where it is none."""
    raw: Any = jsontext.read(line.decode())
    try:
        handoff = raw["handoff"]
        return Event(
            **{f.name: raw[f.name] for f in fields(Event) if f.name != "handoff"},
            handoff=_handoff_in(handoff) if handoff else None,
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"it is not an event: {error}") from None


def member_out(member: Member) -> dict[str, object]:
    return {
        "agent_id": member.agent_id,
        "ordinal": member.ordinal,
        "joined_at": member.joined_at,
        "last_seen_at": member.last_seen_at,
        "session_kind": member.session_kind,
        "display_name": member.display_name,
        "process": asdict(member.process) if member.process else None,
        "beside": [asdict(p) for p in member.beside],
        "sessions": list(member.sessions),
        **member.extra,
    }


def _member_in(raw: Mapping[str, Any]) -> Member:
    return Member(
        agent_id=raw["agent_id"],
        ordinal=raw["ordinal"],
        joined_at=raw["joined_at"],
        last_seen_at=raw["last_seen_at"],
        session_kind=raw["session_kind"],
        display_name=raw["display_name"],
        process=_known(Process, raw["process"]) if raw["process"] else None,
        beside=tuple(_known(Process, p) for p in raw["beside"]),
        sessions=tuple(raw["sessions"]),
        extra={k: v for k, v in raw.items() if k not in _MEMBER_KEYS},
    )


def _letter_out(letter: Letter | None) -> dict[str, object] | None:
    return {**asdict(letter), "handoff": handoff_answer(letter.handoff)} if letter else None


def _letter_in(raw: Mapping[str, Any] | None) -> Letter | None:
    if raw is None:
        return None
    return Letter(
        handoff=_handoff_in(raw["handoff"]),
        author=raw["author"],
        event_seq=raw["event_seq"],
        event_type=raw["event_type"],
    )


def _handoff_in(raw: Mapping[str, Any]) -> Handoff:
    artifacts = raw.get("artifacts")
    return Handoff(
        raw["status"], raw["next_action"], None if artifacts is None else tuple(artifacts)
    )  # fmt: skip


def _known(cls: type[Any], raw: Mapping[str, Any]) -> Any:
    return cls(**{f.name: raw[f.name] for f in fields(cls)})
