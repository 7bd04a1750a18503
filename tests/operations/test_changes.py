"""What changed on disk since: by real git, in real repositories, which stay as they were."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stickhooks.operations import changes
from stickhooks.workspace import paths
from tests.support.shells import difference, snapshot
from tests.support.world import git, git_repo

AT = 1_700_000_000


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = git_repo(tmp_path / "shop")
    (root / "web").mkdir()
    for name in ("app.py", "web/index.html"):
        (root / name).write_text("one\n")
    commit(root, "the shop", AT)
    return root


def commit(root: Path, subject: str, at: int) -> None:
    git(root, "add", ".")
    env = {**os.environ, "GIT_COMMITTER_DATE": f"@{at} +0000", "GIT_CONFIG_GLOBAL": os.devnull}
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    subprocess.run(["git", *who, "commit", "-qm", subject], cwd=root, env=env, check=True)


def seen(
    root: Path, room: str = "", at: int | None = AT, head: str | None = None
) -> changes.Changes:
    workspace = paths.workspace_of(str(root))
    assert workspace
    wall = None if at is None else at * 1000
    found = changes.of_room(workspace, room, ["", "web"], "the turn began", wall, head)
    assert found
    return found


def test_files_that_are_not_committed_are_counted_and_a_few_are_named(tree: Path) -> None:
    for name in ("a b", "c", "d", "e"):
        (tree / name).write_text("new\n")
    (tree / "app.py").write_text("two\n")
    found = seen(tree)
    assert found.files == ["app.py", "a b", "c", "d", "e"]
    assert found.lines()[0] == "5 files not committed: app.py, a b, c and 2 more"


def test_a_clean_tree_says_so(tree: Path) -> None:
    assert seen(tree, at=AT + 60).lines() == [
        "everything is committed", "no commit since the turn began",
    ]  # fmt: skip


def test_commits_of_the_turn_are_counted_and_the_newest_is_named(tree: Path) -> None:
    (tree / "app.py").write_text("two\n")
    commit(tree, "the login", AT + 60)
    (tree / "app.py").write_text("three\n")
    commit(tree, "its \x1b[31mtests", AT + 120)
    assert seen(tree).lines()[1] == ("2 commits since the turn began, the newest: its \\e[31mtests")
    assert seen(tree, at=AT + 60).commits == ["its \x1b[31mtests"]


def test_a_commit_of_the_turns_first_second_is_told_from_the_one_before_it_by_where_head_was(
    tree: Path,
) -> None:
    head = git(tree, "rev-parse", "HEAD").strip()
    assert seen(tree, head=head).lines()[1] == "no commit since the turn began"
    (tree / "app.py").write_text("two\n")
    commit(tree, "at once", AT)
    assert seen(tree, head=head).commits == ["at once"]
    assert seen(tree, "web", head=head).commits == []
    assert seen(tree, head="").commits == ["at once", "the shop"]  # begun before the first commit


def test_where_it_is_not_known_where_head_was_no_commit_is_denied(tree: Path) -> None:
    assert seen(tree).lines() == ["everything is committed"]
    assert seen(tree, at=AT - 1).commits == ["the shop"]
    assert seen(tree, head="1" * 40).commits is None  # gone since


def test_a_nested_room_counts_for_itself_alone(tree: Path) -> None:
    (tree / "web/index.html").write_text("two\n")
    assert seen(tree).files == []
    assert seen(tree, "web").files == ["web/index.html"]
    commit(tree, "the page", AT + 60)
    assert seen(tree, at=AT + 1).commits == []
    assert seen(tree, "web").commits == ["the page"]


def test_a_name_is_no_pattern(tree: Path) -> None:
    (tree / "*").mkdir()
    (tree / "*/x").write_text("new\n")
    workspace = paths.workspace_of(str(tree))
    assert workspace
    (tree / "app.py").write_text("two\n")
    found = changes.of_room(workspace, "*", ["", "*"], "", None)
    assert found
    assert found.files == ["*/"]


def test_to_look_leaves_the_index_as_it_was_also_where_git_would_refresh_it(tree: Path) -> None:
    os.utime(tree / "app.py", (1, 1))
    before = snapshot(tree)
    seen(tree)
    assert not difference(before, snapshot(tree))


def test_before_the_first_commit_there_are_files_and_no_commits(tmp_path: Path) -> None:
    root = git_repo(tmp_path / "new")
    (root / "app.py").write_text("one\n")
    found = seen(root)
    assert (found.files, found.commits) == (["app.py"], None)
    assert found.lines() == ["1 file not committed: app.py"]


def test_what_git_cannot_tell_is_left_out(tree: Path) -> None:
    (tree / ".git/config").write_text("[nonsense\n")
    assert seen(tree).lines() == []
    assert seen(tree).data() is None


def test_where_there_is_no_git_nothing_is_told(tmp_path: Path) -> None:
    assert changes.of_room(paths.Workspace(str(tmp_path), None), "", [""], "", None) is None


def test_programs_get_the_counts_and_the_names(tree: Path) -> None:
    (tree / "app.py").write_text("two\n")
    assert seen(tree, at=AT + 60).data() == {
        "since": "the turn began", "since_at": (AT + 60) * 1000, "uncommitted": 1, "files": ["app.py"],
        "commits": 0, "newest_commit": None,
    }  # fmt: skip
