"""Many real processes do random things in one room; what they noted is judged afterwards.

    python -m tests.stress.soak [--operations N] [--kills N] [--stops N] [--seed N] [--parts]

Kills come about every 100 ms, and the killed is started again, as the same member or as
another. Stops are longer than the lease. It goes on until all three numbers are reached, or
``--seconds`` are over. With ``--parts`` they take paths of the room side by side.
"""

from __future__ import annotations

import argparse
import json
import mmap
import os
import random
import shutil
import signal
import struct
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from stickhooks.errors import Refusal
from stickhooks.protocol.model import Room

from . import checker, parted_checker, words_checker
from .cases import repository
from .checker import Deed, Span
from .parted_player import PartedPlayer
from .player import WORKERS, Notes, Player, names_of, rooms_at

KILL_EVERY_S: Final = (0.05, 0.15)
STOP_EVERY_S: Final = (0.1, 0.5)
STOP_FOR_S: Final = (0.35, 0.7)
PAUSE_S: Final = 0.004
PAUSE_IN_LINE_S: Final = 0.06
HICCUP_S: Final = 0.1
PATIENCE_S: Final = 30.0


class Board:
    """Counts, one a slot, and a flag to end, in memory that all processes share."""

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, 8 * (WORKERS + 1))

    def add(self, slot: int) -> None:
        self.set(slot, self.get(slot) + 1)

    def get(self, slot: int) -> int:
        return int(struct.unpack_from("q", self.memory, 8 * slot)[0])

    def set(self, slot: int, value: int) -> None:
        struct.pack_into("q", self.memory, 8 * slot, value)

    @property
    def total(self) -> int:
        return sum(self.get(slot) for slot in range(WORKERS))

    @property
    def over(self) -> bool:
        return self.get(WORKERS) != 0


@dataclass
class Goals:
    operations: int = 2000
    kills: int = 0
    stops: int = 0
    seconds: float = 3600.0
    seed: int = 0
    parts: bool = False


@dataclass
class Soak:
    """Runs the processes, disturbs them, and keeps what it did to them."""

    folder: Path
    goals: Goals
    kills: int = 0
    stops: list[Span] = field(default_factory=list)
    hiccups: list[Span] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    running: dict[int, int] = field(default_factory=dict)
    stopped: dict[int, tuple[float, float]] = field(default_factory=dict)
    starts: int = 0

    def __post_init__(self) -> None:
        self.dice = random.Random(self.goals.seed)
        self.board = Board()
        self.root = repository(self.folder / "repository")
        self.notes = self.folder / "notes"
        self.notes.mkdir()
        self.seconds = 0.0
        self.pid = os.getpid()

    def run(self) -> None:
        begun = time.monotonic()
        for slot in range(WORKERS):
            self._start(slot)
        next_kill, next_stop = begun + 0.3, begun + 0.3
        while not self._reached() and time.monotonic() - begun < self.goals.seconds:
            now = time.monotonic()
            self._go_on(now)
            self._restart()
            if self.kills < self.goals.kills and now >= next_kill:
                self._kill()
                next_kill = now + self.dice.uniform(*KILL_EVERY_S)
            if len(self.stops) + len(self.stopped) < self.goals.stops and now >= next_stop:
                self._stop(now)
                next_stop = now + self.dice.uniform(*STOP_EVERY_S)
            self._pause()
        self._end()
        self.seconds = time.monotonic() - begun

    def _pause(self) -> None:
        """Sleep a little. Where that takes long, the machine stood still: we take no lock."""
        since = time.monotonic()
        time.sleep(0.004)
        until = time.monotonic()
        if until - since > HICCUP_S:
            self.hiccups.append((since, until))

    def _reached(self) -> bool:
        goals = self.goals
        return (
            self.board.total >= goals.operations
            and self.kills >= goals.kills
            and len(self.stops) >= goals.stops
        )

    def _start(self, slot: int) -> None:
        self.starts += 1
        number, agent = self.starts, self.dice.choice(names_of(slot))
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                self._play(slot, agent, number)
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        self.running[pid] = slot

    def _play(self, slot: int, agent: str, number: int) -> None:
        """Be one of the processes, until all is over."""
        dice = random.Random(f"{self.goals.seed} {number}")
        kind = PartedPlayer if self.goals.parts else Player
        player = kind(self.root, agent, Notes(self.notes / f"{number:06}"), dice)
        while not self.board.over and os.getppid() == self.pid:  # nobody plays on alone
            player.step()
            self.board.add(slot)
            time.sleep(dice.uniform(0, PAUSE_S if player.held else PAUSE_IN_LINE_S))

    def _kill(self) -> None:
        victims = [pid for pid in self.running if pid not in self.stopped]
        if victims:
            os.kill(self.dice.choice(victims), signal.SIGKILL)
            self.kills += 1

    def _stop(self, now: float) -> None:
        victims = [pid for pid in self.running if pid not in self.stopped]
        if victims:
            victim = self.dice.choice(victims)
            self.stopped[victim] = (now, now + self.dice.uniform(*STOP_FOR_S))
            os.kill(victim, signal.SIGSTOP)

    def _go_on(self, now: float) -> None:
        for pid, (since, until) in list(self.stopped.items()):
            if now >= until:
                os.kill(pid, signal.SIGCONT)
                self.stops.append((since, time.monotonic()))
                del self.stopped[pid]

    def _restart(self) -> None:
        for slot in self._reap():
            self._start(slot)

    def _reap(self) -> Iterator[int]:
        """Yield the slots of processes that ended; but for our kills, only when all is over."""
        for pid in list(self.running):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                slot = self.running.pop(pid)
                self.stopped.pop(pid, None)
                code = os.waitstatus_to_exitcode(status)
                if code not in (0, -signal.SIGKILL):
                    self.faults.append(f"a process ended with {code}")
                yield slot

    def _end(self) -> None:
        self._go_on(float("inf"))
        self.board.set(WORKERS, 1)
        until = time.monotonic() + PATIENCE_S
        while self.running and time.monotonic() < until:
            list(self._reap())
            time.sleep(0.01)
        for pid in self.running:
            self.faults.append(f"a process hangs: {pid}")
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self.running = {}

    # --- afterwards

    def deeds(self) -> list[Deed]:
        return [deed for path in sorted(self.notes.iterdir()) for deed in deeds_of(path)]

    def events(self) -> list[checker.Event]:
        rooms, found = rooms_at(self.root), list[checker.Event]()
        room_id = rooms.look("")[0].room_id
        while more := rooms.events(room_id, len(found), 500):
            found += more
        return found

    def room(self) -> Room:
        return rooms_at(self.root).look("")[0]


