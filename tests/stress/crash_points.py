"""Kill, or fail, every operation at every system call, and see that nothing breaks.

    python -m tests.stress.crash_points [--every N] [--case NAME] [--workers N]

Each point gets a copy of a real git repository with a room, and a real process under strace.
(a) SIGKILL at every system call of the operation. (b) EIO, ENOSPC and EROFS returned by every
call that changes something on disk, once, and (``… on``) by that one and all that follow.
Afterwards the room is read, the gate is asked, and another member goes on without repair.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

from stickhooks import check, identity, paths
from stickhooks.errors import Refusal
from stickhooks.model import Event, Room
from stickhooks.operations import Rooms

from .cases import CASES, HANDOFF, NESTED, Case, all_dead, held, repository, rooms_at
from .one_operation import BEGIN, END, SIZE

ERRORS: Final = ("EIO", "ENOSPC", "EROFS")
#: What changes something on disk; an ``openat`` does only where it may create.
CHANGING: Final = (
    "write", "pwrite64", "fsync", "fdatasync", "rename", "renameat", "renameat2", "unlink",
    "unlinkat", "rmdir", "mkdir", "mkdirat", "ftruncate",
)  # fmt: skip
CREATING: Final = ("create by join", "create alone", "join --new", "make a lost room anew")
PATIENCE_S: Final = 20.0
ATTEMPTS: Final = 4
ROOT: Final = Path(__file__).resolve().parents[2]
Outcome: TypeAlias = Mapping[str, Any]
Known: TypeAlias = dict[bytes, list[str]]


@dataclass(frozen=True)
class Call:
    """One system call of a trace, and which one of its name it is."""

    name: str
    number: int
    text: str


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


@dataclass(frozen=True)
class World:
    """All that can be seen of a workspace's rooms: states, or why there is none, and logs."""

    rooms: Mapping[str, Room | str | None]
    events: Mapping[str, Sequence[Event]]


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


# --- running one operation under strace


