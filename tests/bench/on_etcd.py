"""Rooms on a real etcd of one member: a load, a swap, and from a release to the turn in another clone."""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from stickhooks.operations import waiting
from stickhooks.operations.rooms import Rooms
from stickhooks.store.engine.etcd import Etcd
from stickhooks.store.engine.store import EngineStore
from tests.support import etcd_servers

from .figures import Row, spread
from .ground import Ground

TEXT = b'{"revision":1,"clock":0,"rooms":{}}'
DONE = {"status": "half of it", "next_action": "the other half"}
PATIENCE_S = 60.0


class Clone:
    """One clone with one member."""

    def __init__(self, folder: Path, name: str, who: str) -> None:
        self.who = who
        engine = Etcd(name, "/", "/")
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


def rows(ground: Ground, rounds: int) -> Iterator[Row]:
    if not etcd_servers.PROGRAM:
        print("no etcd: neither in the path nor named by STICK_ETCD", file=sys.stderr)
        return
    servers = etcd_servers.Servers(ground.folder / "etcd")
    servers.start()
    try:
        yield from _asked(servers.name("asked"), rounds)
        yield _handed(ground.folder, servers.name("handed"), rounds)
    finally:
        servers.stop()
    yield _started(rounds)


def _asked(name: str, rounds: int) -> Iterator[Row]:
    engine = Etcd(name, "/", "/")
    versions = [engine.swap(None, TEXT, {})]

    def swap() -> None:
        versions.append(engine.swap(versions[-1], TEXT, {}))

    for what, asked in (("load", engine.load), ("swap", swap)):
        times = [_milliseconds(asked) for _ in range(rounds * 10)]
        yield Row(f"etcd: one {what}", statistics.median(times), spread(times), unit=" ms")


def _handed(folder: Path, name: str, rounds: int) -> Row:
    """Measure from before a release is sent to the grant that the other clone's waiter has in hands."""
    ada, bob = (Clone(folder, name, who) for who in ("ada", "bob"))
    ada.wait()
    times = []
    for _ in range(rounds):
        times.append(_once(ada, bob))
        ada, bob = bob, ada
    return Row(
        "etcd: release -> the other clone's waiter holds",
        statistics.median(times), spread(times), "<=", 50.0, " ms",
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


def _started(rounds: int) -> Row:
    """Measure what the import of the engine takes."""
    command = "import time; t = time.perf_counter(); import stickhooks.store.engine.etcd;"
    program = [sys.executable, "-c", f"{command} print(time.perf_counter() - t)"]
    times = [float(subprocess.check_output(program)) * 1000 for _ in range(rounds)]
    return Row("etcd: the import", statistics.median(times), spread(times), unit=" ms")


def _milliseconds(asked: Callable[[], object]) -> float:
    began = time.perf_counter()
    asked()
    return (time.perf_counter() - began) * 1000
