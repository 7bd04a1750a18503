"""Places in the line of a room, and what their members wait for."""

from __future__ import annotations

from stickhooks.fast.records import replace
from stickhooks.protocol.commands import Command, Enlist
from stickhooks.protocol.model import Room, Waiter
from stickhooks.protocol.moment import Moment, Outcome


def enlist(room: Room, command: Command, at: Moment) -> Outcome:
    assert isinstance(command, Enlist)
    wish = command.paths, command.whole, command.folds
    place = Waiter(command.agent_id, at.now, command.why, *wish)
    known = [w.agent_id for w in room.waiters]
    waiters = tuple(
        _wishing(w, *wish) if w.agent_id == command.agent_id else w for w in room.waiters
    )
    waiters = waiters if command.agent_id in known else (*room.waiters, place)
    return Outcome(replace(room, waiters=waiters), {"status": "waiting", "room_id": room.room_id})


def _wishing(waiter: Waiter, paths: tuple[str, ...], whole: bool, folds: bool) -> Waiter:
    """Return a place in the line for what its member waits for now; since when, and why, stays."""
    return replace(waiter, paths=paths, whole=whole, folds=folds)


def delist(room: Room, command: Command, at: Moment) -> Outcome:
    waiters = tuple(w for w in room.waiters if w.agent_id != command.agent_id)
    return Outcome(replace(room, waiters=waiters), {"status": "ok", "room_id": room.room_id})
