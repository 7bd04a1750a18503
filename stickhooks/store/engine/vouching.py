"""A place in the line of a room on an engine: vouched for from time to time, for as long as somebody waits.

Whether a process of another clone waits cannot be seen, so a place counts for ten minutes from when its
clone vouched for it last (``views.VOUCHED``). Any change that a clone makes of a room vouches for its places;
who waits in a quiet room makes one for this alone, every four minutes.
"""

from __future__ import annotations

import time

from stickhooks.errors import Refusal
from stickhooks.store.engine import views
from stickhooks.store.snapshot import Conflict, Unconfirmed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import Final

    from stickhooks.store.engine.store import EngineStore

EVERY: Final = 4 * 60_000  # milliseconds of room time
PAUSE: Final = 15.0  # seconds between two looks


class Vouched:
    """A context manager like ``wait_queue.place``; what it gives also vouches where that is due."""

    def __init__(
        self, store: EngineStore, place: AbstractContextManager[Callable[[], bool]], agent: str
    ) -> None:
        self._store, self._place, self._agent = store, place, agent
        self._next = 0.0

    def __enter__(self) -> Callable[[], bool]:
        hold = self._place.__enter__()
        self._next = time.monotonic() + PAUSE

        def held() -> bool:
            alone = hold()
            if alone and time.monotonic() >= self._next:
                self._next = time.monotonic() + PAUSE
                vouch(self._store, self._agent)
            return alone

        return held

    def __exit__(self, *error: object) -> None:
        self._place.__exit__(None, None, None)


def vouch(store: EngineStore, agent: str) -> None:
    """Have the engine know that a member of this clone waits still, where that is due. Raises nothing: the
    next look tries again."""
    for path in store.known_paths():
        if not _is_due(store, path, agent):
            continue
        try:
            with store.exclusive():
                snapshot = store.load(path)
                if snapshot is not None and _is_due(store, path, agent):
                    store.swap(snapshot, snapshot.room, (), store.clock())
        except (Refusal, Conflict, Unconfirmed):
            pass


def _is_due(store: EngineStore, path: str, agent: str) -> bool:
    """Tell whether a member's place was vouched for too long ago, by what was loaded last."""
    snapshot = store.known(path)
    waiters = snapshot.room.waiters if snapshot else ()
    now = snapshot.now(store.clock()) if snapshot else 0
    seen = (w.extra.get(views.SEEN) for w in waiters if w.agent_id == agent and views.clone_of(w))
    return any(now - at >= EVERY for at in seen if isinstance(at, int))
