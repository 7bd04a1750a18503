"""The store on a real disk: what counts as lost, what as foreign, and what time it is."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stickhooks.errors import Next, Refusal
from stickhooks.protocol import phases, rules
from stickhooks.protocol.model import Event, Handoff, Policy, Room
from stickhooks.store import codec, event_log, layout
from stickhooks.store.files import FileStore
from stickhooks.store.snapshot import Conflict
from stickhooks.system.folder import Folder
from tests.support.world import (
    DAY,
    HANDOFF,
    MINUTE,
    Answer,
    Workspace,
    content,
    git_repo,
    python,
    refused,
)

BOOT = "a-boot"


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return Workspace(git_repo(tmp_path / "repo"), git=True)


def marks(ws: Workspace) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads(ws.anchor.read_text())["rooms"]
    return found


@contextlib.contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Have the system refuse (EFBIG) what makes a file larger than so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def closed_to_writers(folder: Path) -> Callable[[], object]:
    """Put a link in a folder's place: readers follow it, writers never do. Returns what undoes that."""
    moved = folder.rename(folder.with_name("moved"))
    folder.symlink_to(moved)

    def undo() -> None:
        folder.unlink()
        moved.rename(folder)

    return undo


# --- the anchor ------------------------------------------------------------------------


def test_the_folder_ignores_itself_before_anything_else_is_in_it(ws: Workspace) -> None:
    with ws.store.exclusive():
        pass
    assert (ws.folder / ".gitignore").read_text() == "*\n"
    assert ws.folder.stat().st_mode & 0o777 == 0o700


def test_a_room_whose_state_cannot_be_written_is_not_left_in_the_anchor(ws: Workspace) -> None:
    ws.rooms.open("")
    size = ws.state.stat().st_size
    assert ws.anchor.stat().st_size < size
    shutil.rmtree(ws.folder)
    shutil.rmtree(ws.anchor.parent)
    with files_up_to(size - 1):
        assert refused(lambda: ws.join("ana")).code == "io"
    assert not ws.state.exists()
    assert "" not in marks(ws)


def test_a_state_missing_at_turn_zero_is_made_by_the_next_join(ws: Workspace) -> None:
    ws.join("ana")
    ws.state.unlink()
    assert ws.store.paths() == [""]
    assert ws.store.load("") is None
    ws.join("bo")
    assert [m.agent_id for m in ws.rooms.look("")[0].members] == ["bo"]


def test_the_anchor_follows_every_turn(ws: Workspace) -> None:
    room = ws.join("ana")
    assert marks(ws) == {"": {"id": room, "turn": 0, "event": 0}}
    ws.rooms.release(*ws.take("ana", room), HANDOFF)
    ws.take("ana", room)
    assert marks(ws) == {"": {"id": room, "turn": 2, "event": 3}}


def test_a_state_deleted_after_a_grant_is_lost(ws: Workspace) -> None:
    ws.take("ana", ws.join("ana"))
    ws.state.unlink()
    assert refused(lambda: ws.store.load("")).code == "state_lost"
    assert refused(lambda: ws.join("ana")).code == "state_lost"
    assert not ws.state.exists()


def test_a_folder_deleted_after_a_grant_is_lost(ws: Workspace) -> None:
    ws.take("ana", ws.join("ana"))
    shutil.rmtree(ws.folder)
    assert ws.store.paths() == [""]
    assert refused(lambda: ws.rooms.list_rooms()).code == "state_lost"
    assert refused(lambda: ws.join("bo")).code == "state_lost"


def test_an_older_state_put_back_is_lost(ws: Workspace) -> None:
    room = ws.join("ana")
    held = ws.take("ana", room)
    older = ws.state.read_bytes()
    ws.rooms.release(*held, HANDOFF)
    ws.take("ana", room)
    ws.state.write_bytes(older)
    assert refused(lambda: ws.store.load("")).code == "state_lost"
    assert refused(lambda: ws.rooms.heartbeat(*held)).code == "state_lost"


def test_a_state_ahead_of_the_anchor_is_fine_and_raises_it(ws: Workspace) -> None:
    room = ws.join("ana")
    behind = ws.anchor.read_bytes()
    held = ws.take("ana", room)
    ws.anchor.write_bytes(behind)
    ws.wall += 1
    ws.rooms.heartbeat(*held)
    assert marks(ws)[""]["turn"] == 1


