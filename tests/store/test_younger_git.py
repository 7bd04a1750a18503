"""A room made before ``git init``, or whose ``.git`` was made anew, is the same room; a clone's is not."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from stickhooks.clients import CLIENTS
from stickhooks.gate import decision
from stickhooks.handlers import common
from stickhooks.identity import resolver
from stickhooks.setup import git_hooks
from stickhooks.system import processes
from stickhooks.text import command
from stickhooks.workspace import paths
from tests.support.asking import Gate, Outsider
from tests.support.world import HANDOFF, Workspace, git, git_repo, process, refused


@pytest.fixture
def before(tmp_path: Path) -> Workspace:
    """A room in a folder without git, which ana holds."""
    if not processes.where()[0]:
        pytest.skip("this machine has no id to tell it from another by")
    root = tmp_path / "shop"
    root.mkdir()
    (root / "app.py").write_text("app = 1\n")
    ws = Workspace(root)
    ws.rooms.join("ana", ".", process=process(7))
    ws.take("ana", ws.rooms.look("")[0].room_id)
    return ws


def begun(ws: Workspace, *options: str) -> Workspace:
    """Make a git dir around a workspace that is there already."""
    git_init(ws, *options)
    return Workspace(ws.root, git=True)


def git_init(ws: Workspace, *options: str) -> None:
    time.sleep(0.05)  # a file system dates its files by the kernel's tick, of 10 ms at most
    git(ws.root, "init", "-q", *options)


def held(ws: Workspace) -> tuple[str, str, str, int]:
    room = ws.rooms.look("")[0]
    assert room.lease
    return room.lease.holder, room.room_id, room.lease.lease_id, room.turn_id


def test_a_room_made_before_git_init_is_the_same(before: Workspace) -> None:
    mine = held(before)
    after = begun(before)
    assert held(after) == mine
    after.rooms.release(*mine, HANDOFF)
    assert json.loads(after.anchor.read_text())["rooms"][""]["turn"] == 1
    shutil.rmtree(after.folder)
    assert [e["event_seq"] for e in after.rooms.events(mine[1])] == [1, 2]


def test_commits_made_before_the_next_call_change_nothing(before: Workspace) -> None:
    mine = held(before)
    after = begun(before)
    git(before.root, "add", "app.py")
    git(before.root, "commit", "-q", "-m", "app")
    git(before.root, "gc", "-q")
    assert held(after) == mine


def test_a_git_dir_that_was_made_anew_is_told_of_the_room(before: Workspace) -> None:
    first = begun(before)
    mine = held(first)
    first.rooms.heartbeat(*mine)
    assert first.git_dir
    shutil.rmtree(first.git_dir)
    assert held(begun(before)) == mine


def test_nested_rooms_come_along(before: Workspace) -> None:
    before.rooms.join("ana", "lib", force_new=True, process=process(7))
    after = begun(before)
    after.rooms.heartbeat(*held(after))
    assert sorted(json.loads(after.anchor.read_text())["rooms"]) == ["", "lib"]


def test_a_process_that_began_before_git_init_tells_the_git_dir(before: Workspace) -> None:
    mine = held(before)
    before.rooms.join("ana", "lib", force_new=True, process=process(7))
    after = begun(before)
    before.wall += 1
    before.rooms.heartbeat(*mine)  # a `stick run` or `stick wait` that goes on
    assert sorted(json.loads(after.anchor.read_text())["rooms"]) == ["", "lib"]
    assert held(after) == mine


def test_a_write_while_git_init_runs_tells_the_git_dir(
    before: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = held(before)
    replace = before.store._replace

    def late(name: str, data: bytes, first: object = None) -> None:
        git(before.root, "init", "-q")
        replace(name, data)

    with monkeypatch.context() as patch:
        patch.setattr(before.store, "_replace", late)
        before.wall += 1
        before.rooms.heartbeat(*mine)
    assert held(Workspace(before.root, git=True)) == mine


def test_a_separate_git_dir_is_told_as_well(before: Workspace, tmp_path: Path) -> None:
    mine = held(before)
    git_init(before, f"--separate-git-dir={tmp_path / 'elsewhere'}")
    found = paths.workspace_of(str(before.root))
    assert found
    assert found.git_dir == str(tmp_path / "elsewhere")
    after = Workspace(before.root)
    after.rooms.release(*mine, HANDOFF)
    assert (tmp_path / "elsewhere/stickhooks/anchor.json").exists()


# --- what is none of ours


@pytest.mark.parametrize(
    "how", ["cloned", "copied", "older git dir", "another machine", "no place"]
)
def test_what_came_from_elsewhere_stays_foreign(
    how: str, before: Workspace, tmp_path: Path
) -> None:
    root = before.root
    if how == "cloned":  # to the very place, where somebody tracks our folder
        begun(before)
        git(root, "add", "-f", ".talking-stick/room.json", "app.py")
        git(root, "commit", "-q", "-m", "all")
        root.rename(tmp_path / "origin")
        git(tmp_path, "clone", "-q", "origin", "shop")
    elif how == "copied":
        root = Path(shutil.copytree(root, tmp_path / "copy"))
        git(root, "init", "-q")
    elif how == "older git dir":
        git(tmp_path, "init", "-q", "other")
        before.rooms.heartbeat(*held(before))
        before.state.write_bytes(before.state.read_bytes())
        (tmp_path / "other/.git").rename(root / ".git")
    else:
        raw = json.loads(before.state.read_text())
        raw["place"] = {"machine": "another", "path": str(root)} if how != "no place" else None
        before.state.write_text(json.dumps(raw))
        git(root, "init", "-q")
    after = Workspace(root, git=True)
    assert after.store.paths() == []
    assert after.store.foreign() == [""]
    refused(lambda: after.rooms.look(""), "no_room")


# --- the gate


def ask(root: Path, name: str) -> decision.Verdict:
    found = paths.workspace_of(str(root))
    assert found
    sighting = resolver.look({}, (CLIENTS["claude-code"], name))
    return common.settled([paths.Target(found, "app.py")], decision.EDIT, sighting, {})


def test_the_gate_goes_on_refusing_and_tells_the_git_dir(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    gate = Gate(tmp_path / "shop")
    gate.take("ana")
    shutil.rmtree(gate.root / ".git")
    assert not ask(gate.root, "bo").ok, "without git"
    git_repo(gate.root)
    assert not ask(gate.root, "bo").ok
    assert (gate.root / ".git/stickhooks/anchor.json").exists()
    assert ask(gate.root, "ana").ok


def test_a_check_by_hand_writes_nothing(before: Workspace) -> None:
    after = begun(before)
    found = paths.workspace_of(str(before.root))
    assert found
    target = paths.Target(found, "app.py")
    assert not decision.judge([target], decision.BY_HAND, resolver.look({}), {}).ok
    assert not after.anchor.exists()


def test_verbs_say_not_enforced_until_init(before: Workspace) -> None:
    begun(before)
    subprocess.run(["git", "config", "user.name", "t"], cwd=before.root, check=True)
    from stickhooks.operations.context import Desk
    from stickhooks.views import enforcement

    why, step = enforcement.lacking(Desk(str(before.root)))
    assert why
    assert command(step) == "stick init"


def test_a_repository_made_in_a_folder_above_leaves_a_room_in_force(before: Workspace) -> None:
    top = git_repo(before.root.parent)
    for place in (before.root, before.root / "app.py", before.root / "new/one.py"):
        found = paths.workspace_of(str(place))
        assert found
        assert (found.root, found.git_dir) == (str(before.root), None)
    Outsider(before.root).is_refused()
    why, step = git_hooks.lacking_around(str(before.root))
    assert f"the repository {top} was made around this room later" in why
    assert command(step) == f"stick uninit && stick init --room {top}"
    assert git_hooks.lacking_around(str(top.parent)) == ("", "")
    above = paths.workspace_of(str(top / "other.py"))
    assert above
    assert above.root == str(top)


def test_a_room_below_the_top_that_came_from_elsewhere_is_none(before: Workspace) -> None:
    top = git_repo(before.root.parent / "clone")
    shutil.copytree(before.root, top / "vendor")
    (top / "odd/.talking-stick").mkdir(parents=True)
    for place in ("vendor/app.py", "odd/app.py"):
        found = paths.workspace_of(str(top / place))
        assert found
        assert found.root == str(top)
