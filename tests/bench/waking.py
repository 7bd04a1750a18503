"""From the commit of a release to the commit of the waiter's grant, seen by a third process."""

from __future__ import annotations

import os
import select
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from stickhooks.operations.rooms import Rooms
from stickhooks.store.files import FileStore
from stickhooks.system import inotify

from .figures import Row, spread
from .ground import Failed, Ground

RELEASE = ("release", "--status", "half of it", "--next", "the other half")
PATIENCE_S = 20.0
LATE_S = 2.0
ONE_EVENT = 32  # bytes: its head, and the name ``room.json``


class Handing:
    """Two agents, each a process of its own; one waits for the stick that the other releases."""

    def __init__(self, ground: Ground) -> None:
        self.stick = ground.stick
        self.repo, self.holder = ground.held("handoff")
        self.waiter = ground.agent(self.repo)
        self.waiter.run(self.stick, "join")
        self.store = FileStore(str(self.repo), str(self.repo / ".git"))
        self.rooms = Rooms(self.store)

    def seen(self, kind: str) -> float:
        """Hand the stick over and back until both moments were seen; return the milliseconds between."""
        while (took := self.once(kind)) is None:
            pass
        return took * 1000

    def once(self, kind: str) -> float | None:
        """Hand the stick over and back once; return the seconds of the way there, None if unseen."""
        told = ("env", "STICK_WATCH=poll") if kind == "poll" else ()
        pid = self.waiter.begin(*told, self.stick, "wait")
        self._until_it_waits()
        seen = inotify.begin(str(self.repo / ".talking-stick"))
        if seen is None:
            raise Failed("no inotify here")
        releasing = self.holder.begin(self.stick, *RELEASE)
        took = _between_two_writes(seen)
        codes = self.waiter.end(pid), self.holder.end(releasing)
        if codes != (0, 0):
            errors = self.waiter.errors.read_text() + self.holder.errors.read_text()
            raise Failed(f"the stick was not handed over: {codes}\n{errors[-2000:]}")
        self.waiter.run(self.stick, *RELEASE)
        self.holder.run(self.stick, "take")
        return took

    def _until_it_waits(self) -> None:
        """Return a little after the waiter has its place: what it does once is done then."""
        until = time.monotonic() + PATIENCE_S
        while not self._waits():
            if time.monotonic() > until:
                raise Failed("nobody waits")
            time.sleep(0.01)
        time.sleep(0.3)

    def _waits(self) -> bool:
        places = [w.agent_id for w in self.rooms.look("")[0].waiters]
        return bool(self.store.waiting(places))


def handoff(ground: Ground, rounds: int) -> Iterator[Row]:
    handing = Handing(ground)
    found: dict[str, list[float]] = {"inotify": [], "poll": []}
    for count in range(rounds + 1):
        for kind, times in found.items():
            took = handing.seen(kind)
            if count:
                times.append(took)
    disk = f"one fsync there: {_fsync_ms(handing.repo):.2f} ms, and three lie on the way"
    for kind, goal in (("inotify", 3.0), ("poll", 15.0)):
        times = found[kind]
        name = f"commit of a release -> the waiter's turn ({kind})"
        yield Row(name, statistics.median(times), spread(times), "<=", goal, " ms", note=disk)
    late = sorted(found["inotify"])[max(0, round(0.95 * len(found["inotify"])) - 1)]
    yield Row("  its 95th percentile (inotify)", late, (late, late), "<=", 10.0, " ms")


def _fsync_ms(folder: Path) -> float:
    """Return what the disk takes to make one line of a log durable."""
    times = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(21):
            file.write(b"x" * 200)
            began = time.perf_counter()
            os.fsync(file)
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def _between_two_writes(fd: int) -> float | None:
    """Return the seconds between the next two times that a state is put in place.

    None where we were too late: the kernel tells two of a kind that were not read as one.
    """
    asked = select.poll()
    asked.register(fd, select.POLLIN)
    times: list[float] = []
    while len(times) < 2 and asked.poll((LATE_S if times else PATIENCE_S) * 1000):
        times.append(time.monotonic())
        os.read(fd, ONE_EVENT)
    os.close(fd)
    if not times:
        raise Failed("nothing was written")
    return times[1] - times[0] if len(times) == 2 else None
