"""Branches of two real clones with their rooms on a real etcd, fenced on the git remote that both have."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scenarios.test_pushes import COMMIT, PAST, head, with_server_hook
from tests.support.shells import Shell, Shells
from tests.support.team import HANDOFF, Team

REF = "refs/stickhooks/fence/main"


@pytest.fixture
def team(tmp_path: Path, make_repository: Callable[[str], Path], shells: Shells, name: str) -> Team:
    made = Team(tmp_path, make_repository, shells)
    made.engine = f"init --only git --engine '{name}'"
    return made


def test_a_deposed_holder_reaches_the_branch_by_no_push(team: Team) -> None:
    ada, bob = team.people()
    ada.stick("take --why 'the login'").ok()
    ada.run(f"{COMMIT} one").ok()
    assert "the first `stick push`" in ada.stick("engine").ok().text
    ada.stick("push other").fails(78, "there is no remote other here", "git remote")
    told = ada.stick("push").ok()
    assert "error" not in told.text
    assert team.tip() == head(team.folders[0])
    assert "land with the stick alone" in ada.stick("engine").ok().text
    ada.stick("push elsewhere main").fails(78, "the fence of these rooms is on origin")
    fence = team.tip(REF)
    ada.stick(HANDOFF).ok()
    assert "not fenced" not in bob.stick("take").ok().text
    assert team.tip(REF) != fence
    bob.run("git pull -q origin main").ok()
    ada.run(PAST).ok()
    before = team.tip()
    ada.stick("push").fails(76, "bob holds", "nothing was pushed", "stick wait")
    ada.run("git push origin main").fails(1, "NOT PUSHED", "bob holds")
    ada.run(f"git push origin :{REF}").fails(1, "NOT PUSHED", "delete the rooms")
    assert team.tip() == before
    with_server_hook(team, bob)
    ada.run("git push --no-verify origin main").fails(1, "with the stick", "bob holds")
    bob.run("git push origin main:topic").fails(1, "with the stick", "stick push")
    bob.run(f"{COMMIT} two").ok()
    bob.stick("push").ok()
    assert team.tip() == head(team.folders[1])
    assert "it landed" in bob.stick("push").ok().text


def test_a_turn_that_is_not_fenced_says_so_and_is_by_the_next_push(team: Team) -> None:
    ada, bob = team.people()
    ada.stick("take").ok()
    ada.run(f"{COMMIT} one").ok()
    ada.stick("push").ok()
    subprocess.run(["git", "update-ref", "-d", REF], cwd=team.origin, check=True)
    ada.stick("doctor").fails(78, "origin has no fence of these rooms", "stick push")
    ada.stick(HANDOFF).ok()
    bob.stick("take").ok().text.index("not fenced: origin has no fence of these rooms")
    bob.run(f"git pull -q origin main && {COMMIT} two").ok()
    bob.stick("push").ok()
    assert "fence" not in bob.stick("doctor").text
    with_server_hook(team, bob)
    team.away()
    bob.stick(HANDOFF).ok()
    assert "not fenced: origin" in ada.stick("take").ok().text
    team.back()
    ada.run(f"git pull -q origin main && {COMMIT} three").ok()
    ada.stick("push").ok()  # the server is told of the turn first
    assert team.tip() == head(team.folders[0])


def fenced(team: Team) -> tuple[Shell, Shell]:
    """Return ada, who holds and has pushed, and bob; the server has our hook."""
    ada, bob = team.people()
    ada.stick("take").ok()
    ada.run(f"{COMMIT} one").ok()
    ada.stick("push").ok()
    with_server_hook(team, bob)
    assert team.tip(REF)
    return ada, bob


OPEN = "branches go to origin without the stick again"


def test_rooms_that_leave_the_engine_take_their_fence_along(team: Team) -> None:
    ada, _ = fenced(team)
    assert OPEN in ada.stick("engine --move files").ok().text
    assert team.tip(REF) == ""
    assert "fence" not in ada.stick("doctor").text
    ada.run(f"{COMMIT} two && git push -q origin main").ok()


def test_a_server_that_lets_nobody_delete_takes_branches_again(team: Team) -> None:
    ada, _ = fenced(team)
    update = team.origin / "hooks" / "update"
    update.write_text("#!/bin/sh\ncase $3 in 0000*) exit 1 ;; esac\n")
    update.chmod(0o755)
    told = ada.stick("engine --move files").ok().text
    assert f"{OPEN}; {REF} stays there" in told
    assert "git push" not in told
    assert "fence" not in ada.stick("doctor").text
    ada.run(f"{COMMIT} two && git push -q origin main").ok()


def test_the_fence_is_ended_by_a_clone_that_calls_the_remote_otherwise(team: Team) -> None:
    ada, bob = fenced(team)
    bob.run("git remote rename origin upstream").ok()
    ada.stick(HANDOFF).ok()
    assert "git config stickhooks.fence NAME" in bob.stick("take").ok().text
    told = bob.stick("engine --move files").ok().text
    assert "branches go to upstream without the stick again" in told
    assert team.tip(REF) == ""


def test_rooms_that_are_deleted_take_their_fence_along(team: Team) -> None:
    ada, _ = fenced(team)
    ada.stick(HANDOFF).ok()
    assert OPEN in ada.stick("engine --delete --force").ok().text
    ada.run(f"{COMMIT} two && git push -q origin main").ok()


def test_the_last_who_leaves_takes_the_fence_along(team: Team) -> None:
    ada, bob = fenced(team)
    assert OPEN not in ada.stick("uninit").ok().text
    ada.run("git push -q origin main:topic").fails(1, "with the stick")
    assert OPEN in bob.stick("uninit").ok().text
    ada.run(f"{COMMIT} two && git push -q origin main").ok()


def test_a_clone_whose_rooms_are_its_own_is_not_sent_to_and_fro(team: Team) -> None:
    _, bob = fenced(team)
    bob.stick("uninit --force").ok()
    bob.run("git push origin main:topic").fails(1, "next:    stick push")
    way = f"git push -f origin HEAD:{REF} && git push origin :{REF}"
    bob.stick("push").fails(78, "origin has the fence of others", "stick init --help", way)


def test_a_fence_that_was_left_is_told_with_the_way_to_end_it(team: Team) -> None:
    ada, _ = fenced(team)
    team.away()
    way = f"git push -f origin HEAD:{REF} && git push origin :{REF}"
    moved = ada.stick("engine --move files").ok().text
    assert "whether origin has a fence of these rooms is not known" in moved
    assert way in moved
    assert "fence" not in ada.stick("doctor").text
    team.back()
    ada.run("git push origin main:topic").fails(1, "with the stick")
    ada.stick("doctor").fails(78, "origin has the fence of rooms that this clone had", way)
    ada.run(way).ok()
    assert "fence" not in ada.stick("doctor").text
    ada.run("git push -q origin main:topic").ok()
