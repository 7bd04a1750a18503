"""The verdicts on shell commands, held against what bash really does to a throwaway tree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stickhooks import shell
from tests.conftest import build
from tests.support.shell_tree import FILES, Snapshot, snapshot
from tests.support.shells import PATIENCE_S, environment

TABLE = Path(__file__).parents[1] / "data" / "shell_commands.jsonl"
ROWS = [json.loads(line) for line in TABLE.read_text().splitlines()]
#: Not run: what talks to the net or to a room, waits, wants another user, or never ends.
NOT_RUN = (
    "stick", "sudo", "curl", "wget", "watch", "sleep", "docker", "kubectl", "gh ", "npm", "pip",
    "tail -f", "fetch", "push ", "ls-remote", "remote", "clone", "until", "/tmp", "/root", "shred",
    "locate", "man ", "help", "nohup", "kill", "apply_patch", "gc",
)  # fmt: skip
Sandbox = Callable[[str], Path]


def runnable(kind: str) -> list[str]:
    commands = [row["command"] for row in ROWS if row["verdict"] == kind]
    return [one for one in commands if not any(word in one for word in NOT_RUN)]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """Return a function that makes a fresh copy of a small tree, as a repository if git is used."""
    top = tmp_path_factory.mktemp("runs")
    original = build(top / "original", FILES)

    def make(command: str) -> Path:
        place = top / "place"
        shutil.rmtree(place, ignore_errors=True)
        left_out = None if "git" in command else shutil.ignore_patterns(".git")
        shutil.copytree(original, place, ignore=left_out)
        return place

    return make


def refs(top: Path) -> str:
    """Return the index, HEAD and every ref of a repository."""
    told = [(top / ".git" / "HEAD").read_text()]
    for command in ("ls-files -s", "for-each-ref"):
        done = subprocess.run(
            ["git", *command.split()], cwd=top, env=environment(top.parent),
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        told.append(done.stdout)
    return "\n".join(told)


def run(command: str, place: Path) -> None:
    subprocess.run(
        ["bash", "-c", command + "\nwait"], cwd=place, env=environment(place.parent),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        check=False, timeout=PATIENCE_S,
    )  # fmt: skip


def test_what_only_reads_changes_nothing(sandbox: Sandbox) -> None:
    commands, place = runnable("reads"), sandbox("git")
    assert len(commands) > 150
    for start in range(0, len(commands), 10):
        some = commands[start : start + 10]
        before = snapshot(place), refs(place)
        for command in some:
            run(command.replace("/ws", str(place)), place)
        assert (snapshot(place), refs(place)) == before, some


def test_what_a_command_changes_is_what_was_named(sandbox: Sandbox) -> None:
    exact = 0
    for command in runnable("writes")[::2]:
        place = sandbox(command)
        real = command.replace("/ws", str(place))
        named = shell.writes(real, str(place), environment(place.parent)).paths
        before = snapshot(place)
        run(real, place)
        changed = difference(before, snapshot(place))
        strange = [path for path in changed if not is_named(path, named)]
        assert not strange, (command, named)
        exact += bool(changed) and changed == {os.path.normpath(path) for path in named}
    assert exact > 60


def difference(before: Snapshot, after: Snapshot) -> set[str]:
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


def is_named(path: str, named: list[str]) -> bool:
    """Tell whether a path, a folder above it, or one that had to be made for it, is named."""
    for one in map(os.path.normpath, named):
        if path == one or path.startswith(one + "/") or one.startswith(path + "/"):
            return True
    return False


#: Pieces of shell that bash can be given in any order: they reach nothing but the current folder.
PIECES = st.sampled_from(
    ["rm", "x", "y", "echo", "cat", "ls", "touch", "tee", "&&", "||", "|", ";", "\n", "(", ")", "$(",
     "`", "'", '"', "{", "}", "#", "<<E", "\nE\n", "if", "then", "else", "fi", "for", "in", "do",
     "done", "!", "case", "esac", "[", "]", "[[", "]]", "\\", "eval", "bash -c", "--", "$x", "*",
     "x=y", "&", ">", ">>", "<", "2>", ">&", "<(", ">(", "$((", "))", ",", "rm x", "echo rm x"]
)  # fmt: skip


@settings(
    derandomize=True,
    deadline=None,
    max_examples=250,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(pieces=st.lists(PIECES, min_size=2, max_size=12), between=st.sampled_from([" ", " ", ""]))
def test_no_soup_of_shell_that_reads_changes_a_file(
    pieces: list[str], between: str, tmp_path: Path
) -> None:
    command = between.join(pieces)
    if not shell.writes(command, str(tmp_path)).nothing:
        return
    for name in ("x", "y"):
        (tmp_path / name).write_text(name)
    before = snapshot(tmp_path)
    run(command, tmp_path)
    assert snapshot(tmp_path) == before, command
