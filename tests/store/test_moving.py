"""Rooms on their way between files and an engine: killed at every step, done again, and never two truths.

A real working tree; the engine is a file, so that it outlives the process that is killed. The process
dies before and after each change of a file's name, each word to the engine and each setting of git's.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from stickhooks.errors import Refusal
from stickhooks.operations.context import Desk
from stickhooks.operations.rooms import Rooms
from stickhooks.protocol import commands
from stickhooks.protocol.model import Room
from stickhooks.setup import moving_rooms
from stickhooks.store import opening, reader
from stickhooks.store.engine import document, kinds, setting
from stickhooks.store.engine.interface import Engine, Moved, NoAnswer, Version
from stickhooks.store.files import FileStore
from stickhooks.workspace import git
from tests.support.world import refused

DONE = {"status": "half of it", "next_action": "the other half"}


class DiskEngine:
    """An engine that is one file."""

    least_ttl, reuse, poll = 0, 0.0, 0.05
    room, fence, tells = "main", "", False
    address_mark, address_steps = "", ()
    seconds = hurried = 0.0

    def __init__(self, path: str) -> None:
        self.path, self.name = path, f"disk:{path}"

    def check(self) -> None: ...

    def listen(self) -> None:
        return None

    def place(self, agent: str) -> None:
        return None

    def _read(self) -> dict[str, object]:
        try:
            found: dict[str, object] = json.loads(Path(self.path).read_text())
        except FileNotFoundError:
            return {"token": 0, "data": None, "lines": {}, "note": None}
        except IsADirectoryError:
            raise Refusal("engine", "it is not reached; nothing was changed") from None
        return found

    def load(self) -> Version | None:
        raw = self._read()
        return Version(str(raw["token"]), str(raw["data"]).encode()) if raw["data"] else None

    def _put(self, before: Version | None, **changes: object) -> str:
        raw, now = self._read(), self.load()
        if (now.token if now else "") != (before.token if before else ""):
            raise Moved
        token = int(str(raw["token"])) + 1
        made = f"{self.path}.{os.getpid()}"
        Path(made).write_text(json.dumps({**raw, **changes, "token": token}))
        Path(made).rename(self.path)
        return str(token)

    def swap(
        self, before: Version | None, data: bytes, events: Mapping[str, Sequence[bytes]]
    ) -> Version:
        lines: dict[str, list[str]] = dict(self._read()["lines"])  # type: ignore[call-overload]
        for room_id, more in events.items():
            lines[room_id] = [*lines.get(room_id, []), *(line.decode() for line in more)]
        return Version(self._put(before, data=data.decode(), lines=lines), data)

    def events(self, room_id: str, after: int, limit: int) -> list[bytes]:
        lines: dict[str, list[str]] = self._read()["lines"]  # type: ignore[assignment]
        found = [line.encode() for line in lines.get(room_id, [])]
        return [line for line in found if json.loads(line)["event_seq"] > after][:limit]

    def delete(self, before: Version, farewell: bytes) -> None:
        self._put(before, data=None, lines={}, note=farewell.decode())

    def probe(self) -> list[Refusal]:
        return []

    def farewell(self) -> bytes | None:
        note = self._read()["note"]
        return str(note).encode() if note else None


def disk(path: str, root: str, git_dir: str) -> Engine:
    return DiskEngine(path)


class Place:
    """A working tree with a room, two turns old, that can move to a file beside it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        kind = kinds.Kind("disk:", "disk:PATH", "of the tests", disk)
        monkeypatch.setattr(kinds, "KINDS", (*kinds.KINDS, kind))
        self.root = folder / "tree"
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)
        self.engine = DiskEngine(str(folder / "engine"))
        self.monkeypatch = monkeypatch
        monkeypatch.chdir(self.root)
        rooms = self.desk().rooms
        room_id = str(rooms.join("ada", "")["room_id"])
        for _ in range(2):
            rooms.wait("ada", room_id)
            lease = self.room().lease
            assert lease
            rooms.release("ada", room_id, lease.lease_id, self.room().turn_id, DONE)
        self.room_id, self.turn = room_id, 2

    def desk(self) -> Desk:
        return Desk(str(self.root), env={"HOME": str(self.root)})

    def room(self) -> Room:
        snapshot = self.desk().store.load("")
        assert snapshot
        return snapshot.room

    def killed(self, act: Callable[[], object], at: int) -> bool:
        """Do something in a process that dies at its ``at``-th step. Tell whether there was such a step."""
        pid = os.fork()
        if pid:
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9
        try:
            steps = Steps(at)
            steps.watch(os, "rename", "replace")
            steps.watch(DiskEngine, "swap", "delete")
            steps.watch(git, "configure")
            act()
        except BaseException:
            os._exit(3)
        os._exit(0)

    def truths(self) -> set[str]:
        """Return where somebody could take the stick now, each tried by what a new process opens."""
        git_dir = str(self.root / ".git")
        store = opening.open_store(str(self.root), git_dir)
        kind = "files" if type(store) is FileStore else "engine"
        try:
            found = store.load("")
        except Refusal:
            return set()
        return {kind} if found else set()


