"""What cannot be stopped: each line shown, so that none is forgotten or stale.

The lines stand in docs/explanation/promises-and-limits.md. A test quotes, in its docstring,
how the line begins. Lines without a test here say why.
"""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from tests.support.documents import page
from tests.support.shells import Shell, Shells

ELSEWHERE = {
    "network file systems": "tests/store/test_sides.py refuses the ones that are known",
    "a tree shared between": "tests/store/test_sides.py",
    "an *older state put back*": "tests/scenarios/test_never_locked_out.py",
    "with rooms on a git remote": "tests/scenarios/test_fence.py",
    "what the table of": "tests/handlers/test_clients.py",
}
COMMIT = "git commit -q --allow-empty -m x"


@pytest.fixture
def room(repo: Path, shells: Shells) -> Path:
    shells.person(repo).stick("init --only git").ok()
    return repo


@pytest.fixture
def ada(shells: Shells, room: Path) -> Shell:
    return shells.holder(room, "ada")


def bullets() -> list[str]:
    section = (
        page("explanation/promises-and-limits")
        .split("In particular these are not stopped")[1]
        .split("\n\n")[1]
    )
    return [" ".join(line.split()) for line in section.split("\n- ")]


def test_each_line_of_the_page_is_shown_here() -> None:
    told = [b.removeprefix("- ") for b in bullets()]
    shown = [*ELSEWHERE]
    for name, test in globals().items():
        if name.startswith("test_") and test.__doc__ and test.__doc__.startswith("Limit: "):
            shown.append(" ".join(test.__doc__.removeprefix("Limit: ").split()).rstrip("."))
    assert [b for b in told if not any(b.startswith(begin) for begin in shown)] == []
    assert [begin for begin in shown if not any(b.startswith(begin) for b in told)] == []


def test_git_without_hooks_is_not_stopped_but_told(ada: Shell, bob: Shell) -> None:
    """Limit: `git -c core.hooksPath=…`."""
    bob.run("git -c core.hooksPath=/dev/null commit -q --allow-empty -m past").ok()
    assert "past the hooks" in ada.stick("status").err


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    "command",
    [
        "echo n > n && git add n", "git rm -q app.py", "git mv app.py b.py", "git restore app.py",
        "git checkout -- app.py", "git clean -fdq src", "git symbolic-ref HEAD refs/heads/other",
        "echo x >> app.py; git diff > ../p; git checkout -q app.py; git apply ../p",
    ],
)  # fmt: skip
def test_git_commands_without_a_hook_are_not_stopped(ada: Shell, bob: Shell, command: str) -> None:
    """Limit: git commands that ask no hook."""
    bob.run(command).ok()


def test_a_stash_is_applied_by_anybody(ada: Shell, bob: Shell, room: Path) -> None:
    ada.run("for n in 1 2; do echo $n >> app.py && git stash push -q; done").ok()
    bob.run("git stash apply -q && git checkout -q app.py").ok()


def test_all_stashed_entries_but_the_last_are_dropped_by_anybody(ada: Shell, bob: Shell) -> None:
    """git rewrites the log of refs/stash and asks nobody, even where that moves the ref."""
    ada.run("for n in 1 2 3; do echo $n >> app.py && git stash push -q; done").ok()
    bob.run("git stash drop -q").ok()
    bob.run("git stash pop -q").ok()
    bob.run("git stash drop -q").fails(128, "ada holds")


def test_a_program_that_asks_nobody_is_not_stopped(ada: Shell, bob: Shell, room: Path) -> None:
    """Limit: editors without a plugin of ours, and programs that are no coding client."""
    bob.stick("check --path app.py").fails(75, "ada holds")
    bob.run("echo x >> app.py").ok()


def test_what_copies_the_whole_folder_takes_our_state_along(
    ada: Shell, room: Path, tmp_path: Path
) -> None:
    """Limit: tools that copy the whole folder."""
    made = shutil.make_archive(str(tmp_path / "all"), "zip", room)
    with zipfile.ZipFile(made) as archive:
        assert ".talking-stick/room.json" in archive.namelist()


def test_a_deleted_folder_refuses_and_its_history_is_gone(
    ada: Shell, bob: Shell, room: Path
) -> None:
    """Limit: a deleted `.talking-stick`."""
    bob.run("rm -rf .talking-stick .git/stickhooks/copies").ok()
    ada.run(COMMIT).fails(1, "stick doctor --fix")
    ada.stick("doctor --fix").ok()
    assert "took the stick" not in ada.stick("log").ok().out
    ada.run("stick join --as ada && stick take").ok()
    assert ada.stick("status --json").json["room"]["turn"] == 2


def test_an_amended_commits_older_paths_are_not_judged(
    shells: Shells, ada: Shell, room: Path
) -> None:
    """Limit: an amended commit's older paths."""
    web = shells.person(room / "services/web")
    ada.stick('release --status s --next "n"').ok()
    web.run("stick join --new . --as web && stick take").ok()
    ada.stick("take").ok()
    web.run("echo x >> index.html && git commit -qam web").ok()
    ada.run("echo x >> README && git add README && git commit -q --amend -m both").ok()


def test_long_work_without_a_question_loses_the_lease(ada: Shell, bob: Shell, room: Path) -> None:
    """Limit: work longer than three quarters of the lease."""
    ada.run("stick policy owner_lease_ttl 1s && stick renew && sleep 1.1").ok()
    bob.stick('takeover --reason "it ran out"').ok()


def test_without_git_a_deleted_folder_is_a_fresh_start(tmp_path: Path, shells: Shells) -> None:
    """Limit: where there is no git there is no anchor."""
    folder = tmp_path / "plain"
    folder.mkdir()
    ada = shells.person(folder)
    ada.run("stick join --as ada && stick take && rm -rf .talking-stick").ok()
    bob = shells.person(folder)
    bob.run("stick join --as bob && stick take").ok()


def test_a_copied_tree_carries_the_lease(ada: Shell, room: Path, shells: Shells) -> None:
    """Limit: a copy of the whole tree with its `.git`."""
    shutil.copytree(room, room.parent / "copy", symlinks=True)
    ada.run(f"cd ../copy && {COMMIT}").ok()
    ada.run(COMMIT).ok()