def test_a_state_of_another_repository_is_lost_where_there_is_a_room(
    ws: Workspace, tmp_path: Path
) -> None:
    other = Workspace(git_repo(tmp_path / "other"), git=True)
    other.take("ana", other.join("ana"))
    ws.join("ana")
    shutil.copy(other.state, ws.state)
    assert refused(lambda: ws.store.load("")).code == "state_lost"


def test_a_state_without_an_anchor_is_foreign(ws: Workspace, tmp_path: Path) -> None:
    other = Workspace(git_repo(tmp_path / "other"), git=True)
    other.take("mallory", other.join("mallory"))
    shutil.copytree(other.folder, ws.folder)
    assert (ws.store.paths(), ws.store.foreign()) == ([], [""])
    assert ws.store.load("") is None
    ws.join("ana")
    assert [m.agent_id for m in ws.rooms.look("")[0].members] == ["ana"]
    assert ws.store.foreign() == []
    strays = [path.read_bytes() for path in (ws.folder / "strays").iterdir()]
    assert strays == [other.state.read_bytes()]


def test_a_nested_state_that_the_anchor_does_not_know_carves_nothing_out(
    ws: Workspace, tmp_path: Path
) -> None:
    other = Workspace(git_repo(tmp_path / "other"), git=True)
    other.join("mallory")
    other.join("mallory", "lib", new=True)
    room = ws.join("ana")
    shutil.copy(other.folder / "room.lib.json", ws.folder)
    assert (ws.store.paths(), ws.store.foreign()) == ([""], ["lib"])
    assert ws.join("bo", "lib/x.py") == room


def test_the_state_of_another_path_is_refused(ws: Workspace) -> None:
    ws.join("ana")
    ws.join("ana", "lib", new=True)
    shutil.copy(ws.state, ws.folder / "room.lib.json")
    assert refused(lambda: ws.store.load("lib")).code == "state_corrupt"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"rooms":[]}', '{"rooms":{"":{"id":7,"turn":1}}}',
             '{"rooms":{"":{"id":"x","turn":true}}}', "[" * 200_000, '{"rooms":{"":null}}'],
)  # fmt: skip
def test_an_anchor_that_cannot_be_read_is_a_loss_and_never_no_anchor(
    text: str, ws: Workspace
) -> None:
    room = ws.join("ana")
    ws.anchor.write_text(text)
    assert refused(lambda: ws.store.paths()).code == "state_lost"
    assert refused(lambda: ws.rooms.wait("ana", room)).code == "state_lost"
    assert ws.anchor.read_text() == text


def test_an_anchor_that_cannot_be_written_waits_for_the_next_call(ws: Workspace) -> None:
    room = ws.join("ana")
    opened = closed_to_writers(ws.anchor.parent)  # what a sandbox does for the whole git dir
    held = ws.take("ana", room)
    assert marks(ws)[""]["turn"] == 0
    assert ws.rooms.look("")[0].turn_id == 1
    opened()
    ws.wall += 1
    ws.rooms.heartbeat(*held)
    assert marks(ws)[""]["turn"] == 1


def test_no_room_is_made_where_the_anchor_cannot_be_written(ws: Workspace) -> None:
    ws.anchor.parent.mkdir()
    closed_to_writers(ws.anchor.parent)
    refusal = refused(lambda: ws.join("ana"), "io")
    assert refusal.next == [Next("init")]
    assert not ws.state.exists()


def test_a_git_dir_without_permission_is_told_as_it_is(ws: Workspace) -> None:
    if os.geteuid() == 0:
        pytest.skip("permissions do not stop root")
    assert ws.git_dir
    ws.git_dir.chmod(0o500)
    try:
        assert refused(lambda: ws.join("ana")).code == "io"
    finally:
        ws.git_dir.chmod(0o700)


def remake(ws: Workspace) -> Room:
    room = ws.rooms.remake("")
    assert room
    return room


def test_a_lost_room_is_made_anew_under_another_id_with_later_turns(ws: Workspace) -> None:
    room = ws.join("ana")
    ws.take("ana", room)
    ws.state.unlink()
    remade = remake(ws)
    assert remade.room_id != room
    assert remade.turn_id == 1
    assert remade.lease is None
    assert ws.join("bo") == remade.room_id
    assert ws.take("bo", remade.room_id)[3] == 2


