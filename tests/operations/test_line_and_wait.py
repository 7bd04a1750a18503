"""Waiting, with a second process that really waits: seen, freed by a kill, silent, fair."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from stickhooks.errors import Next
from stickhooks.fast import records
from stickhooks.operations import waiting
from stickhooks.operations.holder_watch import Calm
from stickhooks.operations.rooms import Rooms
from stickhooks.operations.wishes import Wish
from stickhooks.protocol import answers
from stickhooks.protocol.model import Policy, Process, Waiter
from stickhooks.store import wait_queue
from stickhooks.store.files import FileStore
from stickhooks.system import inotify, processes
from stickhooks.system.watch import Watch
from tests.support.shells import PATIENCE_S, eventually
from tests.support.world import HANDOFF, Answer, content, python, refused

WAIT = """
import sys
from stickhooks.operations import waiting
from stickhooks.operations.rooms import Rooms
from stickhooks.store.files import FileStore
root, agent = sys.argv[1:]
store = FileStore(root)
answer = waiting.wait(Rooms(store), store, agent, "", timeout=240, why="to test")
print(answer["turn_id"], answer["lease_id"], flush=True)
"""


class Here:
    """A room with ana, bo and cy, held by ana, and the processes that wait for it."""

    def __init__(self, root: Path, stack: ExitStack) -> None:
        self.root, self.stack = root, stack
        self.store = FileStore(str(root))
        self.rooms = Rooms(self.store)
        for agent in ("ana", "bo", "cy"):
            self.room_id = str(self.rooms.join(agent, "")["room_id"])
        self.held = self.grant("ana")

    def grant(self, agent: str) -> tuple[str, str, str, int]:
        answer: Answer = self.rooms.wait(agent, self.room_id)
        assert answer["status"] == "your_turn"
        return agent, self.room_id, answer["lease_id"], answer["turn_id"]

    def release(self) -> answers.Answer:
        return self.rooms.release(*self.held, HANDOFF)

    def start(self, agent: str) -> subprocess.Popen[str]:
        """Start a process that waits, and return when its place is seen."""
        process = self.stack.enter_context(python("-c", WAIT, str(self.root), agent))
        self.stack.callback(process.kill)
        eventually(lambda: self.waits(agent) and agent in self.places)
        return process

    def waits(self, agent: str) -> bool:
        return agent in self.store.waiting([agent])

    @property
    def places(self) -> list[str]:
        return [w.agent_id for w in self.rooms.look("")[0].waiters]

    @property
    def holder(self) -> str | None:
        lease = self.rooms.look("")[0].lease
        return lease.holder if lease else None


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    with ExitStack() as stack:
        yield Here(tmp_path, stack)


# --- the line --------------------------------------------------------------------------


def test_a_place_is_seen_for_as_long_as_it_is_held(tmp_path: Path) -> None:
    folder = str(tmp_path)
    assert wait_queue.waiting(folder, ["ana", "bo"]) == frozenset()
    with wait_queue.place(folder, "ana") as hold:
        assert hold()
        assert wait_queue.waiting(folder, ["ana", "bo"]) == {"ana"}
    assert wait_queue.waiting(folder, ["ana"]) == frozenset()


def test_a_second_process_of_one_member_takes_the_place_over(tmp_path: Path) -> None:
    with ExitStack() as first:
        assert first.enter_context(wait_queue.place(str(tmp_path), "ana"))()
        with wait_queue.place(str(tmp_path), "ana") as hold:
            assert not hold()
            first.close()
            assert hold()
            assert wait_queue.waiting(str(tmp_path), ["ana"]) == {"ana"}


def test_to_look_writes_nothing(tmp_path: Path) -> None:
    wait_queue.waiting(str(tmp_path), ["ana"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a/../../b", "\ud800", "x" * 64, "日本"])
def test_any_name_has_a_file_inside_the_line(name: str, tmp_path: Path) -> None:
    with wait_queue.place(str(tmp_path), name):
        assert [p.parent for p in (tmp_path / "line").iterdir()] == [tmp_path / "line"]


def test_one_who_waits_is_seen_and_a_kill_frees_the_place(here: Here) -> None:
    process = here.start("bo")
    assert here.store.waiting(["ana", "bo", "cy"]) == {"bo"}
    process.kill()
    process.wait()
    eventually(lambda: not here.waits("bo"))
    assert here.places == ["bo"]
    assert here.release()["reserved_for"] is None
    assert here.places == []


# --- waiting ---------------------------------------------------------------------------


def test_an_idle_waiter_writes_nothing(here: Here) -> None:
    here.start("bo")
    marks = {path: path.stat().st_mtime_ns for path in here.root.rglob("*")}
    before = content(here.root)
    time.sleep(1.2)  # longer than it goes without looking
    assert content(here.root) == before
    assert {path: path.stat().st_mtime_ns for path in here.root.rglob("*")} == marks


def test_an_idle_waiter_takes_next_to_no_time(here: Here) -> None:
    process = here.start("bo")
    before = ticks(process.pid)
    time.sleep(0.5)
    assert ticks(process.pid) - before <= 0.1 * os.sysconf("SC_CLK_TCK")


def ticks(pid: int) -> int:
    """Return the processor time of a process, in clock ticks."""
    field = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(field[11]) + int(field[12])


def test_a_waiter_gets_the_stick_after_the_release(here: Here) -> None:
    process = here.start("bo")
    assert here.release()["reserved_for"] == "bo"
    out, err = process.communicate(timeout=PATIENCE_S)
    assert err == ""
    room = here.rooms.look("")[0]
    assert room.lease
    assert out.split() == ["2", room.lease.lease_id]
    assert (room.lease.holder, room.lease.why) == ("bo", "to test")
    assert here.places == []


def test_two_who_wait_are_served_in_the_order_they_began(here: Here) -> None:
    first, second = here.start("cy"), here.start("bo")
    assert here.places == ["cy", "bo"]
    assert here.release()["reserved_for"] == "cy"
    turn, lease = first.communicate(timeout=PATIENCE_S)[0].split()
    assert here.holder == "cy"
    assert second.poll() is None
    here.held = ("cy", here.room_id, lease, int(turn))
    assert here.release()["reserved_for"] == "bo"
    assert second.communicate(timeout=PATIENCE_S)[0].startswith("3 ")
    assert here.holder == "bo"


def test_who_was_killed_in_the_line_is_passed_over(here: Here) -> None:
    first, second = here.start("cy"), here.start("bo")
    first.kill()
    first.wait()
    assert here.release()["reserved_for"] == "bo"
    assert second.communicate(timeout=PATIENCE_S)[0]
    assert here.holder == "bo"


def test_a_time_out_keeps_the_place(here: Here) -> None:
    refusal = refused(
        lambda: waiting.wait(here.rooms, here.store, "bo", "", timeout=0.05), "timeout"
    )
    assert refusal.exit == 124
    assert here.places == ["bo"]
    assert not here.waits("bo")


def test_who_waits_again_after_a_time_out_is_still_first(here: Here) -> None:
    refused(lambda: waiting.wait(here.rooms, here.store, "bo", "", timeout=0), "timeout")
    cy = here.start("cy")
    bo = here.start("bo")
    assert here.places == ["bo", "cy"]
    assert here.release()["reserved_for"] == "bo"
    assert bo.communicate(timeout=PATIENCE_S)[0]
    assert cy.poll() is None


def test_an_interrupt_gives_the_place_up(here: Here) -> None:
    def interrupt() -> bool:
        assert here.places == ["bo"]
        raise KeyboardInterrupt

    refused(
        lambda: waiting.wait(here.rooms, here.store, "bo", "", progress=interrupt), "interrupted"
    )
    assert here.places == []


def test_an_interrupt_after_the_release_gives_the_stick_to_the_next_in_line(here: Here) -> None:
    """The waiter is stopped, so that the stick is kept for it when Ctrl-C is pressed."""
    first = here.start("bo")
    with here.store.exclusive():  # so that it is not stopped with the lock in its hand
        first.send_signal(signal.SIGSTOP)
    second = here.start("cy")
    assert here.release()["reserved_for"] == "bo"
    first.send_signal(signal.SIGINT)
    first.send_signal(signal.SIGCONT)
    assert "not in the line any more" in first.communicate(timeout=PATIENCE_S)[1]
    assert second.communicate(timeout=PATIENCE_S)[0]
    assert here.holder == "cy"


@pytest.mark.parametrize("how", ["a grant", "a handoff by name"])
def test_an_interrupt_at_the_moment_that_the_stick_comes_says_so(here: Here, how: str) -> None:
    def interrupt() -> bool:
        if how == "a grant":
            here.release()
            here.grant("bo")
        else:
            here.rooms.pass_on(*here.held, "bo", HANDOFF)
        raise KeyboardInterrupt

    refusal = refused(
        lambda: waiting.wait(here.rooms, here.store, "bo", "", progress=interrupt), "interrupted"
    )
    assert ("it is yours" if how == "a grant" else "handed to you by ana") in refusal.message
    assert refusal.next == [Next("take"), Next("leave")]


def test_who_waits_for_a_heir_out_of_time_neither_spins_nor_gives_up_early(here: Here) -> None:
    """Its time is over, another member could take over, and the sender may not."""
    here.rooms.set_policy("ana", here.room_id, Policy(reserve="order"))
    assert here.release()["reserved_for"] == "bo"
    looks, began = 0, time.monotonic()

    def look() -> bool:
        nonlocal looks
        looks += 1
        return False

    later = at(here, 21)
    refused(
        lambda: waiting.wait(later, here.store, "ana", "", timeout=1.5, progress=look), "timeout"
    )
    assert time.monotonic() - began >= 1.5
    assert looks < 10


def test_of_whom_it_cannot_be_told_counts_as_waiting(here: Here, tmp_path: Path) -> None:
    process = here.start("bo")
    process.kill()
    process.wait()
    [place] = (here.root / ".talking-stick/line").iterdir()
    place.unlink()
    place.symlink_to(tmp_path)  # what cannot be opened stands for a process without descriptors
    assert here.waits("bo")
    assert here.release()["reserved_for"] == "bo"


def test_a_free_stick_is_had_without_a_place_in_the_line(here: Here) -> None:
    here.release()
    assert waiting.wait(here.rooms, here.store, "bo", "")["status"] == "your_turn"
    assert not (here.root / ".talking-stick" / "line").exists()


def test_the_holder_that_waits_goes_on(here: Here) -> None:
    answer = waiting.wait(here.rooms, here.store, "ana", "", timeout=0)
    assert answer["status"] == "already_owner"
    assert answer["lease_id"] == here.held[2]


def test_a_closed_room_ends_the_waiting(here: Here) -> None:
    here.rooms.close(*here.held, HANDOFF)
    assert waiting.wait(here.rooms, here.store, "bo", "", timeout=0)["status"] == "closed"


def test_a_stranger_does_not_wait(here: Here) -> None:
    act = lambda: waiting.wait(here.rooms, here.store, "zed", "", timeout=0)  # noqa: E731
    assert refused(act).code == "unknown_member"
    assert here.places == []


def at(here: Here, minutes: int) -> Rooms:
    """Return the same rooms, seen so many minutes later."""
    wall, _, _ = here.rooms.clock()
    return Rooms(here.store, clock=lambda: (wall + minutes * 60_000, 0, ""))


def test_a_lost_holder_is_told_and_taken_over_only_with_a_reason(here: Here) -> None:
    later = at(here, 46)
    answer: Answer = waiting.wait(later, here.store, "bo", "", timeout=0)
    assert (answer["status"], answer["reason"]) == ("takeover_available", "owner_timeout")
    assert here.holder == "ana"
    taken: Answer = waiting.wait(later, here.store, "bo", "", timeout=0, takeover="it is urgent")
    assert (taken["status"], taken["revoked_agent_id"]) == ("your_turn", "ana")


def test_an_abandoned_reservation_is_taken_over_by_itself(here: Here) -> None:
    here.rooms.pass_on(*here.held, "cy", HANDOFF)
    answer: Answer = waiting.wait(at(here, 21), here.store, "bo", "", timeout=0)
    assert (answer["status"], answer["revoked_agent_id"]) == ("your_turn", "cy")
    assert answer["handoff"] == HANDOFF


# --- watching --------------------------------------------------------------------------

BOTH = pytest.mark.parametrize("looking", [False, True], ids=["told", "looking"])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "folder" / "room.json"
    made.parent.mkdir()
    made.write_bytes(b"1")
    return made


def replace(file: Path, text: str) -> None:
    temporary = file.with_name(f"{file.name}.tmp")
    temporary.write_text(text)
    temporary.replace(file)


def later(act: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(0.05, act)
    timer.start()
    return timer


@BOTH
def test_a_replaced_file_wakes(file: Path, looking: bool) -> None:
    with Watch(str(file), looking=looking) as watch:
        for number in range(3):
            timer = later(lambda text=f"new {number}": replace(file, text))  # type: ignore[misc]
            assert watch.wait(20)
            timer.join()
        assert not watch.wait(0.05)


@BOTH
def test_a_change_between_two_calls_is_not_missed(file: Path, looking: bool) -> None:
    with Watch(str(file), looking=looking) as watch:
        replace(file, "before the first")
        assert watch.wait(20)
        replace(file, "and the second")
        assert watch.wait(20)
        assert not watch.wait(0)


@BOTH
@pytest.mark.parametrize("how", ["removed", "wiped", "moved", "moved from above"])
def test_a_file_or_folder_that_goes_wakes_and_so_does_its_coming_back(
    file: Path, looking: bool, how: str
) -> None:
    folder = file.parent
    with Watch(str(file), looking=looking) as watch:
        if how == "removed":
            timer = later(file.unlink)
        elif how == "wiped":
            timer = later(lambda: shutil.rmtree(folder))
        else:
            place = folder if how == "moved" else folder.parent
            timer = later(lambda: place.rename(f"{place}-aside"))
        assert watch.wait(1) or watch.wait(0)  # from above: at the next look
        timer.join()
        assert not watch.wait(0.05)
        folder.mkdir(parents=True, exist_ok=True)
        timer = later(lambda: replace(file, "another"))
        assert watch.wait(1) or watch.wait(0)
        timer.join()
        timer = later(lambda: replace(file, "a third"))
        assert watch.wait(20)
        timer.join()


@BOTH
def test_what_befalls_other_files_wakes_nobody(file: Path, looking: bool) -> None:
    with Watch(str(file), looking=looking) as watch:
        replace(file.with_name("room.lib.json"), "of another room")
        file.with_name("room.json.tmp").write_text("not yet")
        (file.parent / "log").mkdir()
        (file.parent / "log" / "events.jsonl").write_text("line")
        file.with_name("gone").touch()
        file.with_name("gone").unlink()
        assert not watch.wait(0.1)


def test_what_only_lies_beside_does_not_even_reach_the_program(file: Path) -> None:
    fd = inotify.begin(str(file.parent))
    assert fd is not None
    file.with_name("room.json.tmp").write_text("not yet")
    (file.parent / "line").mkdir()
    (file.parent / "line" / "place").touch()
    file.read_text()
    asked = select.poll()
    asked.register(fd, select.POLLIN)
    assert asked.poll(50) == []
    replace(file, "another")
    assert asked.poll(5000)
    assert inotify.lasts(fd)
    os.close(fd)


def test_where_no_inotify_is_left_it_looks(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inotify, "begin", lambda folder: None)
    with Watch(str(file)) as watch:
        timer = later(lambda: replace(file, "another"))
        assert watch.wait(20)
        timer.join()


def test_the_limit_of_inotify_is_met_without_an_error(file: Path) -> None:
    code = (
        "import resource, sys; "
        "from stickhooks.system import inotify; "
        "from stickhooks.system.watch import Watch;"
        " resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3));"
        " print(inotify.begin(sys.argv[1]), Watch(sys.argv[1] + '/room.json').wait(0.02))"
    )
    with python("-c", code, str(file.parent)) as process:
        assert process.communicate() == ("None False\n", "")


@BOTH
def test_the_end_of_a_process_wakes(file: Path, looking: bool) -> None:
    with Watch(str(file), looking=looking) as watch, python("-c", "input()") as process:
        end = os.pidfd_open(process.pid)
        assert not watch.wait(0.03, [end])
        process.kill()
        assert watch.wait(20, [end])
        os.close(end)


def test_a_watch_leaves_nothing_open(file: Path) -> None:
    before = set(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with Watch(str(file)) as watch:
            watch.wait(0.001)
    eventually(lambda: before.issuperset(os.listdir("/proc/self/fd")))


# --- what a waiter does while nothing happens ------------------------------------------


def bound(here: Here, agent: str, process: subprocess.Popen[str]) -> None:
    """Let a member be known by a process of this machine."""
    seen = processes.see(process.pid)
    assert seen
    known = Process(process.pid, seen.start, *processes.where(), seen.name)
    here.rooms.join(agent, "", process=known)


def awake(pid: int) -> int:
    """Return how often a process was given the processor."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[2])


