"""Wait for a change of a room on an engine: the clone's own files tell at once, the engine when asked."""

from __future__ import annotations

import time

from stickhooks.errors import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from stickhooks.store.engine.reading import EngineRead
    from stickhooks.system.watch import Watch

SLOWEST: Final = 6  # polls that an engine without an answer is spared at most


class EngineWatch:
    """What happens to one room from now on. A context manager."""

    def __init__(self, store: EngineRead, files: Watch, path: str) -> None:
        self._store, self._files, self._path = store, files, path
        self._pause = store.engine.poll
        self._next = time.monotonic() + self._pause

    def wait(self, seconds: float, ends: Sequence[int] = ()) -> bool:
        """Return as ``Changes.wait`` does. An engine that does not answer is asked less often."""
        until = time.monotonic() + seconds
        while True:
            left = min(until, self._next) - time.monotonic()
            if self._files.wait(max(left, 0.0), ends):
                self._store.stale()
                return True
            if time.monotonic() >= self._next and self._moved():
                return True
            if time.monotonic() >= until:
                return False

    def _moved(self) -> bool:
        before = self._store.token
        self._store.stale()
        try:
            self._store.paths()
            self._pause = self._store.engine.poll
        except Refusal as refusal:
            if refusal.code != "engine":
                raise
            self._pause = min(self._pause * 2, self._store.engine.poll * SLOWEST)
        self._next = time.monotonic() + self._pause
        return self._store.token != before

    def __enter__(self) -> EngineWatch:
        self._files.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._files.__exit__(*error)
