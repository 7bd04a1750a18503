"""The seam: what the operations need of a place where rooms live. Nothing above may know which place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from stickhooks.errors import Refusal
from stickhooks.protocol.model import Event, Room
from stickhooks.store.repair import Remains
from stickhooks.store.snapshot import Reading, Snapshot


class Changes(Protocol):
    """What happens to one room from when the watch on it began."""

    def wait(self, seconds: float, ends: Sequence[int] = ()) -> bool:
        """Return True when the room was written, since the last call or now, or a descriptor of
        ``ends`` is readable; False after ``seconds``. Writes nothing."""


class Store(Protocol):
    """A place where rooms live; ``store.opening`` says which one a workspace has.

    ``exclusive`` only makes conflicts rare (a store on another engine may do nothing there):
    what is promised is that ``swap`` raises Conflict unless the room is still as it was read.
    """

    @property
    def root(self) -> str:
        """The workspace, as it is named in answers."""

    @property
    def git_dir(self) -> str | None: ...
    @property
    def clone(self) -> str:
        """The id of this working tree, where members sit in several clones; else empty."""

    @property
    def folder(self) -> str:
        """Where the rooms lie, as it is named in answers, and for ``doctor`` to look at."""

    # --- what is there

    def paths(self) -> list[str]: ...
    def foreign(self) -> list[str]:
        """Return the rooms that were copied from another checkout, and are ignored."""

    def load(self, path: str) -> Snapshot | None: ...
    def every(self, room_id: str = "") -> Iterator[tuple[str, Snapshot | Refusal | None]]: ...
    def events(self, snapshot: Snapshot, after: int, limit: int) -> list[Event]: ...
    def history(self, snapshot: Snapshot) -> Iterator[object]:
        """Yield all events of a room as plain values, the oldest first. Raises OSError, ValueError."""

    def watch(self, path: str) -> AbstractContextManager[Changes]: ...
    def marks(self) -> tuple[object, ...]:
        """Return what differs after every change of a room; nothing of the rooms is read for it."""

    def trouble(self, snapshot: Snapshot) -> Refusal | None:
        """Return why nothing may be written to a room from here, None where it may."""

    # --- beside the events

    def note(self, room_id: str, what: str, **details: object) -> bool:
        """Note what was seen: see ``store.activity``. Tell whether that could be done."""

    def notes(self, room_id: str, tail: int = ...) -> list[dict[str, Any]]:
        """Return what was noted, oldest first, of long notes the last ``tail`` bytes."""

    def is_first_reminder(self, snapshot: Snapshot) -> bool:
        """Note that the holder of this turn is reminded; False where that was so before."""

    def reach(self, agent: str) -> dict[str, Any] | None:
        """Return what reaches a member's session, None where nothing is known: see ``waking``."""

    def keep_reach(self, agent: str, facts: Mapping[str, object] | None) -> None:
        """Keep what reaches a member's session; None: forget it. Raises nothing."""

    def waiting(self, agents: Sequence[str]) -> frozenset[str]: ...
    def wait_place(self, agent: str) -> AbstractContextManager[Callable[[], bool]]:
        """Have a member be seen as waiting; gives what tells whether this process is the one."""

    # --- writing

    def exclusive(self, *, anywhere: bool = False) -> AbstractContextManager[None]: ...
    def create(
        self,
        room: Room,
        reading: Reading,
        *,
        anew: str | None = None,
        history: tuple[str, int] = ("", 0),
    ) -> Snapshot: ...
    def swap(
        self,
        before: Snapshot,
        room: Room,
        events: Sequence[Event],
        reading: Reading,
        *,
        first: Callable[[], object] | None = None,
    ) -> Snapshot:
        """Replace a room, if it is still as it was in ``before``; else Conflict. ``first`` is called when
        all is written but what publishes it: what it raises leaves the room as it was."""

    def remove(self, before: Snapshot) -> None: ...

    # --- mending

    def remains(self, path: str) -> Remains: ...
    def put_back(self, path: str) -> bool: ...
    def anchor_hindrance(self) -> str:
        """Return why a list of rooms that cannot be read cannot be made again, ``""`` where it can."""

    def rebuild_anchor(self) -> list[str]: ...
    def places(self) -> list[str]: ...
    def lying_here(self) -> list[str]: ...
