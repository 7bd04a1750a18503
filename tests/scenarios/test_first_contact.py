"""A clone that comes to rooms of others for the first time, and one whose server does not let it: each step
that is told is typed, and helps.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.shells import Result, Shells
from tests.support.team import ENGINE, HANDOFF, Team
from tests.support.web import PASSWORD, USER, bare_of, served

OWN = "while read old new ref; do case $ref in refs/heads/agent/*) ;; *) exit 1;; esac; done"


def steps(done: Result) -> list[str]:
    """Return the commands that a refusal told."""
    lines = [line.strip() for line in done.text.splitlines()]
    told = [line.partition(":")[2].strip() for line in lines if line.startswith(("next:", "or:"))]
    return [line.partition(" (")[0] for line in told]


def hook(team: Team, text: str) -> None:
    file = team.origin / "hooks" / "pre-receive"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


def test_a_fresh_clone_of_a_team_is_led_to_the_teams_room(team: Team) -> None:
    ada, _ = team.people()
    ada.stick("take --why 'the login'").ok()
    ada.run("echo 'engine = \"git:origin\"' >.stickhooks.toml && git add .stickhooks.toml").ok()
    ada.run("git commit -q -m 'one stick' && stick push").ok()
    ada.stick(HANDOFF).ok()
    fresh = team.folders[0].parent / "fresh"
    subprocess.run(["git", "clone", "-q", str(team.origin), str(fresh)], check=True)
    eve = team.shells.person(fresh)
    for words in ("join --as eve", "init --only git", "take"):
        refused = eve.stick(words)
        assert refused.code in (78, 66), refused.text
        assert steps(refused)[0] == "stick init --engine git:origin", refused.text
    eve.run(f"{steps(refused)[0]} --only git").ok()
    eve.stick("join --as eve").ok()
    assert "half of it" in eve.stick("take").ok().text


def test_a_sandbox_that_may_push_its_own_branch_only_says_so_and_works_alone(
    team: Team,
) -> None:
    hook(team, OWN)
    agent = team.shells.person(team.folders[0])
    refused = agent.stick(ENGINE).fails(74, "a sandbox may push its own branch only")
    [_, alone] = steps(refused)
    agent.run("git push -q origin HEAD:refs/heads/agent/one").ok()
    agent.run(alone).ok()
    agent.stick("join --as ada").ok()
    agent.stick("take").ok()


def test_credentials_that_are_taken_no_more_are_said_to_be(
    tmp_path: Path, make_repository: Callable[[str], Path], shells: Shells
) -> None:
    clone, root = make_repository("ada"), tmp_path / "root"
    bare_of(clone, root / "origin.git")
    with served(tmp_path / "web", root) as address:
        place = f"http://{USER}:{PASSWORD}@{address}/origin.git"
        subprocess.run(["git", "remote", "add", "origin", place], cwd=clone, check=True)
        shells.person(clone).stick(ENGINE).ok()
        ada = shells.member(clone, "ada")
        ada.stick("take").ok()
        users = tmp_path / "web" / "users"
        users.write_text(f"{USER}:changed\n")
        words = "the server does not take the credentials that git has for it"
        for told in ("status", "doctor", "push", HANDOFF):
            done = ada.stick(told)
            assert done.code in (74, 78)
            assert words in done.text
            assert PASSWORD not in done.text
        ada.run("git commit -q --allow-empty -m one").ok()  # two thirds of the lease are hers
        users.write_text(f"{USER}:{PASSWORD}\n")
        ada.stick("push").ok()


@pytest.mark.sampled(1)
@pytest.mark.parametrize("spoiled", ["hidden", "no atomic", "a lock"])
def test_a_server_that_does_not_let_us_leaves_the_clone_as_it_was(team: Team, spoiled: str) -> None:
    settings = {
        "hidden": ("transfer.hideRefs", "refs/stickhooks"),
        "no atomic": ("receive.advertiseAtomic", "false"),
    }
    if spoiled in settings:
        subprocess.run(["git", "config", *settings[spoiled]], cwd=team.origin, check=True)
    else:
        lock = team.origin / "refs/stickhooks/rooms/main.lock"
        lock.parent.mkdir(parents=True)
        lock.touch()
    words = {"hidden": "hides", "no atomic": "--atomic", "a lock": "a lock of another push"}
    ada = team.shells.person(team.folders[0])
    refused = ada.stick(ENGINE).fails(74, words[spoiled])
    assert steps(refused)
    if spoiled in settings:
        subprocess.run(
            ["git", "config", "--unset", settings[spoiled][0]], cwd=team.origin, check=True
        )
    else:
        shutil.rmtree(lock.parent)
    ada.stick(ENGINE).ok()
    ada.stick("join --as ada").ok()
    ada.stick("take").ok()
