"""A room whose folder was deleted comes back from the copy in the git dir, if it is certainly the same."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from stickhooks.fast.records import replace
from stickhooks.operations.rooms import Rooms
from stickhooks.protocol.model import Room
from stickhooks.store import room_copy
from stickhooks.store.files import FileStore
from tests.support.world import HANDOFF, Workspace, git, git_repo, process, refused


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    ws = Workspace(git_repo(tmp_path / "shop"), git=True)
    ws.rooms.join("ana", ".", process=process(7))
    return ws


def room_of(ws: Workspace) -> str:
    return ws.rooms.look("")[0].room_id


def test_the_same_room_comes_back_with_its_holder_and_its_log(ws: Workspace) -> None:
    room = room_of(ws)
    held = ws.take("ana", room)
    shutil.rmtree(ws.folder)
    assert ws.rooms.look("")[0].lease is not None
    assert room_of(ws) == room
    ws.rooms.release(*held, HANDOFF)
    assert [e["event_seq"] for e in ws.rooms.events(room)] == [1, 2]


def test_an_older_copy_opens_nothing(ws: Workspace) -> None:
    copies = ws.anchor.with_name("copies")
    held = ws.take("ana", room_of(ws))
    shutil.copytree(copies, copies.with_name("older"))
    ws.rooms.release(*held, HANDOFF)  # moves no turn, but the newest event
    shutil.rmtree(copies)
    copies.with_name("older").rename(copies)
    shutil.rmtree(ws.folder)
    refused(lambda: ws.rooms.look(""), "state_lost")


def test_a_backup_of_the_whole_git_dir_opens_nothing(ws: Workspace, tmp_path: Path) -> None:
    assert ws.git_dir
    held = ws.take("ana", room_of(ws))
    shutil.copytree(ws.git_dir, tmp_path / "backup")
    ws.rooms.release(*held, HANDOFF)
    ws.join("bo")
    ws.take("bo", room_of(ws))
    shutil.rmtree(ws.git_dir)
    shutil.copytree(tmp_path / "backup", ws.git_dir)  # anchor and copy are of one mind, and old
    assert ws.rooms.look("")[0].turn_id == 2, "the room that is there goes on"
    shutil.rmtree(ws.folder)
    refused(lambda: ws.rooms.look(""), "state_lost")


def test_a_write_that_was_cut_short_leaves_no_exact_copy(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = room_of(ws)
    with monkeypatch.context() as patch:  # published, and killed before the anchor was raised
        patch.setattr(ws.store._anchor, "raise_to", lambda *_: signal.raise_signal(signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            ws.take("ana", room)
    assert ws.rooms.look("")[0].turn_id == 1
    shutil.rmtree(ws.folder)
    mark = ws.store._anchor.marks()[""]
    assert room_copy.exact(str(ws.git_dir), "", mark) is None, "turn 1 was given, whatever it says"


def test_what_was_refused_does_not_come_back(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    ws.take("ana", room_of(ws))
    with monkeypatch.context() as patch:
        patch.setattr(ws.store, "_replace", full)
        refused(lambda: ws.rooms.join("bo", ".", process=process(8)), "io")
    shutil.rmtree(ws.folder)
    room = ws.rooms.look("")[0]  # as it was
    assert [member.agent_id for member in room.members] == ["ana"]
    assert room.lease


def test_a_room_that_is_deleted_during_a_write_comes_back_as_it_was(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = ws.take("ana", room_of(ws))
    replace = ws.store._replace

    def clean(name: str, data: bytes, first: Any) -> None:
        shutil.rmtree(ws.folder)
        replace(name, data, first)

    with monkeypatch.context() as patch:
        patch.setattr(ws.store, "_replace", clean)
        refused(lambda: ws.rooms.release(*held, HANDOFF), "io")
    lease = ws.rooms.look("")[0].lease
    assert lease
    assert lease.lease_id == held[2]
    assert ws.rooms.release(*held, HANDOFF)["status"] == "released"
    assert [e["event_seq"] for e in ws.rooms.events(held[1])] == [1, 2]


@pytest.mark.parametrize("moment", ["an earlier turn", "an earlier event of the same turn"])
def test_an_older_state_put_back_never_wins(moment: str, ws: Workspace) -> None:
    room = room_of(ws)
    held = ws.take("ana", room)
    old = ws.state.read_bytes()
    ws.rooms.release(*held, HANDOFF)
    if moment == "an earlier turn":
        ws.rooms.join("bo", ".", process=process(8))
        ws.take("bo", room)
    newest = ws.state.read_bytes()
    ws.state.write_bytes(old)  # an editor's undo, rsync, a restored backup
    assert ws.rooms.look("")[0].room_id == room
    assert ws.state.read_bytes() == newest
    assert [p.read_bytes() for p in (ws.folder / "strays").iterdir()] == [old]


def test_an_older_state_without_an_exact_copy_stays_refused(ws: Workspace) -> None:
    held = ws.take("ana", room_of(ws))
    old = ws.state.read_bytes()
    ws.rooms.release(*held, HANDOFF)
    shutil.rmtree(ws.anchor.with_name("copies"))
    ws.state.write_bytes(old)
    assert "event 1, but event 2" in refused(lambda: ws.rooms.look(""), "state_lost").message


def test_a_state_of_another_room_is_replaced_by_nobody_but_doctor(ws: Workspace) -> None:
    older = ws.state.read_bytes()
    ws.take("ana", room_of(ws))
    other = older.replace(room_of(ws).encode(), b"another-room")
    ws.state.write_bytes(other)
    refused(lambda: ws.rooms.look(""), "state_lost")
    assert ws.state.read_bytes() == other


def test_members_and_policy_come_back_before_the_first_turn(ws: Workspace) -> None:
    room = room_of(ws)
    ws.rooms.set_policy("ana", room, replace(ws.rooms.look("")[0].policy, exempt=("*.md",)))
    shutil.rmtree(ws.folder)
    found = ws.rooms.look("")[0]
    assert (found.room_id, found.policy.exempt) == (room, ("*.md",))
    assert [m.agent_id for m in found.members] == ["ana"]


@pytest.mark.parametrize("loss", ["gone", "cut", "overwritten"])
def test_a_log_that_was_lost_is_whole_again_with_the_next_event(loss: str, ws: Workspace) -> None:
    room = room_of(ws)
    held = ws.take("ana", room)
    if loss == "gone":
        shutil.rmtree(ws.folder / "log")
    else:
        ws.log(room).write_bytes(b"" if loss == "cut" else b"{}\n")  # in place, as cp does
    ws.rooms.release(*held, HANDOFF)
    assert [e["event_seq"] for e in ws.rooms.events(room)] == [1, 2]
    shutil.rmtree(ws.folder)
    assert [e["event_seq"] for e in ws.rooms.events(room)] == [1, 2]


def test_a_damaged_copy_of_the_log_is_used_as_far_as_it_is_sound(ws: Workspace) -> None:
    room = room_of(ws)
    ws.rooms.release(*ws.take("ana", room), HANDOFF)
    copy = ws.anchor.parent / "copies" / room / "events.jsonl"
    text = copy.read_bytes()
    copy.write_bytes(text[: text.index(b"\n") + 1] + bytes(len(text) - text.index(b"\n") - 1))
    shutil.rmtree(ws.folder)
    found = ws.rooms.look("")[0]
    assert found.letter
    assert found.letter.handoff.status == HANDOFF["status"]
    assert [e["event_seq"] for e in ws.rooms.events(room)] == [1]
    ws.take("ana", room)
    assert [e["event_seq"] for e in ws.rooms.events(room)] == [1, 3]


def test_a_log_that_a_backup_shares_by_a_link_is_not_written(ws: Workspace, tmp_path: Path) -> None:
    held = ws.take("ana", room_of(ws))
    copy = ws.anchor.parent / "copies" / room_of(ws) / "events.jsonl"
    os.link(copy, tmp_path / "backup")  # as rsnapshot and `cp -al` do
    before = copy.read_bytes()
    ws.rooms.release(*held, HANDOFF)
    assert (tmp_path / "backup").read_bytes() == before
    assert copy.read_bytes() == ws.log(room_of(ws)).read_bytes()


def test_a_git_dir_on_another_file_system_keeps_the_copy_as_well(tmp_path: Path) -> None:
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second file system to write to: /dev/shm")
    with TemporaryDirectory(dir=memory) as elsewhere:
        git(tmp_path, "init", "-q", f"--separate-git-dir={elsewhere}/git", "shop")
        ws = Workspace(tmp_path / "shop", git=True)
        ws.store = FileStore(str(ws.root), f"{elsewhere}/git")
        ws.rooms = Rooms(ws.store, clock=ws.clock, dead=ws.proven)
        ws.rooms.join("ana", ".", process=process(7))
        room = room_of(ws)
        held = ws.take("ana", room)
        shutil.rmtree(ws.folder)
        ws.rooms.release(*held, HANDOFF)
        assert [e["event_seq"] for e in ws.rooms.events(room)] == [1, 2]


def test_a_tree_that_was_moved_is_itself_again_with_the_next_write(
    ws: Workspace, tmp_path: Path
) -> None:
    room = room_of(ws)
    held = ws.take("ana", room)
    ws.root.rename(tmp_path / "moved")
    moved = Workspace(tmp_path / "moved", git=True)
    moved.wall += 1
    moved.rooms.heartbeat(*held)  # changes nothing that the anchor knows but the place
    shutil.rmtree(moved.folder)
    assert room_of(moved) == room


@pytest.mark.parametrize("way", [shutil.copytree, Path.rename])
def test_a_tree_at_another_path_is_not_the_same(
    way: Callable[[Path, Path], object], ws: Workspace, tmp_path: Path
) -> None:
    """A snapshot of a file system has the same times and inodes: a moved tree, before it is written to."""
    ws.take("ana", room_of(ws))
    way(ws.root, tmp_path / "copy")
    other = Workspace(tmp_path / "copy", git=True)
    shutil.rmtree(other.folder)
    refused(lambda: other.rooms.look(""), "state_lost")


def test_a_member_in_a_sandbox_may_know_a_later_turn(ws: Workspace) -> None:
    ws.take("ana", room_of(ws))
    ws.rooms.join("bo", ".")
    shutil.rmtree(ws.folder)
    refused(lambda: ws.rooms.look(""), "state_lost")


def test_nobody_brings_back_while_another_has_not_told_the_anchor(ws: Workspace) -> None:
    ws.take("ana", room_of(ws))
    other = Workspace(ws.root, git=True)
    with ws.store.exclusive():
        shutil.rmtree(ws.folder)  # and the lock with it: another process finds a new one
        refused(lambda: other.rooms.look(""), "io")
    assert other.rooms.look("")[0].turn_id == 1


# --- under a new id, where it cannot be the same


def lost(ws: Workspace) -> tuple[str, Room]:
    """Lose a room with a history and a policy, whose copy is not exact: bo is known by no process."""
    room = room_of(ws)
    ws.rooms.join("bo", ".")
    ws.rooms.set_policy("ana", room, replace(ws.rooms.look("")[0].policy, exempt=("*.md",)))
    ws.rooms.release(*ws.take("ana", room), HANDOFF)
    ws.take("bo", room)
    before = ws.rooms.look("")[0]
    shutil.rmtree(ws.folder)
    return room, before


def test_members_policy_log_and_handoff_come_back_under_a_new_id(ws: Workspace) -> None:
    room, before = lost(ws)
    refused(lambda: ws.rooms.look(""), "state_lost")
    remade = ws.rooms.remake("")
    assert remade
    assert remade.room_id != room
    assert (remade.turn_id, remade.lease, remade.reservation) == (2, None, None)
    assert (remade.members, remade.policy) == (before.members, before.policy)
    assert remade.letter
    assert (remade.letter.handoff.status, remade.pending) == (HANDOFF["status"], True)
    told = [(e["event_seq"], e["event_type"]) for e in ws.rooms.events(remade.room_id)]
    assert told == [(1, "claim"), (2, "release"), (3, "claim")]
    assert ws.take("ana", remade.room_id)[3] == 3
    assert [e["event_seq"] for e in ws.rooms.events(remade.room_id)] == [1, 2, 3, 4]


def test_a_closed_room_stays_closed(ws: Workspace) -> None:
    room = room_of(ws)
    ws.rooms.join("bo", ".")
    ws.rooms.close(*ws.take("ana", room), HANDOFF)
    shutil.rmtree(ws.folder)
    remade = ws.rooms.remake("")
    assert remade
    assert remade.closed


def test_without_an_anchor_that_can_be_read_the_newest_copy_counts(ws: Workspace) -> None:
    _, before = lost(ws)
    ws.anchor.write_text("{")
    remade = ws.rooms.remake("")
    assert remade
    assert (remade.members, remade.turn_id) == (before.members, 2)


def test_a_state_of_another_room_gives_neither_members_nor_policy(ws: Workspace) -> None:
    ws.take("ana", room_of(ws))
    raw = json.loads(ws.state.read_text())
    raw["room_id"] = "from-a-clone"
    raw["policy"]["exempt"] = ["**"]
    ws.state.write_text(json.dumps(raw))
    remade = ws.rooms.remake("")
    assert remade
    assert remade.policy.exempt == ()


def test_a_mending_that_was_killed_loses_nothing(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, before = lost(ws)
    with monkeypatch.context() as patch:  # the anchor has the new id, and no state does
        patch.setattr(ws.store, "_replace", lambda *_: signal.raise_signal(signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            ws.rooms.remake("")
    remade = ws.rooms.remake("")
    assert remade
    assert remade.members == before.members
    assert len(ws.rooms.events(remade.room_id)) == 3


def test_the_copy_of_a_room_that_was_made_anew_goes(ws: Workspace) -> None:
    lost(ws)
    remade = ws.rooms.remake("")
    assert remade
    copies = ws.anchor.with_name("copies")
    assert [p.name for p in copies.iterdir()] == [remade.room_id]
    shutil.rmtree(ws.folder)  # and again: nothing was lost by that
    again = ws.rooms.remake("")
    assert again
    assert again.letter
    assert len(ws.rooms.events(again.room_id)) == 3


def test_the_copy_of_a_removed_room_goes_with_it_unless_its_log_is_nowhere_else(
    ws: Workspace,
) -> None:
    copies = ws.anchor.with_name("copies")
    for whole in (True, False):
        nested = ws.join("ana", "lib", new=True)
        ws.rooms.release(*ws.take("ana", nested), HANDOFF)
        if not whole:
            ws.log(nested).unlink()
        ws.rooms.remove("ana", nested)
        assert (copies / nested).exists() is not whole


def test_doctor_puts_an_exact_copy_in_the_place_of_a_damaged_state(ws: Workspace) -> None:
    room = room_of(ws)
    held = ws.take("ana", room)
    ws.state.write_text("{")
    refused(lambda: ws.rooms.look(""), "state_corrupt")
    assert ws.store.put_back("")
    assert ws.rooms.look("")[0].lease
    ws.rooms.release(*held, HANDOFF)
    assert not ws.store.put_back("")
