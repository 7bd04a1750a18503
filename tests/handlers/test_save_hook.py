"""What a text editor asks before a save: who is let, what is told, and what is written down."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest

import stickhooks.hook
from tests.support.shells import Result, Shell, Shells, difference, snapshot

HOOK = f"{shlex.quote(sys.executable)} -I -S {shlex.quote(stickhooks.hook.__file__)} pre-save"
URGENT = "--urgent ':Anyway why'"


@pytest.fixture
def ada(shells: Shells, room: Path) -> Shell:
    """Return a person who holds the room."""
    return shells.holder(room, "ada", "refactor auth")


@pytest.fixture
def bob(ada: Shell, bob: Shell) -> Shell:
    """Return a member who does not hold, in a room that somebody holds."""
    return bob


def ask(shell: Shell, options: str = "", path: str = "app.py") -> Result:
    return shell.run(f"{HOOK} {options} --path {path}")


def test_the_holder_may_save_and_nothing_is_said(ada: Shell) -> None:
    assert ask(ada).ok().text == ""
    assert ask(ada, "--look").ok().text == ""


def test_a_refusal_is_one_short_line_that_names_the_holder_and_what_to_do(bob: Shell) -> None:
    line = ask(bob, URGENT).fails(75, "NOT SAVED  ada holds", "next: stick wait").err
    assert "urgent: :Anyway why" in line
    assert line.count("\n") == 1
    assert len(line) <= 150
    assert ask(bob, "--look").fails(75, "READ-ONLY  ada holds").err.count("\n") == 1


def test_stick_hook_answers_the_same(bob: Shell) -> None:
    bob.run(f"stick hook pre-save {URGENT} --path app.py").fails(75, "NOT SAVED  ada holds")


def test_an_agent_is_not_told_of_the_way_around_and_may_not_take_it(
    shells: Shells, room: Path, ada: Shell
) -> None:
    agent = shells.agent(room)
    told = ask(agent, URGENT).fails(75, "ada holds")
    assert "urgent" not in told.text
    ask(agent, "--bypass why").fails(75, "ada holds")


def test_a_persons_bypass_is_recorded(bob: Shell) -> None:
    ask(bob, "--bypass 'the shop burns'").ok()
    assert "bob went past the gate (editor): the shop burns" in bob.stick("log").ok().out


def test_a_look_writes_nothing(bob: Shell, room: Path) -> None:
    before = snapshot(room)
    ask(bob, "--look").fails(75)
    assert difference(before, snapshot(room)) == []
    ask(bob).fails(75)
    [seen] = list((room / ".talking-stick/log").glob("*/sightings.jsonl"))
    assert json.loads(seen.read_text().splitlines()[-1])["what"] == "refused"


def test_a_holders_save_renews_a_lease_past_a_quarter(ada: Shell, room: Path) -> None:
    state = room / ".talking-stick/room.json"
    before = json.loads(state.read_text())
    before["lease"]["expires_at"] -= 20 * 60_000  # as it will be in twenty minutes
    state.write_text(json.dumps(before))
    ask(ada, "--look").ok()
    assert json.loads(state.read_text()) == before
    ask(ada).ok()
    after = json.loads(state.read_text())
    assert after["lease"]["expires_at"] > before["lease"]["expires_at"] + 19 * 60_000


def test_a_save_takes_an_idle_stick_where_the_policy_says_so(ada: Shell, room: Path) -> None:
    ada.stick("policy on_idle claim").ok()
    ada.stick('release --status "done" --next "go on"').ok()
    assert ask(ada, "--look").ok().text == ""
    assert "nobody holds" in ada.stick("status").out
    assert ask(ada).ok().err == f"stick: the stick of {room} is yours now\n"
    assert "first save" in ada.stick("status").out


@pytest.mark.parametrize(
    "path",
    [".git/COMMIT_EDITMSG", ".git/rebase-merge/git-rebase-todo", ".talking-stick/x", "/tmp/x"],
)
def test_gits_files_and_what_lies_outside_may_be_saved(bob: Shell, path: str) -> None:
    ask(bob, path=path).ok()


def test_a_link_into_the_room_leads_into_the_room(bob: Shell, room: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(room / "app.py")
    ask(bob, path=str(tmp_path / "link")).fails(75, "ada holds")


def test_a_state_that_cannot_be_read_refuses_and_says_what_mends_it(bob: Shell, room: Path) -> None:
    (room / ".talking-stick/room.json").write_text("{")
    ask(bob).fails(75, "NOT SAVED", "next: stick doctor")


def test_without_a_path_it_says_how_it_is_used(bob: Shell) -> None:
    bob.run(HOOK).fails(2, "usage: pre-save", "--path PATH")
