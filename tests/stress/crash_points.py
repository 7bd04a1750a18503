"""Kill, or fail, every operation at every system call, and see that nothing breaks.

    python -m tests.stress.crash_points [--points N --seed N] [--case NAME] [--workers N]

Each point gets a copy of a real git repository with a room, and a real process under strace.
(a) SIGKILL at every system call of the operation. (b) EIO, ENOSPC and EROFS returned by every
call that changes something on disk, once, and (``… on``) by that one and all that follow.
Afterwards the room is read, the gate is asked, and another member goes on without repair.
"""

from __future__ import annotations

import argparse
import os
import queue
import random
import re
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from .cases import repository, rooms_at
from .crash_verdict import Known, judge, look, plain
from .part_cases import EVERY
from .tracing import Call, Outcome, Server, bounds

ERRORS: Final = ("EIO", "ENOSPC", "EROFS")
#: What changes something on disk; an ``openat`` does only where it may create.
CHANGING: Final = (
    "write", "pwrite64", "fsync", "fdatasync", "rename", "renameat", "renameat2", "unlink",
    "unlinkat", "rmdir", "mkdir", "mkdirat", "ftruncate",
)  # fmt: skip
ATTEMPTS: Final = 4


@dataclass(frozen=True)
class Point:
    """Where and how an operation is disturbed: at which call, told to strace by ``inject``."""

    case: str
    how: str
    index: int
    call: Call
    inject: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.case}: {self.how} at call {self.index}, {self.call.text:.90}"


@dataclass
class Report:
    """What came of all points that were tried."""

    tried: dict[str, int] = field(default_factory=dict)
    violations: list[tuple[Point, str]] = field(default_factory=list)
    missed: list[Point] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    left: int = 0
    seconds: float = 0.0

    @property
    def points(self) -> int:
        return sum(self.tried.values())


def why_not() -> str:
    """Return why no process can be traced here, or ``""``."""
    if sys.platform != "linux":
        return "strace is for Linux"
    if shutil.which("strace") is None:
        return "strace is not installed"
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "server")
        try:
            root = repository(Path(folder) / "repository")
            calls, _ = server.run("create alone", root, ["fsync:error=EIO:when=1"])
        except OSError as error:
            return f"strace cannot trace here: {error}"
        finally:
            server.close()
    return "" if any("INJECTED" in call.text for call in calls) else "strace injects nothing here"


# --- which points there are


def points_of(name: str, calls: Sequence[Call]) -> Iterator[Point]:
    """Yield all points of an operation whose undisturbed trace is given."""
    begin, end = bounds(calls)
    for index in range(begin + 1, end):
        call = calls[index]
        where = index - begin
        kill = f"{call.name}:signal=KILL:when={call.number}"
        yield Point(name, "KILL", where, call, (kill,))
        if not changes(call):
            continue
        for error in ERRORS:
            once = f"{call.name}:error={error}:when={call.number}"
            yield Point(name, error, where, call, (once,))
            yield Point(name, f"{error} on", where, call, tuple(_from(calls, index, error)))


def changes(call: Call) -> bool:
    return call.name in CHANGING or (call.name == "openat" and "O_CREAT" in call.text)


def _from(calls: Sequence[Call], index: int, error: str) -> Iterator[str]:
    """Fail a call and all changing ones after it; of ``openat`` only this one, for others read."""
    call = calls[index]
    if call.name == "openat":
        yield f"openat:error={error}:when={call.number}"
    for name in CHANGING:
        before = sum(1 for one in calls[:index] if one.name == name)
        yield f"{name}:error={error}:when={before + 1}+"


# --- trying points


class Prepared:
    """A case with its room made, its undisturbed trace, and what it comes to."""

    def __init__(self, name: str, folder: Path, server: Server) -> None:
        self.name = name
        self.root = repository(folder / "template")
        EVERY[name].build(rooms_at(self.root))
        clean = folder / "repository"
        shutil.copytree(self.root, clean)
        self.before = look(clean)
        self.calls, outcome = server.run(name, clean, ())
        assert outcome.get("kind") == "ok", outcome
        self.after = plain(look(clean), self.before)
        self.points = list(points_of(name, self.calls))


