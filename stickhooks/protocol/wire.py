"""A room, a member and an event as programs are told of them. Times are milliseconds of room time."""

# bundle: join
from __future__ import annotations

from stickhooks.protocol import phases
from stickhooks.protocol.commands import handoff_answer
from stickhooks.protocol.model import Event, Member, Part, Room
from stickhooks.protocol.moment import Moment, here, phase_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from stickhooks.protocol.answers import LoggedEvent


def room(room: Room, moment: Moment, shown: str) -> dict[str, Any]:
    """Return a room, with the path that is ``shown`` for it; the lease id is not told."""
    lease, promise = room.lease, room.reservation
    letter = room.letter if room.pending else None
    return {
        "room_id": room.room_id,
        "canonical_path": shown,
        "owner": lease.holder if lease else None,
        "reserved_for": promise.recipient if promise else None,
        "pending_handoff_event_seq": letter.event_seq if letter else None,
        "turn_id": room.turn_id,
        "lease_expires_at": lease.expires_at if lease else None,
        "claim_expires_at": promise.expires_at if promise else None,
        "state": phases.shown(phase_of(room, moment)),
        **({"parts": [_part(part) for part in room.parts]} if room.parts else {}),
    }


def _part(part: Part) -> dict[str, object]:
    """Return a part of a room: its paths, whose they are, which turn that is, and until when."""
    lease, promise = part.lease, part.reservation
    return {
        "paths": list(part.paths),
        "owner": lease.holder if lease else None,
        "reserved_for": promise.recipient if promise else None,
        "turn_id": part.turn_id,
        "lease_expires_at": lease.expires_at if lease else None,
        "claim_expires_at": promise.expires_at if promise else None,
    }


def member(room: Room, member: Member, moment: Moment) -> dict[str, object]:
    return {
        "room_id": room.room_id,
        "agent_id": member.agent_id,
        "ordinal": member.ordinal,
        "last_seen_at": member.last_seen_at,
        "status": "active" if here(room, member, moment) else "inactive",
        "pid": member.process.pid if member.process else None,
        "session_kind": member.session_kind,
        "display_name": member.display_name,
    }


def event(room_id: str, event: Event) -> LoggedEvent:
    """Return an event; ``kind`` only where there is one."""
    told: LoggedEvent = {
        "event_seq": event.event_seq,
        "room_id": room_id,
        "turn_id": event.turn_id,
        "event_type": event.event_type,
        "from_agent_id": event.from_agent_id,
        "to_agent_id": event.to_agent_id,
        "handoff": handoff_answer(event.handoff) if event.handoff else None,
        "reason": event.reason,
        "created_at": event.created_at,
    }
    if event.kind:
        told["kind"] = event.kind
    if event.paths:
        told["paths"] = list(event.paths)
    return told
