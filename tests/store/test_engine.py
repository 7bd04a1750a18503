"""Rooms on an engine, seen by several clones: what the mirrors say, and what the engine has.

The engine is one in memory; the clones have folders, anchors and clocks of their own.
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from stickhooks import text
from stickhooks.errors import Refusal
from stickhooks.fast.records import replace
from stickhooks.gate import asked, mirrored
from stickhooks.gate.decision import RENEW, Ruling
from stickhooks.operations import waiting
from stickhooks.operations.rooms import Rooms
from stickhooks.protocol import commands
from stickhooks.protocol.model import MINUTE, Policy, Process
from stickhooks.store import layout, reader
from stickhooks.store.engine import commit, document, setting, vouching
from stickhooks.store.engine.interface import Moved
from stickhooks.store.engine.store import EngineStore
from stickhooks.store.snapshot import Conflict
from stickhooks.workspace.paths import Workspace
from tests.support.memory_engine import MemoryEngine, number
from tests.support.world import refused

DONE = {"status": "half of it", "next_action": "the other half"}
TTL = 45 * MINUTE


class Clone:
    """One clone of a workspace, with one member of its own: named as the clone is."""

    def __init__(self, engine: MemoryEngine, root: Path, name: str, machine: str = "") -> None:
        self.engine, self.root, self.name = engine, root, name
        self.machine = machine or name
        self.monotonic, self.boot = random.Random(name).randrange(10**9), f"boot of {name}"
        self.dead: set[int] = set()
        self.ticks = 1  # milliseconds from one look to the next
        git_dir = root / ".git"
        git_dir.mkdir(parents=True)
        (git_dir / "HEAD").write_text("ref: refs/heads/main\n")
        made = setting.Setting("memory:", f"clone-{name}", self.machine)
        setting.enter(str(git_dir), str(root), made)

    def clock(self) -> tuple[int, int, str]:
        self.monotonic += self.ticks
        return 1_700_000_000_000 + self.monotonic, self.monotonic, self.boot

    @property
    def store(self) -> EngineStore:
        """A store as a new process opens it."""
        entry = setting.of(str(self.root / ".git"))
        assert entry is not None
        return EngineStore(
            str(self.root), str(self.root / ".git"), self.engine, entry[0].clone, clock=self.clock
        )

    @property
    def rooms(self) -> Rooms:
        return Rooms(self.store, clock=self.clock, dead=self.proven_dead, keep_proofs=True)

    def proven_dead(self, processes: Iterable[Process]) -> frozenset[Process]:
        return frozenset(p for p in processes if p.pid in self.dead)

    def join(self, name: str = "", pid: int = 1) -> Any:
        name = name or self.name
        return self.rooms.join(
            name, "", process=Process(pid, 5, self.machine), session=f"c:{self.name}:{name}"
        )

    @property
    def room_id(self) -> str:
        snapshot = self.store.load("")
        assert snapshot is not None
        return snapshot.room.room_id

    def take(self) -> Any:
        return self.rooms.wait(self.name, self.room_id)

    def held(self) -> tuple[str, str, str, int]:
        """Return what an act as holder names, by this clone's own mirror."""
        raw = self.mirror()
        return self.name, raw["room_id"], raw["lease"]["lease_id"], raw["turn_id"]

    def mirror(self) -> Any:
        folder, _ = reader.open_folder(str(self.root / layout.FOLDER))
        assert folder is not None
        with folder:
            return reader.state_here(folder, "")

    def ruling(self) -> Ruling:
        """Return what the gate says of the member of this clone, by its files alone."""
        with reader.Survey(str(self.root), str(self.root / ".git")) as survey:
            ruling = Ruling(Workspace(str(self.root), str(self.root / ".git")), "")
            loaded = survey.load("")
            raw = loaded[0] if loaded else {}
            lease: Any = raw.get("lease")
            if not lease or lease["holder"] != self.name:
                return ruling.refuse("held", "not holder")
            return mirrored.confirm(ruling, survey, raw, self.clock())

    @property
    def allowed(self) -> bool:
        ruling = self.ruling()
        return ruling.code == "ok" and not ruling.must

    def pass_time(self, milliseconds: int) -> None:
        self.monotonic += milliseconds