class Steps:
    """Counts the calls of some functions, and ends the process before or after one of them."""

    def __init__(self, at: int) -> None:
        self.left = at

    def watch(self, owner: object, *names: str) -> None:
        for name in names:
            setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, function: Callable[..., object]) -> Callable[..., object]:
        def counted(*args: object, **more: object) -> object:
            self._step()
            answer = function(*args, **more)
            self._step()
            return answer

        return counted

    def _step(self) -> None:
        if self.left == 0:
            os._exit(9)
        self.left -= 1


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(tmp_path, monkeypatch)


def whole(place: Place) -> None:
    """Hold the room to what it was: its id, turns, log and handoff, and that it can be taken."""
    desk = place.desk()
    snapshot = desk.store.load("")
    assert snapshot
    assert (snapshot.room.room_id, snapshot.room.turn_id) == (place.room_id, place.turn)
    assert snapshot.room.letter
    numbers = [event.event_seq for event in desk.store.events(snapshot, 0, 5000)]
    assert numbers == list(range(1, 2 * place.turn + 1))
    assert desk.rooms.wait("ada", place.room_id)["turn_id"] == place.turn + 1
    lease = place.room().lease
    assert lease
    place.desk().rooms.release("ada", place.room_id, lease.lease_id, place.turn + 1, DONE)
    place.turn += 1


POINTS = 48  # more than there are


@pytest.mark.sampled(7)
@pytest.mark.parametrize("at", range(POINTS))
@pytest.mark.parametrize("there", [True, False], ids=["there", "back"])
def test_a_move_killed_at_a_step_is_done_again(place: Place, there: bool, at: int) -> None:
    """After each death one truth at most, and the same command finishes it."""
    to, after = (place.engine.name, "engine") if there else ("files", "files")
    if not there:
        moving_rooms.move(place.desk(), place.engine.name)
    if not place.killed(lambda: moving_rooms.move(place.desk(), to), at):
        assert at > 10
    truths = place.truths()
    assert len(truths) <= 1
    if "files" in truths:  # whoever else asks the engine finds no room of ours there
        assert place.engine.load() is None
    moving_rooms.move(place.desk(), to)
    assert place.truths() == {after}
    whole(place)
    moving_rooms.move(place.desk(), "files" if there else place.engine.name)
    whole(place)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("at", range(POINTS))
def test_a_deletion_killed_at_a_step_is_done_again(place: Place, at: int) -> None:
    moving_rooms.move(place.desk(), place.engine.name)
    place.killed(lambda: moving_rooms._from_engine(*arguments(place)), at)
    assert not place.truths() or place.engine.load()
    _, _, engine = reader.whole_anchor(str(place.root / ".git"))
    if not engine:
        assert place.engine.load() is None
    elif engine.get("move"):
        moving_rooms.delete(place.desk(), force=True)
        assert place.engine.load() is None
        assert place.desk().store.paths() == []


def arguments(place: Place) -> tuple[Desk, str, setting.Setting, str]:
    entry = setting.of(str(place.root / ".git"))
    assert entry
    return place.desk(), str(place.root / ".git"), entry[0], ""


def test_while_a_move_is_cut_short_nothing_else_is_done(place: Place) -> None:
    for at in range(200):
        assert place.killed(lambda: moving_rooms.move(place.desk(), place.engine.name), at)
        if place.engine.load():
            break
    refusal = refused(lambda: place.desk().store.load(""), "engine")
    assert "are being moved to disk:" in refusal.message
    assert refusal.next[0].args[0] == "--move"  # type: ignore[union-attr]


