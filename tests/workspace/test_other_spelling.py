"""Names are compared as the file system does: where it takes two spellings for one, so does the gate.

Links stand for such a file system: what counts is that the disk calls two names the same.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stickhooks.handlers import client_command
from stickhooks.workspace import paths


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree in which other spellings lead to the same folders, as where case is ignored."""
    for name in ("web/deep", "docs", ".git", ".talking-stick"):
        (tmp_path / name).mkdir(parents=True)
    for other, name in {
        "WEB": "web", "Web": "web", "web/DEEP": "web/deep", ".GIT": ".git", "GIT~1": ".git",
        ".git\u200c": ".git", ".Talking-Stick": ".talking-stick", ".TALKING-STICK": ".talking-stick",
        "caf\u00e9": "docs", "cafe\u0301": "docs",
    }.items():  # fmt: skip
        (tmp_path / other).symlink_to(tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("WEB/a", "web/a"), ("Web", "web"), ("WEB/DEEP/x", "web/deep/x"), ("web/a", "web/a"),
        ("WEB/DEEPER/x", "web/DEEPER/x"), ("webs/a", "webs/a"), ("docs/WEB/a", "docs/WEB/a"),
        ("cafe\u0301/a", "caf\u00e9/a"), ("", ""), ("wEB/a", "wEB/a"),
    ],
)  # fmt: skip
def test_a_path_is_spelled_as_the_room_it_lies_in(tree: Path, path: str, told: str) -> None:
    assert paths.spelled(str(tree), path, ["", "web", "web/deep", "caf\u00e9"]) == told


@pytest.mark.parametrize("first", [".git", ".GIT", "GIT~1", ".git\u200c", ".talking-stick",
                                   ".TALKING-STICK", ".Talking-Stick"])  # fmt: skip
def test_our_folder_and_the_git_dir_are_known_by_every_name(tree: Path, first: str) -> None:
    assert paths.is_ours(str(tree), f"{first}/x")


@pytest.mark.parametrize("first", [".gIT", "git", ".github", ".gitignore", "talking-stick", "a~1",
                                   "\u00e9", ".", ""])  # fmt: skip
def test_what_the_disk_calls_another_thing_is_another(tree: Path, first: str) -> None:
    assert not paths.is_ours(str(tree), f"{first}/x")


def test_whether_case_counts_is_asked_of_the_disk(
    tree: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert paths.ignores_case(str(tree))
    plain = tmp_path_factory.mktemp("plain")
    (plain / ".talking-stick").mkdir()
    assert not paths.ignores_case(str(plain))
    assert not paths.ignores_case(os.devnull)


@pytest.mark.parametrize(
    ("place", "folder", "below"),
    [("web/deep", "WEB", True), ("web/deep", "web", True), ("docs/x", "WEB", False),
     ("web/deep", "wEB", False), ("webs/x", "web", False)],
)  # fmt: skip
def test_what_lies_below_a_folder_lies_below_it_by_every_name(
    tree: Path, place: str, folder: str, below: bool
) -> None:
    assert client_command._is_below(str(tree / place), str(tree / folder)) is below