@pytest.fixture
def engine() -> MemoryEngine:
    return MemoryEngine()


@pytest.fixture
def ada(engine: MemoryEngine, tmp_path: Path) -> Clone:
    clone = Clone(engine, tmp_path / "ada", "ada")
    clone.join()
    return clone


@pytest.fixture
def bob(engine: MemoryEngine, ada: Clone, tmp_path: Path) -> Clone:
    clone = Clone(engine, tmp_path / "bob", "bob")
    clone.join(pid=7)
    return clone


def test_one_room_in_two_clones_is_held_by_one(ada: Clone, bob: Clone) -> None:
    assert ada.room_id == bob.room_id
    assert ada.take()["status"] == "your_turn"
    assert bob.take()["status"] == "not_yet"
    assert (ada.allowed, bob.allowed) == (True, False)
    ada.rooms.release(*ada.held(), DONE)
    assert not ada.allowed
    answer = bob.take()
    assert answer["handoff"]["status"] == DONE["status"]
    assert (ada.allowed, bob.allowed) == (False, True)


def test_the_log_of_each_clone_has_every_event(ada: Clone, bob: Clone) -> None:
    for clone in (ada, bob) * 4:
        clone.take()
        clone.rooms.release(*clone.held(), DONE)
    for clone in (ada, bob):
        events = clone.rooms.events(clone.room_id, 0, 100)
        assert [event["event_seq"] for event in events] == list(range(1, 17))