def test_a_waiter_sleeps_while_others_write_beside_the_state(here: Here) -> None:
    process = here.start("bo")
    eventually(lambda: Path(f"/proc/{process.pid}/wchan").exists() and asleep(process.pid))
    before, began = awake(process.pid), time.monotonic()
    folder = here.root / ".talking-stick"
    for number in range(20):
        (folder / "line" / f"another-{number}").touch()
        (folder / "room.json.tmp").write_text("not yet")
    (folder / "room.json.tmp").unlink()
    woken = awake(process.pid) - before
    # The one removal, twice where it came in pieces, and looks that were due: not each of the forty.
    assert woken <= 4 + (time.monotonic() - began)


def asleep(pid: int) -> bool:
    before = awake(pid)
    time.sleep(0.1)
    return awake(pid) == before


def calls(pid: int) -> dict[str, int]:
    """Return how often a process has read and written, and how many bytes."""
    lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    return {name: int(count) for name, _, count in (line.partition(": ") for line in lines)}


def test_an_idle_waiter_wakes_seldom_reads_little_and_writes_nothing(here: Here) -> None:
    with python("-c", "input()") as keeper:
        bound(here, "ana", keeper)
        process = here.start("bo")
        eventually(lambda: asleep(process.pid))
        before, woken, began = calls(process.pid), awake(process.pid), time.monotonic()
        time.sleep(3.5)
        after, late = calls(process.pid), time.monotonic() - began - 3.5  # looks of a busy machine
        assert (after["syscw"], after["wchar"]) == (before["syscw"], before["wchar"])
        assert after["syscr"] - before["syscr"] <= 4 + late
        assert awake(process.pid) - woken <= 4 + late
        keeper.kill()