class Bench:
    """Tries points, several at a time; each thread has a folder and a server of its own."""

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self.folder = folder
        self.workers = workers
        self.servers: queue.Queue[Server] = queue.Queue()
        self.report = Report()
        self.known: Known = {}
        self._count = 0
        self._lock = threading.Lock()
        for number in range(workers):
            self.servers.put(Server(folder / f"server{number}"))

    def prepare(self, names: Iterable[str]) -> list[Prepared]:
        server = self.servers.get()
        try:
            return [
                Prepared(name, self.folder / f"case{number}", server)
                for number, name in enumerate(names)
            ]
        finally:
            self.servers.put(server)

    def run(
        self, chosen: Sequence[tuple[Prepared, Point]], seconds: float = float("inf")
    ) -> Report:
        """Try points in the order given; none is begun after so many seconds."""
        begun = time.monotonic()
        until = begun + seconds
        with ThreadPoolExecutor(self.workers) as pool:
            for _ in pool.map(lambda one: self.attempt(one[0], one[1], until), chosen):
                pass
        self.report.seconds += time.monotonic() - begun
        return self.report

    def attempt(self, prepared: Prepared, point: Point, until: float) -> None:
        """Try a point; where memory was laid out otherwise and it was not met, once more."""
        if time.monotonic() > until:
            self.report.left += 1
            return
        server = self.servers.get()
        try:
            for attempt in range(ATTEMPTS):
                if self._met(server, prepared, point, last=attempt == ATTEMPTS - 1):
                    return
        finally:
            self.servers.put(server)

    def _met(self, server: Server, prepared: Prepared, point: Point, *, last: bool) -> bool:
        with self._lock:
            self._count += 1
            place = self.folder / f"run{self._count:06}"
        root = place / "repository"  # as deep as where the clean trace was taken
        shutil.copytree(prepared.root, root, symlinks=True)
        calls, outcome = server.run(point.case, root, point.inject)
        wrong = judge(point.case, root, prepared.before, prepared.after, outcome, self.known)
        met = _was_met(calls, point)
        with self._lock:
            if met:
                self.report.tried[point.how] = self.report.tried.get(point.how, 0) + 1
                kind = _kind(outcome)
                self.report.answers[kind] = self.report.answers.get(kind, 0) + 1
            elif last:
                self.report.missed.append(point)
            if met or wrong:
                self.report.violations += [(point, one) for one in wrong]
        shutil.rmtree(place)
        return met or bool(wrong)

    def close(self) -> None:
        for _ in range(self.workers):
            self.servers.get().close()


def _was_met(calls: Sequence[Call], point: Point) -> bool:
    """Tell whether the disturbance hit the operation itself, at the call that was meant."""
    begin, end = bounds(calls)
    inside = calls[begin + 1 : end]
    if point.how == "KILL":
        return bool(inside) and end == len(calls) and inside[-1].name == point.call.name
    meant = (point.call.name, _target(point.call.text))
    return any(
        "INJECTED" in call.text and (call.name, _target(call.text)) == meant for call in inside
    )


def _target(text: str) -> str:
    """Return the last part of the path that a call names, without numbers drawn in the run."""
    name = text.partition('"')[2].partition('"')[0].rpartition("/")[2]
    name = re.sub(r"\.\d+-[0-9a-f]{12}\b", "", name)  # a temporary name: see publishing.own_mark
    return "" if text.startswith("write") else "".join(c for c in name if not c.isdigit())


def _kind(outcome: Outcome) -> str:
    kind = str(outcome.get("kind", "killed"))
    if kind == "refusal":
        return f"refused {outcome['code']}{', done' if outcome['done'] else ''}"
    return kind


def choose(
    prepared: Sequence[Prepared], count: int = 0, seed: int = 0
) -> list[tuple[Prepared, Point]]:
    """Return so many points of all cases, mixed by the seed; with 0, every one."""
    points = [(one, point) for one in prepared for point in one.points]
    return random.Random(seed).sample(points, min(count or len(points), len(points)))


def told(report: Report, say: Callable[[str], object] = print) -> None:
    """Print the figures, the exposure, and each violation once."""
    n = report.points
    say(f"{n} points tried in {report.seconds:.1f} s, {len(report.violations)} violations")
    if report.left:
        say(f"{report.left} points were left for want of time")
    say(f"by kind: {dict(sorted(report.tried.items()))}")
    say(f"answers: {dict(sorted(report.answers.items()))}")
    say(f"points not met after {ATTEMPTS} attempts: {len(report.missed)}")
    if n and not report.violations:
        say(f"0 in {n} means < {3 / n:.2g} at 95 %")
    for point, what in report.violations:
        say(f"VIOLATION {point}\n    {what}")
    for point in report.missed:
        say(f"not met: {point}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--points", type=int, default=0, help="try so many; 0: every one")
    parser.add_argument("--seed", type=int, default=0, help="which ones")
    parser.add_argument("--case", action="append", choices=list(EVERY), help="only this operation")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin none after")
    given = parser.parse_args(arguments)
    reason = why_not()
    if reason:
        print(f"nothing was tried: {reason}")
        return 2
    with tempfile.TemporaryDirectory(prefix="crash-points-") as folder:
        bench = Bench(Path(folder), given.workers)
        try:
            prepared = bench.prepare(given.case or EVERY)
            chosen = choose(prepared, given.points, given.seed)
            everything = sum(len(one.points) for one in prepared)
            print(f"{len(chosen)} of {everything} points of {len(prepared)} operations", flush=True)
            report = bench.run(chosen, given.seconds)
        finally:
            bench.close()
    told(report)
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
