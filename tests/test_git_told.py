"""What git did before it asked is told: to the caller at once, to the holder at the next command."""

from __future__ import annotations

from pathlib import Path

import pytest
from shells import Shell, Shells

COMMIT = "git commit -q --allow-empty -m"
PAST = "git -c core.hooksPath=/dev/null"


@pytest.fixture
def ada(repo: Path, shells: Shells) -> Shell:
    """Return the holder, in a repository with a branch that conflicts with the current one."""
    shell = shells.person(repo)
    shell.run("stick init --only git && stick join --as ada && stick take").ok()
    shell.run(
        "git switch -qc side && echo s > app.py && git commit -qam side && git switch -q main;"
        " echo m > app.py && git commit -qam main; git format-patch -q -1 --stdout side > ../p"
    ).ok()
    return shell


@pytest.fixture
def bob(repo: Path, shells: Shells) -> Shell:
    shell = shells.person(repo)
    shell.run("stick join --as bob").ok()
    return shell


@pytest.mark.parametrize(
    "command",
    ["git reset --hard", "git reset -q --hard HEAD", "git reset --hard main", "git reset"],
)
def test_a_reset_that_moves_no_ref_is_refused_and_told(
    ada: Shell, bob: Shell, command: str
) -> None:
    ada.run("echo work >> app.py; git add app.py; git reset -q; git add app.py").ok()
    told = bob.run(command)
    assert told.code
    assert "too late for the" in told.err
    said = ada.stick("status").ok().text
    assert "bob" in said
    assert "git reset" in said
    assert "git reset" in ada.stick("log").ok().out
    ada.run("git reset -q --hard").ok()


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("git merge -q side", "git merge --abort"),
        ("git cherry-pick side", "git cherry-pick --abort"),
        ("git revert --no-edit HEAD~1", "git revert --abort"),
        ("git rebase -q side", "git rebase --abort"),
        ("git am -q ../p", "git am --abort"),
        ("git merge -q side", "git reset -q --merge"),
        ("git cherry-pick side", "git cherry-pick --quit"),
    ],
)
def test_the_holder_is_told_who_ended_what_was_under_way(
    ada: Shell, bob: Shell, begin: str, end: str
) -> None:
    if "revert" in begin:
        ada.run("echo more > app.py; git commit -qam more").ok()
    ada.run(begin)
    bob.run(end).ok()
    told = [x for x in ada.stick("status").ok().err.splitlines() if "ended what was under way" in x]
    assert len(told) == 1, told
    assert "bob" in told[0]


def test_the_holders_own_abort_is_no_news(ada: Shell) -> None:
    ada.run("git merge -q side; git merge --abort").ok()
    assert "under way" not in ada.stick("renew").ok().text


def test_a_planted_marker_opens_no_door(ada: Shell, bob: Shell) -> None:
    ada.run("git update-ref ORIG_HEAD HEAD~1").ok()
    bob.run("git rev-parse side > .git/MERGE_HEAD; git update-ref refs/heads/main HEAD~1").fails(
        128, "ada holds"
    )
    bob.run(
        "rm .git/MERGE_HEAD; mkdir .git/rebase-merge; git rev-parse HEAD~1 > .git/rebase-merge/orig-head"
    )
    bob.run("git update-ref HEAD HEAD~1").fails(128, "ada holds")
