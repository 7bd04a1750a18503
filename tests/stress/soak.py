"""Many real processes do random things in one room; what they noted is judged afterwards.

    python -m tests.stress.soak [--operations N] [--kills N] [--stops N] [--seed N]

Kills come about every 100 ms, and the killed is started again, as the same member or as
another. Stops are longer than the lease. It goes on until all three numbers are reached, or
``--seconds`` are over.
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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from stickhooks import processes, waiting
from stickhooks.errors import Refusal
from stickhooks.model import Policy, Process
from stickhooks.operations import Rooms
from stickhooks.storage import FileStore

from . import checker
from .cases import repository
from .checker import Deed, Span

WORKERS: Final = 16
LEASE_MS: Final = 300
POLICY: Final = Policy(owner_lease_ttl=LEASE_MS, claim_ttl=LEASE_MS, gone_grace=50)
KILL_EVERY_S: Final = (0.05, 0.15)
STOP_EVERY_S: Final = (0.1, 0.5)
STOP_FOR_S: Final = (0.35, 0.7)
PAUSE_S: Final = 0.004
PAUSE_IN_LINE_S: Final = 0.06
HICCUP_S: Final = 0.1
NAMES: Final = (*(f"a{slot}" for slot in range(WORKERS)), "b0", "b1", "b2", "b3")
PATIENCE_S: Final = 30.0
Answer = Mapping[str, Any]


def rooms_at(root: Path) -> Rooms:
    return Rooms(FileStore(str(root), str(root / ".git"), lock_timeout=10), policy=POLICY)


def names_of(slot: int) -> tuple[str, str]:
    """Return as whom the processes of a slot come."""
    first, second = f"a{slot}", f"b{slot}"
    return (first, second) if second in NAMES else (first, first)


def myself() -> Process:
    seen = processes.see(os.getpid())
    assert seen
    machine, boot, pidns = processes.where()
    return Process(seen.pid, seen.start, machine, boot, pidns, seen.name)


# --- one process


class Notes:
    """Writes down what is asked before it is asked, and what came of it after: a line each."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, **what: object) -> None:
        os.write(self.fd, (json.dumps({"at": time.monotonic(), **what}) + "\n").encode())


class Player:
    """One member's process, doing random things."""

    def __init__(self, root: Path, agent: str, notes: Notes, dice: random.Random) -> None:
        self.rooms = rooms_at(root)
        self.agent = agent
        self.notes = notes
        self.dice = dice
        self.process = myself()
        self.room = ""
        self.held: tuple[str, int] | None = None
        self.lost: tuple[str, int] = ("no lease", 0)
        self.count = 0

    def step(self) -> None:
        if not self.room:
            self.join()
            return
        deeds = self._holding() if self.held else self._asking()
        names, weights = zip(*deeds.items(), strict=True)
        self.dice.choices(names, weights)[0]()

    def _holding(self) -> dict[Callable[[], object], int]:
        return {
            self.release: 50, self.pass_on: 15, self.renew: 20, self.go_on: 5,
            self.recover: 3, self.leave_by_force: 2, self.forget: 3, self.join: 2,
        }  # fmt: skip

    def _asking(self) -> dict[Callable[[], object], int]:
        return {
            self.wait: 60, self.wait_long: 4, self.takeover: 8, self.join: 4,
            self.leave: 2, self.enlist: 5, self.renew: 5, self.release: 5,
        }  # fmt: skip

    # --- the deeds

    def join(self) -> None:
        answer = self._do(
            "join", lambda: self.rooms.join(self.agent, "", process=self.process)
        )  # fmt: skip
        if answer is not None:
            self.room = str(answer["room_id"])

    def wait(self) -> None:
        self._granted(self._do("wait", lambda: self.rooms.wait(self.agent, self.room)))

    recover = wait

    def go_on(self) -> None:
        lease, turn = self.held or self.lost
        self._granted(
            self._do("wait", lambda: self.rooms.wait(self.agent, self.room, lease), turn=turn)
        )

    def wait_long(self) -> None:
        patience = self.dice.uniform(0.05, 0.3)
        store = self.rooms.store
        assert isinstance(store, FileStore)
        answer = self._do(
            "await",
            lambda: waiting.wait(
                self.rooms, store, self.agent, "", timeout=patience, takeover="it takes too long"
            ),
            patience=patience,
        )
        self._granted(answer)

    def takeover(self) -> None:
        def act() -> Answer:
            turn = self.rooms.look("")[0].turn_id
            return self.rooms.takeover(self.agent, self.room, "in haste", turn)

        self._granted(self._do("takeover", act))

    def renew(self) -> None:
        lease, turn = self.held or self.lost
        answer = self._do(
            "renew", lambda: self.rooms.heartbeat(self.agent, self.room, lease, turn), turn=turn
        )
        if answer is None:
            self._let_go()

    def release(self) -> None:
        lease, turn = self.held or self.lost
        token = self._token()
        self._do(
            "release",
            lambda: self.rooms.release(self.agent, self.room, lease, turn, handoff(token)),
            turn=turn, handoff=token,
        )  # fmt: skip
        self._let_go()

    def pass_on(self) -> None:
        lease, turn = self.held or self.lost
        token, to = self._token(), self.dice.choice([n for n in NAMES if n != self.agent])
        answer = self._do(
            "pass",
            lambda: self.rooms.pass_on(self.agent, self.room, lease, turn, to, handoff(token)),
            turn=turn, handoff=token, to=to,
        )  # fmt: skip
        if answer is not None:
            self._let_go()

    def enlist(self) -> None:
        self._do("enlist", lambda: self.rooms.enlist(self.agent, self.room))

    def leave(self) -> None:
        if self._do("leave", lambda: self.rooms.leave(self.agent, self.room)) is not None:
            self.room = ""
            self._let_go()

    def leave_by_force(self) -> None:
        deed = lambda: self.rooms.leave(self.agent, self.room, force=True)  # noqa: E731
        if self._do("leave", deed) is not None:
            self.room = ""
        self._let_go()

    def forget(self) -> None:
        """Lose the lease out of sight: the turn is left to run out."""
        self._let_go()

    # --- what is behind them

    def _token(self) -> str:
        return f"{self.agent} {os.getpid()} {self.count}"

    def _let_go(self) -> None:
        self.lost, self.held = self.held or self.lost, None

    def _granted(self, answer: Answer | None) -> None:
        if answer is not None and answer["status"] in ("your_turn", "already_owner"):
            self.held = str(answer["lease_id"]), int(answer["turn_id"])
        elif answer is not None and answer["status"] != "not_yet":
            self._let_go()

    def _do(self, name: str, act: Callable[[], Answer], **sent: object) -> Answer | None:
        """Do a thing and note it. Returns None where it was refused."""
        self.count += 1
        self.notes.write(n=self.count, agent=self.agent, name=name, sent=sent)
        try:
            answer = act()
        except Refusal as refusal:
            told: dict[str, object] = {}
            if refusal.code in checker.FAULTS:
                told["message"] = refusal.message
            came, result = refusal.code, None
            if refusal.code in ("unknown_member", "room_not_found"):
                self._check_membership(refusal)
        except Exception:
            came, result, told = checker.CRASH, None, {"text": traceback.format_exc()}
        else:
            came, told, result = came_of(name, answer), told_by(answer), answer
        self.notes.write(n=self.count, came=came, told=told)
        return result

    def _check_membership(self, refusal: Refusal) -> None:
        if "to_agent_id" not in refusal.details:
            self.room = ""
            self._let_go()