class Server:
    """A process that forks children ready to do one operation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(Path(__file__).resolve().parents[1])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def run(self, case: str, root: Path, inject: Iterable[str]) -> tuple[list[Call], Outcome]:
        """Do one operation, disturbed as told. Returns its calls and what it answered."""
        result, trace = self.folder / "result", self.folder / "trace"
        result.write_bytes(bytes(SIZE))
        self._say(json.dumps({"case": case, "root": str(root), "result": str(result)}))
        pid = self._hear()
        options = [word for one in inject for word in ("-e", f"inject={one}")]
        names = sorted({one.partition(":")[0] for one in inject})
        if names:  # to print what is not disturbed would cost a tenth of the time
            options += ["-e", f"trace=newfstatat,{','.join(names)}"]
        with subprocess.Popen(
            ["strace", "-p", pid, "-o", str(trace), *options], stderr=subprocess.PIPE, text=True
        ) as strace:
            assert strace.stderr
            told = strace.stderr.readline()
            attached = "attached" in told
            self._say("go")
            self._hear()
            strace.stderr.read()
        if not attached:
            raise OSError(told.strip())
        data = result.read_bytes().rstrip(b"\0")
        return calls_of(trace.read_text(errors="replace")), json.loads(data) if data else {}

    def _say(self, text: str) -> None:
        _pipe(self.process.stdin).write(text + "\n")
        _pipe(self.process.stdin).flush()

    def _hear(self) -> str:
        text = _pipe(self.process.stdout).readline().strip()
        if not text:
            raise OSError("the server has ended")
        return text

    def close(self) -> None:
        _pipe(self.process.stdin).close()
        self.process.wait(PATIENCE_S)
        _pipe(self.process.stdout).close()


_SERVE: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); import stress.one_operation as o; o.serve()"
)


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe
    return pipe


def calls_of(trace: str) -> list[Call]:
    """Return the system calls of a trace, in order."""
    counts: dict[str, int] = {}
    found = []
    for text in trace.splitlines():
        name, bracket, _ = text.partition("(")
        if bracket and name.isidentifier():
            counts[name] = counts.get(name, 0) + 1
            found.append(Call(name, counts[name], text))
    return found


def bounds(calls: Sequence[Call]) -> tuple[int, int]:
    """Return between which calls the operation is; a trace that ends early ends there."""
    begin = next((i for i, call in enumerate(calls) if BEGIN in call.text), len(calls))
    end = next((i for i, call in enumerate(calls) if END in call.text), len(calls))
    return begin, end


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


# --- what the world looks like


def look(root: Path) -> World:
    """Read all rooms of a workspace and their logs, as any reader would."""
    store = rooms_at(root).store
    rooms: dict[str, Room | str | None] = {}
    events: dict[str, Sequence[Event]] = {}
    for path in store.paths():
        try:
            snapshot = store.load(path)
        except Refusal as refusal:
            rooms[path] = refusal.code
            continue
        rooms[path] = snapshot.room if snapshot else None
        if snapshot:
            events[path] = tuple(store.events(snapshot, 0, 1 << 20))
    return World(rooms, events)


def plain(world: World, before: World) -> dict[str, object]:
    """Return a world without what differs from run to run: times, and ids drawn in the run."""
    known = {room.room_id for room in before.rooms.values() if isinstance(room, Room)}
    known |= {r.lease.lease_id for r in before.rooms.values() if isinstance(r, Room) and r.lease}

    def shown(key: str, value: object) -> object:
        if isinstance(value, dict):
            return {k: shown(k, v) for k, v in value.items() if not k.endswith("_at")}
        if isinstance(value, list | tuple):
            return [shown("", one) for one in value]
        if key == "since":
            return None
        if key in ("room_id", "lease_id"):
            return value if value in known else "new"
        return value

    return {
        "rooms": {
            path: shown("", asdict(room)) if isinstance(room, Room) else room
            for path, room in world.rooms.items()
        },
        "events": {
            path: [shown("", asdict(event)) for event in events]
            for path, events in world.events.items()
        },
    }


# --- the judgement


def judge(
    name: str, root: Path, before: World, after: object, outcome: Outcome, known: Known
) -> list[str]:
    """Return what is wrong with a workspace after a disturbed operation, then have bo go on.

    How bo fares depends on what lies on the disk alone: where that is byte for byte what an
    earlier point of the same operation left, it is ``known``.
    """
    world = look(root)
    wrong = list(_judge_answer(name, before, after, outcome, world))
    wrong += _judge_logs(before, world)
    wrong += _judge_gate(name, root, before, outcome)
    left = remains(name, root)
    if left not in known:
        known[left] = list(_judge_next(name, root, before, CASES[name]))
    return wrong + known[left]


def remains(name: str, root: Path) -> bytes:
    """Return a digest of all that the store keeps in a workspace, for a case."""
    digest = hashlib.sha256(name.encode())
    for folder in (root / ".talking-stick", root / ".git/stickhooks"):
        for path in sorted(folder.rglob("*")):
            digest.update(f"\0{path.relative_to(root)}\0".encode())
            digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.digest()


def _judge_answer(
    name: str, before: World, after: object, outcome: Outcome, world: World
) -> Iterator[str]:
    seen, kind = plain(world, before), outcome.get("kind", "killed")
    if kind == "crash":
        yield f"a traceback: {outcome['text']}"
    elif kind == "killed":
        if seen not in (plain(before, before), after) and not _being_made(name, world):
            yield f"neither undone nor done: {_changes(plain(before, before), seen)}"
    elif kind == "refusal" and not outcome["done"]:
        if world != before and not outcome.get("half"):
            changed = _changes(plain(before, before), seen)
            yield f"refused ({outcome['message']}), and yet something changed: {changed}"
    elif seen != after:
        missing = _changes(after, seen)
        yield f"answered {kind} ({outcome.get('message')}), and it is not in effect: {missing}"
    if kind == "ok":
        yield from _judge_told(outcome["answer"], world)


def _changes(old: object, new: object, where: str = "") -> str:
    """Say in what two plain worlds differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [key for key in {**old, **new} if old.get(key, "-") != new.get(key, "-")]
        told = [_changes(old.get(k, "-"), new.get(k, "-"), f"{where}/{k}") for k in keys]
        return "; ".join(told) or "times only"
    return f"{where} {old!r:.60} -> {new!r:.60}"


def _being_made(name: str, world: World) -> bool:
    """Tell whether a room is there that nobody has joined yet, as when a join was cut short."""
    room = world.rooms.get(CASES[name].path, "lost")
    fresh = isinstance(room, Room) and not room.members and not room.lease and not room.event_seq
    return name in CREATING and (room is None or fresh)


def _judge_told(answer: object, world: World) -> Iterator[str]:
    """Hold an answer's turn, lease and event to the state that everybody reads."""
    if not isinstance(answer, dict):
        return
    rooms = [r for r in world.rooms.values() if isinstance(r, Room)]
    room = next((r for r in rooms if r.room_id == answer.get("room_id")), None)
    if room is None:
        return
    facts = {
        "turn_id": room.turn_id,
        "lease_id": room.lease and room.lease.lease_id,
        "lease_expires_at": room.lease and room.lease.expires_at,
        "event_seq": room.event_seq,
    }
    for key, value in facts.items():
        if key in answer and answer[key] != value:
            yield f"told {key} {answer[key]}, but it is {value}"