def test_what_came_after_the_load_is_in_the_log_once(ada: Clone, bob: Clone) -> None:
    """The engine has it already when the log's lines are asked for."""
    ada.take()
    asked, engine = bob.engine.events, bob.engine

    def events(room_id: str, after: int, limit: int) -> list[bytes]:
        engine.events = asked  # type: ignore[method-assign]
        ada.rooms.release(*ada.held(), DONE)
        return asked(room_id, after, limit)

    engine.events = events  # type: ignore[method-assign]
    bob.store.paths()
    bob.take()
    numbers = [event["event_seq"] for event in bob.rooms.events(bob.room_id, 0, 100)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_engine_has_no_lease_id(ada: Clone, bob: Clone) -> None:
    ada.take()
    lease_id = ada.held()[2]
    assert ada.engine.version
    told = ada.engine.version.data + b"".join(ada.engine.lines[ada.room_id])
    assert lease_id.encode() not in told
    assert document.hidden(lease_id).encode() in told
    bob.store.paths()
    assert lease_id not in str(bob.mirror())


# --- R1, R3: open for two thirds of the lease from before the sending, by this clone's own swap


def test_a_mirror_is_open_for_two_thirds_of_the_lease(ada: Clone) -> None:
    ada.take()
    ada.ticks = 0
    base = ada.mirror()["mirror"]["base"]
    ada.pass_time(base + 2 * TTL // 3 - 1 - ada.monotonic)
    assert ada.allowed
    ada.pass_time(1)
    assert not ada.allowed
    assert ada.ruling().due == [RENEW]
    ada.ticks = 1
    ada.rooms.heartbeat(*ada.held())
    assert ada.allowed


def test_what_the_sending_takes_is_taken_from_the_lease(ada: Clone) -> None:
    ada.engine.before = lambda: ada.pass_time(10 * MINUTE)
    ada.take()
    ada.engine.before = lambda: None
    ada.pass_time(2 * TTL // 3 - 10 * MINUTE)
    assert not ada.allowed


def test_a_load_opens_nothing(ada: Clone, bob: Clone) -> None:
    ada.take()
    ada.pass_time(TTL)
    bob.rooms.enlist("bob", bob.room_id)
    ada.store.paths()
    assert ada.mirror()["revision"] == bob.mirror()["revision"]
    assert not ada.allowed


def test_another_boot_and_a_wiped_mirror_are_closed(ada: Clone) -> None:
    ada.take()
    ada.boot = "another"
    assert not ada.allowed
    ada.store.paths()
    assert not ada.allowed
    ada.rooms.heartbeat(*ada.held())
    assert ada.allowed


def test_a_wiped_mirror_is_loaded_again_and_its_holder_recovers(ada: Clone) -> None:
    ada.take()
    (ada.root / layout.FOLDER / "room.json").unlink()
    ada.store.paths()
    assert not ada.allowed
    refused(lambda: ada.rooms.heartbeat(*ada.held()), "stale_lease")
    assert ada.take()["reason"] == "recovered"
    assert ada.allowed


# --- R2: closed before others may act


@pytest.mark.parametrize("act", ["release", "close"])
def test_a_mirror_is_closed_before_a_release_is_sent(ada: Clone, bob: Clone, act: str) -> None:
    ada.take()
    ada.engine.before = lambda: seen.append(ada.allowed)
    seen: list[bool] = []
    ada.engine.faults = ["down"]
    refused(lambda: getattr(ada.rooms, act)(*ada.held(), DONE), "engine")
    assert seen == [False]
    assert not ada.allowed
    ada.rooms.heartbeat(*ada.held())
    assert ada.allowed


def test_an_old_mirror_that_is_put_back_is_closed(ada: Clone, bob: Clone) -> None:
    ada.take()
    state = ada.root / layout.FOLDER / "room.json"
    old = state.read_bytes()
    ada.rooms.release(*ada.held(), DONE)
    state.write_bytes(old)
    with reader.Survey(str(ada.root), str(ada.root / ".git")) as survey:
        assert survey.anchor
        assert survey.anchor[""]["over"] == ada.mirror()["revision"]
        refused(lambda: survey.load(""), "state_lost")  # by the event that the anchor knows
        survey.anchor[""]["event"] = 0
        ruling = Ruling(Workspace(str(ada.root), str(ada.root / ".git")), "")
        assert mirrored.confirm(ruling, survey, ada.mirror(), ada.clock()).must


def test_a_proof_of_death_closes_the_mirror_first(ada: Clone) -> None:
    ada.join("second", pid=2)
    ada.take()
    ada.pass_time(2 * MINUTE)
    ada.dead = {1}
    seen: list[bool] = []
    ada.engine.before = lambda: seen.append(ada.allowed)
    ada.rooms.enlist("second", ada.room_id)
    assert seen == [False]


# --- R4: who has our id


def test_a_copy_of_a_clone_is_found_out_by_the_next_renewal(ada: Clone, tmp_path: Path) -> None:
    import shutil

    ada.take()
    copy = Clone(ada.engine, tmp_path / "copy", "copy")
    shutil.rmtree(copy.root)
    shutil.copytree(ada.root, copy.root)
    copy.name, copy.monotonic, copy.boot = "ada", ada.monotonic, ada.boot
    ada.rooms.heartbeat(*ada.held())
    copy.store.paths()
    assert copy.ruling().must
    refused(lambda: copy.rooms.heartbeat(*copy.held()), "stale_lease")
    refused(copy.take, "unconfirmed")
    assert ada.allowed
    copy.pass_time(TTL)
    assert copy.take()["reason"] == "recovered"


def test_what_others_see_dead_is_unknown_from_another_clone(ada: Clone, bob: Clone) -> None:
    ada.take()
    for clone in (ada, bob):
        clone.store.paths()
        clone.pass_time(5 * MINUTE)
    bob.dead = {1}
    assert bob.take()["status"] == "not_yet"
    ada.dead = {1}
    ada.join("second", pid=2)
    assert bob.take()["status"] == "takeover_available"


# --- R5 and room time


def test_a_lease_runs_out_by_what_a_clone_counted_itself(ada: Clone, bob: Clone) -> None:
    ada.take()
    bob.store.paths()
    bob.pass_time(TTL - 1000)
    assert bob.take()["status"] == "not_yet"
    bob.pass_time(1000)
    assert bob.take()["status"] == "takeover_available"
    bob.rooms.takeover("bob", bob.room_id, "it is urgent", 1)
    assert bob.allowed
    refused(lambda: ada.rooms.heartbeat(*ada.held()), "turn_mismatch")
    assert not ada.allowed


def test_time_before_a_renewal_was_seen_counts_for_nothing(ada: Clone, bob: Clone) -> None:
    ada.take()
    bob.store.paths()
    bob.pass_time(TTL - 1000)
    ada.rooms.heartbeat(*ada.held())
    bob.store.paths()
    bob.pass_time(2 * MINUTE)
    assert bob.take()["status"] == "not_yet"


def test_a_swap_bears_the_clock_that_it_was_decided_by(ada: Clone) -> None:
    ada.engine.before = lambda: ada.pass_time(10 * MINUTE)
    ada.take()
    assert ada.engine.version
    told = document.read(ada.engine.version.data, "")
    assert told.rooms[""]["lease"]["expires_at"] == told.clock + TTL


def test_a_holder_that_seems_idle_from_another_clone_keeps_its_turn(ada: Clone, bob: Clone) -> None:
    """Its mirror is open, and nothing that another clone does closes it."""
    idle = 2 * MINUTE
    ada.rooms.set_policy("ada", ada.room_id, Policy(idle_after=idle))
    ada.take()
    bob.rooms.do(commands.Ask("bob", bob.room_id, "the tests are red"))
    for clone in (ada, bob):
        clone.pass_time(idle)
    refusal = refused(lambda: bob.rooms.takeover("bob", bob.room_id, "it is urgent", 1), "held")
    assert "ada holds the stick in another clone" in refusal.message
    for clone, seems in ((ada, True), (bob, False)):  # what is refused is not offered
        snapshot = clone.store.load("")
        assert snapshot
        raw = reader.parsed(snapshot.data, "")
        assert asked.in_vain(raw, snapshot.room.asks[0].asked_at + idle) is seems
    assert (ada.allowed, bob.allowed) == (True, False)
    bob.pass_time(TTL)
    bob.rooms.takeover("bob", bob.room_id, "it is urgent", 1)
    assert bob.allowed


# --- members and clones


def test_a_note_and_an_asking_reach_a_member_of_another_clone(ada: Clone, bob: Clone) -> None:
    ada.take()
    bob.rooms.do(commands.Ask("bob", bob.room_id, "the tests are red"))
    bob.rooms.do(commands.Tell("bob", bob.room_id, "all", "the build is broken"))
    snapshot = ada.store.load("")
    assert snapshot
    numbers = next(m.unread for m in snapshot.room.members if m.agent_id == "ada")
    told = ada.rooms.events(ada.room_id, 0, 100)
    assert [event["event_type"] for event in told if event["event_seq"] in numbers] == [
        "ask",
        "note",
    ]
    ada.rooms.do(commands.Read("ada", ada.room_id, numbers))
    ada.rooms.heartbeat(*ada.held())
    assert ada.allowed


def test_a_name_of_another_clone_is_taken(ada: Clone, bob: Clone) -> None:
    refusal = refused(lambda: bob.join("ada"), "identity_taken")
    host = socket.gethostname().partition(".")[0]
    assert text.command(refusal.next[0]) == f"stick join --as 'ada@{host}'"
    bob.join(f"ada@{host}")
    again = refused(lambda: ada.join(f"ada@{host}"), "identity_taken")
    assert text.command(again.next[0]) == f"stick join --as 'ada2@{host}'"


def test_a_person_moves_one_that_neither_holds_nor_waits(ada: Clone, bob: Clone) -> None:
    for clone in (ada, bob):
        clone.rooms.join("carl", "", process=Process(9, 9, clone.machine), session_kind="human_cli")
    member = next(m for m in bob.store.load("").room.members if m.agent_id == "carl")  # type: ignore[union-attr]
    assert member.process
    assert member.process.machine == bob.machine
    bob.rooms.wait("carl", bob.room_id)
    refused(
        lambda: ada.rooms.join(
            "carl", "", process=Process(9, 9, ada.machine), session_kind="human_cli"
        ),
        "identity_taken",
    )


def test_a_waiting_member_of_another_clone_gets_the_promise(ada: Clone, bob: Clone) -> None:
    ada.take()
    bob.rooms.enlist("bob", bob.room_id)
    assert ada.rooms.release(*ada.held(), DONE)["reserved_for"] == "bob"


def test_a_place_in_the_line_is_vouched_for_while_somebody_waits(
    ada: Clone, bob: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vouching, "PAUSE", 0.0)
    ada.take()
    bob.rooms.enlist("bob", bob.room_id)
    store = bob.store
    with store.wait_place("bob") as hold:
        for _ in range(3):
            store.paths()
            ada.store.paths()
            bob.pass_time(6 * MINUTE)
            ada.pass_time(6 * MINUTE)
            hold()
        before = bob.engine.count
        hold()  # just vouched for
        assert bob.engine.count == before
    assert ada.rooms.release(*ada.held(), DONE)["reserved_for"] == "bob"


def test_a_wait_outlasts_an_engine_that_does_not_answer(ada: Clone, bob: Clone) -> None:
    ada.take()
    rooms, ends = bob.rooms, list[str]()

    def wait() -> None:
        try:
            ends.append(waiting.wait(rooms, rooms.store, "bob", "", timeout=120)["status"])
        except Refusal as refusal:
            ends.append(refusal.message)

    thread = threading.Thread(target=wait)
    thread.start()
    while not ada.rooms.look("")[0].waiters:
        time.sleep(0.01)
    ada.engine.down = True
    for _ in range(5):
        (bob.root / layout.FOLDER / "looked-at").write_text(
            ""
        )  # what changes here has it look at once
        time.sleep(0.05)
    ada.engine.down = False
    ada.rooms.release(*ada.held(), DONE)
    thread.join()
    assert ends == ["your_turn"]


# --- the engine


def test_of_many_that_make_the_room_at_once_one_makes_it(
    engine: MemoryEngine, tmp_path: Path
) -> None:
    clones = [Clone(engine, tmp_path / str(n), f"m{n}") for n in range(6)]
    threads = [threading.Thread(target=clone.join) for clone in clones]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({clone.room_id for clone in clones}) == 1
    assert engine.version
    assert len(document.read(engine.version.data, "").rooms[""]["members"]) == 6


def test_a_stale_swap_is_refused(ada: Clone, bob: Clone) -> None:
    store = ada.store
    seen = store.load("")
    assert seen is not None
    bob.take()
    with store.exclusive(), pytest.raises(Conflict):
        store.swap(seen, replace(seen.room, closed=True), (), ada.clock())


@pytest.mark.parametrize("fault", ["lost", "late"])
def test_a_swap_whose_answer_is_lost_is_found_out(ada: Clone, bob: Clone, fault: str) -> None:
    ada.engine.faults = [fault]
    assert ada.take()["status"] == "your_turn"
    assert ada.allowed
    ada.engine.faults = [fault]
    assert ada.rooms.release(*ada.held(), DONE)["status"] == "released"
    assert [number(line) for line in ada.engine.lines[ada.room_id]] == [1, 2]
    assert bob.take()["status"] == "your_turn"


def test_whatever_answers_are_lost_none_is_misreported(ada: Clone, bob: Clone) -> None:
    drawn = random.Random(7)
    turn = 0
    for _ in range(60):
        clone = drawn.choice((ada, bob))
        ada.engine.faults = [drawn.choice(("", "", "lost", "late")) for _ in range(3)]
        answer = clone.take()
        ada.engine.faults = [drawn.choice(("", "", "lost", "late")) for _ in range(3)]
        turn += 1
        assert (answer["status"], answer["turn_id"]) == ("your_turn", turn)
        clone.rooms.release(*clone.held(), DONE)
    lines = ada.engine.lines[ada.room_id]
    assert [number(line) for line in lines] == list(range(1, 2 * turn + 1))


def test_after_a_lost_answer_no_refusal_says_that_nothing_was_changed(ada: Clone) -> None:
    ada.engine.faults = ["late", "down"]
    refusal = refused(ada.take, "engine")
    assert refusal.details["doubt"]
    assert "nothing was changed" not in refusal.message
    ada.store.paths()
    assert ada.engine.late == []
    ada.store.paths()
    assert ada.held()[3] == 1  # it was done after all


def test_a_change_is_not_tried_for_ever(ada: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit, "PATIENCE", 0.0)
    tries: list[int] = []

    def overtaken() -> None:
        tries.append(1)
        raise Moved

    ada.engine.before = overtaken
    assert "again and again meanwhile" in refused(ada.take, "engine").message
    assert len(tries) == 1


def test_two_processes_of_a_clone_renew_one_after_the_other(ada: Clone) -> None:
    """The second has what it loaded before the first one sent: nothing of the first is written over."""
    ada.take()
    ada.engine.reuse = 10.0
    second = ada.rooms
    second.store.paths()
    ada.rooms.heartbeat(*ada.held())
    second.heartbeat(*ada.held())
    assert ada.allowed


def test_who_was_overtaken_by_another_process_of_the_clone_looks_again(ada: Clone) -> None:
    ada.take()
    load, store = ada.engine.load, ada.store

    def overtaken() -> object:
        version = load()
        ada.engine.load = load  # type: ignore[method-assign]
        ada.rooms.release(*ada.held(), DONE)
        return version

    ada.engine.load = overtaken  # type: ignore[method-assign,assignment]
    snapshot = store.load("")
    assert snapshot
    assert snapshot.room.lease is None


def test_a_lease_id_is_not_put_to_the_lease_of_another(ada: Clone, bob: Clone) -> None:
    """The grant's answer is lost for so long that the lease ran out, and another clone has it by now."""
    load = ada.engine.load

    def later() -> object:
        ada.engine.load = load  # type: ignore[method-assign]
        bob.store.paths()
        bob.pass_time(TTL)
        bob.rooms.takeover("bob", bob.room_id, "it is urgent", 1)
        return load()

    def lose() -> None:
        ada.engine.before = lambda: None
        ada.engine.load = later  # type: ignore[method-assign,assignment]

    ada.engine.faults, ada.engine.before = ["lost"], lose
    ada.take()
    lease = ada.mirror()["lease"]
    assert lease["holder"] == "bob"
    assert lease["lease_id"] == document.hidden(bob.held()[2])


def test_an_engine_that_does_not_answer_changes_nothing(ada: Clone) -> None:
    ada.take()
    ada.engine.down = True
    refused(lambda: ada.rooms.heartbeat(*ada.held()), "engine")
    assert ada.allowed


def test_a_room_that_the_engine_lost_is_not_made_anew(ada: Clone, bob: Clone) -> None:
    ada.take()
    ada.engine.version = None
    store = ada.store
    store.engine.reuse = 10.0
    for _ in range(2):  # what was refused is no answer that is good for a while
        refused(store.paths, "state_lost")
    refused(bob.store.paths, "state_lost")


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"{" + data,
        lambda data: data.replace(b'"members":[', b'"members":[3,'),
        lambda data: data.replace(b'"path":""', b'"path":"x"'),
        lambda data: data.replace(b'"clock":', b'"clock":"x","was":'),
        lambda data: data.replace(b'"rooms":', b'"places":'),
    ],
)
def test_what_others_wrote_is_checked(ada: Clone, damage: Callable[[bytes], bytes]) -> None:
    from stickhooks.store.engine.interface import Version

    assert ada.engine.version
    ada.engine.version = Version("99", damage(ada.engine.version.data))
    refused(ada.store.paths, "state_corrupt")


def test_keys_of_a_later_version_are_kept(ada: Clone, bob: Clone) -> None:
    from stickhooks.store.engine.interface import Version

    assert ada.engine.version
    data = ada.engine.version.data.replace(b'{"schema":1,', b'{"schema":1,"new":[1],')
    ada.engine.version = Version("99", data.replace(b'"path":""', b'"path":"","newer":{"a":2}'))
    ada.take()
    assert ada.engine.version.data.count(b'"new":[1]') == 1
    assert b'"newer":{"a":2}' in ada.engine.version.data


def test_a_lease_that_is_too_short_for_the_engine_is_refused(ada: Clone) -> None:
    ada.engine.least_ttl = 15 * MINUTE
    short = Policy(owner_lease_ttl=MINUTE)
    refusal = refused(lambda: ada.rooms.set_policy("ada", ada.room_id, short), "invalid_input")
    assert "15 min" in refusal.message


def test_a_file_store_never_writes_a_mirror(ada: Clone) -> None:
    from stickhooks.store.files import FileStore

    files = FileStore(str(ada.root), str(ada.root / ".git"))
    with pytest.raises((AssertionError, Refusal)):
        Rooms(files, clock=ada.clock).wait("ada", ada.room_id)
