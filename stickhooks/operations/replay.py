"""Asked again: what was answered once, and lost with the caller, is answered again and not done twice.

Each function returns the answer that was given, or None where it never was. They only read.
"""

# bundle: release
from __future__ import annotations

from stickhooks.protocol import notes, phases, rules, transitions
from stickhooks.protocol.commands import handoff_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from stickhooks.operations.rooms import Rooms
    from stickhooks.protocol.answers import Answer, LoggedEvent, Status
    from stickhooks.protocol.model import Room

#: So many notes and asks may have come since what is asked for again.
WORDS_BETWEEN: Final = 200
_STATUS: Final[Mapping[str, Status]] = {"release": "released", "pass": "passed", "close": "closed"}


def put_down(
    room: Room, agent_id: str, how: str, handoff: Mapping[str, object], to: str
) -> Answer | None:
    """Answer a release, pass or close whose very handoff is the one that waits."""
    letter = room.letter
    heir = room.reservation.recipient if room.reservation else None
    same = (
        room.lease is None
        and room.pending
        and letter is not None
        and (letter.author, letter.event_type) == (agent_id, how)
        and letter.handoff == handoff_of(handoff)
        and to in ("", heir)
    )
    if not same or letter is None:
        return None
    return {
        "status": _STATUS[how],
        "room_id": room.room_id,
        "reserved_for": heir,
        "event_seq": letter.event_seq,
    }


def taken_over(rooms: Rooms, path: str, agent_id: str) -> Answer | None:
    """Answer a takeover by whom nothing happened to since: its turn is the one it took over."""
    room, moment = rooms.look(path)
    event = _newest(rooms, room)
    if event is None or (event["event_type"], event["to_agent_id"]) != ("takeover", agent_id):
        return None
    if rules.phase_of(room, moment) != phases.OWNED:
        return None
    answer = transitions.turn_answer(room, room.letter, str(event["kind"]))
    return {**answer, "revoked_agent_id": event["from_agent_id"]}


def left(rooms: Rooms, room: Room, agent_id: str) -> Answer | None:
    """Answer a leave by whom nothing happened to since."""
    event = _newest(rooms, room)
    if event is None or (event["event_type"], event["from_agent_id"]) != ("leave", agent_id):
        return None
    return {"status": "left", "room_id": room.room_id}


def _newest(rooms: Rooms, room: Room) -> LoggedEvent | None:
    """Return the last event of a room that was more than words, or None where the log lost it."""
    found = rooms.events(room.room_id, max(0, room.event_seq - WORDS_BETWEEN), WORDS_BETWEEN)
    return next((e for e in reversed(found) if e["event_type"] not in notes.WORDS), None)
