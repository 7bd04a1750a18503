"""The lock under contention: rooms of one workspace share it, so each process has its own room."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stickhooks.operations.rooms import Rooms
from stickhooks.store.files import FileStore

from .figures import Row, spread
from .ground import Ground
from .growth import claimed_and_released

RACER = Path(__file__).with_name("racer.py")
KINDS = ("ours", "flock", "filelock")
LAPS = 24  # of each, if all get their share and nobody gets in the way of others
SECONDS = (0.8, 4.0)


@dataclass(frozen=True)
class Race:
    """What one race came to: pairs a second, how evenly shared, the longest wait, CPU a pair."""

    rate: float
    fairness: float
    longest: float
    cpu: float


def rows(ground: Ground, rounds: int, number: int) -> Iterator[Row]:
    """Race so many processes, by each way to wait for the lock, once a round."""
    root = ground.repository(f"race-{number}")
    rooms = Rooms(FileStore(str(root), str(root / ".git")))
    paths = [f"room{n}" for n in range(number)]
    for path in paths:
        rooms.join("racer", path, force_new=True)
    seconds = _enough(rooms, paths)
    races: dict[str, list[Race]] = {kind: [] for kind in KINDS}
    for count in range(rounds + 1):
        for kind in KINDS:
            race = _race(ground.python, kind, root, paths, seconds)
            if count:
                races[kind].append(race)
    ours, flock, filelock = (races[kind] for kind in KINDS)
    rate = [a.rate / b.rate for a, b in zip(ours, flock, strict=True)]
    even = [race.fairness for race in ours]
    wait = [a.longest / b.longest for a, b in zip(ours, filelock, strict=True)]
    cpu = statistics.median(r.cpu for r in ours) / statistics.median(r.cpu for r in flock)
    per_s = statistics.median(race.rate for race in ours)
    longest = statistics.median(race.longest for race in ours)
    told = f"claim -> release, {number} processes"
    yield Row(
        f"{told}: pairs a second / by blocking flock",
        statistics.median(rate), spread(rate), ">=", 0.8, cpu=cpu, note=f"{per_s:.0f} a second",
    )  # fmt: skip
    yield Row(f"{told}: fairness (Jain)", statistics.median(even), spread(even), ">=", 0.95)
    yield Row(
        f"{told}: longest wait / by filelock at 50 ms",
        statistics.median(wait), spread(wait), "<=", 0.2, note=f"{longest * 1000:.0f} ms",
    )  # fmt: skip


def _enough(rooms: Rooms, paths: Sequence[str]) -> float:
    """Return the seconds after which each has had its share some times: a disk may be slow."""
    room_id = str(rooms.list_rooms(paths[0])["rooms"][-1]["room_id"])
    pair = statistics.median(claimed_and_released(rooms, "racer", room_id) for _ in range(9))
    return min(max(SECONDS[0], LAPS * len(paths) * pair), SECONDS[1])


def _race(python: Path, kind: str, root: Path, paths: Sequence[str], seconds: float) -> Race:
    racers = [
        subprocess.Popen(
            [python, RACER, kind, root, path, str(seconds)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for path in paths
    ]  # fmt: skip
    for racer in racers:
        assert racer.stdout
        racer.stdout.readline()
    begin = time.monotonic() + 0.1
    for racer in racers:
        assert racer.stdin
        print(begin, file=racer.stdin, flush=True)
    found = [json.loads(racer.communicate()[0]) for racer in racers]
    pairs = [float(one[0]) for one in found]
    total, squares = sum(pairs), sum(n * n for n in pairs)
    fairness = total * total / (len(pairs) * squares) if squares else 0.0
    cpu = sum(one[2] for one in found) / max(total, 1)
    return Race(total / seconds, fairness, max(one[1] for one in found), cpu)
