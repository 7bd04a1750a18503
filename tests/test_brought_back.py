"""A room whose folder was deleted comes back from the copy in the git dir, if it is certainly the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from world import HANDOFF, Workspace, git_repo, process, refused


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


def test_a_copied_tree_is_not_the_same(ws: Workspace, tmp_path: Path) -> None:
    ws.take("ana", room_of(ws))
    shutil.copytree(ws.folder.parent, tmp_path / "copy")
    other = Workspace(tmp_path / "copy", git=True)
    shutil.rmtree(other.folder)
    refused(lambda: other.rooms.look(""), "state_lost")


def test_a_member_in_a_sandbox_may_know_a_later_turn(ws: Workspace) -> None:
    ws.take("ana", room_of(ws))
    ws.rooms.join("bo", ".")
    shutil.rmtree(ws.folder)
    refused(lambda: ws.rooms.look(""), "state_lost")
