"""A branch in the same push as the room's ref: what lands when somebody takes over, or an answer is lost."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from stickhooks.errors import Refusal
from stickhooks.operations.rooms import Rooms
from stickhooks.protocol import commands, rules
from stickhooks.store.engine import fence, setting
from stickhooks.store.engine.beside import Beside
from stickhooks.store.engine.git_repository import Done
from stickhooks.store.engine.setting import Setting
from stickhooks.store.engine.store import EngineStore, Sending
from stickhooks.store.snapshot import Conflict
from stickhooks.system import clock
from tests.support.memory_engine import MemoryEngine
from tests.support.origin import Origin, git
from tests.support.world import HOUR, outcome, refused

BRANCH = "refs/heads/main"
LOST = Done(128, b"", "fatal: the remote end hung up unexpectedly")


class Clone:
    """A clone of the bare repository whose monotonic clock can be put forward; the rooms are there, or on
    another ``engine``."""

    def __init__(self, origin: Origin, name: str, engine: MemoryEngine | None = None) -> None:
        self.name, self.ahead = name, 0
        self.remote = origin.clone()
        self.engine = engine or self.remote
        self.tree = Path(self.remote.repository.root)
        git(self.tree, "config", "user.name", name)
        git(self.tree, "config", "user.email", f"{name}@example.org")
        git_dir = str(self.tree / ".git")
        setting.enter(git_dir, str(self.tree), Setting("git:origin", name, "here"))
        self.store = EngineStore(
            str(self.tree), git_dir, self.engine, name, place=name, clock=self.clock
        )
        self.rooms = Rooms(self.store, clock=self.clock, dead=lambda _: frozenset())
        self.room_id = str(self.rooms.join(name, "")["room_id"])

    def clock(self) -> tuple[int, int, str]:
        wall, monotonic, boot = clock.read()
        return wall + self.ahead, monotonic + self.ahead, boot

    def take(self) -> None:
        assert self.rooms.wait(self.name, self.room_id)["status"] == "your_turn"

    def take_over(self) -> str:
        """Take over as somebody for whom the lease is over; ``ok``, or the code of the refusal."""
        self.store.stale()
        self.store.paths()  # from when it has seen the lease, an hour counts
        self.ahead += HOUR
        room, _ = self.rooms.look("")
        return outcome(lambda: self.rooms.takeover(self.name, self.room_id, "away", room.turn_id))

    def commit(self, *before: str) -> str:
        git(self.tree, *before, "commit", "-q", "--allow-empty", "-m", self.name)
        return git(self.tree, "rev-parse", "HEAD")

    def renewal(self) -> Sending:
        time.sleep(0.002)  # two of one millisecond are one
        with self.store.exclusive():
            snapshot, reading = self.store.load(""), self.clock()
            assert snapshot
            assert snapshot.room.lease
            token = self.room_id, snapshot.room.lease.lease_id, snapshot.room.turn_id
            command = commands.Heartbeat(self.name, *token)
            moment = self.rooms.moment(snapshot, reading=reading)
            told = rules.decide(snapshot.room, command, moment)
            return fence.prepared(self.store, snapshot, told.room, told.events, reading)

    def push(self, sending: Sending, kind: type[Beside] = Beside) -> Beside:
        beside = kind(str(self.tree), "origin", [f"{BRANCH}:{BRANCH}"], lambda _: None)
        fence.push(self.store, sending, beside, {})
        return beside


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    return Origin(tmp_path)


@pytest.fixture
def people(origin: Origin) -> tuple[Clone, Clone]:
    return Clone(origin, "ada"), Clone(origin, "bob")


def tip(origin: Origin) -> str:
    return git(origin.path, "for-each-ref", "--format=%(objectname)", BRANCH)


def test_a_branch_moves_with_a_renewal_that_opens(
    origin: Origin, people: tuple[Clone, Clone]
) -> None:
    ada, bob = people
    ada.take()
    made, room = ada.commit(), git(origin.path, "rev-parse", ada.remote.ref)
    ada.push(ada.renewal())
    assert tip(origin) == made
    assert git(origin.path, "rev-parse", ada.remote.ref) != room
    fields = ada.store.load("")
    assert fields
    mirror = fields.record.mirror
    assert mirror
    assert mirror["own"] == fence.operation_at(ada.store, "")
    assert {"base", "until"} <= mirror.keys()
    bob.store.stale()
    assert bob.rooms.look("")[0].lease.extra["place"] == "ada"  # type: ignore[union-attr]


def test_after_a_takeover_neither_moves(origin: Origin, people: tuple[Clone, Clone]) -> None:
    ada, bob = people
    ada.take()
    ada.commit()
    sending = ada.renewal()
    assert bob.take_over() == "ok"
    with pytest.raises(Conflict):
        ada.push(sending)
    assert tip(origin) == ""
    assert bob.rooms.look("")[0].turn_id == 2


WAITS = 'touch "{0}/begun"; while [ ! -e "{0}/go" ]; do sleep 0.02; done'


def in_her_hook(origin: Origin, ada: Clone) -> None:
    hook = ada.tree / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{WAITS.format(origin.folder)}\n")
    hook.chmod(0o755)


def on_the_server(origin: Origin, ada: Clone) -> None:
    origin.hook("pre-receive", f"grep -q refs/heads/ || exit 0; {WAITS.format(origin.folder)}")


@pytest.mark.parametrize("window", [in_her_hook, on_the_server])
def test_a_takeover_while_she_pushes_leaves_the_branch_as_it_was(
    origin: Origin, people: tuple[Clone, Clone], window: Callable[[Origin, Clone], None]
) -> None:
    ada, bob = people
    ada.take()
    ada.commit()
    window(origin, ada)
    sending, ends = ada.renewal(), []

    def push() -> None:
        try:
            ada.push(sending)
        except (Conflict, Refusal) as error:
            ends.append(error)

    pushing = threading.Thread(target=push)
    pushing.start()
    until = time.monotonic() + 200
    while not (origin.folder / "begun").exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert bob.take_over() == "ok"
    (origin.folder / "go").touch()
    pushing.join()
    assert isinstance(ends[0], Conflict)
    assert tip(origin) == ""


class Done_lost(Beside):  # noqa: N801 - a kind of fault
    """The server has done it, and its answer does not come."""

    def sent(self, arguments: Sequence[str], objects: str) -> Done:
        super().sent(arguments, objects)
        self.rows.clear()
        return LOST


class Lost_at_first(Beside):  # noqa: N801
    """The first push does not reach the server."""

    def sent(self, arguments: Sequence[str], objects: str) -> Done:
        if not self.rows:
            self.rows.append("tried")
            return LOST
        return super().sent(arguments, objects)


class Always_lost(Beside):  # noqa: N801
    def sent(self, arguments: Sequence[str], objects: str) -> Done:
        return LOST


@pytest.mark.parametrize("fault", [Done_lost, Lost_at_first])
def test_an_answer_that_is_lost_is_found_out(
    origin: Origin, people: tuple[Clone, Clone], fault: type[Beside]
) -> None:
    ada, _ = people
    ada.take()
    made = ada.commit()
    ada.push(ada.renewal(), fault)
    assert tip(origin) == made
    assert ada.push(ada.renewal()).rows[1].startswith("=")  # it is there already


def test_what_cannot_be_found_out_is_said(origin: Origin, people: tuple[Clone, Clone]) -> None:
    ada, _ = people
    ada.take()
    made = ada.commit()
    refusal = refused(lambda: ada.push(ada.renewal(), Always_lost), "engine")
    assert refusal.details["doubt"]
    assert tip(origin) == ""
    ada.push(ada.renewal())
    assert tip(origin) == made


def test_what_others_of_the_clone_published_meanwhile_stays(people: tuple[Clone, Clone]) -> None:
    """A release that was begun after the push landed has closed the mirror: the push opens nothing."""
    ada, _ = people
    ada.take()
    ada.commit()
    sending = ada.renewal()
    again = EngineStore(str(ada.tree), str(ada.tree / ".git"), ada.engine, "ada", clock=ada.clock)

    class Seen(Beside):
        def sent(self, arguments: Sequence[str], objects: str) -> Done:
            done = super().sent(arguments, objects)
            ada.remote.beside = None
            again.load("")  # another process of this clone asks at once
            return done

    ada.push(sending, Seen)
    snapshot = ada.store.load("")
    assert snapshot
    assert "until" not in (snapshot.record.mirror or {})
    ada.rooms.heartbeat("ada", *lease_of(ada))


def lease_of(clone: Clone) -> tuple[str, str, int]:
    room, _ = clone.rooms.look("")
    assert room.lease
    return clone.room_id, room.lease.lease_id, room.turn_id


def race(holder: Clone, others: Sequence[Clone]) -> list[str]:
    """Have one push while the others take over, and return what came of it."""
    sending, ends = holder.renewal(), list[str]()

    def push() -> None:
        try:
            holder.push(sending)
            ends.append("landed")
        except (Conflict, Refusal):
            ends.append("refused")

    acts = [threading.Thread(target=push)]
    acts += [threading.Thread(target=lambda c=c: ends.append(c.take_over())) for c in others]
    for act in acts:
        act.start()
    for act in acts:
        act.join()
    return ends


@pytest.mark.parametrize(
    ("many", "rounds"), [(3, 1), pytest.param(8, 4, marks=pytest.mark.long)], ids=str
)
def test_of_many_that_take_over_and_one_that_pushes_one_wins(
    origin: Origin, many: int, rounds: int
) -> None:
    clones = [Clone(origin, f"c{number}") for number in range(many)]
    clones[0].take()
    for _ in range(rounds):
        room, _ = clones[0].rooms.look("")
        holder = next(c for c in clones if room.lease and c.name == room.lease.holder)
        before = tip(origin)
        made = holder.commit()
        if before:
            git(holder.tree, "pull", "-q", "--rebase", "origin", "main")
            made = git(holder.tree, "rev-parse", "HEAD")
        ends = race(holder, [c for c in clones if c is not holder])
        assert ends.count("ok") + ends.count("landed") >= 1
        assert ends.count("ok") <= 1
        landed = "landed" in ends
        assert tip(origin) == (made if landed else before)
        holder.store.stale()
        turn = holder.rooms.look("")[0].turn_id
        assert turn == room.turn_id + ends.count("ok")


def test_the_users_objects_stay_as_they_were(origin: Origin, people: tuple[Clone, Clone]) -> None:
    ada, _ = people
    ada.take()
    ada.commit()
    before = sorted(os.listdir(ada.tree / ".git" / "objects"))
    ada.push(ada.renewal())
    assert sorted(os.listdir(ada.tree / ".git" / "objects")) == before
    assert git(ada.tree, "for-each-ref", "refs/stickhooks") == ""
