"""Two people in two clones of one repository, with the rooms on its remote: what each is told, and what
each may do, by real git and real commands.
"""

from __future__ import annotations

import subprocess

import pytest

from tests.support.team import ENGINE, HANDOFF, Team, close


def test_the_stick_goes_from_clone_to_clone(team: Team) -> None:
    ada, bob = team.people()
    ada.stick("take --why 'the login'").ok()
    ada.run("git commit -q --allow-empty -m one").ok()
    bob.stick("take").fails(75, "ada holds", "the login")
    bob.run("git commit -q --allow-empty -m two").fails(1, "NOT COMMITTED", "ada holds")
    bob.stick("join --as ada").fails(77, "from another clone")
    ada.stick(HANDOFF).ok()
    assert "half of it" in bob.stick("take").ok().text
    bob.run("git commit -q --allow-empty -m two").ok()
    ada.run("git commit -q --allow-empty -m three").fails(1, "NOT COMMITTED")
    assert "bob took the stick from ada" in ada.stick("log").ok().text
    ada.run("git commit -q --allow-empty -m three").fails(1, "bob holds")


def test_without_an_answer_the_holder_goes_on_for_two_thirds_of_the_lease(team: Team) -> None:
    ada, _ = team.people()
    ada.stick("take").ok()
    team.away()
    ada.run("git commit -q --allow-empty -m one").ok()
    close(team.folders[0])
    ada.run("git commit -q --allow-empty -m two").fails(1, "cannot be confirmed")
    assert ada.stick("check --json").json["code"] == "unconfirmed"
    ada.stick("status").fails(74, "nothing was changed")
    ada.stick(HANDOFF).fails(74, "nothing was changed")
    team.back()
    ada.run("git commit -q --allow-empty -m two").ok()


def test_a_mirror_that_was_removed_is_loaded_again_and_its_holder_recovers(team: Team) -> None:
    ada, _ = team.people()
    ada.stick("take").ok()
    (team.folders[0] / ".talking-stick" / "room.json").unlink()
    ada.run("git commit -q --allow-empty -m one").fails(1, "cannot be confirmed")
    ada.stick("status").ok()
    ada.run("git commit -q --allow-empty -m one").fails(1, "no longer current")
    assert ada.stick("take --json").ok().json["turn_id"] == 2
    ada.run("git commit -q --allow-empty -m one").ok()


def test_what_doctor_says_of_a_remote_helps(team: Team) -> None:
    ada, _ = team.people()
    team.away()
    ada.stick("doctor").fails(74, "no repository at that place", "git ls-remote origin")
    team.back()
    ada.stick("doctor").ok()


def test_a_wait_in_one_clone_ends_with_the_release_in_the_other(team: Team) -> None:
    ada, bob = team.people()
    ada.stick("take").ok()
    ada.run(f"(sleep 1; stick {HANDOFF}) >/dev/null 2>&1 &")
    assert "the stick is yours" in bob.stick("wait --timeout 120s").ok().text


def test_a_tracked_file_closes_and_opens_nothing(team: Team) -> None:
    clone = team.folders[0]
    (clone / ".stickhooks.toml").write_text('engine = "git:nowhere"\n')
    person = team.shells.person(clone)
    person.stick("join").fails(78, "shared on git:nowhere")
    person.stick("init --only git").fails(78, "--solo")
    person.run("mv .stickhooks.toml kept && mkfifo .stickhooks.toml").ok()
    person.stick("join").fails(78, "not a regular file", "ls -l .stickhooks.toml")
    person.run("mv kept .stickhooks.toml").ok()
    assert not (clone / ".git" / "stickhooks" / "engine.git").exists()
    person.stick("join --solo").ok()


@pytest.mark.parametrize(
    "name",
    ["git:evil.git", "git:--upload-pack=touch${IFS}ran", "git:http://ada:secret@127.0.0.1:1/x"],
)
def test_only_a_remote_that_git_knows_by_name_is_asked(team: Team, name: str) -> None:
    """A tracked file may name another, and who obeys it types that: no hook of the tree runs."""
    clone = team.folders[0]
    subprocess.run(["git", "init", "-q", "--bare", "evil.git"], cwd=clone, check=True)
    hook = clone / "evil.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\ntouch ../ran\n")
    hook.chmod(0o755)
    person = team.shells.person(clone)
    refused = person.stick(f"init --only git --engine '{name}'").fails(
        78, "there is none of that name"
    )
    assert "secret" not in refused.text
    assert not [*clone.rglob("ran"), *clone.glob(".git/stickhooks/engine.git")]


def test_two_engines_and_two_rooms_are_refused(team: Team) -> None:
    ada, _ = team.people()
    ada.stick("init --engine git:other").fails(78, "are on git:origin")
    clone = team.folders[0]
    (clone / ".git" / "stickhooks" / "anchor.json").unlink()
    ada.stick("join").fails(78, "no room is opened")
    ada.stick(ENGINE).ok()
    ada.stick("status").ok()


def test_a_linked_worktree_has_rooms_of_its_own_beside_those_on_an_engine(team: Team) -> None:
    ada, _ = team.people()
    ada.stick("take").ok()
    linked = team.folders[0].parent / "linked"
    ada.run(f"git worktree add -q '{linked}' -b other").ok()
    lin = team.shells.person(linked)
    lin.stick("join --as lin").ok()
    lin.stick("take").ok()
    lin.stick("engine --move git:origin").fails(78, "stick engine --move 'git:origin#NAME'")
    lin.stick("engine --move git:origin#other").ok()
    lin.run("git commit -q --allow-empty -m one && stick push").ok()
    ada.stick("status").ok()
    lin.stick("uninit").ok()
    lin.stick(ENGINE).fails(78, "'git:origin#NAME'")
    ada.stick("status").ok()


def test_a_setting_of_gits_that_was_lost_is_written_by_the_command_that_is_told(team: Team) -> None:
    ada, _ = team.people()
    ada.run("git config --unset stickhooks.engine").ok()
    ada.stick("status").fails(78, "no room is opened", "stick init --engine git:origin")
    ada.stick(ENGINE).ok()
    ada.stick("status").ok()


def test_a_local_room_is_not_left_beside_one_on_an_engine(team: Team) -> None:
    person = team.shells.member(team.folders[0], "ada")
    person.stick(ENGINE).fails(78, "a room of its own")
    person.stick("uninit").ok()
    person.stick(ENGINE).ok()


def test_uninit_leaves_the_room_and_takes_this_clones_members(team: Team) -> None:
    ada, bob = team.people()
    ada.stick("take").ok()
    assert "the rooms stay on git:origin" in ada.stick("uninit").ok().text
    git_dir = team.folders[0] / ".git"
    assert "engine" not in (git_dir / "config").read_text()
    assert not (git_dir / "stickhooks" / "engine.git").exists()
    bob.stick("take").ok()
    assert "ada" not in bob.stick("status --all --json").json["members"]


def test_what_is_wrong_with_a_remote_is_said_at_init(team: Team) -> None:
    person = team.shells.person(team.folders[0])
    place = ["git", "remote", "add", "nowhere", "../nowhere.git"]
    subprocess.run(place, cwd=team.folders[0], check=True)
    person.stick("init --engine git:nowhere").fails(74, "no repository at that place")
    refused = person.stick("init --engine etcd://ada:secret@localhost").fails(
        78, "a password is no part"
    )
    assert "secret" not in refused.text
    config = ["git", "config", "transfer.hideRefs", "refs/stickhooks"]
    subprocess.run(config, cwd=team.origin, check=True)
    person.stick(ENGINE).fails(74, "hides refs/stickhooks")
