"""Two commands exclude each other although anybody may remove or replace what they lock.

The first one is a real process that strace stops inside its write, or makes slow.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from stickhooks.store import wait_queue
from stickhooks.system import clock, publish
from stickhooks.system.folder import Folder
from tests.stress.crash_points import why_not
from tests.support.shells import Shells
from tests.support.world import HANDOFF, Workspace, git_repo, python, refused

pytestmark = pytest.mark.sampled(5)

PATIENCE_S = 60.0
ACT = """
import json, sys
from stickhooks.errors import Refusal
from stickhooks.operations.rooms import Rooms
from stickhooks.store.files import FileStore
from stickhooks.text import command
root, limit, what, *arguments = sys.argv[1:]
rooms = Rooms(FileStore(root, root + "/.git", lock_timeout=float(limit)))
try:
    answer = getattr(rooms, what)(*map(json.loads, arguments))
    print(json.dumps([answer["status"] if isinstance(answer, dict) else "ok", answer]))
except Refusal as refusal:
    print(json.dumps([refusal.code, refusal.message, [*map(command, refusal.next)]]))
"""


@pytest.fixture(scope="session")
def _traceable() -> None:
    if reason := why_not():
        pytest.skip(reason)


@pytest.fixture
def ws(tmp_path: Path, _traceable: None) -> Workspace:
    made = Workspace(git_repo(tmp_path / "repo"), git=True)
    made.rooms.clock = clock.read
    made.join("ana")
    made.join("bo")
    return made


def stopped_in(trace: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while not trace.exists() or "stopped by SIGSTOP" not in trace.read_text():
        assert time.monotonic() < end
        time.sleep(0.01)


class Act:
    """An operation in a process of its own, under strace if it is to be disturbed."""

    def __init__(self, ws: Workspace, *inject: str, limit: float = PATIENCE_S) -> None:
        self.ws, self.inject, self.limit = ws, inject, limit
        self.trace = ws.root.parent / f"trace-{time.monotonic_ns()}"
        self.process: subprocess.Popen[str] | None = None

    def begin(self, what: str, *arguments: object) -> Act:
        traced: list[str] = []
        if self.inject:
            options = [word for one in self.inject for word in ("-e", f"inject={one}")]
            traced = ["strace", "-f", "-y", "-o", str(self.trace), *options]
        words = [*traced, sys.executable, "-c", ACT, str(self.ws.root), str(self.limit), what]
        self.process = subprocess.Popen(
            [*words, *map(json.dumps, arguments)], stdout=subprocess.PIPE, text=True
        )
        return self

    def take(self, agent: str) -> Act:
        return self.begin("wait", agent, self.ws.rooms.look("")[0].room_id)

    def told(self) -> str:
        return self.trace.read_text() if self.trace.exists() else ""

    def pid(self) -> int:
        """Return the process that acts: strace names it in each line."""
        return int(self.told().split(maxsplit=1)[0])

    def until(self, words: str) -> None:
        """Wait for strace to tell something."""
        assert self.process
        end = time.monotonic() + PATIENCE_S
        while words not in self.told():
            assert time.monotonic() < end, self.told()
            assert self.process.poll() is None, self.told()
            time.sleep(0.01)

    def go_on(self) -> Act:
        os.kill(self.pid(), signal.SIGCONT)
        return self

    def answer(self) -> list[Any]:
        assert self.process
        out = self.process.communicate(timeout=PATIENCE_S)[0]
        found: list[Any] = json.loads(out)
        return found

    def has_ended_or_waits(self) -> bool:
        """Wait until it has answered or waits for a lock. Tell whether it has answered."""
        assert self.process
        end = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            with suppress(OSError):
                if len(os.listdir(f"/proc/{self.process.pid}/task")) == 2:
                    return False
            assert time.monotonic() < end
            time.sleep(0.01)
        return True


STOP = "fsync:signal=SIGSTOP:when=1"  # the log is appended, the state is not yet published


RENAMES = "renameat,renameat2,rename"
COPY, STATE, ANCHOR = 1, 2, 3  # in this order they are renamed into their places
PUBLISHED = f"{RENAMES}:signal=SIGSTOP:when={STATE}"  # the anchor does not know it yet


@contextmanager
def stopped(ws: Workspace, what: str = "wait", *arguments: object, at: str = STOP) -> Iterator[Act]:
    """Have ana take the stick, stopped inside the write."""
    act = Act(ws, at)
    act.begin(what, *arguments) if arguments else act.take("ana")
    try:
        act.until("stopped by SIGSTOP")
        yield act
    finally:
        assert act.process
        with suppress(OSError):
            os.kill(act.pid(), signal.SIGKILL)
        act.process.kill()
        act.process.wait()


def claims(ws: Workspace) -> list[tuple[int, str]]:
    events = ws.rooms.events(ws.rooms.look("")[0].room_id)
    return [(e["turn_id"], e["to_agent_id"]) for e in events if e["event_type"] == "claim"]  # type: ignore[misc]


def swap_for_new(place: Path) -> None:
    new = place.with_name("new")
    new.touch(0o600)
    new.rename(place)


HARM: dict[str, Callable[[Path], object]] = {
    "removed": Path.unlink,
    "replaced": swap_for_new,
    "moved": lambda place: place.rename(place.with_name("lock.old")),
}


# --- the lock file


@pytest.mark.parametrize("harm", HARM)
def test_a_turn_is_given_once_though_the_lock_file_goes_in_the_middle(
    harm: str, ws: Workspace
) -> None:
    with stopped(ws) as first:
        HARM[harm](ws.folder / "lock")
        second = Act(ws).take("bo")
        assert not second.has_ended_or_waits(), "it did not wait for the folder"
        code, message, follow = first.go_on().answer()
        assert code == "io"
        assert "nothing was changed" in message
        assert str(ws.folder / "lock") in message
        assert follow
        assert second.answer()[0] == "your_turn"
    assert claims(ws) == [(1, "bo")]


def test_who_is_past_the_last_look_still_keeps_others_out(ws: Workspace) -> None:
    with stopped(ws, at=PUBLISHED) as first:
        (ws.folder / "lock").unlink()
        second = Act(ws).take("bo")
        assert not second.has_ended_or_waits(), "it did not wait for the folder"
        assert first.go_on().answer()[0] == "your_turn"
        assert second.answer()[0] == "not_yet"
    assert claims(ws) == [(1, "ana")]


def test_a_release_is_refused_whole_or_done_whole(ws: Workspace) -> None:
    held = ws.take("ana", ws.rooms.look("")[0].room_id)
    with stopped(ws, "release", *held, HANDOFF) as first:
        (ws.folder / "lock").unlink()
        second = Act(ws).take("bo")
        assert not second.has_ended_or_waits()
        assert first.go_on().answer()[0] == "io"
        assert second.answer()[0] == "not_yet"
    room = ws.rooms.look("")[0]
    assert room.lease
    assert room.lease.holder == "ana"
    ws.rooms.release(*held, HANDOFF)
    answer: Any = ws.rooms.wait("bo", room.room_id)
    assert answer["handoff"] == HANDOFF


def test_the_file_is_locked_before_the_folder(ws: Workspace) -> None:
    act = Act(ws, "flock:delay_enter=0").take("ana")
    assert act.answer()[0] == "your_turn"
    locked = [re.search(r"flock\(\d+<([^>]*)>", line) for line in act.told().splitlines()]
    names = [Path(found[1]) for found in locked if found]
    assert names[:2] == [ws.folder / "lock", ws.folder]


# --- the folder


def test_a_folder_replaced_in_the_middle_is_not_written_to(ws: Workspace) -> None:
    with stopped(ws) as first:
        moved = ws.folder.rename(ws.root / "moved")
        before = (moved / "room.json").read_bytes()
        shutil.copytree(moved, ws.folder)
        code, message, _ = first.go_on().answer()
    assert code == "io"
    assert f"{ws.folder} was replaced" in message
    assert (ws.folder / "room.json").read_bytes() == before == (moved / "room.json").read_bytes()
    assert not [name for name in os.listdir(moved) if name.endswith(".tmp")]


def test_a_folder_wiped_after_the_last_look_gives_no_turn(ws: Workspace) -> None:
    """The write lands in a folder that is not there any more: nobody is told that it happened."""
    with stopped(ws, at=PUBLISHED) as act:
        moved = ws.folder.rename(ws.root / "moved")
        assert json.loads((moved / "room.json").read_text())["turn_id"] == 1
        assert act.go_on().answer()[0] == "io"
    assert json.loads(ws.anchor.read_text())["rooms"][""]["turn"] == 0


def test_a_room_is_not_removed_without_the_lock(ws: Workspace) -> None:
    nested = ws.join("ana", "lib", new=True)
    ws.rooms.release(*ws.take("ana", nested), HANDOFF)
    act = Act(ws, STOP).begin("remove", "ana", nested)
    act.until("stopped by SIGSTOP")  # the anchor is about to forget it
    (ws.folder / "lock").unlink()
    assert act.go_on().answer()[0] == "io"
    assert sorted(json.loads(ws.anchor.read_text())["rooms"]) == ["", "lib"]
    assert sorted(ws.store.paths()) == ["", "lib"]
    assert ws.store.load("lib")


# --- one time limit


def test_a_folder_that_somebody_keeps_is_waited_for_only_so_long(ws: Workspace) -> None:
    fd = os.open(ws.folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        refusal = refused(lambda: ws.join("cy"), "io")
    finally:
        os.close(fd)
    assert "nothing was changed" in refusal.message
    ws.join("cy")


@pytest.mark.parametrize("place", [".talking-stick", ".git/stickhooks"])
def test_all_locks_have_one_time_limit(ws: Workspace, place: str) -> None:
    """The file comes free late, the folder never: what the file took is not there for the folder."""
    limit = 4.0
    folder = os.open(ws.root / place, os.O_RDONLY | os.O_DIRECTORY)
    file = os.open(ws.folder / "lock", os.O_RDWR)
    fcntl.flock(folder, fcntl.LOCK_EX)
    fcntl.flock(file, fcntl.LOCK_EX)
    act = Act(ws, limit=limit).take("ana")
    assert not act.has_ended_or_waits()
    began = time.monotonic()
    time.sleep(limit - 0.5)
    os.close(file)
    assert act.answer()[0] == "io"
    assert time.monotonic() - began < 2 * limit - 0.5
    os.close(folder)


# --- temporary files


def temporary(*folders: Path) -> list[str]:
    return [name for folder in folders for name in os.listdir(folder) if name.endswith(".tmp")]


@pytest.mark.parametrize("rename", [COPY, STATE, ANCHOR])
def test_what_a_killed_writer_leaves_is_removed_by_the_next(rename: int, ws: Workspace) -> None:
    room = ws.rooms.look("")[0].room_id
    places = (ws.folder, ws.anchor.parent, ws.anchor.parent / "copies" / room)
    ws.join("bo")
    act = Act(ws, f"{RENAMES}:error=EINTR:signal=SIGKILL:when={rename}").take("ana")
    assert act.process
    act.process.communicate(timeout=PATIENCE_S)
    assert len(temporary(*places)) == 1
    answer: Any = ws.rooms.wait("bo", room)
    if answer["status"] != "your_turn":
        ws.take("ana", room)
    assert temporary(*places) == []


def test_the_temporary_file_of_a_living_writer_stays(tmp_path: Path) -> None:
    with Folder.open(str(tmp_path)) as folder:
        left = publish.own_name("room.json")
        (tmp_path / left).touch(0o600)
        with python("-c", KEEP, str(tmp_path)) as keeper:
            assert keeper.stdout
            assert keeper.stdout.readline() == "about to rename\n"
            [kept] = set(os.listdir(tmp_path)) - {left}
            assert publish.clear(folder) == [left]
            keeper.kill()
            keeper.communicate()
        assert publish.clear(folder) == [kept]
    assert os.listdir(tmp_path) == []


KEEP = """
import sys
from stickhooks.store import wait_queue as line
from stickhooks.system import clock, publish as publishing
from stickhooks.system.folder import Folder