def handoff(token: str) -> dict[str, object]:
    return {"status": token, "next_action": "go on"}


def came_of(name: str, answer: Answer) -> str:
    return str(answer["status"]) if name in checker.ASKING else "ok"


def told_by(answer: Answer) -> dict[str, object]:
    """Return of an answer what the checker asks about."""
    letter = answer.get("handoff")
    found = {
        "turn": answer.get("turn_id"),
        "lease": answer.get("lease_id"),
        "event": answer.get("event_seq"),
        "handoff": letter["status"] if letter else None,
    }
    return {key: value for key, value in found.items() if value is not None}


# --- all of them


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
        player = Player(self.root, agent, Notes(self.notes / f"{number:06}"), dice)
        while not self.board.over:
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

    def pending(self) -> int | None:
        seq = rooms_at(self.root).list_rooms()["rooms"][0]["pending_handoff_event_seq"]  # type: ignore[index]
        return None if seq is None else int(seq)


def deeds_of(path: Path) -> Iterator[Deed]:
    """Return what a process noted; the last thing it asked may have no end."""
    begun: dict[str, Any] | None = None
    for text in path.read_text().splitlines():
        note = json.loads(text)
        if "came" in note and begun:
            yield _deed(path.name, begun, note)
            begun = None
        else:
            begun = note
    if begun:
        yield _deed(path.name, begun, {})


def _deed(process: str, begun: Mapping[str, Any], ended: Mapping[str, Any]) -> Deed:
    return Deed(
        process, begun["agent"], begun["name"], begun["at"], ended.get("at"), ended.get("came"),
        begun["sent"], ended.get("told", {}),
    )  # fmt: skip


@dataclass(frozen=True)
class Result:
    """What a soak came to, to be printed."""

    lines: list[str]
    violations: list[str]


def soak(folder: Path, goals: Goals) -> Result:
    run = Soak(folder, goals)
    run.run()
    deeds, events, pending = run.deeds(), list[checker.Event](), None
    try:
        events, pending = run.events(), run.pending()
    except Refusal as refusal:
        run.faults.append(f"the room cannot be read afterwards: {refusal.message}")
    stops = run.stops + run.hiccups
    violations = run.faults + checker.judge(deeds, events, stops=stops, pending=pending)
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
    parser.add_argument("--keep", type=Path, help="leave room and notes in this new folder")
    given = parser.parse_args(arguments)
    goals = Goals(given.operations, given.kills, given.stops, given.seconds, given.seed)
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
