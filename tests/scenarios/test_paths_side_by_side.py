"""Leases of paths by real shells: three members in one tree, each in its own part of it."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.support.mounts import own_mounts
from tests.support.shells import Agent, Shell, Shells, eventually
from tests.support.team import Team
from tests.support.world import git_repo

HANDOFF = '--status "half done" --next "the rest"'
REFUSED = 1


@pytest.fixture
def room(tmp_path: Path, shells: Shells) -> Path:
    """Return the room of all members here, in a repository with folders."""
    repo = git_repo(tmp_path / "shop")
    for name in ("src/login/a.py", "src/pay/b.py", "docs/guide.md", "README.md"):
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text("one\n")
    setup = shells.person(repo)
    setup.stick("init --only git,claude").ok()
    setup.run("git add -A && STICK_BYPASS=begin git commit -qm begin").ok()
    return repo


@pytest.fixture
def eve(room: Path, shells: Shells) -> Shell:
    return shells.member(room, "eve")


def state(room: Path) -> Any:
    return json.loads((room / ".talking-stick/room.json").read_text())


def commit(shell: Shell, *paths: str) -> Any:
    for path in paths:
        with (Path(shell.cwd) / path).open("a") as file:
            file.write("more\n")
    named = " ".join(paths)
    return shell.run(f"git add {named} && git commit -qm work -- {named}")


def test_three_members_commit_side_by_side_each_its_own(
    room: Path, ada: Shell, bob: Shell, eve: Shell
) -> None:
    ada.stick("take src/login README.md --why login").ok()
    bob.stick("take docs").ok()
    eve.stick("take").ok()
    commit(ada, "src/login/a.py", "README.md").ok()
    commit(bob, "docs/guide.md").ok()
    commit(eve, "src/pay/b.py").ok()
    commit(bob, "src/login/a.py").fails(REFUSED, "ada holds src/login", "stick wait ")
    bob.run("git reset -q --soft HEAD; git restore --staged src; git checkout src")
    commit(ada, "src/pay/b.py").fails(REFUSED, "eve holds")
    assert state(room)["schema"] == 2
    log = eve.stick("log").ok().out
    assert "ada took the stick (for src/login, README.md alone): login" in log
    assert "committed (" not in log


def test_files_of_ones_own_part_are_put_back_and_nobody_is_told_of_it(
    room: Path, ada: Shell, bob: Shell
) -> None:
    ada.stick("take src/login").ok()
    bob.stick("take docs").ok()
    told = "overwrote files here"
    for where, command in (
        (room, "git checkout -- src/login/a.py"),
        (room / "src", "git checkout HEAD -- login/a.py"),
    ):
        (room / "src/login/a.py").write_text("edited\n")
        ada.run(f"cd {where} && {command}").ok()
        assert told not in ada.stick("log").ok().out, command
    for command in (
        "git checkout -- docs/guide.md",
        "git checkout -- src/login/a.py docs",
        "git checkout -- .",
    ):
        before = ada.stick("log").ok().out.count(told)
        (room / "docs/guide.md").write_text("edited\n")
        ada.run(command).ok()
        assert ada.stick("log").ok().out.count(told) == before + 1, command


def test_what_names_no_paths_needs_all_and_says_whose_are_out(
    room: Path, ada: Shell, bob: Shell
) -> None:
    ada.stick("take src/login").ok()
    bob.stick("take").ok()
    (room / "docs/guide.md").write_text("two\n")
    bob.run("git stash").fails(128, "ada holds src/login", "stick wait --whole")
    bob.run("git reset -q --hard HEAD~0 && git merge -q HEAD")
    assert (room / "src/login/a.py").read_text() == "one\n"
    bob.run("git commit -q --allow-empty -m none").fails(REFUSED, "ada holds src/login")
    ada.stick(f"release {HANDOFF}").ok()
    bob.run("git commit -q --allow-empty -m none").ok()


def test_what_a_turn_for_paths_did_is_told_and_taken_back_alone(
    room: Path, ada: Shell, bob: Shell, eve: Shell
) -> None:
    ada.stick("take src/login README.md").ok()
    bob.stick("take docs").ok()
    eve.stick("take").ok()
    commit(ada, "README.md").ok()
    commit(bob, "docs/guide.md").ok()
    (room / "src/login/a.py").write_text("loose\n")
    assert "would write  src/login/a.py" in (shown := ada.stick("undo").ok().out)
    head = bob.run("git rev-parse HEAD~1").out[:10]
    assert f"it committed 1 path: git revert {head}\n" in shown
    assert "it committed" not in eve.stick("undo").ok().out
    ada.stick(f"release {HANDOFF}").ok()
    bob.stick(f"release {HANDOFF}").ok()
    eve.stick(f"release {HANDOFF}").ok()
    turns = bob.stick("log --files --json").ok().json["turns"]
    assert [(t["turn_id"], t["holder"], t["files"], len(t["commits"])) for t in turns] == [
        (1, "ada", {"README.md": "committed", "src/login/a.py": "changed"}, 1),
        (2, "bob", {"docs/guide.md": "committed"}, 1),
        (3, "eve", {}, 0),
    ]
    bob.stick("undo 1 --apply").fails(75, "take the stick")
    bob.stick("take src/login").ok()
    bob.stick("undo 1 --apply").ok()
    assert (room / "src/login/a.py").read_text() == "one\n"


def test_a_wait_for_paths_is_told_that_their_holder_is_gone_while_the_rest_is_held(
    room: Path, ada: Shell, bob: Shell, eve: Shell
) -> None:
    eve.stick("policy gone_grace 0s").ok()
    ada.stick("take docs").ok()
    eve.stick("take").ok()
    bob.stick("wait docs --timeout 0.1s").fails(124, "next:    stick wait docs\n")
    waiting = bob.begin("stick wait docs --timeout 100s")
    eventually(lambda: "waiting: ada holds docs in " in waiting.so_far().err)
    ada.kill()
    waiting.result().fails(69, "ada holds docs", "and is gone", "--expect 1")


def test_who_gives_up_a_wait_for_paths_hears_that_they_were_handed_over(
    ada: Shell, bob: Shell
) -> None:
    ada.stick("take docs").ok()
    waiting = bob.begin("stick wait docs")
    eventually(lambda: "waiting:" in waiting.so_far().err)
    process = waiting.process()
    process.suspend()
    ada.stick(f"handoff bob {HANDOFF}").ok()
    process.send_signal(signal.SIGINT)
    process.resume()
    waiting.result().fails(130, "the stick was handed to you by ada and is kept", "stick take")


def test_what_needs_all_says_to_wait_for_all_where_the_rest_is_free(
    room: Path, ada: Shell, bob: Shell, shells: Shells
) -> None:
    ada.stick("take src/login").ok()
    (room / "docs/guide.md").write_text("two\n")
    bob.run("git stash").fails(128, "ada holds src/login", "next:    stick wait --whole")
    assert "nobody, until somebody takes the stick, but for the paths" in bob.stick("status").out
    eve = shells.member(room, "eve")
    eve.stick("take README.md").ok()
    bob.run("git commit -q --allow-empty -m all").fails(1, "ada holds src/login")
    [journal] = room.glob(".talking-stick/log/*/sightings.jsonl")
    noted = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [it["agent_id"] for it in noted if it.get("kind") == "commit"].count("bob") == 1, noted
    assert "ada holds src/login in " in bob.stick("ask src/login").ok().out
    assert "  src/login  turn 1  owned  ada\n" in bob.stick("rooms").ok().out
    assert "ada took src/login (turn 1)" in bob.stick("log --graph").ok().out
    bob.run(
        "git checkout -q -- docs; git checkout -q -- docs  # the first had something to lose"
    ).ok()
    assert bob.stick("log").ok().out.count(": overwrote files here") == 2


def test_a_set_is_taken_whole_or_not_at_all(room: Path, ada: Shell, bob: Shell) -> None:
    ada.stick("take docs/guide.md").ok()
    before = state(room)["parts"]
    answer = bob.stick("take src/pay docs --json").fails(75).json
    assert (answer["code"], answer["current_owner"], answer["for_turn"]) == ("held", "ada", 1)
    assert "stick wait src/pay docs" in answer["next"]
    assert state(room)["parts"] == before
    bob.stick("take src/pay src/login").ok()
    bob.stick("check src/pay/b.py src/new/c.py").fails(75, "nobody holds")
    bob.stick("check src/pay/b.py src/login/new.py").ok()


def test_a_set_is_handed_over_and_taken_with_its_handoff(
    room: Path, ada: Shell, bob: Shell
) -> None:
    ada.stick("take src docs").ok()
    ada.stick(f"handoff bob {HANDOFF}").ok()
    assert "src, docs: reserved for bob (you)" in bob.stick("status").ok().out
    commit(ada, "docs/guide.md").fails(REFUSED, "reserved for bob")
    told = bob.stick("take").ok().out
    assert "src, docs in" in told
    assert "handoff from ada" in told
    assert "half done" in told
    commit(bob, "docs/guide.md").ok()


def test_one_turn_of_several_is_given_back_by_its_number(
    room: Path, ada: Shell, bob: Shell
) -> None:
    ada.stick("take").ok()
    ada.stick("take docs").ok()
    ada.stick(f"handoff bob --turn 2 {HANDOFF}").ok()
    commit(ada, "src/pay/b.py").ok()
    bob.stick("take docs").ok()
    ada.stick(f"release --turn 3 {HANDOFF}").fails(76, "none of yours")
    ada.stick("renew").ok()
    bob.stick(f"release --turn 3 {HANDOFF}").ok()
    assert "wrote" in ada.stick("status").ok().err
    ada.stick(f"release {HANDOFF}").ok()
    assert "parts" not in state(room)


def test_a_waiter_for_paths_gets_them_when_all_are_free(room: Path, ada: Shell, bob: Shell) -> None:
    ada.stick("take src/login").ok()
    waiting = bob.begin("stick wait src docs")
    eventually(lambda: state(room)["waiters"])
    eventually(lambda: "1 waiting" in ada.stick("statusline").out)
    ada.stick(f"release {HANDOFF}").ok()
    assert "handoff from ada" in waiting.result().ok().out
    assert state(room)["parts"][0]["paths"] == ["src", "docs"]
    assert state(room)["parts"][0]["lease"]["holder"] == "bob"


def test_what_cannot_be_taken_is_refused_with_a_reason(room: Path, ada: Shell, eve: Shell) -> None:
    ada.stick("take .").fails(2, "is all of", "stick take --whole")
    ada.stick("take ../elsewhere").fails(2, "lies outside")
    ada.stick("take .git/config").fails(2, "belongs to stickhooks or to git")
    ada.stick("take ''").fails(2, "an empty name is no path")
    ada.stick("take --whole docs").fails(2, "name no paths")
    ada.stick("join --new src --as ada").ok()
    ada.stick("take src/login docs").fails(2, "of two rooms")
    ada.stick("take src").fails(2, "is all of", f"next:    stick take --whole --room {room}/src\n")
    eve.stick("take src/pay").fails(
        66, "have not joined", f"next:    stick join --room {room}/src\n"
    )
    ada.stick("take src/login").ok()
    assert "parts" not in state(room)
    (room / "link").symlink_to("docs")
    ada.stick("take link/guide.md").ok()
    assert state(room)["parts"][0]["paths"] == ["docs/guide.md"]


def test_a_glob_that_nothing_fits_takes_nothing(room: Path, ada: Shell) -> None:
    ada.stick("take 'src/*.rs'").fails(2, "globs are not taken")
    assert "parts" not in state(room)
    (room / "docs" / "[id].md").touch()
    ada.stick("take 'docs/[id].md'").ok()


def test_paths_of_a_repository_inside_are_taken_there(room: Path, ada: Shell) -> None:
    inner = room / "vendor" / "inner"
    ada.run(f"git init -q {inner} && touch {inner}/a.c").ok()
    step = f"next:    stick join --room {inner}\n"
    for path in ("vendor/inner/a.c", "vendor/inner/not/yet", f"docs {inner}/a.c"):
        ada.stick(f"take {path}").fails(
            2, f"lies in {inner}, which is a workspace of its own", step
        )
    ada.stick(f"join --as ada --room {inner}").ok()
    step = f"next:    stick take --room {inner}\n"
    ada.stick("take vendor/inner/a.c").fails(2, step)
    assert "parts" not in state(room)
    ada.stick("take vendor").ok()


def test_the_handoff_that_waits_is_told_after_the_paths(room: Path, ada: Shell) -> None:
    ada.stick("take").ok()
    ada.stick(f"release {HANDOFF}").ok()
    ada.stick("take docs").ok()
    told = ada.stick("status").ok().out.splitlines()[0]
    assert told.endswith("; a handoff of ada is waiting")
    assert told.index("but for docs") < told.index("a handoff of ada")


def test_a_room_of_its_own_is_not_made_of_what_another_has(
    room: Path, ada: Shell, bob: Shell
) -> None:
    ada.stick("take src/login").ok()
    bob.stick("join --new src --as bob").fails(75, "ada holds src/login")
    bob.stick("uninit").fails(75, "ada holds src/login")


def test_what_a_takeover_of_a_part_is_refused_for_is_told_of_that_part(
    room: Path, ada: Shell, bob: Shell
) -> None:
    ada.stick("take docs").ok()
    again = 'takeover --reason "mine" --expect 1'
    ada.stick(again).fails(77, "ada (you) holds docs in ", "next:    stick release --help\n")
    bob.stick(again).fails(77, "ada holds docs in ", f"next:    stick wait {room}/docs\n")
    bob.stick("takeover --reason none --expect 0").fails(77, "nobody holds", "stick take")


def test_rooms_on_an_engine_say_at_once_that_they_have_no_leases_of_paths(team: Team) -> None:
    ada, bob = team.people()
    ada.stick("take").ok()
    for verb in ("take", "wait"):
        bob.stick(f"{verb} app.py").fails(2, "on an engine", "next:    stick take\n")
    assert not state(team.folders[1])["waiters"]


def test_who_has_which_paths_who_asks_and_who_waits_is_shown_everywhere(
    room: Path, ada: Shell, bob: Shell, eve: Shell
) -> None:
    ada.stick("take src/login README.md --why login").ok()
    bob.stick("take docs").ok()
    eve.stick("take").ok()
    told = ada.stick("ask docs --why typo").ok().out
    assert f"bob holds docs in {room}\n" in told
    eve.stick("wait docs --timeout 0.1s").fails(124)
    shown = ada.stick("status").ok().out
    assert re.search(r"by ada \d+ s ago for docs: typo", shown), shown
    for words in ("for docs\n", "docs: bob until "):
        assert words in shown, words
    assert "next:" not in shown  # who has paths has something to do
    data = ada.stick("status --json").ok().json
    first, docs = data["parts"]
    assert (first["why"], docs["asks"][0]["agent_id"]) == ("login", "ada")
    assert {"expires_at", "turn_id"} <= docs.keys()
    assert data["waiting"][0]["paths"] == ["docs"]
    assert "  docs  turn 2  owned  bob\n" in ada.stick("rooms").ok().out
    assert ada.stick("board --json").ok().json["rooms"][0]["parts"] == data["parts"]
    assert "has some paths alone" in ada.stick("log --graph").ok().out
    bob.stick(f"handoff ada {HANDOFF}").ok()
    assert "next: stick take\n" in ada.stick("status").ok().err
    eve.stick("policy gone_grace 0s").ok()
    ada.kill()
    gone = bob.stick("status").ok().out
    assert "src/login, README.md: ada, who is gone (turn 1)" in gone
    assert "docs: reserved for ada, who is gone (turn 2)" in gone


def test_a_command_that_runs_with_the_stick_waits_for_all_of_the_room(
    room: Path, ada: Shell, bob: Shell
) -> None:
    bob.stick("take docs").ok()
    ada.stick("take src").ok()
    ada.stick("run --timeout 0.1s -- rm -r docs").fails(124)
    assert (room / "docs/guide.md").exists()
    running = ada.begin("stick run -- touch made")
    eventually(lambda: "waiting: bob holds docs in " in running.so_far().err)
    bob.stick(f"release {HANDOFF}").ok()
    assert "half done" in running.result().ok().text
    assert (room / "made").exists()


def test_a_refusal_is_about_the_paths_that_were_meant(room: Path, ada: Shell, bob: Shell) -> None:
    ada.stick("take src").ok()
    bob.stick("ask docs/guide.md").fails(75, "nobody holds", "next:    stick take docs/guide.md\n")
    ada.stick(f"close {HANDOFF}").fails(76, "you hold src alone", "next:    stick take --whole\n")
    bob.stick("take docs").ok()
    ada.stick("take").ok()
    ada.stick(f"close {HANDOFF}").fails(75, "bob holds docs (turn 2)", "stick wait --whole\n")
    bob.stick("ask src").ok()
    ada.stick(f"handoff bob --turn 1 {HANDOFF}").ok()
    ada.stick("ask src").fails(75, "reserved for bob", "next:    stick wait src\n")
    bob.stick("ask src").fails(75, "reserved for you", "next:    stick take\n")


def sightings(room: Path) -> str:
    [file] = (room / ".talking-stick/log").glob("*/sightings.jsonl")
    return file.read_text()


def asks(agent: Agent, command: str) -> Any:
    """Have the client ask its hook before it runs a command."""
    return agent.hook(agent.payload("x", "Bash", tool_input={"command": command}))


def test_paths_after_a_take_of_paths_are_not_the_room(room: Path, shells: Shells) -> None:
    """What an agent's shell would write after ``stick take docs &&`` is judged as before."""
    agent = shells.agent(room)
    agent.stick("join --as ann").ok()
    asks(agent, "stick take docs && rm -rf src").fails(2)
    agent.stick("take docs").ok()
    below = {"agent_id": "sub-1", "agent_type": "tester"}  # the turn of its session covers it
    agent.hook(agent.payload(room / "docs/guide.md", **below)).ok()
    agent.hook(agent.payload(room / "src/pay/b.py", **below)).fails(
        2, "tester sub-1, which acts for ann"
    )
    assert '"below":"tester sub-1"' in sightings(room)
    for command, code in (
        ("echo x > docs/new.md", 0),
        ("rm -r docs", 0),
        ("rm -r src", 2),
        ("mv docs/guide.md src/", 2),
        ("git stash", 2),
        ("sh unknown.sh", 2),
    ):
        assert asks(agent, command).code == code, command


@own_mounts
def test_paths_are_taken_where_the_git_dir_is_read_only(room: Path, ada: Shell) -> None:
    closed = "mount --bind .git .git && mount -o remount,ro,bind .git"
    ada.run(f"unshare -rm sh -c '{closed} && stick take docs'").ok()
    assert state(room)["parts"][0]["paths"] == ["docs"]
    commit(ada, "docs/guide.md").ok()
    assert turn_of_the_anchor(room) in (0, 1)
    ada.stick("renew").ok()
    assert turn_of_the_anchor(room) == 1


def turn_of_the_anchor(room: Path) -> int:
    anchor = json.loads((room / ".git/stickhooks/anchor.json").read_text())
    return int(anchor["rooms"][""]["turn"])
