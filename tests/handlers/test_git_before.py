"""What a git command takes was kept before it, whoever types it, once, and harmless commands pay little."""

from __future__ import annotations

from pathlib import Path

import pytest

from stickhooks.recovery import blobs, entries, lists
from stickhooks.workspace import paths
from tests.support.shells import Shell, Shells

WORK = "an afternoon of work\n"


@pytest.fixture
def ada(shells: Shells, room: Path) -> Shell:
    """A person in a plain terminal, in a room where git asks before it takes anything."""
    shell = shells.member(room, "ada")
    shell.stick("init --only git --before-hook").ok()
    shell.stick("take").ok()
    shell.run(
        "git branch other; git config alias.co checkout; git config alias.wipe '!git checkout .'"
    ).ok()
    return shell


def work(ada: Shell, folder: Path | None = None) -> None:
    """Change a tracked file, stage a change to another, and make a new file."""
    root = folder or ada.cwd
    (root / "app.py").write_text(WORK)
    (root / "README").write_text(WORK)
    ada.run("git add README", cwd=root).ok()
    (root / "new.txt").write_text(WORK)


def made(root: Path) -> list[entries.Listed]:
    """Return the snapshots that were made before a command, the newest first."""
    workspace = paths.workspace_of(str(root))
    assert workspace is not None
    place = lists.Place.of(workspace)
    assert place is not None
    return [one for one in lists.every(place) if one.why == "before"]


def bytes_of(root: Path, listed: entries.Listed, path: str) -> bytes:
    workspace = paths.workspace_of(str(root))
    assert workspace is not None
    place = lists.Place.of(workspace)
    assert place is not None
    return blobs.read(place, listed.paths[path].blob)


DASHED = '"$(git --exec-path)"/git-checkout .'
TAKING = [
    "git checkout .",
    "git checkout -- app.py",
    "git checkout HEAD app.py README",
    "git co .",
    "git wipe",
    "git -C src checkout -- ../app.py",
    "cd src && git checkout ..",
    "git restore .",
    "git restore --staged --worktree README app.py",
    "git reset -q --hard",
    "git -c core.abbrev=9 reset --hard HEAD",
    "git clean -fdq",
    "git rm -qf README",
    "git stash -q",
    "git stash -u -q",
    "git switch -qf other",
    "git checkout -qf other",
    "git checkout -q -B main other",
    "git read-tree -u --reset HEAD",
    "git checkout-index -f -a",
    "git --git-dir=.git --work-tree=. checkout .",
    DASHED,
]


@pytest.mark.sampled(7)
@pytest.mark.parametrize("command", TAKING)
def test_what_a_command_takes_is_kept_as_it_was_at_that_command(ada: Shell, command: str) -> None:
    work(ada)
    ada.run(command).ok()
    [listed] = made(ada.cwd)
    for path in ("app.py", "README", "new.txt"):
        assert bytes_of(ada.cwd, listed, path) == WORK.encode()
    verb = {"co": "checkout", "wipe": "checkout"}
    words = [verb.get(word, word.rpartition("/git-")[2]) for word in command.split()]
    assert any(f"git {word}" in listed.command for word in words), listed.command


@pytest.mark.parametrize(
    "command",
    ["git status -s", "git diff --stat", "git add .", "git commit -qam 'rm, clean and reset --hard'",
     "git log --oneline", "git ls-files", "git fetch -q .", "git stash list"],
)  # fmt: skip
@pytest.mark.sampled(3)
def test_a_command_that_takes_nothing_starts_nothing(ada: Shell, command: str) -> None:
    work(ada)
    (ada.cwd / ".git/stickhooks/before-hook").write_text(
        (ada.cwd / ".git/stickhooks/before-hook").read_text().replace("hook.py", "no-such-gate")
    )  # whoever comes to the gate would be told so
    assert "NOT KEPT" not in ada.run(command, {"PATH": "/usr/bin:/bin"}).err
    assert "NOT KEPT" in ada.run("git checkout .", {"PATH": "/usr/bin:/bin"}).ok().err


def test_a_git_that_asks_again_and_those_that_it_starts_are_kept_for_once(ada: Shell) -> None:
    ada.run("git checkout -q -b topic").ok()
    for number in range(4):
        ada.run(f"echo {number} > t{number}; git add .; git commit -qnm {number}").ok()
    ada.run(
        "git checkout -q main; echo more >> README; git commit -qnam more; git checkout -q topic"
    ).ok()
    before = len(made(ada.cwd))
    ada.run("git rebase -q --no-verify main").ok()
    assert len(made(ada.cwd)) == before + 1
    ada.run("echo work > app.py; git stash -q").ok()  # `stash` starts a `reset --hard`
    assert len(made(ada.cwd)) == before + 2


def test_each_of_two_commands_in_a_row_is_kept_for(ada: Shell) -> None:
    for _ in range(2):
        work(ada)
        ada.run("git checkout -q HEAD .").ok()
    assert len(made(ada.cwd)) == 2


def test_a_linked_worktree_is_asked_for_by_the_same_setting_and_kept_apart(ada: Shell) -> None:
    linked = ada.cwd.with_name("linked")
    ada.run(f"git worktree add -q {linked} other").ok()
    ada.run("git checkout .", cwd=linked).ok()
    assert made(linked) == []  # no room there
    ada.run("stick init --only git", cwd=linked).ok()
    work(ada, linked)
    ada.run("git checkout -q HEAD .", cwd=linked).ok()
    [listed] = made(linked)
    assert bytes_of(linked, listed, "new.txt") == WORK.encode()
    assert made(ada.cwd) == []


def test_where_there_is_no_room_git_is_answered_at_once(shells: Shells, ada: Shell) -> None:
    ada.run("mv .talking-stick .git/stickhooks/anchor.json ..").ok()
    work(ada)
    assert ada.run("git checkout .").ok().err == "Updated 1 path from the index\n"
    assert made(ada.cwd) == []


def test_without_proc_processes_are_asked_for_by_ps(ada: Shell) -> None:
    """As on macOS: only the name of that folder is changed here."""
    if ada.run("ps -o lstart= -p $$").code:
        pytest.skip("there is no ps here")
    hook = ada.cwd / ".git/stickhooks/before-hook"
    hook.write_text(hook.read_text().replace("/proc/", "/no-such-folder/"))
    work(ada)
    ada.run("git status -s").ok()
    assert made(ada.cwd) == []
    ada.run("git stash -q").ok()
    assert len(made(ada.cwd)) == 1


def test_what_cannot_be_kept_is_said_and_git_goes_on(ada: Shell) -> None:
    work(ada)
    snapshots = ada.cwd / ".git/stickhooks/snapshots"
    snapshots.rename(snapshots.with_name("aside"))  # made as the turn began
    snapshots.write_text("in the way\n")
    told = ada.run("git checkout .").ok()
    assert "NOT KEPT  what git checkout . takes now is not kept" in told.err
    assert "Traceback" not in told.err
    assert (ada.cwd / "app.py").read_text() != WORK
