"""A member's place in the line, seen in its own clone by a lock, in others where the engine can show it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from stickhooks.store.engine.interface import Place


class SeenPlace:
    """A place that is kept in both. See ``Store.wait_place``."""

    def __init__(self, here: AbstractContextManager[Callable[[], bool]], there: Place) -> None:
        self._here, self._there = here, there
        self._hold: Callable[[], bool] = lambda: False

    def __enter__(self) -> Callable[[], bool]:
        self._hold = self._here.__enter__()
        self._there.refresh()
        return self._held

    def _held(self) -> bool:
        self._there.refresh()
        return self._hold()

    def __exit__(self, *error: object) -> None:
        self._there.end()
        self._here.__exit__(*error)  # type: ignore[arg-type]
