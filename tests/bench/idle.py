"""What a waiter costs while nothing happens, beside one that asks SQLite every 250 ms."""

from __future__ import annotations

import signal
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from stickhooks.store.files import FileStore

from .figures import Row, spread
from .ground import Ground

POLLER = Path(__file__).with_name("poller.py")
WINDOW_S = 6.0
CROWD = 50
WAITER = """
import sys
from stickhooks.operations import waiting
from stickhooks.operations.rooms import Rooms
from stickhooks.store.files import FileStore
store = FileStore(sys.argv[1], sys.argv[1] + "/.git")
rooms = Rooms(store)
rooms.join(sys.argv[2], "")
waiting.wait(rooms, store, sys.argv[2], "")
"""


def waiters(ground: Ground, rounds: int) -> Iterator[Row]:
    """Watch both at once, in windows of six seconds: a fifth as many as rounds, three at the least."""
    repo, _ = ground.held("idle")
    agent = ground.agent(repo)
    agent.run(ground.stick, "join")
    waiter = agent.begin(ground.stick, "wait")
    poller = subprocess.Popen([ground.python, POLLER, ground.folder / "poller.db"])
    time.sleep(3)
    before = written(waiter)
    windows = [_window(waiter, poller.pid) for _ in range(max(3, rounds // 5))]
    after = written(waiter)
    poller.kill()
    poller.wait()
    ratios = [a / b for a, b in windows]
    told = " and ".join(f"{statistics.median(w) * 1e6:.0f}" for w in zip(*windows, strict=True))
    yield Row(
        "an idle waiter's CPU / of one that asks SQLite every 250 ms",
        statistics.median(ratios), spread(ratios), "<=", 0.1, note=f"{told} us a second",
    )  # fmt: skip
    yield Row("bytes that it wrote meanwhile", after - before, (0, 0), "<=", 0)
    crowd = [
        subprocess.Popen([ground.python, "-c", WAITER, repo, f"waiter-{n}"]) for n in range(CROWD)
    ]
    store, names = FileStore(str(repo), str(repo / ".git")), [f"waiter-{n}" for n in range(CROWD)]
    while len(store.waiting(names)) < CROWD:
        time.sleep(0.5)
    time.sleep(3)
    share = sum(_window(*(process.pid for process in crowd)))
    for process in crowd:
        process.kill()
        process.wait()
    agent.end(waiter, signal.SIGINT)
    yield Row(f"{CROWD} idle waiters: share of one processor", share, (share, share))


def _window(*pids: int) -> tuple[float, ...]:
    """Return the processor time a second of some processes, over one window."""
    before = [processor(pid) for pid in pids]
    time.sleep(WINDOW_S)
    return tuple((processor(pid) - b) / WINDOW_S for pid, b in zip(pids, before, strict=True))


def processor(pid: int) -> float:
    """Return the seconds that all threads of a process have had, to the nanosecond."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def written(pid: int) -> int:
    """Return the bytes that a process has written, to whatever."""
    lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("wchar:")).split()[1])
