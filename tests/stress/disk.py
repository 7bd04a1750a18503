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
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from stickhooks.clients import CLIENTS
from stickhooks.errors import Refusal
from stickhooks.gate import decision
from stickhooks.identity import resolver
from stickhooks.operations.rooms import Rooms
from stickhooks.protocol.model import Event, Room
from stickhooks.store.files import FileStore
from stickhooks.store.layout import FOLDER, state_name
from stickhooks.store.snapshot import Snapshot
from stickhooks.workspace import paths

from .power_cut import Model, after_crash, materialise
from .recorder import Recorder, Step

AGENTS: Final = ("ana", "bo", "cy")
FOLDERS: Final = ("", "src")
MINUTE: Final = 60_000

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
        ("remake", _lose_and_remake),
        ("remove", _asked(lambda r, i: r.remove(agent, i), "src")),
    ]
    return rng.choice(menu)


def _lose_and_remake(world: World) -> None:
    state = os.path.join(world.root, FOLDER, state_name(""))
    if os.path.exists(state):
        os.unlink(state)
    world.rooms.remake("")


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


_STRANGERS: list[resolver.Sighting] = []


def stranger() -> resolver.Sighting:
    if not _STRANGERS:
        _STRANGERS.append(resolver.look({}, (CLIENTS["claude-code"], "a-stranger")))
    return _STRANGERS[0]


def opens(root: str, path: str) -> bool:
    """Tell whether the gate lets a stranger write at a path."""
    workspace = paths.Workspace(root, os.path.join(root, ".git"))
    target = paths.Target(workspace, path)
    return decision.judge([target], decision.EDIT, stranger(), {}).ok


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
