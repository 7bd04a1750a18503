"""What an alias of git stands for is judged; what it is not known to stand for is asked."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from stickhooks import shell
from stickhooks.shell.answer import Writes
from stickhooks.workspace import git
from tests.support.shells import environment
from tests.support.world import git_repo

ALIASES = {
    "st": "status -sb", "lg": "log --oneline --graph", "co": "checkout", "twice": "st",
    "last": "!git log -1",
    "wipe": "!git checkout .", "f": '!f() { rm "$1"; }; f', "g": '!f() { git log "$1"; }; f',
    "quiet": "-c x.y=z st",
    "a": "b", "b": "a", "odd": "log '", "up": "!cat app.py | tee ../other", "here": "!pwd && cat",
    "tool": "status",
    "log": "reset --hard",
}  # fmt: skip


#: They go round, are not closed, are a program before they are an alias, and are none.
UNKNOWN = ("a", "odd", "tool", "no")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = git_repo(tmp_path_factory.mktemp("aliases") / "shop")
    (root / "inner").mkdir()
    for name, value in ALIASES.items():
        subprocess.run(["git", "config", f"alias.{name}", value], cwd=root, check=True)
    return root


@pytest.fixture(autouse=True)
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that git runs before the alias of its name."""
    tool = tmp_path / "bin/git-tool"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:{environment(tmp_path)['PATH']}")


def judged(command: str, folder: Path) -> Writes:
    return shell.writes(command, str(folder), {"HOME": str(folder.parent)}, (), git.alias)


@pytest.mark.parametrize(
    "command",
    [
        "git st",
        "git lg -3",
        "git last",
        "git twice",
        "git g HEAD",
        "git here app.py",
        "git -C inner st",
        "git log",
    ],
)
def test_an_alias_that_reads_passes(tree: Path, command: str) -> None:
    assert judged(command, tree).nothing
    assert judged(f"cd inner && {command.replace('inner', '.')}", tree).nothing


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("git co main", "git checkout changes the tree and HEAD"),
        ("git wipe", "git checkout changes the tree and HEAD"),
        ("git quiet", "git -c x.y=z may run a program or change what git does"),
        *((f"git {one}", f"git {one} is not known: an alias may do anything") for one in UNKNOWN),
        ("git st --nonsense", "stick does not know what git status does with --nonsense"),
        ("git g $X", "git g is not known: an alias may do anything"),
    ],
)  # fmt: skip
def test_an_alias_is_refused_as_what_it_stands_for(tree: Path, command: str, says: str) -> None:
    found = judged(command, tree)
    assert says in (found.whole, found.unclear)


def test_a_script_is_run_at_the_top_with_the_words(tree: Path) -> None:
    assert judged("git f app.py", tree / "inner").paths == [f"{tree}/app.py"]
    assert judged("git up", tree / "inner").paths == [f"{tree}/../other"]


def test_where_nobody_can_look_it_up_it_is_asked(tree: Path) -> None:
    assert shell.writes("git st", str(tree)).unclear
    assert judged("git st", tree / "gone").unclear