@pytest.mark.parametrize("loss", ["state", "damage", "an old state"])
def test_a_room_made_anew_offers_the_newest_handoff_that_its_log_still_has(
    loss: str, ws: Workspace
) -> None:
    room = ws.join("ana")
    ws.rooms.release(*ws.take("ana", room), {"status": "old", "next_action": "-"})
    old = ws.state.read_bytes()
    handoff = {"status": "half", "next_action": "the rest", "artifacts": ["a.py"]}
    ws.rooms.release(*ws.take("ana", room), handoff)
    ws.rooms.leave("ana", room)
    with ws.log(room).open("ab") as log:
        log.write(b'{"event_seq":6,"turn_id":2,"eve')  # torn by whatever befell the state
    if loss == "state":
        ws.state.unlink()
    else:
        ws.state.write_bytes(b"{" if loss == "damage" else old)
    remade = remake(ws)
    assert (remade.turn_id, remade.pending) == (2, True)
    ws.join("bo")
    answer: Answer = ws.rooms.wait("bo", remade.room_id)
    assert (answer["handoff"], answer["from_agent_id"]) == (handoff, "ana")
    assert answer["reason"] == "sequence"


def test_a_room_made_anew_without_its_log_has_no_handoff(ws: Workspace) -> None:
    room = ws.join("ana")
    ws.rooms.release(*ws.take("ana", room), HANDOFF)
    shutil.rmtree(ws.folder)
    shutil.rmtree(ws.anchor.with_name("copies"))
    remade = remake(ws)
    assert (remade.turn_id, remade.letter, remade.pending) == (1, None, False)


def test_a_room_that_was_mended_meanwhile_is_not_made_anew(ws: Workspace) -> None:
    ws.take("ana", ws.join("ana"))
    ws.state.unlink()
    room = remake(ws).room_id
    ws.take("bo", ws.join("bo"))
    before = ws.state.read_bytes()
    assert ws.rooms.remake("") is None
    assert ws.state.read_bytes() == before
    assert ws.rooms.look("")[0].room_id == room


