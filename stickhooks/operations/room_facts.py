"""Rooms, their members and their events as programs are told of them. Only reads."""

from __future__ import annotations

from stickhooks.errors import Refusal
from stickhooks.protocol import phases, wire
from stickhooks.store.snapshot import snapshots

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from stickhooks.operations.rooms import Rooms
    from stickhooks.protocol.answers import LoggedEvent

EVENTS_LIMIT: Final = 500


def state(rooms: Rooms, room_id: str) -> dict[str, Any]:
    """Return a room and its members."""
    snapshot = rooms.find(room_id)
    room, moment = snapshot.room, rooms.moment(snapshot)
    members = [wire.member(room, m, moment) for m in room.members]
    return {"room": wire.room(room, moment, rooms.shown(room.path)), "members": members}


def listed(rooms: Rooms, context_path: str | None) -> list[dict[str, Any]]:
    """Return all rooms of the workspace, or those at or above a path."""
    if context_path is None:
        found = snapshots(rooms.store)
    else:
        above = [path for path in rooms.store.paths() if phases.covers(path, context_path)]
        found = [it for path in above if (it := rooms.store.load(path))]
    return [wire.room(it.room, rooms.moment(it), rooms.shown(it.room.path)) for it in found]


def events(rooms: Rooms, room_id: str, after_event_seq: object, limit: object) -> list[LoggedEvent]:
    """Return the events numbered above ``after_event_seq``, oldest first, 500 at the most."""
    if type(after_event_seq) is not int or after_event_seq < 0:
        raise Refusal("invalid_input", field="after_event_seq")
    if type(limit) is not int or limit < 1:
        raise Refusal("invalid_input", field="limit")
    snapshot = rooms.find(room_id)
    found = rooms.store.events(snapshot, after_event_seq, min(limit, EVENTS_LIMIT))
    return [wire.event(room_id, event) for event in found]