def test_who_had_opened_the_files_before_a_move_writes_them_no_more(place: Place) -> None:
    before = place.desk()
    seen = before.store.load("")
    assert seen
    moving_rooms.move(place.desk(), place.engine.name)
    rooms = Rooms(before.store)
    refused(lambda: rooms.do(_wait(place), seen), "engine")
    assert place.truths() == {"engine"}


def test_who_had_opened_the_engine_before_a_move_puts_no_mirror_over_the_files(
    place: Place,
) -> None:
    moving_rooms.move(place.desk(), place.engine.name)
    before = place.desk()
    assert before.store.load("")
    kept = Path(place.engine.path).read_text()
    moving_rooms.move(place.desk(), "files")
    Path(place.engine.path).write_text(kept.replace('"token": ', '"token": 9'))
    refused(lambda: before.store.load(""), "engine")
    assert place.truths() == {"files"}


def _wait(place: Place) -> commands.Command:
    return commands.Wait("ada", place.room_id)


def test_others_that_changed_the_rooms_stop_a_move(place: Place) -> None:
    moving_rooms.move(place.desk(), place.engine.name)
    delete = DiskEngine.delete

    def later(self: DiskEngine, before: Version, farewell: bytes) -> None:
        self.swap(self.load(), _touched(self), {})
        delete(self, before, farewell)

    place.monkeypatch.setattr(DiskEngine, "delete", later)
    refusal = refused(lambda: moving_rooms.move(place.desk(), "files"), "engine")
    assert "others changed the rooms" in refusal.message
    place.monkeypatch.setattr(DiskEngine, "delete", delete)
    assert place.truths() == {"engine"}
    moving_rooms.move(place.desk(), "files")
    whole(place)


@pytest.mark.parametrize("late", [False, True], ids=["never", "late"])
def test_a_deletion_without_an_answer_is_not_called_undone(place: Place, late: bool) -> None:
    """Nothing that was to be moved is forgotten while the engine may delete the rooms yet."""
    moving_rooms.move(place.desk(), place.engine.name)
    delete, sent = DiskEngine.delete, list[tuple[Version, bytes]]()

    def unanswered(self: DiskEngine, before: Version, farewell: bytes) -> None:
        if sent:
            raise Refusal("engine", "it is not reached; nothing was changed")
        sent.append((before, farewell))
        raise NoAnswer

    place.monkeypatch.setattr(DiskEngine, "delete", unanswered)
    refusal = refused(lambda: moving_rooms.move(place.desk(), "files"), "engine")
    assert "not known whether that was done (it is not reached):" in refusal.message
    assert place.truths() == set()
    place.monkeypatch.setattr(DiskEngine, "delete", delete)
    if late:
        place.engine.delete(*sent[0])
    moving_rooms.move(place.desk(), "files")
    whole(place)


def _touched(engine: DiskEngine) -> bytes:
    version = engine.load()
    assert version
    now = document.read(version.data, engine.name)
    return document.write(now.after("another", now.clock, now.rooms))


@pytest.mark.sampled(6)
@pytest.mark.parametrize("at", range(16))
@pytest.mark.parametrize("returns", [False, True], ids=["gone", "returns"])
def test_a_return_from_an_engine_that_is_gone_killed_at_a_step_is_done_again(
    place: Place, returns: bool, at: int
) -> None:
    """After each death one truth at most. Where the engine is back by then it keeps the rooms, and they come
    back as from any."""
    moving_rooms.move(place.desk(), place.engine.name)
    there = Path(place.engine.path)

    def back() -> None:
        moving_rooms.move(place.desk(), "files", "it burnt down")

    away = there.rename(there.with_suffix(".away"))
    there.mkdir()  # it cannot be read: no answer
    killed = place.killed(back, at)
    assert killed or at > 10
    if returns:
        there.rmdir()
        away.rename(there)
    is_back = place.truths() == {"files"}
    if not is_back and not returns:
        back()
    elif not is_back:
        if on_its_way(place):
            refused(lambda: moving_rooms.move(place.desk(), "files"), "engine")
            assert place.truths() == {"engine"}
        moving_rooms.move(place.desk(), "files")
    assert place.truths() == {"files"}
    whole(place)


def on_its_way(place: Place) -> bool:
    entry = setting.of(str(place.root / ".git"))
    return bool(entry and entry[0].move)