def test_the_handoff_outlives_a_mending_that_was_killed_and_a_second_loss(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws.rooms.release(*ws.take("ana", ws.join("ana")), HANDOFF)
    ws.state.unlink()
    with monkeypatch.context() as patch:  # after the anchor was written, and before the state is
        patch.setattr(ws.store, "_replace", lambda *_: signal.raise_signal(signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            ws.rooms.remake("")
    assert remake(ws).pending
    ws.state.unlink()
    letter = remake(ws).letter
    assert letter
    assert (letter.handoff.status, letter.author) == (HANDOFF["status"], "ana")
    ws.rooms.leave("bo", ws.take("bo", ws.join("bo"))[1], force=True)  # it read it, and did nothing
    ws.state.unlink()
    assert remake(ws).letter == letter


def test_the_handoff_is_found_again_in_a_log_of_two_rooms_ago(ws: Workspace) -> None:
    ws.rooms.release(*ws.take("ana", ws.join("ana")), HANDOFF)
    for _ in range(
        3
    ):  # each time no state and no copy is left, only the log that the first one wrote
        ws.state.unlink()
        shutil.rmtree(ws.anchor.with_name("copies"))
        letter = remake(ws).letter
        assert letter
        assert (letter.handoff.status, letter.author) == (HANDOFF["status"], "ana")


def test_a_damaged_room_made_anew_is_kept_among_the_strays(ws: Workspace) -> None:
    ws.take("ana", ws.join("ana"))
    ws.state.write_text("[]")
    remake(ws)
    (stray,) = (ws.folder / "strays").iterdir()
    assert stray.read_text() == "[]"


def test_without_git_a_deleted_folder_is_a_fresh_start(tmp_path: Path) -> None:
    ws = Workspace(tmp_path)
    room = ws.join("ana")
    ws.take("ana", room)
    shutil.rmtree(ws.folder)
    assert ws.join("ana") != room
    assert ws.rooms.look("")[0].turn_id == 0


def test_a_removed_room_is_no_loss(ws: Workspace) -> None:
    ws.join("ana")
    nested = ws.join("ana", "lib", new=True)
    ws.rooms.release(*ws.take("ana", nested), HANDOFF)
    ws.rooms.remove("ana", nested)
    assert ws.store.paths() == [""]
    assert list(marks(ws)) == [""]
    again = ws.join("ana", "lib", new=True)
    assert again != nested


def test_the_rooms_own_folder_is_never_removed(ws: Workspace) -> None:
    room = ws.join("ana")
    assert refused(lambda: ws.rooms.remove("ana", room)).code == "invalid_input"


# --- compare and swap ------------------------------------------------------------------


def test_a_write_on_a_stale_look_is_a_conflict_and_changes_nothing(ws: Workspace) -> None:
    room = ws.join("ana")
    stale = ws.store.load("")
    assert stale
    ws.take("ana", room)
    before = content(ws.root)
    with ws.store.exclusive(), pytest.raises(Conflict):
        ws.store.swap(stale, stale.room, (), ws.clock())
    assert content(ws.root) == before


def test_a_room_is_not_made_twice(ws: Workspace) -> None:
    ws.join("ana")
    snapshot = ws.store.load("")
    assert snapshot
    with ws.store.exclusive(), pytest.raises(Conflict):
        ws.store.create(snapshot.room, ws.clock())


def test_every_write_has_a_revision_of_its_own(ws: Workspace) -> None:
    room = ws.join("ana")
    first = ws.store.load("")
    ws.take("ana", room)
    second = ws.store.load("")
    assert first
    assert second
    assert second.record.revision > first.record.revision


def test_nothing_temporary_stays(ws: Workspace) -> None:
    ws.rooms.release(*ws.take("ana", ws.join("ana")), HANDOFF)
    assert [name for name in content(ws.root) if name.endswith(".tmp")] == []


def test_a_state_that_would_be_too_large_to_read_is_not_written(ws: Workspace) -> None:
    room = ws.join("ana")
    before = ws.state.read_bytes()
    globs = tuple(f"{n}" * 100 for n in range(10_000))
    assert refused(lambda: ws.rooms.set_policy("ana", room, Policy(exempt=globs))).code == "io"
    assert ws.state.read_bytes() == before


# --- the log ---------------------------------------------------------------------------


def event(seq: int, size: int = 1) -> Event:
    handoff = Handoff("x" * size, "y") if size % 2 else None
    return Event(seq, seq, "release", "ana", None, handoff, None, None, seq)


def with_tail(ws: Workspace) -> tuple[str, Path]:
    """Append to the log what a writer leaves that dies before it publishes its state."""
    room = ws.join("ana")
    ws.take("ana", room)
    log = ws.log(room)
    with log.open("ab") as file:
        file.write(codec.event_line(event(2, 99)) + b'{"event_seq":3,"tu')
    return room, log


def test_a_tail_that_was_never_acknowledged_is_cut_by_the_next_event(ws: Workspace) -> None:
    room, log = with_tail(ws)
    held = ws.store.load("")
    assert held
    assert held.room.lease
    ws.rooms.release("ana", room, held.room.lease.lease_id, 1, HANDOFF)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(e["event_seq"], e["event_type"]) for e in lines] == [(1, "claim"), (2, "release")]
    assert lines[1]["handoff"] == HANDOFF


def test_a_tail_that_was_never_acknowledged_is_not_shown(ws: Workspace) -> None:
    room, _ = with_tail(ws)
    assert [e["event_seq"] for e in ws.rooms.events(room)] == [1]


def test_events_are_numbered_without_gaps(ws: Workspace) -> None:
    room = ws.join("ana")
    for _ in range(5):
        ws.rooms.release(*ws.take("ana", room), HANDOFF)
    assert [e["event_seq"] for e in ws.rooms.events(room)] == list(range(1, 11))
    assert [e["event_seq"] for e in ws.rooms.events(room, 7)] == [8, 9, 10]
    assert [e["event_seq"] for e in ws.rooms.events(room, 3, 2)] == [4, 5]
    assert ws.rooms.events(room, 10) == []


@settings(max_examples=200, deadline=None, database=None)
@given(
    st.lists(st.integers(1, 400), max_size=60),
    st.integers(0, 70),
    st.integers(1, 70),
    st.sampled_from([b"", b'{"event_seq":', b"[" * 50, b"\0" * 30, b"\n\n"]),
)
def test_bisection_finds_what_a_scan_finds(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], after: int, limit: int, tail: bytes
) -> None:
    events = [event(seq, size) for seq, size in enumerate(sizes, 1)]
    place = tmp_path_factory.getbasetemp()
    lines = b"".join(map(codec.event_line, events))
    (place / layout.EVENTS).write_bytes(lines + tail)
    with Folder.open(str(place)) as folder:
        for length in (len(lines), len(lines + tail)):
            found = event_log.read(folder, after, limit, length)
            assert found == events[after : after + limit]


def test_no_more_than_500_events_at_once(ws: Workspace) -> None:
    room = ws.join("ana")
    with ws.store.exclusive():
        before = ws.store.load("")
        assert before
        ws.store.swap(before, before.room, [event(n) for n in range(1, 700)], ws.clock())
    assert [e["event_seq"] for e in ws.rooms.events(room, 7, 600)] == list(range(8, 508))
    assert len(ws.rooms.events(room)) == 100


def test_a_room_where_nothing_happened_has_no_events(ws: Workspace) -> None:
    assert ws.rooms.events(ws.join("ana")) == []


# --- the lock --------------------------------------------------------------------------

HOLD = """
import sys
from stickhooks.store.files import FileStore
with FileStore(sys.argv[1]).exclusive():
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def locked(ws: Workspace) -> Iterator[Workspace]:
    ws.join("ana")
    with python("-c", HOLD, str(ws.root)) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "locked\n"
        yield ws
        holder.kill()


def test_a_lock_that_another_process_keeps_is_waited_for_only_so_long(locked: Workspace) -> None:
    before = content(locked.root)
    refusal = refused(lambda: locked.join("bo"), "io")
    assert "nothing was changed" in refusal.message
    assert content(locked.root) == before


def test_reading_needs_no_lock(locked: Workspace) -> None:
    assert locked.rooms.look("")[0].members


def test_a_killed_holder_of_the_lock_is_no_obstacle(ws: Workspace) -> None:
    ws.join("ana")
    with python("-c", HOLD, str(ws.root)) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "locked\n"
        holder.kill()
        holder.wait()
    ws.join("bo")


def test_a_folder_wiped_under_the_lock_takes_no_more_writes(ws: Workspace) -> None:
    ws.take("ana", ws.join("ana"))
    snapshot = ws.store.load("")
    assert snapshot
    with ws.store.exclusive():
        shutil.rmtree(ws.folder)
        with pytest.raises((Conflict, Refusal)):
            ws.store.swap(snapshot, snapshot.room, [event(2)], ws.clock())
    assert not ws.folder.exists()


def test_a_folder_replaced_under_the_lock_is_not_written_to(ws: Workspace) -> None:
    ws.take("ana", ws.join("ana"))
    snapshot = ws.store.load("")
    assert snapshot
    with ws.store.exclusive():
        moved = ws.folder.rename(ws.root / "moved")
        before = (moved / "room.json").read_bytes()
        ws.folder.mkdir()
        refused(lambda: ws.store.swap(snapshot, snapshot.room, [event(2)], ws.clock()), "io")
    assert list(ws.folder.iterdir()) == []
    assert (moved / "room.json").read_bytes() == before


TRY = """
import sys
from stickhooks.errors import Refusal
from stickhooks.store.files import FileStore
try:
    with FileStore(sys.argv[1]).exclusive():
        print("locked")
except Refusal as refusal:
    print(refusal.code)
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="looks at /proc")
def test_a_lock_that_was_replaced_while_it_was_waited_for_is_no_lock(ws: Workspace) -> None:
    lock = ws.folder / "lock"
    with ExitStack() as stack:
        with ws.store.exclusive():
            other = stack.enter_context(python("-c", TRY, str(ws.root)))
            while str(lock) not in opened(other.pid):
                assert other.poll() is None
                time.sleep(0.001)
            lock.unlink()
            lock.touch()
        assert other.communicate(timeout=240)[0] == "io\n"


