"""The seam: what the operations need of a place where rooms live. Nothing above may know which place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from stickhooks.errors import Refusal
from stickhooks.protocol.model import Event, Room
from stickhooks.store.files import Reading, Snapshot
from stickhooks.store.repair import Remains


class Changes(Protocol):
    """What happens to one room from when the watch on it began."""

    def wait(self, seconds: float, ends: Sequence[int] = ()) -> bool:
        """Return True when the room was written, since the last call or now, or a descriptor of
        ``ends`` is readable; False after ``seconds``. Writes nothing."""


class Store(Protocol):
    """A place where rooms live. Today there is one: ``storage.FileStore``.

    ``exclusive`` only makes conflicts rare (a store on another engine may do nothing there):
    what is promised is that ``swap`` raises Conflict unless the room is still as it was read.
    """

    @property
    def root(self) -> str: ...
    def paths(self) -> list[str]: ...
    def load(self, path: str) -> Snapshot | None: ...
    def every(self, room_id: str = "") -> Iterator[tuple[str, Snapshot | Refusal | None]]: ...
    def exclusive(self) -> AbstractContextManager[None]: ...
    def create(
        self,
        room: Room,
        reading: Reading,
        *,
        anew: str | None = None,
        history: tuple[str, int] = ("", 0),
    ) -> Snapshot: ...
    def remains(self, path: str) -> Remains: ...
    def swap(
        self, before: Snapshot, room: Room, events: Sequence[Event], reading: Reading
    ) -> Snapshot: ...
    def remove(self, before: Snapshot) -> None: ...
    def events(self, snapshot: Snapshot, after: int, limit: int) -> list[Event]: ...
    def waiting(self, agents: Sequence[str]) -> frozenset[str]: ...
    def watch(self, path: str) -> AbstractContextManager[Changes]: ...
