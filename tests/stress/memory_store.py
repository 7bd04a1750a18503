"""A store in memory with the promises of ``Store``, that may be interfered with and may fail;
and a ledger beside it of what must be true.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from stickhooks.errors import Refusal
from stickhooks.fast import json
from stickhooks.protocol.model import Event, Room
from stickhooks.store import codec, schema
from stickhooks.store.files import Conflict, Reading, Snapshot, Unconfirmed
from stickhooks.store.interface import Changes
from stickhooks.store.repair import Remains


class Wrong(AssertionError):  # noqa: N818 - a verdict, not a fault of ours
    """Something happened that must never happen."""


def hold(fits: object, what: str) -> None:
    if not fits:
        raise Wrong(what)


@dataclass
class Publish:
    """A state that was put in place: before, after, with which events, at which room time."""

    before: Room
    after: Room
    events: tuple[Event, ...]
    now: int


class MemoryStore:
    """Rooms in memory, as bytes, with the promises of ``Store`` and with the faults asked for."""

    root = "/ws"

    def __init__(self) -> None:
        self.states: dict[str, Snapshot] = {}
        self.logs: dict[str, list[Event]] = {}
        self.turns: dict[str, int] = {}
        self.alive: set[str] = set()  # members with a waiting process
        self.published: list[Publish] = []
        self.fault = ""
        self.meddle: Callable[[], None] | None = None

    def paths(self) -> list[str]:
        return sorted(self.states)

    def load(self, path: str) -> Snapshot | None:
        return self.states.get(path)

    def every(self, room_id: str = "") -> Iterator[tuple[str, Snapshot | Refusal | None]]:
        yield from sorted(self.states.items())

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        yield

    def create(
        self,
        room: Room,
        reading: Reading,
        *,
        anew: str | None = None,
        history: tuple[str, int] = ("", 0),
    ) -> Snapshot:
        if anew is None and room.path in self.states:
            raise Conflict
        wall, monotonic, boot = reading
        record = codec.Record(1, 0, boot, wall - monotonic)
        return self._put(room, record)

    def remains(self, path: str) -> Remains:
        return Remains(self.turns.get(path, 0))

    def swap(
        self, before: Snapshot, room: Room, events: Sequence[Event], reading: Reading
    ) -> Snapshot:
        """Replace a room. A fault that is due fails once: before the publish, or after it."""
        path = before.room.path
        meddle, self.meddle = self.meddle, None
        if meddle:
            meddle()
        fault, self.fault = self.fault, ""
        if fault == "conflict":
            raise Conflict
        if fault == "before":
            raise Refusal("io", "no space left; nothing was changed", ["stick status"])
        if fault == "error":
            raise OSError(5, "input or output error")
        now = self.states.get(path)
        if now is None or now.data != before.data:
            raise Conflict
        record = codec.Record(
            before.record.revision + 1, 0, before.record.clock_boot, before.record.clock_offset
        )
        self.published.append(Publish(before.room, room, tuple(events), before.now(reading)))
        self.logs.setdefault(room.room_id, []).extend(events)
        after = self._put(room, record)
        if fault == "after":
            raise Unconfirmed("input or output error")
        return after

    def _put(self, room: Room, record: codec.Record) -> Snapshot:
        """Keep a room as it comes back from its bytes: what cannot be read must not be published."""
        data = codec.encode(room, record)
        raw: Any = json.read(data.decode())
        hold(schema.complaint(raw) is None, f"a state that cannot be read: {schema.complaint(raw)}")
        snapshot = Snapshot(*codec.decode(raw), data)
        hold((snapshot.room, snapshot.record) == (room, record), "a state does not come back")
        self.states[room.path] = snapshot
        self.turns[room.path] = max(self.turns.get(room.path, 0), room.turn_id)
        return snapshot

    def remove(self, before: Snapshot) -> None:
        del self.states[before.room.path]

    def events(self, snapshot: Snapshot, after: int, limit: int) -> list[Event]:
        log = self.logs.get(snapshot.room.room_id, [])
        return [event for event in log if event.event_seq > after][:limit]

    def waiting(self, agents: Sequence[str]) -> frozenset[str]:
        return frozenset(self.alive.intersection(agents))

    def watch(self, path: str) -> contextlib.AbstractContextManager[Changes]:
        raise AssertionError("nothing here waits for the clock")


@dataclass
class Ledger:
    """What must be true of one room, kept apart from it."""

    turn: int = 0
    seq: int = 0
    leases: set[str] = field(default_factory=set)
    newest: tuple[object, str] | None = None
    pending: bool = False
