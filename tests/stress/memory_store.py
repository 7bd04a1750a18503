"""A store in memory with the promises of ``Store``, that may be interfered with and may fail;
and a ledger beside it of what must be true.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stickhooks.errors import Refusal
from stickhooks.fast import json
from stickhooks.protocol.model import Event, Room
from stickhooks.store import codec, schema
from stickhooks.store.interface import Changes
from stickhooks.store.repair import Remains
from stickhooks.store.snapshot import Conflict, Reading, Snapshot, Unconfirmed


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

    git_dir = None
    clone = ""

    def __init__(self, root: str = "/ws") -> None:
        self.root = root
        self.folder = f"memory:{root}"
        self.noted: dict[str, list[dict[str, Any]]] = {}
        self.reaches: dict[str, dict[str, Any]] = {}
        self.reminded: set[tuple[str, int]] = set()
        self.states: dict[str, Snapshot] = {}
        self.logs: dict[str, list[Event]] = {}
        self.turns: dict[str, int] = {}
        self.alive: set[str] = set()  # members with a waiting process
        self.published: list[Publish] = []
        self.fault = ""
        self.meddle: Callable[[], None] | None = None

    def paths(self) -> list[str]:
        return sorted(self.states)

    def foreign(self) -> list[str]:
        return []

    def places(self) -> list[str]:
        return []

    def lying_here(self) -> list[str]:
        return []

    def trouble(self, snapshot: Snapshot) -> Refusal | None:
        return None

    def load(self, path: str) -> Snapshot | None:
        return self.states.get(path)

    def every(self, room_id: str = "") -> Iterator[tuple[str, Snapshot | Refusal | None]]:
        yield from sorted(self.states.items())

    @contextlib.contextmanager
    def exclusive(self, *, anywhere: bool = False) -> Iterator[None]:
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

    def anchor_hindrance(self) -> str:
        return "there is none"

    def rebuild_anchor(self) -> list[str]:
        return []

    def put_back(self, path: str) -> bool:
        return False

    def remains(self, path: str) -> Remains:
        return Remains(self.turns.get(path, 0))

    def swap(
        self,
        before: Snapshot,
        room: Room,
        events: Sequence[Event],
        reading: Reading,
        *,
        first: Callable[[], object] | None = None,
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
        if first is not None:
            first()
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
        self.turns[room.path] = max(self.turns.get(room.path, 0), room.latest_turn)
        return snapshot

    def remove(self, before: Snapshot) -> None:
        del self.states[before.room.path]

    def events(self, snapshot: Snapshot, after: int, limit: int) -> list[Event]:
        log = self.logs.get(snapshot.room.room_id, [])
        return [event for event in log if event.event_seq > after][:limit]

    def waiting(self, agents: Sequence[str]) -> frozenset[str]:
        return frozenset(self.alive.intersection(agents))

    def history(self, snapshot: Snapshot) -> Iterator[object]:
        for event in self.logs.get(snapshot.room.room_id, []):
            yield json.read(codec.event_line(event).decode())

    def marks(self) -> tuple[object, ...]:
        return tuple(snapshot.data for _, snapshot in sorted(self.states.items()))

    def watch(self, path: str) -> contextlib.AbstractContextManager[Changes]:
        return contextlib.nullcontext(Look(self, path))

    @contextlib.contextmanager
    def wait_place(self, agent: str) -> Iterator[Callable[[], bool]]:
        self.alive.add(agent)
        try:
            yield lambda: True
        finally:
            self.alive.discard(agent)

    def note(self, room_id: str, what: str, **details: object) -> bool:
        at = int(time.time() * 1000)
        self.noted.setdefault(room_id, []).append({"at": at, "what": what, **details})
        return True

    def notes(self, room_id: str, tail: int = 0) -> list[dict[str, Any]]:
        return self.noted.get(room_id, [])

    def reach(self, agent: str) -> dict[str, Any] | None:
        return self.reaches.get(agent)

    def keep_reach(self, agent: str, facts: Mapping[str, object] | None) -> None:
        self.reaches[agent] = dict(facts or {})

    def is_first_reminder(self, snapshot: Snapshot) -> bool:
        turn = (snapshot.room.room_id, snapshot.room.turn_id)
        first = turn not in self.reminded
        self.reminded.add(turn)
        return first


class Look:
    """Looks at a room again and again; another thread may change it."""

    def __init__(self, store: MemoryStore, path: str) -> None:
        self.store, self.path = store, path
        self.seen = store.states.get(path)

    def wait(self, seconds: float, ends: Sequence[int] = ()) -> bool:
        until = time.monotonic() + seconds
        while self.store.states.get(self.path) is self.seen and time.monotonic() < until:
            time.sleep(0.005)
        before, self.seen = self.seen, self.store.states.get(self.path)
        return before is not self.seen


@dataclass
class Ledger:
    """What must be true of one room, kept apart from it."""

    turn: int = 0
    seq: int = 0
    leases: set[str] = field(default_factory=set)
    newest: tuple[object, str] | None = None
    pending: bool = False
    #: Notes by whom they are for: those that were shown, and those taken from the unread ones.
    shown: list[tuple[str, int]] = field(default_factory=list)
    taken: list[tuple[str, int]] = field(default_factory=list)
