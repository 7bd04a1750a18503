"""Which workspace a path lies in, with real repositories; and what an exempt glob matches."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stickhooks.protocol import phases
from stickhooks.workspace import paths
from tests.support.world import git, git_repo


def root_of(path: Path) -> str | None:
    found = paths.workspace_of(str(path))
    return found.root if found else None


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is real, outside of git, and not below the home folder."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folder = Path(os.path.realpath(tmp_path)) / "place"
    folder.mkdir()
    assert root_of(folder) is None
    return folder


def committed(folder: Path) -> Path:
    git_repo(folder)
    git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    return folder


# --- in git ----------------------------------------------------------------------------


def test_in_git_the_workspace_is_the_top_level(place: Path) -> None:
    repo = git_repo(place / "repo")
    (repo / "a" / "b").mkdir(parents=True)
    (repo / "a" / "file").touch()
    for below in ("", "a", "a/b", "a/file", "not/there/yet", ".git/hooks"):
        found = paths.workspace_of(str(repo / below))
        assert found
        assert (found.root, found.git_dir) == (str(repo), str(repo / ".git"))


def test_a_room_below_the_top_level_makes_no_workspace(place: Path) -> None:
    repo = git_repo(place / "repo")
    (repo / "sub" / ".talking-stick").mkdir(parents=True)
    assert root_of(repo / "sub") == str(repo)


def test_a_nested_repository_is_a_workspace_of_its_own(place: Path) -> None:
    outer = git_repo(place / "outer")
    inner = git_repo(outer / "vendor" / "inner")
    assert root_of(inner / "x") == str(inner)
    assert root_of(outer / "vendor") == str(outer)


def test_a_linked_worktree_is_a_workspace_of_its_own(place: Path) -> None:
    repo = committed(place / "repo")
    git(repo, "worktree", "add", "-q", "--detach", str(place / "linked"))
    found = paths.workspace_of(str(place / "linked" / "x"))
    assert found
    assert found.root == str(place / "linked")
    assert found.git_dir == str(repo / ".git" / "worktrees" / "linked")
    assert paths.common_dir_of(found.git_dir) == str(repo / ".git")
    assert paths.common_dir_of(str(repo / ".git")) == str(repo / ".git")


def test_a_submodule_is_a_workspace_of_its_own(place: Path) -> None:
    repo, library = git_repo(place / "repo"), committed(place / "library")
    allowed = ("-c", "protocol.file.allow=always")
    git(repo, *allowed, "submodule", "--quiet", "add", str(library), "lib")
    found = paths.workspace_of(str(repo / "lib" / "x"))
    assert found
    assert found.root == str(repo / "lib")
    assert found.git_dir == str(repo / ".git" / "modules" / "lib")


def test_a_git_dir_kept_elsewhere_is_found(place: Path) -> None:
    (place / "repo").mkdir()
    git(place / "repo", "init", "-q", "--separate-git-dir", str(place / "kept"))
    found = paths.workspace_of(str(place / "repo"))
    assert found
    assert (found.root, found.git_dir) == (str(place / "repo"), str(place / "kept"))


@pytest.mark.parametrize(
    "text", [b"", b"gitdir: /nowhere\n", b"gitdir:\n", b"nonsense", b"gitdir: \xff\xfe\n", b"\0" * 9]
)  # fmt: skip
def test_a_file_that_names_no_git_dir_is_none(text: bytes, place: Path) -> None:
    (place / ".git").write_bytes(text)
    assert root_of(place) is None


def test_an_empty_folder_called_git_is_none(place: Path) -> None:
    (place / ".git").mkdir()
    assert root_of(place) is None
    repo = git_repo(place / "repo")
    (repo / "sub" / ".git").mkdir(parents=True)
    assert root_of(repo / "sub") == str(repo)


def test_a_pipe_called_git_does_not_block(place: Path) -> None:
    os.mkfifo(place / ".git")
    assert root_of(place) is None


def test_no_variable_of_git_leads_elsewhere(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo, other = git_repo(place / "repo"), git_repo(place / "other")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert root_of(repo) == str(repo)


# --- without git -----------------------------------------------------------------------


def test_without_git_the_nearest_room_makes_the_workspace(place: Path) -> None:
    (place / ".talking-stick").mkdir()
    (place / "a" / ".talking-stick").mkdir(parents=True)
    assert root_of(place / "a" / "b" / "file") == str(place / "a")
    assert root_of(place / "c") == str(place)
    found = paths.workspace_of(str(place / "c"))
    assert found
    assert found.git_dir is None


def test_a_repository_above_counts_for_more_than_a_room(place: Path) -> None:
    repo = git_repo(place)
    (repo / "a" / ".talking-stick").mkdir(parents=True)
    assert root_of(repo / "a" / "b") == str(repo)


@pytest.mark.parametrize("marker", paths.MARKERS)
def test_a_new_room_goes_where_a_project_begins(marker: str, place: Path) -> None:
    (place / "project" / "src").mkdir(parents=True)
    (place / "project" / marker).touch()
    assert root_of(place / "project") is None
    assert paths.new_workspace_of(str(place / "project" / "src")).root == str(place / "project")


def test_a_new_room_goes_to_the_nearest_project(place: Path) -> None:
    (place / "AGENTS.md").touch()
    (place / "inner" / "src").mkdir(parents=True)
    (place / "inner" / "go.mod").touch()
    assert paths.new_workspace_of(str(place / "inner" / "src")).root == str(place / "inner")
    (place / ".talking-stick").mkdir()
    assert paths.new_workspace_of(str(place / "inner" / "src")).root == str(place)


def test_without_any_sign_a_new_room_goes_to_the_path(place: Path) -> None:
    (place / "file").touch()
    assert paths.new_workspace_of(str(place)).root == str(place)
    assert paths.new_workspace_of(str(place / "file")).root == str(place)


def test_in_the_home_folder_a_marker_counts_for_that_folder_only(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(place))
    (place / "CLAUDE.md").touch()
    (place / "notes").mkdir()
    assert paths.new_workspace_of(str(place / "notes")).root == str(place / "notes")
    assert paths.new_workspace_of(str(place)).root == str(place)
    (place / "notes" / "package.json").touch()
    (place / "notes" / "deep").mkdir()
    assert paths.new_workspace_of(str(place / "notes" / "deep")).root == str(place / "notes")


def test_a_file_in_the_home_folder_stands_for_the_home_folder(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(place))
    (place / "CLAUDE.md").touch()
    assert paths.new_workspace_of(str(place / "CLAUDE.md")).root == str(place)


# --- paths -----------------------------------------------------------------------------


def test_real_paths_keep_what_does_not_exist_yet(place: Path) -> None:
    (place / "link").symlink_to(place / "target")
    (place / "target").mkdir()
    assert paths.real("link/new/file", str(place)) == str(place / "target" / "new" / "file")
    assert paths.real("../up", str(place)) == str(place.parent / "up")
    for bad in ("", "a\0b"):
        with pytest.raises(ValueError, match="not a path"):
            paths.real(bad, str(place))


def test_a_path_is_told_below_its_workspace() -> None:
    workspace = paths.Workspace("/ws", None)
    assert workspace.relative("/ws") == ""
    assert workspace.relative("/ws/a/b") == "a/b"
    assert paths.Workspace("/", None).relative("/a") == "a"


def test_a_name_that_begins_alike_is_not_inside() -> None:
    assert paths.is_inside("/ws/a", "/ws")
    assert paths.is_inside("/ws", "/ws")
    assert not paths.is_inside("/wsx", "/ws")
    assert paths.is_inside("/a", "/")


@pytest.mark.parametrize(
    ("path", "room"),
    [("", ""), ("x", ""), ("lib", "lib"), ("lib/x", "lib"), ("library", ""),
     ("lib/core/x", "lib/core"), ("lib/corex", "lib")],
)  # fmt: skip
def test_the_deepest_room_that_covers_a_path_governs_it(path: str, room: str) -> None:
    assert phases.governing(["", "lib", "lib/core"], path) == room


def test_a_path_outside_every_room_is_governed_by_none() -> None:
    assert phases.governing(["lib"], "src/x") is None
    assert phases.governing([], "") is None


# --- globs -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("*.md", "README.md", True),
        ("*.md", "docs/deep/a.md", True),
        ("*.md", "a.mdx", False),
        ("docs/*.md", "docs/a.md", True),
        ("docs/*.md", "docs/deep/a.md", False),
        ("docs/**/*.md", "docs/a.md", True),
        ("docs/**/*.md", "docs/x/y/a.md", True),
        ("docs/**", "docs/a", True),
        ("docs/**", "docsx/a", False),
        ("docs/", "docs/a/b", True),
        ("docs/", "other/a", False),
        ("/notes.txt", "notes.txt", True),
        ("/notes.txt", "a/notes.txt", False),
        ("**/log", "log", True),
        ("**/log", "a/b/log", True),
        ("**/log", "a/blog", False),
        ("a?c/x", "abc/x", True),
        ("a?c/x", "a/c/x", False),
        ("?", "b/a", True),
        ("[ab].py", "a.py", False),
        ("[ab].py", "[ab].py", True),
        ("A.md", "a.md", False),
        ("a.b", "aXb", False),
        ("*", "", True),
        ("**", "a/b/c", True),
        (".*", ".env", True),
        ("*", ".env", True),
    ],
)
def test_what_a_glob_matches(pattern: str, path: str, fits: bool) -> None:
    assert paths.matches(pattern, path) is fits


def oracle(pattern: str, path: str) -> bool:
    """Say the same by way of a regular expression."""
    if pattern.endswith("/"):
        pattern += "**"
    if "/" not in pattern:
        path = path.rpartition("/")[2]
    parts = {"**/": "(?:.*/)?", "**": ".*", "***": ".*", "*": "[^/]*", "?": "[^/]"}
    found = re.findall(r"\*\*/|\*\*+|.", pattern.lstrip("/"), re.DOTALL)
    expression = "".join(parts.get(part[:3]) or re.escape(part) for part in found)
    return re.fullmatch(expression, path, re.DOTALL) is not None


@settings(max_examples=1000, deadline=None, database=None)
@given(st.text("ab*?/.\n", max_size=7), st.text("ab/.\n", max_size=7))
@example("**/", "a/b")
@example("***", "a/b")
@example("****/b", "b")
def test_globs_agree_with_a_regular_expression(pattern: str, path: str) -> None:
    assert paths.matches(pattern, path) == oracle(pattern, path)


def test_a_glob_of_many_stars_is_answered_at_once() -> None:
    code = "from stickhooks.workspace import paths; paths.matches('*a' * 20 + 'b', 'a' * 40)"
    subprocess.run([sys.executable, "-c", code], timeout=240, check=True)  # it would take years


@pytest.fixture
def barred() -> Iterator[Path]:
    """Return a folder in a readable place that this process, no root for now, may not look into."""
    with tempfile.TemporaryDirectory(prefix="stick-barred-") as folder:
        top = Path(os.path.realpath(folder))
        top.chmod(0o755)
        shut = top / "shut"
        (shut / "deep").mkdir(parents=True)
        shut.chmod(0)
        root = os.geteuid() == 0
        if root:
            os.seteuid(40_002)
        try:
            yield shut
        finally:
            if root:
                os.seteuid(0)
            shut.chmod(0o755)


def test_the_folder_that_hides_a_path_is_named_and_what_is_not_there_hides_nothing(
    barred: Path,
) -> None:
    for below in ("x", "deep/new/x", "deep/../x"):
        assert paths.hidden(below, str(barred)) == str(barred), below
        assert paths.targets(below, str(barred)) == []
    beside = str(barred.parent)
    assert paths.hidden("shut", beside) == ""
    assert paths.hidden("nowhere/x", beside) == ""
    assert paths.hidden("/nowhere/at/all", beside) == ""
    with pytest.raises(ValueError, match="not a path"):
        paths.hidden("x\0", beside)
