"""From the commit of a release to the commit of the waiter's grant, seen by a third process."""

from __future__ import annotations

import os
import select
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from stickhooks import inotify
from stickhooks.operations import Rooms
from stickhooks.storage import FileStore

from .figures import Row, spread
from .ground import Failed, Ground

RELEASE = ("release", "--status", "half of it", "--next", "the other half")
PATIENCE_S = 20.0


class Handing:
    """Two agents, each a process of its own; one waits for the stick that the other releases."""

    def __init__(self, ground: Ground) -> None:
        self.stick = ground.stick
        self.repo, self.holder = ground.held("handoff")
        self.waiter = ground.agent(self.repo)
        self.waiter.run(self.stick, "join")
        self.store = FileStore(str(self.repo), str(self.repo / ".git"))
        self.rooms = Rooms(self.store)

    def once(self, kind: str) -> float:
        """Hand the stick over and back once; return the milliseconds of the way there."""
        told = ("env", "STICK_WATCH=poll") if kind == "poll" else ()
        pid = self.waiter.begin(*told, self.stick, "wait")
        self._until_it_waits(pid)
        releasing = self.holder.begin(self.stick, *RELEASE)
        took = _between_two_writes(self.repo / ".talking-stick")
        if self.waiter.end(pid) or self.holder.end(releasing):
            raise Failed("the stick was not handed over")
        self.waiter.run(self.stick, *RELEASE)
        self.holder.run(self.stick, "take")
        return took * 1000

    def _until_it_waits(self, pid: int) -> None:
        until = time.monotonic() + PATIENCE_S
        while not self.rooms.look("")[0].waiters or not _sleeps(pid):
            if time.monotonic() > until:
                raise Failed("nobody waits")
            time.sleep(0.01)


def handoff(ground: Ground, rounds: int) -> Iterator[Row]:
    handing = Handing(ground)
    found: dict[str, list[float]] = {"inotify": [], "poll": []}
    for count in range(rounds + 1):
        for kind, times in found.items():
            took = handing.once(kind)
            if count:
                times.append(took)
    for kind, goal in (("inotify", 3.0), ("poll", 15.0)):
        times = found[kind]
        name = f"commit of a release -> the waiter's turn ({kind})"
        yield Row(name, statistics.median(times), spread(times), "<=", goal, " ms")
    late = sorted(found["inotify"])[max(0, round(0.95 * len(found["inotify"])) - 1)]
    yield Row("  its 95th percentile (inotify)", late, (late, late), "<=", 10.0, " ms")


def _between_two_writes(folder: Path) -> float:
    """Return the seconds between the next two times that a state is put in place."""
    fd = inotify.begin(str(folder))
    if fd is None:
        raise Failed("no inotify here")
    asked = select.poll()
    asked.register(fd, select.POLLIN)
    times: list[float] = []
    while len(times) < 2:
        if not asked.poll(PATIENCE_S * 1000):
            raise Failed("nothing was written")
        times.append(time.monotonic())
        inotify.lasts(fd)
    os.close(fd)
    return times[1] - times[0]


def _sleeps(pid: int) -> bool:
    """Tell whether a process did nothing for a while."""
    place = Path(f"/proc/{pid}/schedstat")
    before = place.read_text().split()[0]
    time.sleep(0.05)
    return place.read_text().split()[0] == before
