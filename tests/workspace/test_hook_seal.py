"""The seal on the hooks: whole while nothing was touched, broken by whatever could matter."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stickhooks.workspace import hook_seal, paths
from tests.conftest import MakeRepository
from tests.support.editing import need
from tests.support.shells import Shell, Shells, git_snapshot


@pytest.fixture
def room(make_repository: MakeRepository) -> Path:
    return make_repository("shop")


@pytest.fixture
def ada(shells: Shells, room: Path) -> Shell:
    shell = shells.person(room)
    shell.run("stick init --only git && stick join --as ada").ok()
    shell.stick("policy keep_turns 0").ok()  # what is kept as a turn begins is listed by git
    return shell


def asks_git(shell: Shell, command: str = "stick take", env: dict[str, str] | None = None) -> bool:
    """Tell whether a command of ours starts a git: only then are the hooks looked at."""
    need("strace")
    trace = shell.folder / f"trace-{shell.count}"
    shell.run(f"strace -f -o {trace} -e trace=execve {command}", env)
    return '"git"' in trace.read_text()


def test_hooks_that_nobody_touched_are_not_looked_at_again(ada: Shell) -> None:
    assert not asks_git(ada)
    assert not asks_git(ada, "stick join --as ada")
    assert not asks_git(ada, "stick release --status a --next b")


@pytest.mark.sampled(5)
@pytest.mark.parametrize(
    "touch",
    [
        "echo '#!/bin/sh' > .git/hooks/pre-commit",
        "rm .git/hooks/reference-transaction",
        "chmod -x .git/hooks/post-merge",
        "git config core.hooksPath elsewhere",
        "git config --worktree core.hooksPath elsewhere",
        "GIT_CONFIG_GLOBAL=$HOME/.gitconfig git config --global core.hooksPath ~/hooks",
        "mkdir -p ~/.config/git && echo > ~/.config/git/config",
        "mv .git/hooks .git/old && cp -r .git/old .git/hooks",
        "git config include.path ../more",
        "rm .git/stickhooks/seal",
        "printf x > .git/stickhooks/seal",
    ],
)
def test_whatever_could_matter_breaks_it(ada: Shell, touch: str) -> None:
    ada.run(touch).ok()
    assert asks_git(ada)


def test_what_the_environment_says_to_git_is_part_of_it(ada: Shell) -> None:
    told = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "include.path", "GIT_CONFIG_VALUE_0": "/x"}
    assert asks_git(ada, env=told)
    assert not asks_git(ada, env=told)
    assert asks_git(ada)
    assert not asks_git(ada)


def test_a_file_that_is_included_is_part_of_it(ada: Shell) -> None:
    ada.run("touch .git/more && git config include.path more && stick take").ok()
    assert not asks_git(ada)
    ada.run("git config -f .git/more core.hooksPath /dev/null").ok()
    assert "git took its hooks from /dev/null" in ada.stick("take").ok().text


def test_what_is_included_under_a_condition_is_never_sealed(ada: Shell) -> None:
    ada.run("git config includeIf.onbranch:other.path more && stick take").ok()
    assert asks_git(ada)


def test_another_home_is_another_configuration(ada: Shell) -> None:
    assert not asks_git(ada)
    assert asks_git(ada, env={"HOME": "/nonexistent"})


def test_a_broken_seal_is_told_and_mended_as_ever(ada: Shell) -> None:
    ada.run("printf '#!/bin/sh\\n' > .git/hooks/pre-commit && chmod +x .git/hooks/pre-commit").ok()
    assert "ours come first again" in ada.stick("take").ok().text
    assert "ours come first again" not in ada.stick("take").ok().text
    assert not asks_git(ada)


def test_a_hook_that_is_gone_is_told_each_time(ada: Shell) -> None:
    ada.run("rm .git/hooks/pre-commit").ok()
    for _ in range(2):
        assert "NOT ENFORCED  there is no git hook" in ada.stick("take").ok().text


def test_without_hooks_there_is_nothing_to_seal(shells: Shells, room: Path) -> None:
    bob = shells.member(room, "bob")
    workspace = paths.workspace_of(os.path.realpath(room))
    assert workspace
    assert not hook_seal.holds(workspace)
    assert "NOT ENFORCED" in bob.stick("join --as bob").ok().text


def test_it_goes_with_the_rest(shells: Shells, room: Path) -> None:
    before = git_snapshot(room)
    ada = shells.person(room)
    ada.run("stick init --only git && stick join --as ada && stick take").ok()
    assert (room / ".git/stickhooks/seal").exists()
    ada.stick("uninit").ok()
    assert git_snapshot(room) == before
