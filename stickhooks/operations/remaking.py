"""A lost or damaged room made anew: a new id, the last turn known, nobody holding."""

from __future__ import annotations

from stickhooks.errors import Refusal
from stickhooks.fast.records import replace
from stickhooks.operations.unconfirmed import told_if_doubtful
from stickhooks.protocol.model import Room

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.operations.rooms import Rooms
    from stickhooks.store.interface import Store


def remake(rooms: Rooms, path: str) -> Room | None:
    """Make the room at ``path`` anew.

    Members, policy and history come back as far as they are known, and the newest handoff waits
    in it for whoever takes the stick.
    Returns None where the room is well: somebody was faster, and may hold it by now.
    """
    store = rooms.store
    with store.exclusive():
        if _is_well(store, path):
            return None
        reading, known = rooms.clock(), store.remains(path)
        room = replace(
            known.room or Room("", path, 0, policy=rooms.policy),
            room_id=rooms.draw(), created_at=reading[0], turn_id=known.turn,
            event_seq=known.history[2], lease=None, reservation=None, waiters=(), asks=(),
            letter=known.letter, pending=known.letter is not None, parts=(), last_turn=0,
        )  # fmt: skip
        log = known.history[:2]
        with told_if_doubtful({"status": "ok"}):
            return store.create(room, reading, anew=known.log, history=log).room


def _is_well(store: Store, path: str) -> bool:
    try:
        return store.load(path) is not None
    except Refusal as refusal:
        if refusal.code in ("state_too_new", "io"):
            raise
        return False