def test_the_end_of_the_holder_is_seen_at_once_though_nothing_is_written(here: Here) -> None:
    with python("-c", "input()") as keeper:
        bound(here, "ana", keeper)
        wall, monotonic, boot = here.rooms.clock()
        later = Rooms(here.store, clock=lambda: (wall + 120_000, monotonic + 120_000, boot))
        threading.Timer(0.2, keeper.kill).start()
        answer: Answer = waiting.wait(later, here.store, "bo", "", timeout=PATIENCE_S)
    assert (answer["status"], answer["reason"]) == ("takeover_available", "owner_gone")


def test_the_end_of_a_lease_is_seen_when_it_comes(here: Here) -> None:
    here.rooms.set_policy("ana", here.room_id, Policy(owner_lease_ttl=300))
    here.rooms.heartbeat(*here.held)
    answer: Answer = waiting.wait(here.rooms, here.store, "bo", "", timeout=PATIENCE_S)
    assert (answer["status"], answer["reason"]) == ("takeover_available", "owner_timeout")


def test_where_the_system_does_not_tell_of_a_holders_end_it_is_looked_for(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(pid: int) -> int:
        raise OSError(38, "not there")

    monkeypatch.setattr(os, "pidfd_open", none)
    with python("-c", "input()") as keeper:
        bound(here, "ana", keeper)
        snapshot = here.store.load("")
        assert snapshot
        with Calm(here.rooms, snapshot, "bo") as calm:
            assert not calm.told
            assert calm.lasts()
            keeper.kill()
            keeper.wait()
            assert not calm.lasts()


def test_a_holder_with_another_living_process_is_not_gone(here: Here) -> None:
    with python("-c", "input()") as first, python("-c", "input()") as second:
        bound(here, "ana", first)
        seen = processes.see(second.pid)
        assert seen
        known = Process(second.pid, seen.start, *processes.where(), seen.name)
        here.rooms.join("ana", "", process=known, beside=True)
        snapshot = here.store.load("")
        assert snapshot
        with Calm(here.rooms, snapshot, "bo") as calm:
            assert calm.told
            first.kill()
            first.wait()
        with Calm(here.rooms, snapshot, "bo") as calm:
            assert calm.lasts()
            second.kill()
            second.wait()
        with Calm(here.rooms, snapshot, "bo") as calm:
            assert not calm.lasts()


def test_a_wait_for_paths_is_calm_while_each_keeper_lives_and_nobody_else_waits(here: Here) -> None:
    here.release()
    with python("-c", "input()") as first, python("-c", "input()") as second:
        for agent, process in (("ana", first), ("cy", second)):
            bound(here, agent, process)
            here.rooms.wait(agent, here.room_id, wish=Wish((f"docs/{agent}",)))
        snapshot = here.store.load("")
        assert snapshot
        with Calm(here.rooms, snapshot, "bo", parted=True) as calm:
            assert calm.told
            assert calm.lasts()
            assert len(calm.ends) == 2
            second.kill()
            assert select.select(calm.ends, [], [], PATIENCE_S)[0]
            second.wait()
        with Calm(here.rooms, snapshot, "bo", parted=True) as calm:
            assert not calm.lasts()
        with Calm(here.rooms, snapshot, "cy", parted=True) as calm:
            assert calm.lasts()  # but for cy's own, ana alone keeps something
        room = records.replace(snapshot.room, waiters=(Waiter("cy", 1, None),))
        with Calm(here.rooms, records.replace(snapshot, room=room), "cy", parted=True) as calm:
            assert calm.lasts()
        room = records.replace(room, waiters=(Waiter("bo", 1, None),))
        with Calm(here.rooms, records.replace(snapshot, room=room), "cy", parted=True) as calm:
            assert not calm.lasts()


# --- what is told of it ----------------------------------------------------------------


def test_a_release_is_told_where_the_waiter_was_faster_than_the_telling(here: Here) -> None:
    from stickhooks.operations.context import Desk
    from stickhooks.views import put_down

    process = here.start("bo")
    answer = here.release()
    process.wait(PATIENCE_S)
    desk = Desk(str(here.root))
    assert put_down.reply(desk, answer).lines == [f"released {here.root}: bo has it"]