def deeds_of(path: Path) -> Iterator[Deed]:
    """Return what a process noted; the last thing it asked may have no end."""
    begun: dict[str, Any] | None = None
    for text in path.read_text().splitlines():
        note = json.loads(text)
        if "came" in note and begun:
            yield _deed(path.name, begun, note)
            begun = None
        elif "shown" in note and begun:
            begun["shown"] = note["shown"]
        else:
            begun = note
    if begun:
        yield _deed(path.name, begun, {})


def _deed(process: str, begun: Mapping[str, Any], ended: Mapping[str, Any]) -> Deed:
    shown = {"shown": begun["shown"]} if "shown" in begun else {}
    return Deed(
        process, begun["agent"], begun["name"], begun["at"], ended.get("at"), ended.get("came"),
        begun["sent"], {**ended.get("told", {}), **shown},
    )  # fmt: skip


@dataclass(frozen=True)
class Result:
    """What a soak came to, to be printed."""

    lines: list[str]
    violations: list[str]


def soak(folder: Path, goals: Goals) -> Result:
    run = Soak(folder, goals)
    run.run()
    deeds, events, room = run.deeds(), list[checker.Event](), Room("", "", 0)
    try:
        events, room = run.events(), run.room()
    except Refusal as refusal:
        run.faults.append(f"the room cannot be read afterwards: {refusal.message}")
    stops = run.stops + run.hiccups
    if goals.parts:
        violations = run.faults + parted_checker.judge(deeds, events, room, stops)
    else:
        pending = room.letter.event_seq if room.letter and room.pending else None
        violations = run.faults + checker.judge(deeds, events, stops=stops, pending=pending)
    unread = {member.agent_id: member.unread for member in room.members}
    violations += words_checker.judge(deeds, events, unread)
    known = [deed for deed in deeds if deed.came is not None]
    took = sorted(seconds for seconds, _ in checker.durations(deeds, stops))
    still = max((seconds for seconds, _ in checker.standstills(deeds, stops)), default=0.0)
    kinds = Counter(event["event_type"] for event in events)
    n = len(known)
    lines = [
        f"{n} operations ({len(deeds) - n} unknown) in {run.seconds:.1f} s, {run.kills} kills,"
        f" {len(run.stops)} stops, {run.starts} processes, seed {goals.seed}",
        f"asked: {dict(sorted(Counter(d.name for d in deeds).items()))}",
        f"came: {dict(sorted(Counter(d.came or 'unknown' for d in deeds).items()))}",
        f"{len(events)} events: {dict(sorted(kinds.items()))}",
        f"takeovers: {dict(Counter(e['kind'] for e in events if e['event_type'] == 'takeover'))}",
        f"one operation: median {took[n // 2] * 1000:.1f} ms,"
        f" 99.9 % {took[int(n * 0.999)] * 1000:.0f} ms, longest {took[-1] * 1000:.0f} ms",
        f"who asked saw nobody get anything done for {still * 1000:.0f} ms at the most;"
        f" the machine stood still {len(run.hiccups)} times",
        f"violations: {len(violations)}",
    ]
    if not violations:
        exposure = {"operations": n, "kills": run.kills, "stops": len(run.stops)}
        lines += [f"0 in {m} {k} means < {3 / m:.2g} at 95 %" for k, m in exposure.items() if m]
    return Result(lines, violations)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--operations", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--stops", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=3600.0, help="no longer than this")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--parts", action="store_true", help="take paths of the room side by side")
    parser.add_argument("--keep", type=Path, help="leave room and notes in this new folder")
    given = parser.parse_args(arguments)
    goals = Goals(
        given.operations, given.kills, given.stops, given.seconds, given.seed, given.parts
    )
    folder = given.keep or Path(tempfile.mkdtemp(prefix="soak-"))
    try:
        result = soak(folder, goals)
    finally:
        if given.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(result.lines))
    for violation in result.violations[:50]:
        print(f"VIOLATION {violation}")
    return 1 if result.violations else 0


if __name__ == "__main__":
    sys.exit(main())
