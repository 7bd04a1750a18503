"""An engine in memory with the promises of ``store.engine.interface``, that may lose answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from stickhooks.errors import Refusal
from stickhooks.fast import json
from stickhooks.store.engine.interface import Moved, NoAnswer, Version


class MemoryEngine:
    """One document; ``faults`` are what happens to the next swaps, in order.

    ``lost`` (done, no answer), ``late`` (no answer, done when it is asked for next, once the document
    was read), ``down`` (not reached). ``before`` is called at the start of each swap.
    """

    name = "memory:"
    room = "main"
    fence = ""
    address_mark = ""
    address_steps = ()
    least_ttl = 0
    reuse = 0.0
    poll = 0.02
    seconds = hurried = 0.0
    tells = False

    def __init__(self) -> None:
        self.version: Version | None = None
        self.lines: dict[str, list[bytes]] = {}
        self.count = 0
        self.faults: list[str] = []
        self.note: bytes | None = None
        self.late: list[tuple[Version | None, bytes, Mapping[str, Sequence[bytes]]]] = []
        self.down = False
        self.before: Callable[[], object] = lambda: None
        self.lock = threading.Lock()

    def check(self) -> None: ...

    def listen(self) -> None:
        return None

    def place(self, agent: str) -> None:
        return None

    def load(self) -> Version | None:
        self._check()
        with self.lock:
            version = self.version
        for swap in self.late:
            try:
                self._put(*swap)
            except Moved:
                pass
        self.late = []
        return version

    def swap(
        self, before: Version | None, data: bytes, events: Mapping[str, Sequence[bytes]]
    ) -> Version:
        self.before()
        fault = self.faults.pop(0) if self.faults else ""
        self._check("down" if fault == "down" else "")
        if fault == "late":
            self.late.append((before, data, events))
            raise NoAnswer
        after = self._put(before, data, events)
        if fault == "lost":
            raise NoAnswer
        return after

    def _check(self, fault: str = "") -> None:
        if self.down or fault:
            raise Refusal("engine", f"{self.name} does not answer")

    def _put(
        self, before: Version | None, data: bytes, events: Mapping[str, Sequence[bytes]]
    ) -> Version:
        with self.lock:
            if (self.version.token if self.version else "") != (before.token if before else ""):
                raise Moved
            self.count += 1
            self.version = Version(str(self.count), data)
            for room_id, lines in events.items():
                self.lines.setdefault(room_id, []).extend(lines)
            return self.version

    def events(self, room_id: str, after: int, limit: int) -> list[bytes]:
        self._check()
        lines = self.lines.get(room_id, [])
        return [line for line in lines if number(line) > after][:limit]

    def delete(self, before: Version, farewell: bytes) -> None:
        fault = self.faults.pop(0) if self.faults else ""
        self._check("down" if fault == "down" else "")
        with self.lock:
            if self.version is None or self.version.token != before.token:
                raise Moved
            self.version, self.lines, self.note = None, {}, farewell
        if fault == "lost":
            raise NoAnswer

    def probe(self) -> list[Refusal]:
        return []

    def farewell(self) -> bytes | None:
        self._check()
        return self.note


def number(line: bytes) -> int:
    raw = json.read(line.decode())
    assert isinstance(raw, dict)
    return int(raw["event_seq"])
