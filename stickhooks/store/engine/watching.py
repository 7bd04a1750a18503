"""Wait for a change of a room on an engine: the clone's own files tell at once, the engine when asked, or by
hints of its own: see ``Hints``."""

from __future__ import annotations

import time

from stickhooks.errors import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from stickhooks.store.engine.interface import Hints
    from stickhooks.store.engine.reading import EngineRead
    from stickhooks.system.watch import Watch

SLOWEST: Final = 6  # polls that an engine without an answer is spared at most
HINTED: Final = 15.0  # seconds between two looks where the engine gives hints


class EngineWatch:
    """What happens to one room from now on. A context manager."""

    def __init__(self, store: EngineRead, files: Watch, path: str) -> None:
        self._store, self._files, self._path = store, files, path
        self._hints: Hints | None = None
        self._pause = store.engine.poll
        self._next = time.monotonic() + self._pause

    def wait(self, seconds: float, ends: Sequence[int] = ()) -> bool:
        """Return as ``Changes.wait`` does. An engine that does not answer is asked less often."""
        until = time.monotonic() + seconds
        while True:
            left = min(until, self._next) - time.monotonic()
            hints = [self._hints.fileno()] if self._hints else []
            if self._files.wait(max(left, 0.0), [*ends, *hints]):
                self._store.stale()
                self._hear()
                return True
            if time.monotonic() >= self._next and self._moved():
                return True
            if time.monotonic() >= until:
                return False

    def _moved(self) -> bool:
        before, begun = self._store.token, False
        self._store.stale()
        try:
            self._store.paths()
            self._pause = self._store.engine.poll
            begun = self._listens_anew()
        except Refusal as refusal:
            if refusal.code != "engine":
                raise
            self._pause = min(self._pause * 2, self._store.engine.poll * SLOWEST)
        self._next = time.monotonic() + self._pause
        return begun or self._store.token != before

    def _listens_anew(self) -> bool:
        """Have the engine give hints, where it can. Tell whether they begin only now: what changed since the
        look before is not among them."""
        if self._hints and not self._hints.lasts:
            self._end_hints()
        known = self._hints
        self._hints = known or self._store.engine.listen()
        if self._hints:
            self._pause = HINTED
        return self._hints is not known

    def _hear(self) -> None:
        """Take in the hints that came. Where they ended, the next look is soon, and begins others."""
        if self._hints is None:
            return
        self._hints.hear()
        if not self._hints.lasts:
            self._end_hints()
            self._pause = self._store.engine.poll
            self._next = time.monotonic() + self._pause

    def _end_hints(self) -> None:
        if self._hints:
            self._hints.close()
        self._hints = None

    def __enter__(self) -> EngineWatch:
        self._files.__enter__()
        self._listens_anew()
        self._next = time.monotonic() + self._pause
        self._store.stale()
        return self

    def __exit__(self, *error: object) -> None:
        self._files.__exit__(*error)
        self._end_hints()
