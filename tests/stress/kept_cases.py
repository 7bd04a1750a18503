"""What keeps work and brings it back, in a tree made for it: further cases of ``one_operation``.

``ana`` holds the stick. What was uncommitted is kept, and then lost or changed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from stickhooks.cli import recovery_commands
from stickhooks.errors import Refusal
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.operations.rooms import Rooms
from stickhooks.recovery import blobs, making, pruning
from stickhooks.recovery.entries import Turn, Why
from tests.support.places import place, workspace
from tests.support.world import HANDOFF

from .cases import Act, Case, git, held, held_by_ana, room_of, take

EDITED: Final = {"lib/core.py": "core = 2\n", "new/one": "1\n", "new/two": "2\n"}


def keep(root: str, why: Why, of: Turn | None = None) -> making.Made:
    made = making.make(workspace(root), why, seconds=60, of=of)
    assert made
    return made


def desk(root: str) -> Desk:
    """Return ana's desk; her lease proves her."""
    free = Desk(root, "ana", env={"PATH": os.environ["PATH"]})
    lease = free.snapshot().room.lease
    assert lease
    return Desk(root, "ana", env={"PATH": os.environ["PATH"], "STICK_LEASE": lease.lease_id})


def edit(root: str) -> None:
    for path, text in EDITED.items():
        Path(root, path).parent.mkdir(exist_ok=True)
        Path(root, path).write_text(text)


def edited(rooms: Rooms) -> None:
    held_by_ana(rooms)
    edit(rooms.store.root)


def much(rooms: Rooms) -> None:
    edited(rooms)
    for i in range(blobs.PACK_FROM):
        Path(rooms.store.root, "new", f"n{i}").write_text(f"{i}\n")


def lost(rooms: Rooms) -> None:
    edited(rooms)
    keep(rooms.store.root, "before")
    git(Path(rooms.store.root), "checkout", "-q", ".")
    git(Path(rooms.store.root), "clean", "-qfd")


def of_a_turn(rooms: Rooms) -> None:
    """Have what was edited before the turn be edited again in it."""
    edited(rooms)
    root = rooms.store.root
    room = rooms.look("")[0]
    keep(root, "take", Turn("", room.room_id, room.turn_id, "ana"))
    for path in EDITED:
        Path(root, path).write_text("of the turn\n")


def kept_twice(rooms: Rooms) -> None:
    edited(rooms)
    keep(rooms.store.root, "before")
    Path(rooms.store.root, "new/one").write_text("other\n")
    keep(rooms.store.root, "before")


def of_many_turns(rooms: Rooms) -> None:
    """Have snapshots of three turns, of which two may go, and a pack that is mostly waste."""
    much(rooms)
    root = rooms.store.root
    for number in range(3):
        room = room_of(rooms)
        keep(root, "take", Turn("", room.room_id, room.turn_id, "ana"))
        if number == 2:
            break
        rooms.release(*held(rooms), HANDOFF)
        take(rooms, "ana")
        for i in range(blobs.PACK_FROM):
            Path(root, "new", f"n{i}").unlink(missing_ok=True)
    for folder, _, names in os.walk(place(root).objects):
        for name in names:
            os.utime(os.path.join(folder, name), (1e9, 1e9))  # not young: nothing is spared


def _act(reply: Reply) -> object:
    return {"lines": list(reply.lines), "failed": reply.data.get("failed")}


def keeps(rooms: Rooms) -> Act:
    def act() -> object:
        try:
            return keep(rooms.store.root, "before").id
        except making.NotMade as error:
            return f"not made: {error}"

    return act


def restores(rooms: Rooms) -> Act:
    return lambda: _act(
        recovery_commands.restore(desk(rooms.store.root), [], "", None, False, True)
    )


def undoes(rooms: Rooms) -> Act:
    return lambda: _act(recovery_commands.undo(desk(rooms.store.root), [], True))


def forgets(rooms: Rooms) -> Act:
    return lambda: pruning.forget_path(place(rooms.store.root), "new/one")


def prunes(rooms: Rooms) -> Act:
    def act() -> object:
        try:
            return pruning.prune(place(rooms.store.root), 1, 10**8)
        except (OSError, Refusal) as error:
            return f"not pruned: {error}"

    return act


KEPT: Final = {
    "keep": Case(edited, keeps),
    "keep much": Case(much, keeps),
    "restore": Case(lost, restores),
    "undo": Case(of_a_turn, undoes),
    "forget": Case(kept_twice, forgets),
    "prune": Case(of_many_turns, prunes),
}
