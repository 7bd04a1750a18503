"""``stick engine``: where the rooms are, with and without an answer; in and out; deleted."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.scenarios.test_pushes import COMMIT
from tests.support.shells import Shell, Shells, eventually
from tests.support.team import ENGINE, HANDOFF, Team


def test_it_shows_where_the_rooms_are_and_says_so_offline(team: Team) -> None:
    ada, bob = team.people()
    ada.stick("take").ok()
    told = ada.stick("engine --json").ok().json
    clone = told["clone"]
    assert (told["engine"], told["room_name"], told["reached"]) == ("git:origin", "main", True)
    assert told["members"] == {"here": ["ada"], "elsewhere": ["bob"]}
    assert told["revision"] == 4  # made, two joined, one took
    [opening] = told["open"]
    assert 0 < opening["for_ms"] <= 30 * 60_000
    assert told["can"]["least_lease_ms"] == 15 * 60_000
    assert bob.stick("engine --json").ok().json["open"] == []
    team.away()
    text = ada.stick("engine").ok().text
    assert "NOT REACHED: git:origin did not do that: there is no repository at that place" in text
    assert "ada writes until" in text
    assert "git ls-remote origin" in text
    offline = ada.stick("engine --json").ok().json
    assert (offline["reached"], offline["revision"], offline["clone"]) == (False, 4, clone)
    assert offline["mirror_age_ms"] >= 0


def test_a_room_of_this_machine_says_so(team: Team, shells: Shells) -> None:
    ada = shells.member(team.folders[0], "ada")
    assert "of this machine alone" in ada.stick("engine").ok().text
    assert ada.stick("engine --json").ok().json["engine"] is None


def test_two_engines_are_said_to_be_two(team: Team) -> None:
    ada, _ = team.people()
    (team.folders[0] / ".git" / "stickhooks" / "anchor.json").unlink()
    ada.stick("engine").fails(78, "no room is opened", "stick init --engine git:origin")


MOVE = "engine --move git:origin"


def local(team: Team, shells: Shells) -> tuple[Shell, Shell]:
    """Return two members of one clone, whose room is of its files."""
    folder = team.folders[0]
    shells.person(folder).stick("init --only git").ok()
    return shells.member(folder, "ada"), shells.member(folder, "eve")


def events(member: Shell) -> list[dict[str, object]]:
    """Return the log, but for the times: an engine's clock counts what was watched."""
    told = member.stick("log --json").ok().json["events"]
    return [{**event, "created_at": ""} for event in told]


def other(team: Team, shells: Shells) -> Shell:
    shells.person(team.folders[1]).stick(ENGINE).ok()
    return shells.member(team.folders[1], "bob")


def test_a_holder_moves_the_rooms_and_goes_on(team: Team, shells: Shells) -> None:
    ada, _ = local(team, shells)
    ada.stick("take --why 'the login'").ok()
    assert MOVE in ada.stick("engine").ok().text
    before = events(ada)
    assert "git hooks: " in ada.stick(MOVE).ok().text
    assert ada.stick("status --json").json["room"]["turn"] == 1
    assert events(ada) == before
    ada.run("git commit -q --allow-empty -m one").ok()
    assert "already" in ada.stick(MOVE).ok().text
    bob = other(team, shells)
    bob.stick("take").fails(75, "ada holds", "the login")
    ada.stick(HANDOFF).ok()
    assert "half of it" in bob.stick("take").ok().text
    ada.run("git push origin main").fails(1, "NOT PUSHED", "bob holds")
    ada.stick("engine --move files").fails(75, "bob holds", "moved while nobody holds")
    ada.stick("engine --delete --force").fails(75, "bob holds", "deleted while nobody holds")
    bob.stick(HANDOFF).ok()
    ada.stick("take").ok()
    ada.stick("engine --move files").ok()
    ada.run("git commit -q --allow-empty -m two").ok()
    assert ada.stick("status --json").json["room"]["turn"] == 3
    assert len(events(ada)) == len(before) + 4
    assert "engine" not in (team.folders[0] / ".git/config").read_text()
    bob.stick("take").fails(78, "ada moved the rooms to the files of one clone", "stick uninit")
    bob.stick("doctor").fails(78, "ada moved the rooms")
    left = bob.stick("uninit").ok().text
    assert "members did not leave the rooms on git:origin: ada moved the rooms" in left
    assert "the rooms stay" not in left
    ada.stick(HANDOFF).ok()
    ada.stick("take").ok()


