"""What the holder has not committed is kept before an edit, from time to time, and before what destroys."""

from __future__ import annotations

import json
import os
import shlex
import time
from pathlib import Path

import pytest

from stickhooks.handlers import client_command
from stickhooks.recovery import blobs, entries, lists
from stickhooks.workspace import paths
from tests.support.editing import need
from tests.support.shells import Agent, Result, Shells

WORK = "an afternoon of work\n"


@pytest.fixture
def agent(shells: Shells, room: Path) -> Agent:
    """An agent that holds the stick, and has uncommitted work in a tracked file and a new one."""
    made = shells.agent(room)
    made.stick("join").ok()
    made.stick("take").ok()
    (room / "app.py").write_text(WORK)
    (room / "new.txt").write_text(WORK)
    return made


def place_of(root: Path) -> lists.Place:
    workspace = paths.workspace_of(str(root))
    assert workspace is not None
    place = lists.Place.of(workspace)
    assert place is not None
    return place


def made(root: Path, why: str) -> list[entries.Listed]:
    return [one for one in lists.every(place_of(root)) if one.why == why]


def due_at(root: Path, at: float) -> None:
    due = Path(place_of(root).due)
    due.parent.mkdir(parents=True, exist_ok=True)
    due.touch()
    os.utime(due, (at, at))


def shell(agent: Agent, command: str) -> Result:
    payload = agent.payload("x", "Bash")
    return agent.hook({**payload, "tool_input": {"command": command, "description": "d"}})


def is_kept(root: Path, listed: entries.Listed) -> bool:
    found = [blobs.read(place_of(root), listed.paths[p].blob) for p in ("app.py", "new.txt")]
    return found == [WORK.encode()] * 2


def test_work_is_kept_before_an_edit_where_that_is_due_and_not_otherwise(
    agent: Agent, shells: Shells
) -> None:
    root = agent.cwd
    due_at(root, time.time() + 60)
    agent.edit("README").ok()
    assert made(root, "work") == []
    due_at(root, time.time() - 1)
    agent.edit("README").ok()
    [listed] = made(root, "work")
    assert is_kept(root, listed)
    assert Path(place_of(root).due).stat().st_mtime > time.time() + 15  # 30 s, set by that one
    shell(agent, "ls").ok()
    assert len(made(root, "work")) == 1
    due_at(root, time.time() - 1)
    other = shells.agent(root)
    assert other.edit("README").code == 2
    shell(other, "ls").ok()
    assert len(made(root, "work")) == 1  # who is refused, or only reads, has no work here


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    "command",
    ["git checkout .", "git -C . reset --hard", "cd src && git restore ..", "rm -rf src", "rm app.py",
     "/usr/bin/git clean -fd", "git stash drop", "git apply ../p", "true; (git stash)",
     "find . -name '*.py' -delete"],
)  # fmt: skip
def test_before_a_command_of_the_holder_that_destroys_all_is_kept(
    agent: Agent, command: str
) -> None:
    due_at(agent.cwd, time.time() + 60)
    shell(agent, command).ok()
    [listed] = made(agent.cwd, "before")
    assert is_kept(agent.cwd, listed)
    assert listed.command == command
    assert made(agent.cwd, "work") == []


@pytest.mark.parametrize(
    ("command", "takes"),
    [("git status", False), ("git diff && git log", False), ("pytest -q", False),
     ("git commit -am x", False),
     ("echo form > warm.txt", False), ("npm run clean-up", False), ("git push", False), ("ls rm.txt", False),
     ("xargs rm < list", True), ("$(git checkout x)", True), ('sh -c "git stash"', True),
     ("git\tclean -n", True),
     ("rsync -a --delete a/ b/", True), ("/bin/rm -r x", True), ("git cherry-pick --abort", True)],
)  # fmt: skip
def test_what_may_take_work_is_told_by_its_words(command: str, takes: bool) -> None:
    assert client_command.takes(command) is takes


def test_a_holders_reading_makes_no_snapshot(agent: Agent) -> None:
    due_at(agent.cwd, time.time() + 60)
    shell(agent, "git status && cat app.py").ok()
    assert made(agent.cwd, "before") == []


def test_that_nothing_could_be_kept_stands_in_the_log_and_refuses_nothing(agent: Agent) -> None:
    snapshots = Path(place_of(agent.cwd).folder).parent
    if snapshots.exists():
        snapshots.rename(snapshots.with_name("aside"))
    snapshots.write_text("in the way\n")
    assert shell(agent, "git checkout .").ok().err == ""
    assert "no snapshot could be made before git checkout ." in agent.stick("log").ok().out


def test_the_fast_yes_pays_one_look_for_it(agent: Agent, tmp_path: Path) -> None:
    need("strace")
    due_at(agent.cwd, time.time() + 60)
    trace = tmp_path / "trace"
    payload = tmp_path / "payload"
    payload.write_text(json.dumps(agent.payload(agent.cwd / "app.py")))
    agent.run(f"strace -f -o {trace} sh -c {shlex.quote(agent.hook_command())}", stdin=payload).ok()
    lines = [line for line in trace.read_text().splitlines() if "snapshot" in line]
    assert len(lines) == 1, lines
    assert "lstat" in lines[0] or "newfstatat" in lines[0]
    assert not any('"/usr/bin/git"' in line for line in trace.read_text().splitlines())
