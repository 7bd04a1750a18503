"""Rooms on an engine: a load, a swap, and from a release to the turn in another clone."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from stickhooks.operations import waiting
from stickhooks.operations.rooms import Rooms
from stickhooks.store.engine.interface import Engine
from stickhooks.store.engine.store import EngineStore

from .figures import Row, spread

TEXT = b'{"revision":1,"clock":0,"rooms":{}}'
DONE = {"status": "half of it", "next_action": "the other half"}
PATIENCE_S = 60.0


class Clone:
    """One clone with one member."""

    def __init__(self, folder: Path, engine: Engine, who: str) -> None:
        self.who = who
        self.store = EngineStore("/ws", None, engine, who, folder=str(folder / who))
        self.rooms = Rooms(self.store)
        self.rooms.join(who, "")

    def release(self) -> None:
        snapshot = self.store.load("")
        assert snapshot is not None
        room = snapshot.room
        assert room.lease is not None
        self.rooms.release(self.who, room.room_id, room.lease.lease_id, room.turn_id, DONE)

    def wait(self) -> None:
        waiting.wait(self.rooms, self.store, self.who, "", timeout=PATIENCE_S)

    def waits(self, agent: str) -> bool:
        self.store.stale()
        self.store.load("")
        return agent in self.store.waiting([agent])


def asked(name: str, engine: Engine, rounds: int) -> Iterator[Row]:
    versions = [engine.swap(None, TEXT, {})]
    numbers = iter(range(2, 10**9))

    def swap() -> None:
        text = TEXT.replace(b"1", b"%d" % next(numbers), 1)  # no two swaps are alike
        versions.append(engine.swap(versions[-1], text, {}))

    for what, act in (("load", engine.load), ("swap", swap)):
        times = [_milliseconds(act) for _ in range(rounds)]
        yield Row(f"{name}: one {what}", statistics.median(times), spread(times), unit=" ms")


def handed(name: str, ada: Clone, bob: Clone, rounds: int, goal: float) -> Row:
    """Measure from before a release is sent to the grant that the other clone's waiter has in hands."""
    ada.wait()
    times = []
    for _ in range(rounds):
        times.append(_once(ada, bob))
        ada, bob = bob, ada
    return Row(
        f"{name}: release -> the other clone's waiter holds",
        statistics.median(times), spread(times), "<=", goal, " ms",
    )  # fmt: skip


def _once(holder: Clone, waiter: Clone) -> float:
    done: list[float] = []

    def wait() -> None:
        waiter.wait()
        done.append(time.perf_counter())

    thread = threading.Thread(target=wait)
    thread.start()
    while not holder.waits(waiter.who):
        time.sleep(0.02)
    time.sleep(0.2)
    began = time.perf_counter()
    holder.release()
    thread.join()
    return (done[0] - began) * 1000


def _milliseconds(asked: Callable[[], object]) -> float:
    began = time.perf_counter()
    asked()
    return (time.perf_counter() - began) * 1000
