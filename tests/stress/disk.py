"""A simulated disk: what a crash may leave of a few operations, and whether we live with it.

One seed is one life: some operations on a real ``FileStore``, in whose run every change of
the file system is recorded. From the record crash states are built: a prefix of it, of which
only that is certain which was made durable, and of the rest a part is lost, torn or zeroed.
Each is put into a fresh folder, opened by a fresh store, and judged.

    python -m tests.stress.disk --seeds 100000 --first 1
    python -m tests.stress.disk --seeds 1 --first 4711 --crash 23   # replay one
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast

from stickhooks import check, identity, paths
from stickhooks.clients import claude_code
from stickhooks.errors import Refusal
from stickhooks.model import Event, Room
from stickhooks.operations import Rooms
from stickhooks.storage import FileStore, Snapshot

AGENTS: Final = ("ana", "bo", "cy")
FOLDERS: Final = ("", "src")
MINUTE: Final = 60_000

#: How a file system keeps names. ``journal``: a sync of anything makes all earlier changes of
#: names durable, the rest is lost in order (ext4, XFS). ``folders``: names are durable when
#: their folder was synced, or when the new file itself was; the rest is lost in any order
#: (the letter of fsync(2), and btrfs).
Model: TypeAlias = Literal["journal", "folders"]


# --- what was done


@dataclass(frozen=True)
class Step:
    """One change of the file system. ``file`` numbers contents: a name may get another one."""

    kind: Literal["mkdir", "create", "rename", "unlink", "write", "cut", "sync", "syncdir"]
    path: str
    to: str = ""
    file: int = 0
    at: int = 0
    data: bytes = b""

    @property
    def folder(self) -> str:
        return os.path.dirname(self.path)


class Recorder:
    """Does what is asked of the file system below ``root``, and writes it down."""

    _NAMES = ("open", "close", "dup", "write", "fsync", "ftruncate", "replace", "rename", "unlink",
              "mkdir", "rmdir")  # fmt: skip

    def __init__(self, root: str) -> None:
        self.root = root
        self.steps: list[Step] = []
        self.files: dict[str, int] = {}
        self.open: dict[int, tuple[str, int]] = {}  # a descriptor's path and file, 0: a folder
        self.made = 0
        self.real: dict[str, Callable[..., Any]] = {name: getattr(os, name) for name in self._NAMES}

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        for name in self._NAMES:
            setattr(os, name, getattr(self, f"_{name}"))
        try:
            yield
        finally:
            for name, function in self.real.items():
                setattr(os, name, function)

    def _path(self, path: str, dir_fd: int | None) -> str:
        base = self.open[dir_fd][0] if dir_fd is not None else "/"
        return os.path.normpath(os.path.join(base, path))

    def _ours(self, path: str) -> bool:
        return path.startswith(self.root + os.sep)

    def _note(self, kind: Any, path: str, **more: Any) -> None:
        self.steps.append(Step(kind, path, **more))

    def _open(
        self, path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None
    ) -> int:  # fmt: skip
        at = {} if dir_fd is None else {"dir_fd": dir_fd}
        if isinstance(path, int) or (dir_fd is not None and dir_fd not in self.open):
            return cast("int", self.real["open"](path, flags, mode, **at))
        whole = self._path(os.fspath(path), dir_fd)
        fd: int = self.real["open"](path, flags, mode, **at)
        if self._ours(whole) or whole == self.root:
            if stat.S_ISDIR(os.fstat(fd).st_mode):
                self.open[fd] = whole, 0
            else:
                self.open[fd] = whole, self._file(whole, flags)
        return fd

    def _file(self, path: str, flags: int) -> int:
        if path not in self.files:
            assert flags & os.O_CREAT, f"{path} was made behind our back"
            self.made += 1
            self.files[path] = self.made
            self._note("create", path, file=self.made)
        return self.files[path]

    def _close(self, fd: int) -> None:
        self.open.pop(fd, None)
        self.real["close"](fd)

    def _dup(self, fd: int) -> int:
        new: int = self.real["dup"](fd)
        if fd in self.open:
            self.open[new] = self.open[fd]
        return new

    def _write(self, fd: int, data: Any) -> int:
        known = self.open.get(fd)
        start = os.lseek(fd, 0, os.SEEK_CUR) if known else 0
        count: int = self.real["write"](fd, data)
        if known:
            self._note("write", known[0], file=known[1], at=start, data=bytes(data[:count]))
        return count

    def _ftruncate(self, fd: int, length: int) -> None:
        self.real["ftruncate"](fd, length)
        if fd in self.open:
            path, file = self.open[fd]
            self._note("cut", path, file=file, at=length)

    def _fsync(self, fd: int) -> None:
        self.real["fsync"](fd)
        if fd in self.open:
            path, file = self.open[fd]
            self._note("sync" if file else "syncdir", path, file=file)

    def _replace(self, old: Any, new: Any, **at: int) -> None:
        source, target = (
            self._path(old, at.get("src_dir_fd")),
            self._path(new, at.get("dst_dir_fd")),
        )
        self.real["replace"](old, new, **at)
        if self._ours(source):
            self._note("rename", source, to=target)
            self.files[target] = self.files.pop(source)

    _rename = _replace

    def _unlink(self, path: Any, *, dir_fd: int | None = None) -> None:
        self.real["unlink"](path, **({} if dir_fd is None else {"dir_fd": dir_fd}))
        whole = self._path(os.fspath(path), dir_fd)
        if self._ours(whole):
            self._note("unlink", whole)
            self.files.pop(whole, None)

    def _mkdir(self, path: Any, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
        self.real["mkdir"](path, mode, **({} if dir_fd is None else {"dir_fd": dir_fd}))
        whole = self._path(os.fspath(path), dir_fd)
        if self._ours(whole):
            self._note("mkdir", whole)

    def _rmdir(self, path: Any, **at: Any) -> None:
        raise AssertionError(f"nobody should remove {path}")


# --- what a crash leaves

Tree: TypeAlias = dict[str, bytes | None]  # None: a folder


def after_crash(steps: list[Step], model: Model, rng: random.Random) -> Tree:
    """Return what may be on the disk after these steps and a crash."""
    kept = _names_kept(steps, model, rng)
    contents = _contents(steps, rng)
    tree: Tree = {}
    names: dict[str, int] = {}
    top = os.path.dirname(steps[0].path)
    for step in kept:
        if step.kind == "mkdir":
            if step.folder in tree or step.folder == top:
                tree[step.path] = None
        elif step.kind == "create":
            names[step.path] = step.file
        elif step.kind == "unlink":
            names.pop(step.path, None)
        elif step.path in names:
            names[step.to] = names.pop(step.path)
    for path, file in names.items():
        if os.path.dirname(path) in tree:
            tree[path] = contents.get(file, b"")
    return tree


def _names_kept(steps: list[Step], model: Model, rng: random.Random) -> list[Step]:
    """Return the changes of names that survive, in their order."""
    changes = [
        (i, s) for i, s in enumerate(steps) if s.kind in ("mkdir", "create", "rename", "unlink")
    ]
    if model == "journal":
        last = max((i for i, s in enumerate(steps) if s.kind in ("sync", "syncdir")), default=-1)
        sure = [s for i, s in changes if i < last]
        loose = [s for i, s in changes if i > last]
        return sure + loose[: rng.randint(0, len(loose))]
    lost: set[int] = set()
    loose_by_folder: dict[str, list[int]] = {}
    for i, step in changes:
        if not _is_durable(step, steps[i + 1 :]):
            loose_by_folder.setdefault(step.folder, []).append(i)
    for loose_here in loose_by_folder.values():
        if rng.random() < 0.5:
            lost.update(loose_here[rng.randint(0, len(loose_here)) :])
        else:
            lost.update(i for i in loose_here if rng.random() < 0.5)
    return [s for i, s in changes if i not in lost]


def _is_durable(step: Step, later: list[Step]) -> bool:
    """Tell whether a change of a name was made durable: a new name also by a sync of what is under it."""
    for one in later:
        if one.kind == "syncdir" and one.path == step.folder:
            return True
        if step.kind == "create" and one.kind == "sync" and one.file == step.file:
            return True
        inside = one.path == step.path or one.path.startswith(step.path + os.sep)
        if step.kind == "mkdir" and one.kind in ("sync", "syncdir") and inside:
            return True
    return False


def _contents(steps: list[Step], rng: random.Random) -> dict[int, bytes]:
    """Return what is in each file: what was synced, and of the rest a beginning, torn or zeroed."""
    writes: dict[int, list[Step]] = {}
    synced: dict[int, int] = {}
    for step in steps:
        if step.kind in ("write", "cut"):
            writes.setdefault(step.file, []).append(step)
        elif step.kind == "sync":
            synced[step.file] = len(writes.get(step.file, []))
    found: dict[int, bytes] = {}
    for file, all_of_it in writes.items():
        sure = synced.get(file, 0)
        kept = rng.randint(sure, len(all_of_it))
        data = bytearray()
        for number, step in enumerate(all_of_it[:kept]):
            if step.kind == "cut":
                del data[step.at :]
                continue
            piece = step.data
            if number == kept - 1 and number >= sure:
                piece = _torn(piece, rng)
            data[step.at : step.at + len(piece)] = piece
        found[file] = bytes(data)
    return found


def _torn(piece: bytes, rng: random.Random) -> bytes:
    choice = rng.random()
    if choice < 0.4:
        return piece
    if choice < 0.8:
        return piece[: rng.randint(0, len(piece))]
    return bytes(len(piece))  # the length was written down, the content was not


def materialise(tree: Tree, old: str, new: str) -> None:
    """Make a tree, recorded below ``old``, below ``new``."""
    for path in sorted(tree):
        data = tree[path]
        target = new + path.removeprefix(old)
        if data is None:
            os.mkdir(target, 0o700)
        else:
            fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(fd, data)
            os.close(fd)


# --- one life

Truth: TypeAlias = dict[str, tuple[Room, list[Event]]]


@dataclass
class Ack:
    """An operation was answered after so many steps, and this was true then."""

    steps: int
    what: str
    truth: Truth


@dataclass
class Life:
    seed: int
    root: str = ""
    steps: list[Step] = field(default_factory=list)
    acks: list[Ack] = field(default_factory=list)

    def acknowledged(self, crash: int) -> int:
        """Return the number of the last operation answered before a crash at this step."""
        return max(i for i, ack in enumerate(self.acks) if ack.steps <= crash)


class World:
    """A workspace in a folder, with a clock and ids that come from the seed."""

    def __init__(self, root: str, rng: random.Random) -> None:
        self.root = root
        self.now = 0
        self.start = time.time_ns() // 1_000_000
        self.rng = rng
        self.store = FileStore(root, os.path.join(root, ".git"), waiting=lambda *_: frozenset())
        self.rooms = Rooms(self.store, clock=self.clock, dead=lambda _: frozenset(), draw=self.draw)

    def clock(self) -> tuple[int, int, str]:
        return self.start + self.now, self.now, ""

    def draw(self) -> str:
        return f"{self.rng.getrandbits(64):016x}"

    def truth(self) -> Truth:
        found: Truth = {}
        for path in self.store.paths():
            snapshot = self.store.load(path)
            if snapshot:
                found[path] = snapshot.room, self.store.events(snapshot, 0, 500)
        return found

    def snapshot(self, path: str) -> Snapshot | None:
        return self.store.load(path) if path in self.store.paths() else None


def live(seed: int, root: str) -> Life:
    """Do a few operations and return the record of them."""
    rng = random.Random(seed)
    world = World(root, rng)
    os.mkdir(os.path.join(root, ".git"))
    recorder, life = Recorder(root), Life(seed, root)
    recorder.steps.append(Step("mkdir", os.path.join(root, ".git")))
    recorder.steps.append(Step("syncdir", root))
    life.acks.append(Ack(len(recorder.steps), "begin", {}))
    with recorder.running():
        for number in range(rng.randint(2, 7)):
            what, act = ("join", _join("ana", "")) if number == 0 else _choice(rng)
            try:
                act(world)
            except Refusal:
                what += " refused"
            world.now += rng.choice((1, 1, MINUTE, 21 * MINUTE, 46 * MINUTE))
            life.acks.append(Ack(len(recorder.steps), what, world.truth()))
    life.steps = recorder.steps
    return life


Act: TypeAlias = Callable[[World], object]


def _choice(rng: random.Random) -> tuple[str, Act]:
    agent, path = rng.choice(AGENTS), rng.choice(("", "", "src"))
    handoff = {"status": "w" * rng.choice((1, 50, 6000)), "next_action": "on"}
    menu: list[tuple[str, Act]] = [
        *[("join", _join(agent, path))] * 2,
        *[("wait", _asked(lambda r, i: r.wait(agent, i), path))] * 4,
        *[("release", _held(lambda r, held: r.release(*held, handoff), path))] * 3,
        ("pass", _held(lambda r, held: r.pass_on(*held, agent, handoff), path)),
        ("close", _held(lambda r, held: r.close(*held, handoff), path)),
        ("heartbeat", _held(lambda r, held: r.heartbeat(*held), path)),
        ("takeover", _takeover(agent, path)),
        ("leave", _asked(lambda r, i: r.leave(agent, i, force=True), path)),
        ("reopen", _asked(lambda r, i: r.reopen(agent, i), path)),
        ("enlist", _asked(lambda r, i: r.enlist(agent, i), path)),
        ("remake", lambda w: w.rooms.remake("")),
        ("remove", _asked(lambda r, i: r.remove(agent, i), "src")),
    ]
    return rng.choice(menu)


def _join(agent: str, path: str) -> Act:
    return lambda world: world.rooms.join(agent, path, force_new=True)


def _asked(act: Callable[[Rooms, str], object], path: str) -> Act:
    def run(world: World) -> None:
        snapshot = world.snapshot(path)
        if snapshot:
            act(world.rooms, snapshot.room.room_id)

    return run


def _held(act: Callable[[Rooms, tuple[str, str, str, int]], object], path: str) -> Act:
    def run(world: World) -> None:
        snapshot = world.snapshot(path)
        if snapshot and snapshot.room.lease:
            room, lease = snapshot.room, snapshot.room.lease
            act(world.rooms, (lease.holder, room.room_id, lease.lease_id, room.turn_id))

    return run


def _takeover(agent: str, path: str) -> Act:
    def run(world: World) -> None:
        snapshot = world.snapshot(path)
        if snapshot:
            room = snapshot.room
            world.rooms.takeover(agent, room.room_id, "why", room.turn_id)

    return run


# --- the judgement


class Broken(AssertionError):  # noqa: N818 - a verdict, not a fault of ours
    """A crash state that we do not live with."""


_STRANGERS: list[identity.Sighting] = []


def stranger() -> identity.Sighting:
    if not _STRANGERS:
        _STRANGERS.append(identity.look({}, (claude_code, "a-stranger")))
    return _STRANGERS[0]


def opens(root: str, path: str) -> bool:
    """Tell whether the gate lets a stranger write at a path."""
    workspace = paths.Workspace(root, os.path.join(root, ".git"))
    target = check.Target(workspace, path)
    return check.judge([target], check.EDIT, stranger(), {}).ok


def judge(life: Life, crash: int, root: str, rng: random.Random) -> None:
    """Hold what lies below ``root`` to what was true before the crash at this step."""
    number = life.acknowledged(crash)
    before = life.acks[number].truth
    flying = life.acks[number + 1] if number + 1 < len(life.acks) else life.acks[number]
    world = World(root, rng)
    world.now = 200 * MINUTE
    for path, (room, events) in before.items():
        if opens(root, f"{path}/a.py" if path else "a.py"):
            raise Broken(f"the gate is open to a stranger in {path or 'the root'}")
        _judge_room(world, path, (room, events), flying)
    for path in FOLDERS:
        _go_on(world, path, before.get(path))


def _judge_room(world: World, path: str, was: tuple[Room, list[Event]], flying: Ack) -> None:
    """An acknowledged room is there, with its log; or it is as the operation in flight leaves it."""
    then = flying.truth.get(path)
    ending = flying.what.startswith(("remake", "remove")) and then != was
    try:
        snapshot = world.snapshot(path)
    except Refusal as refusal:
        if ending:
            return
        raise Broken(f"{path or 'the root'} is refused: {refusal.code}: {refusal}") from None
    if snapshot is None:
        if not ending:
            raise Broken(f"the room {path or 'of the root'} is not there")
        return
    found = snapshot.room, world.store.events(snapshot, 0, 500)
    if found not in (was, then):
        known = "state" if found[0] not in (was[0], then and then[0]) else "log"
        raise Broken(f"the {known} of {path or 'the root'} is neither as it was nor as it became")


def _go_on(world: World, path: str, was: tuple[Room, list[Event]] | None) -> None:
    """The next operation works: somebody joins, and gets the stick in the end, with a later turn."""
    try:
        world.rooms.join("zed", path)
    except Refusal as refusal:
        if refusal.code != "state_lost":
            raise Broken(f"join is refused: {refusal.code}: {refusal}") from None
        lost = next(p for p in ("src", "") if _is_lost(world, p))
        world.rooms.remake(lost)
        world.rooms.join("zed", path)
    governing = path if path in world.store.paths() else ""
    snapshot = world.snapshot(governing)
    assert snapshot
    room = snapshot.room
    if room.closed:
        world.rooms.reopen("zed", room.room_id)
    world.now += 60 * 24 * MINUTE
    answer: Mapping[str, Any] = world.rooms.wait("zed", room.room_id)
    if answer["status"] == "takeover_available":
        answer = world.rooms.takeover("zed", room.room_id, "why", answer["turn_id"])
    if answer["status"] != "your_turn":
        raise Broken(f"the last one standing does not get the stick: {answer}")
    after = world.snapshot(governing)
    assert after
    events = world.store.events(after, 0, 500)
    if was and governing == path and after.room.room_id == was[0].room_id:
        if answer["turn_id"] <= was[0].turn_id:
            raise Broken(f"turn {answer['turn_id']} after turn {was[0].turn_id}")
        if events[: len(was[1])] != was[1]:
            raise Broken("an acknowledged event is not in the log")
    if [e.event_seq for e in events] != list(range(1, after.room.event_seq + 1)):
        raise Broken(f"the log has gaps: {[e.event_seq for e in events]}")


def _is_lost(world: World, path: str) -> bool:
    try:
        world.snapshot(path)
    except Refusal as refusal:
        return refusal.code == "state_lost"
    return False


# --- many lives


@dataclass
class Tally:
    seeds: int = 0
    crashes: int = 0
    failures: list[str] = field(default_factory=list)


def place() -> str:
    """Return where to work: in memory where there is such a place; the disk itself is not on trial."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()