def test_rooms_that_others_use_are_not_moved(team: Team, shells: Shells) -> None:
    ada, eve = local(team, shells)
    eve.stick("take docs").ok()
    for one in (ada, eve):
        one.stick(MOVE).fails(75, "eve holds docs", "until it is given back")
    eve.stick(HANDOFF).ok()
    eve.stick("take").ok()
    ada.stick(MOVE).fails(75, "eve holds", "while nobody holds")
    waiting = ada.begin("stick wait --timeout 60s")
    eventually(
        lambda: (
            (team.folders[0] / ".talking-stick/line").is_dir()
            and "ada" in str(eve.stick("status --json").json)
        )
    )
    eve.stick(MOVE).fails(75, "ada waits for the stick")
    eve.stick(HANDOFF).ok()
    waiting.result().ok()
    eve.stick("engine --move git:nowhere").fails(78, "there is none of that name")
    ada.stick("policy owner_lease_ttl 5m").ok()
    ada.stick(MOVE).fails(78, "15 min at least")


def test_a_move_that_the_server_declines_leaves_the_files(team: Team, shells: Shells) -> None:
    ada, _ = local(team, shells)
    config = ["git", "config", "receive.hideRefs", "refs/stickhooks"]
    subprocess.run(config, cwd=team.origin, check=True)
    ada.stick(MOVE).fails(74, "hides refs/stickhooks")
    ada.stick("take").ok()
    ada.run("git commit -q --allow-empty -m one").ok()
    assert ada.stick("engine --json").json["engine"] is None


def test_rooms_go_beside_those_of_an_engine_only_while_free(team: Team, shells: Shells) -> None:
    other(team, shells)
    ada, _ = local(team, shells)
    ada.stick("take").ok()
    ada.stick(MOVE).fails(75, "ada (you) holds", "stick release")
    ada.stick(HANDOFF).ok()
    ada.stick(MOVE).ok()
    assert ada.stick("rooms --json").ok().json["rooms"][0]["turn_id"] == 0
    ada.stick("take").fails(66, "have not joined")
    ada.stick("join --as ada").ok()
    ada.stick("take").ok()


def test_a_person_deletes_the_rooms_for_all(team: Team, shells: Shells) -> None:
    ada, bob = team.people()
    told = ada.stick("engine --delete").ok().text
    assert "would delete on git:origin" in told
    assert "ada, bob" in told
    bob.stick("status").ok()
    shells.agent(team.folders[0]).stick("engine --delete --force").fails(78, "a person deletes")
    ada.stick("engine --delete --force").ok()
    refs = subprocess.run(
        ["git", "for-each-ref"], cwd=team.origin, capture_output=True, text=True, check=True
    )
    assert "rooms" not in refs.stdout
    bob.stick("take").fails(78, "ada deleted the rooms", "stick uninit")
    bob.stick("uninit").ok()
    bob.stick(ENGINE).ok()
    bob.stick("join --as bob").ok()
    bob.stick("take").ok()
    ada.stick("engine --delete").fails(78, "of this machine alone")
    ada.stick(ENGINE).ok()
    ada.stick("join --as ada").ok()
    ada.stick("take").fails(75, "bob holds")


BACK = "engine --move files --reason 'the server burnt down'"


def test_a_person_takes_the_rooms_back_from_an_engine_that_is_gone(
    team: Team, shells: Shells
) -> None:
    ada, bob = team.people()
    agent = shells.agent(team.folders[0])
    ada.stick("take").ok()
    ada.stick(HANDOFF).ok()
    bob.stick("take").ok()
    ada.stick("status").ok()
    ada.stick(BACK).fails(78, "git:origin answers: it is not gone", "stick engine --move files")
    ada.stick("engine --reason x").fails(2, "goes with --move files")
    team.away()
    agent.stick(BACK).fails(78, "a person says")
    ada.stick("engine --move files").fails(74, "no repository at that place")
    ada.stick(BACK).fails(75, "bob holds in another clone, until")
    seen = team.folders[0] / ".talking-stick" / "engine.json"
    raw = json.loads(seen.read_text())
    seen.write_text(json.dumps({**raw, "offset": raw["offset"] + 3_600_000}))
    told = ada.stick(BACK).ok().text
    assert "as they were seen last" in told
    assert "no repository at that place" in told
    assert "half of it" in ada.stick("status").ok().text
    ada.stick("take").ok()
    assert ada.stick("status --json").json["room"]["turn"] == 3
    ada.run("git commit -q --allow-empty -m on").ok()
    assert "the server burnt down" in ada.stick("log").ok().text
    assert len(events(ada)) == 4
    assert ada.stick("engine --json").json["engine"] is None
    ada.stick(BACK).fails(78, "already")


