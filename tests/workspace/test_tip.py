"""Where HEAD is, read from git's files: what git says, or that only git can say."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from stickhooks.store import layout
from stickhooks.workspace import head
from tests.support.world import git, git_repo


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    root = git_repo(tmp_path / "repo")
    git(root, "commit", "--allow-empty", "-m", "one")
    return root


def by_git(root: Path) -> str:
    """Return what git says, ``""`` where HEAD names no commit."""
    told = subprocess.run(
        ["git", "rev-parse", "-q", "--verify", "HEAD"],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return told.stdout.strip()


def by_files(root: Path) -> str | None:
    git_dir = layout.git_dir_of(str(root))
    assert git_dir
    return head.of(git_dir)


def test_before_the_first_commit_there_is_none(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path / "new"], check=True)
    assert by_files(tmp_path / "new") == by_git(tmp_path / "new") == ""


@pytest.mark.parametrize(
    "moves",
    [
        "",
        "commit --allow-empty -m two",
        "checkout -q --detach",
        "switch -q -c topic/deep",
        "switch -q -c main.x",
        "pack-refs --all --prune",
        "pack-refs --all --prune; commit --allow-empty -m two",
        "branch other; pack-refs --all --prune; switch -q other",
        "gc -q",
        "switch -q -c br\udce9",
        "switch -q -c br\udce9; pack-refs --all --prune",
        "switch -q -c a\u2028b; pack-refs --all --prune",
    ],
)
def test_it_is_what_git_says(repo: Path, moves: str) -> None:
    for move in filter(None, moves.split("; ")):
        git(repo, *move.split(" "))
    assert by_files(repo) == by_git(repo) != ""


def test_a_linked_worktree_has_its_own(repo: Path, tmp_path: Path) -> None:
    git(repo, "worktree", "add", "-q", "-b", "other", str(tmp_path / "linked"))
    git(tmp_path / "linked", "commit", "--allow-empty", "-m", "two")
    assert by_files(tmp_path / "linked") == by_git(tmp_path / "linked") != by_git(repo)
    git(repo, "pack-refs", "--all", "--prune")
    assert by_files(tmp_path / "linked") == by_git(tmp_path / "linked")


def test_a_repository_of_longer_ids_is_read_too(tmp_path: Path) -> None:
    root = tmp_path / "long"
    subprocess.run(["git", "init", "-q", "--object-format=sha256", root], check=True)
    git(root, "-c", "user.name=x", "-c", "user.email=x@y", "commit", "--allow-empty", "-m", "one")
    assert by_files(root) == by_git(root)
    assert len(by_git(root)) == 64


@pytest.mark.parametrize(
    "head", [b"ref: refs/remotes/x/y\n", b"ref: FOO\n", b"nonsense", b"", b"\xff\n"]
)
def test_what_only_git_can_say_is_left_to_git(repo: Path, head: bytes) -> None:
    (repo / ".git/HEAD").write_bytes(head)
    assert not by_files(repo)


def test_a_ref_that_is_a_link_or_names_another_is_left_to_git(repo: Path) -> None:
    branch = repo / ".git/refs/heads/main"
    name = next((repo / ".git/refs/heads").iterdir()) if not branch.exists() else branch
    name.rename(repo / ".git/kept")
    name.symlink_to(repo / ".git/kept")
    assert by_files(repo) is None
    name.unlink()
    name.write_text("ref: refs/heads/other\n")
    assert by_files(repo) is None


def test_reftable_is_left_to_git(repo: Path) -> None:
    (repo / ".git/reftable").mkdir()
    assert by_files(repo) is None