def crash_points(life: Life, each: int, rng: random.Random) -> list[int]:
    """Return the steps to crash after: every one of two operations in a row, or ``each`` at most."""
    last = max(0, len(life.acks) - 3)
    first = life.acks[rng.randint(0, last)].steps
    points = list(range(first, len(life.steps) + 1))
    return points if each <= 0 else sorted(rng.sample(points, min(each, len(points))))


def run_seed(
    seed: int,
    model: Model,
    tally: Tally,
    *,
    each: int,
    only: int | None = None,
    without: str = "",
) -> None:
    """Live one life and judge its crash states. ``without`` leaves syncs out: a disk that lies.

    Where a crash leaves, after the same operation, byte for byte what an earlier one left, it
    has been judged.
    """
    folder = tempfile.mkdtemp(prefix="stick-disk-", dir=place())
    try:
        os.mkdir(os.path.join(folder, "w"))
        life = live(seed, os.path.join(folder, "w"))
        points = crash_points(life, each, random.Random(seed + 1))
        judged = set[tuple[object, ...]]()
        for crash in points if only is None else [only]:
            rng = random.Random(seed * 1_000_003 + crash)
            steps = [s for s in life.steps[:crash] if s.kind != without or s.path == life.root]
            tree = after_crash(steps, model, rng)
            tally.crashes += 1
            left = (life.acknowledged(crash), *sorted(tree.items()))
            if left in judged:
                continue
            judged.add(left)
            root = os.path.join(folder, f"c{crash}")
            os.mkdir(root)
            materialise(tree, life.root, root)
            try:
                judge(life, crash, root, rng)
            except Exception as error:
                what = "" if isinstance(error, Broken) else f"{type(error).__name__}: "
                tally.failures.append(
                    f"--model {model} --seeds 1 --first {seed} --crash {crash}: {what}{error}"
                    f" [{_told(life, crash)}]"
                )
            shutil.rmtree(root)
        tally.seeds += 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _told(life: Life, crash: int) -> str:
    done = [ack.what for ack in life.acks if ack.steps <= crash]
    step = life.steps[crash - 1]
    return f"{' '.join(done)}; after {step.kind} {step.path.removeprefix(life.root)}"


def run(seeds: range, model: Model, *, each: int, without: str = "") -> Tally:
    tally = Tally()
    for seed in seeds:
        run_seed(seed, model, tally, each=each, without=without)
    return tally


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--model", choices=("journal", "folders"), default="journal")
    parser.add_argument("--each", type=int, default=0, help="crashes a seed at most; 0: all")
    parser.add_argument("--crash", type=int, help="only this one")
    given = parser.parse_args(arguments)
    tally, began = Tally(), time.monotonic()
    for seed in range(given.first, given.first + given.seeds):
        told = len(tally.failures)
        run_seed(seed, given.model, tally, each=given.each, only=given.crash)
        for failure in tally.failures[told:]:
            print(failure, flush=True)
    spent = time.monotonic() - began
    print(
        f"{tally.seeds} seeds, {tally.crashes} crash states, {len(tally.failures)} broken,"
        f" {spent:.1f} s ({given.model}, {Path(__file__).name})"
    )
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
