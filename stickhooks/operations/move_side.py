"""Move the rooms of a workspace to this side of a shared file system, while nobody holds them.

No lock of ours keeps the other side from writing meanwhile. So what was read is read again after a
pause, for FUSE shows another side's change only when its cache is over (one second by default,
``entry_timeout`` in fuse(8)), and so is what was written, before anybody here may take the stick. A
write of the other side that comes in between is never taken for ours: then nothing was moved.
"""

from __future__ import annotations

import time

from stickhooks.errors import Next, Refusal
from stickhooks.operations.context import Desk
from stickhooks.protocol import phases
from stickhooks.store.snapshot import Snapshot, snapshots
from stickhooks.system import filesystem
from stickhooks.text import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

PAUSE_S: Final = 1.5
KEPT: Final = (phases.OWNED, phases.RESERVED)


def hindrance(desk: Desk) -> Refusal | None:
    """Return why the rooms cannot be moved now: one is held, or kept for somebody. Its own keeper
    may move a room with it."""
    for snapshot in snapshots(desk.store):
        standing = desk.standing(snapshot)
        caller = desk.caller(snapshot.room)
        mine = bool(caller.proof) and caller.agent_id == standing.keeper
        if standing.phase in KEPT and not mine:
            message = f"{standing.headline()}; the room can be moved when that is over"
            return Refusal(standing.code, message, [Next("status")])
    return None


def move(desk: Desk, pause: float = PAUSE_S) -> str:
    """Make every room of the workspace one of this side, and say so. Members, turn, handoff stay.

    Raises the hindrance, the refusal of ``filesystem.check``, and ``io`` where the other side wrote
    at the same time.
    """
    filesystem.check(desk.store.folder, desk.env)
    seen = {one.room.path: one.data for one in snapshots(desk.store)}
    time.sleep(pause)
    with desk.store.exclusive(anywhere=True):
        trouble = hindrance(desk)
        if trouble is not None:
            raise trouble
        found = snapshots(desk.store)
        _check_unchanged(found, seen)
        moved = [desk.store.swap(one, one.room, (), desk.rooms.clock()) for one in found]
        time.sleep(pause)
        _check_unchanged(snapshots(desk.store), {one.room.path: one.data for one in moved})
    shown = ", ".join(plain(desk.rooms.shown(one.room.path)) for one in moved)
    return f"{shown} belongs to this side now; what writes on another side is refused there"


def _check_unchanged(found: list[Snapshot], seen: dict[str, bytes]) -> None:
    if {one.room.path: one.data for one in found} != seen:
        raise Refusal(
            "io",
            "the room was written on the other side at the same time, and belongs to it still",
            [Next("status"), Next("doctor", "--fix")],
        )