def opened(pid: int) -> set[str]:
    """Return the names of the files that a process has open."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            found.add(os.readlink(link))
    return found


def test_a_room_is_not_made_in_a_wiped_folder(tmp_path: Path) -> None:
    ws = Workspace(tmp_path)
    ws.join("ana")
    snapshot = ws.store.load("")
    assert snapshot
    with ws.store.exclusive():
        shutil.rmtree(ws.folder)
        assert refused(lambda: ws.store.create(snapshot.room, ws.clock())).code == "io"
    assert not ws.folder.exists()


@pytest.mark.parametrize("kind", ["file", "folder for the lock", "not there"])
def test_a_place_that_cannot_be_written_is_refused(kind: str, tmp_path: Path) -> None:
    root = tmp_path / "ws"
    if kind != "not there":
        root.mkdir()
    if kind == "file":
        (root / ".talking-stick").write_text("")
    elif kind == "folder for the lock":
        (root / ".talking-stick" / "lock").mkdir(parents=True)
    ws = Workspace(root)
    assert refused(lambda: ws.join("ana")).code in ("io", "state_corrupt")


# --- time ------------------------------------------------------------------------------


@pytest.fixture
def timed(tmp_path: Path) -> Workspace:
    """A room whose clock was set in a boot, held by ana for 45 minutes."""
    ws = Workspace(tmp_path)
    ws.boot, ws.wall, ws.monotonic = BOOT, 1000 * DAY, 5 * DAY
    ws.take("ana", ws.join("ana"))
    return ws


def phase(ws: Workspace) -> str:
    return rules.phase_of(*ws.rooms.look(""))


def goes_by(ws: Workspace, time: int) -> None:
    ws.wall += time
    ws.monotonic += time


@pytest.mark.parametrize("step", [-DAY, DAY])
def test_a_step_of_the_wall_clock_neither_ends_nor_extends_a_lease(
    step: int, timed: Workspace
) -> None:
    timed.wall += step
    assert phase(timed) == phases.OWNED
    goes_by(timed, 45 * MINUTE - 1)
    assert phase(timed) == phases.OWNED
    goes_by(timed, 1)
    assert phase(timed) == phases.STALE_OWNER


@pytest.mark.parametrize("step", [-DAY, DAY])
def test_a_step_of_the_wall_clock_does_not_matter_to_a_renewal(step: int, timed: Workspace) -> None:
    timed.wall += step
    room = timed.rooms.look("")[0]
    assert room.lease
    timed.rooms.heartbeat("ana", room.room_id, room.lease.lease_id, 1)
    renewed = timed.rooms.look("")[0].lease
    assert renewed
    assert renewed.expires_at == room.lease.expires_at


def test_another_boot_goes_by_the_wall_clock(timed: Workspace) -> None:
    timed.boot, timed.monotonic = "a-container", 7
    assert phase(timed) == phases.OWNED
    timed.wall += 45 * MINUTE
    assert phase(timed) == phases.STALE_OWNER


@pytest.mark.parametrize("step", [-DAY, DAY])
def test_after_a_step_a_lease_ends_by_another_boots_clock_too_when_its_time_is_over(
    step: int, timed: Workspace
) -> None:
    """What is published is never beyond now and the TTL, by the monotonic clock and by the wall clock."""
    timed.wall += step
    goes_by(timed, MINUTE)
    room = timed.rooms.look("")[0]
    assert room.lease
    timed.rooms.heartbeat("ana", room.room_id, room.lease.lease_id, 1)
    timed.boot, timed.monotonic = "a-container", 7
    assert phase(timed) == phases.OWNED
    timed.wall += 45 * MINUTE - 1
    assert phase(timed) == phases.OWNED
    timed.wall += 1
    assert phase(timed) == phases.STALE_OWNER


def test_a_step_is_forgotten_by_the_next_lease(timed: Workspace) -> None:
    room = timed.rooms.look("")[0]
    assert room.lease
    held = "ana", room.room_id, room.lease.lease_id, 1
    timed.wall += DAY
    goes_by(timed, MINUTE)
    timed.rooms.heartbeat(*held)
    assert json.loads(timed.state.read_text())["clock"]["shift"] == DAY
    timed.wall -= DAY
    goes_by(timed, MINUTE)
    timed.rooms.heartbeat(*held)
    assert "shift" not in json.loads(timed.state.read_text())["clock"]


def test_a_write_under_another_boot_leaves_the_holders_clock(timed: Workspace) -> None:
    timed.boot, timed.monotonic = "a-container", 7
    timed.join("bo")
    timed.boot, timed.monotonic = BOOT, 5 * DAY
    timed.wall += DAY
    assert phase(timed) == phases.OWNED


def test_the_holders_next_write_sets_the_clock_to_its_boot(timed: Workspace) -> None:
    room = timed.rooms.look("")[0]
    assert room.lease
    timed.boot, timed.monotonic = "the-next-boot", 60_000
    timed.wall += MINUTE
    timed.rooms.heartbeat("ana", room.room_id, room.lease.lease_id, 1)
    timed.wall += DAY
    assert phase(timed) == phases.OWNED
    goes_by(timed, 45 * MINUTE)
    assert phase(timed) == phases.STALE_OWNER


def test_where_boots_have_no_name_time_is_the_wall_clock(tmp_path: Path) -> None:
    ws = Workspace(tmp_path)
    ws.take("ana", ws.join("ana"))
    ws.wall += 45 * MINUTE
    assert phase(ws) == phases.STALE_OWNER


def test_two_stores_on_one_folder_see_the_same_room(ws: Workspace) -> None:
    room = ws.join("ana")
    twin = FileStore(str(ws.root), str(ws.git_dir))
    found = twin.load("")
    assert found
    assert found.room.room_id == room