def _judge_logs(before: World, world: World) -> Iterator[str]:
    for path, events in world.events.items():
        old, room = before.rooms.get(path), world.rooms[path]
        remade = events and old == "state_lost"  # made anew, it goes on above the last turn known
        yield from _judge_log(events, events[0].turn_id - 1 if remade else 0)
        if isinstance(room, Room) and len(events) != room.event_seq:
            yield f"{len(events)} events in the log, {room.event_seq} in the state"
        if isinstance(old, Room) and isinstance(room, Room) and old.room_id == room.room_id:
            known = tuple(before.events[path])
            if tuple(events[: len(known)]) != known:
                yield f"acknowledged events are missing from the log of {path!r}"
            if room.turn_id < old.turn_id:
                yield f"the turn went back from {old.turn_id} to {room.turn_id}"


def _judge_log(events: Sequence[Event], turn: int) -> Iterator[str]:
    if [event.event_seq for event in events] != list(range(1, len(events) + 1)):
        yield f"event numbers: {[event.event_seq for event in events]}"
    for event in events:
        turn += event.event_type in ("claim", "takeover")
        if event.turn_id != turn:
            yield f"event {event.event_seq} is at turn {event.turn_id}, not {turn}"


def gate(root: Path, path: str) -> bool:
    """Ask the gate whether a stranger may write a file."""
    workspace = paths.Workspace(str(root), str(root / ".git"))
    target = check.Target(workspace, f"{path}/core.py".lstrip("/"))
    return check.judge([target], check.EDIT, identity.look({}), {}).ok


def _judge_gate(name: str, root: Path, before: World, outcome: Outcome) -> Iterator[str]:
    """A stranger may write only where there was no room, and nobody was told that there is."""
    for path in ("", NESTED):
        acknowledged = outcome.get("kind") == "ok" or bool(outcome.get("done"))
        if (before.rooms or acknowledged) and gate(root, path):
            yield f"the gate is open at {path!r}"


def _judge_next(name: str, root: Path, before: World, case: Case) -> Iterator[str]:
    try:
        yield from _go_on(name, root, before, case)
    except Refusal as refusal:
        yield f"the next operation is refused: {refusal.code}: {refusal.message}"


def _go_on(name: str, root: Path, before: World, case: Case) -> Iterator[str]:
    """Have bo, to whom all others are dead, join, get the stick, put it down and take it again."""
    rooms = rooms_at(root, dead=all_dead)
    if name == "make a lost room anew" and "state_lost" in look(root).rooms.values():
        rooms.remake("")
    joined = rooms.join("bo", case.path)
    room_id, path = str(joined["room_id"]), case.path
    if path not in rooms.store.paths():
        path = ""
    for _ in range(2):
        turn = rooms.look(path)[0].turn_id
        answer = _stick_for_bo(rooms, room_id)
        if answer["status"] != "your_turn":
            yield f"bo does not get the stick: {answer}"
            return
        if answer["turn_id"] != turn + 1:
            yield f"bo got turn {answer['turn_id']} after turn {turn}"
        yield from _judge_logs(before, look(root))
        rooms.release(*held(rooms, path), HANDOFF)
    yield from _judge_logs(before, look(root))
    if gate(root, case.path):
        yield "the gate is open afterwards"


def _stick_for_bo(rooms: Rooms, room_id: str) -> Outcome:
    answer: Outcome = rooms.wait("bo", room_id)
    if answer["status"] == "closed":
        rooms.reopen("bo", room_id)
        answer = rooms.wait("bo", room_id)
    if answer["status"] == "takeover_available":
        answer = rooms.takeover("bo", room_id, "ana is dead", answer["turn_id"])
    return answer


# --- trying points


class Prepared:
    """A case with its room made, its undisturbed trace, and what it comes to."""

    def __init__(self, name: str, folder: Path, server: Server) -> None:
        self.name = name
        self.root = repository(folder / "template")
        CASES[name].build(rooms_at(self.root))
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
    return "" if text.startswith("write") else "".join(c for c in name if not c.isdigit())


def _kind(outcome: Outcome) -> str:
    kind = str(outcome.get("kind", "killed"))
    if kind == "refusal":
        return f"refused {outcome['code']}{', done' if outcome['done'] else ''}"
    return kind


def choose(prepared: Sequence[Prepared], every: int = 1) -> list[tuple[Prepared, Point]]:
    """Return every n-th point of all cases, mixed."""
    chosen = [(one, point) for one in prepared for point in one.points][::every]
    random.Random(0).shuffle(chosen)
    return chosen


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
    parser.add_argument("--every", type=int, default=1, help="try every n-th point")
    parser.add_argument("--case", action="append", choices=list(CASES), help="only this operation")
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
            prepared = bench.prepare(given.case or CASES)
            chosen = choose(prepared, given.every)
            everything = sum(len(one.points) for one in prepared)
            print(f"{len(chosen)} of {everything} points of {len(prepared)} operations", flush=True)
            report = bench.run(chosen, given.seconds)
        finally:
            bench.close()
    told(report)
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