def test_a_move_to_an_engine_that_is_gone_is_called_off(team: Team, shells: Shells) -> None:
    ada, _ = local(team, shells)
    ada.stick("take --why 'the login'").ok()
    slow = team.origin / "hooks" / "pre-receive"
    slow.parent.mkdir(exist_ok=True)
    slow.write_text(f"#!/bin/sh\nmv '{team.origin}' '{team.origin}.gone'\nsleep 9\n")
    slow.chmod(0o755)
    ada.stick(MOVE).fails(74)
    ada.stick("status").fails(74, "not finished", "--reason")
    ada.run("git commit -q --allow-empty -m one").fails(1)
    told = ada.stick(BACK).ok().text
    assert "stay in the files" in told
    ada.run("git commit -q --allow-empty -m one").ok()
    assert "the login" in ada.stick("status").ok().text


def test_another_address_is_no_loss(team: Team, shells: Shells, tmp_path: Path) -> None:
    ada, bob = team.people()
    ada.stick("take").ok()
    other_place = tmp_path / "other.git"
    subprocess.run(["git", "init", "-q", "--bare", str(other_place)], check=True)
    ada.run(f"git remote set-url --push origin '{other_place}'").ok()
    told = ("the address of git:origin was changed", "git remote get-url --push origin")
    ada.stick("status").fails(78, *told)
    ada.stick("doctor").fails(78, *told)
    ada.stick("doctor --fix").fails(78, *told)
    ada.run("git config --unset remote.origin.pushurl").ok()
    assert ada.stick("status --json").ok().json["room"]["turn"] == 1
    moved = team.origin.rename(tmp_path / "moved.git")  # the same repository, elsewhere
    for one in (ada, bob):
        one.run(f"git remote set-url origin '{moved}'").ok()
        one.stick("status").ok()
    ada.stick(HANDOFF).ok()
    bob.stick("take").ok()


def test_who_says_no_name_is_called_after_the_machine_too(team: Team, shells: Shells) -> None:
    team.people()
    me = shells.person(team.folders[0])
    host = me.run("hostname -s").out.strip()
    name = me.stick("join --json").ok().json["agent_id"]
    assert name.endswith(f"@{host}")


def test_a_hook_calls_a_newcomer_as_joining_would(team: Team, shells: Shells) -> None:
    """Two clones on one machine, and the same login: who holds in the other clone is nobody who asks here."""
    team.people()
    one, two = (shells.person(folder) for folder in team.folders)
    host = one.run("hostname -s").out.strip()
    name = one.stick("join --json").ok().json["agent_id"]
    one.stick("take --why 'the login'").ok()
    other = name.replace("@", "2@")
    assert other in two.stick("status").ok().text
    told = two.run(f"{COMMIT} one").fails(1, f"{name} holds", f" in {host}:/").text
    assert f"you ({other}) have not joined" in told
    assert "if that is you" not in told
    assert "if that is you" not in two.stick("take").fails(66, f"you ({other})").text
    said = {"STICK_AGENT": name}
    two.run(f"{COMMIT} one", said).fails(1, "joined from another clone", f"join --as '{other}'")
    assert two.stick("join --json").ok().json["agent_id"] == other
    again = shells.person(team.folders[1])
    one.stick(HANDOFF).ok()  # a member who is free may move, and this clone's own comes first
    assert again.stick("join --json").ok().json["agent_id"] == other


def test_a_push_beside_rooms_of_others_says_where_they_are(team: Team) -> None:
    ada, bob = team.people()
    bob.stick("uninit").ok()
    bob.stick("push").fails(78, "origin has others", "stick init --engine git:origin")
    bob.stick("init --only git --solo").ok()
    bob.stick("join --as bob").ok()
    bob.stick("push").fails(78, "origin has others", "stick engine --move git:origin")
    bob.stick("push elsewhere").fails(78, "nothing to fence a push by", "git push")
    assert ada.stick("take").ok()


def test_a_branch_without_a_commit_says_so(team: Team, shells: Shells) -> None:
    ada, _ = team.people()
    ada.stick("take").ok()
    ada.run("git checkout -q --orphan fresh").ok()
    ada.stick("push").fails(2, "fresh has no commit yet", "git commit")