def look():
    print("about to rename", flush=True)
    sys.stdin.read()

with Folder.open(sys.argv[1]) as folder:
    publishing.publish(folder, "other.json", b"x", look)
"""


def test_two_writers_never_share_a_temporary_name() -> None:
    assert len({publish.own_name("x") for _ in range(100)}) == 100


# --- all the rest that anybody may remove, replace or cut while a command runs


def cut(place: Path) -> None:
    os.truncate(place, place.stat().st_size // 2)


ALL_HARM: dict[str, Callable[[Path], object]] = {
    "removed": Path.unlink,
    "replaced": swap_for_new,
    "cut": cut,
}
FILES = [".talking-stick/room.json", ".talking-stick/log/*/events.jsonl",
         ".git/stickhooks/anchor.json", ".git/stickhooks/copies/*/state.json"]  # fmt: skip


@pytest.mark.parametrize("harm", ALL_HARM)
@pytest.mark.parametrize("file", FILES)
def test_no_handoff_and_no_room_is_lost_with_a_file_that_goes_in_the_middle(
    file: str, harm: str, ws: Workspace
) -> None:
    ws.join("ana", "lib", new=True)
    held = ws.take("ana", ws.rooms.look("")[0].room_id)
    with stopped(ws, "release", *held, HANDOFF) as act:
        for place in ws.root.glob(file):
            ALL_HARM[harm](place)
        assert act.go_on().answer()[0] == "released"
    answer: Any = ws.rooms.wait("bo", held[1])
    assert (answer["turn_id"], answer["handoff"]) == (2, HANDOFF)
    assert sorted(ws.store.paths()) == ["", "lib"]


# --- the line


@pytest.mark.parametrize("harm", ["removed", "replaced", "folder"])
def test_a_waiter_whose_place_was_removed_makes_it_anew(
    harm: str, repo: Path, shells: Shells
) -> None:
    ada, bob = shells.person(repo), shells.person(repo)
    ada.run("stick init --only git && stick join --as ada && stick take").ok()
    bob.stick("join --as bob").ok()
    waiting = bob.begin("stick wait")
    folder = repo / ".talking-stick"
    until(lambda: wait_queue.waiting(str(folder), ["bob"]))
    [place] = (folder / "line").iterdir()
    if harm == "folder":
        shutil.rmtree(folder / "line")
    else:
        HARM[harm](place)
    assert not wait_queue.waiting(str(folder), ["bob"])
    until(lambda: wait_queue.waiting(str(folder), ["bob"]))
    ada.stick("release -m done").ok()
    waiting.result().ok()
    bob.stick("renew").ok()


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


# --- a whole room taken away


@pytest.mark.usefixtures("_traceable")
def test_nobody_takes_the_stick_while_the_room_is_taken_away(repo: Path, shells: Shells) -> None:
    ada, bob = shells.person(repo), shells.person(repo)
    ada.run("stick init --only git && stick join --as ada").ok()
    bob.stick("join --as bob").ok()
    trace = repo.parent / "trace"
    first = ada.begin(f"strace -f -o {trace} -e inject={STOP} stick take")
    stopped_in(trace)
    second = bob.begin("stick uninit")
    state, lock = repo / ".talking-stick" / "room.json", repo / ".talking-stick" / "lock"
    number = f":{lock.stat().st_ino} "
    end = time.monotonic() + PATIENCE_S
    while not any("->" in line and number in line for line in locks()):
        assert state.exists(), "it was taken away while ada's take was under way"
        assert time.monotonic() < end
        time.sleep(0.01)
    os.kill(int(trace.read_text().split(maxsplit=1)[0]), signal.SIGCONT)
    first.result().ok()
    second.result().fails(75, "ada holds")
    assert state.exists()


def locks() -> list[str]:
    """Return the locks of this machine as the kernel lists them; ``->`` marks one that is waited for."""
    return Path("/proc/locks").read_text().splitlines()
