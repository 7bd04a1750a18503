"""``stick status`` and ``stick`` alone: one screen tells who may write now, and what to type."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from stickhooks.fast import json as fast_json
from stickhooks.gate.standing import Standing
from stickhooks.protocol.model import Policy
from stickhooks.store import codec, layout, reader
from stickhooks.views import status
from stickhooks.views.summary import Glance
from tests.conftest import MakeRepository
from tests.support.shells import Shell, Shells, eventually
from tests.support.world import HOUR, MINUTE, Table

HANDOFF = '--status "the login works" --next "write its tests" --artifact app.py'


@pytest.fixture
def room(repo: Path) -> Path:
    """Return a repository that gets its room by the first join, and no hooks."""
    return repo


def rows(shell: Shell, arguments: str = "") -> dict[str, list[str]]:
    """Return what status tells, by label."""
    found: dict[str, list[str]] = {}
    first, *lines = shell.stick(f"status {arguments}").ok().out.splitlines()
    found["first"] = told = [first]
    for line in lines:
        label, text = line[2:13].strip(), line[13:]
        if label:
            found[label] = told = []
        told.append(text)
    return found


# --- one room, as values


def glance(table: Table, me: str | None = None, waiting: frozenset[str] = frozenset()) -> Glance:
    """Return how a room of the law looks, without a file."""
    record = codec.Record(1, 0, "", 0)
    raw = reader.parsed(codec.encode(table.room, record), "here")
    return Glance(Standing(raw, "/shop", table.now, table.now), me, "root", waiting, None)


def test_who_may_write_is_one_sentence_for_every_phase() -> None:
    table = Table("ana", "bo")

    def told(me: str | None = None) -> str:
        return glance(table, me).may_write()

    assert told() == "nobody, until somebody takes the stick"
    table.take("ana")
    assert told("bo").startswith("ana alone, until ")
    assert told("ana").startswith("you alone, until ")
    table.now = HOUR
    assert told("bo").startswith("ana, until somebody takes over (")
    table.pass_to("bo")
    assert told("ana") == "nobody, until bo takes it"
    assert told("bo") == "nobody, until you take it"
    table.now += HOUR
    assert told("ana") == "nobody: bo did not come, and the turn can be taken over"
    table.take("bo")
    table.close()
    assert told("ana") == "nobody: the room is closed"


def test_an_edit_takes_a_free_stick_only_where_the_policy_and_no_handoff_say_so() -> None:
    table = Table("ana", "bo", policy=Policy(on_idle="claim"))
    assert "an edit takes the stick" in glance(table).may_write()
    table.take("ana")
    table.release()
    assert "an edit takes the stick" not in glance(table, "bo").may_write()
    assert "an edit takes the stick" in glance(table, "ana").may_write()


def test_the_line_is_told_in_its_order_with_since_when_and_who_only_keeps_a_place() -> None:
    table = Table("ana", "bo", "cy")
    table.take("ana")
    table.enlist("cy")
    table.now = 3 * MINUTE
    table.enlist("bo")
    assert glance(table, "bo", frozenset({"bo"})).line() == [
        "1. cy for 3 min (not waiting now; its place in the line is kept)",
        "2. bo (you) for 0 s",
    ]
    assert glance(table, "bo").place() == "2nd of 2"


def test_colour_says_go_to_who_may_and_stop_where_nobody_can() -> None:
    table = Table("ana", "bo")
    assert glance(table, "bo").tone == "go"
    table.take("ana")
    assert (glance(table, "ana").tone, glance(table, "bo").tone) == ("go", "wait")
    table.close()
    assert glance(table, "ana").tone == "stop"


def test_rows_are_wrapped_below_their_label() -> None:
    lines = status.laid_out([("you", ["one two three four five six"]), ("x", ["a", "b"])], 30)
    assert lines == [
        "  you        one two three", "             four five six",
        "  x          a", "             b",
    ]  # fmt: skip


# --- for real


def test_one_look_tells_all_there_is(ada: Shell, bob: Shell, repo: Path) -> None:
    ada.stick("take --why 'the login'").ok()
    ada.stick(f"release {HANDOFF}").ok()
    ada.stick("take --why 'the tests'").ok()
    waiter = bob.begin("stick wait --why 'the release'")
    eventually(lambda: ada.stick("status --json").json["waiting"])
    (repo / "app.py").write_text("changed\n")
    told = rows(ada)
    assert told["first"][0].startswith("ada (you) holds")
    assert told["may write"][0].startswith("you alone, until ")
    assert told["you"] == ["ada"]
    assert told["waiting"][0].startswith("1. bob for ")
    assert told["waiting"][0].endswith(": the release")
    assert told["handoff"][0].startswith("from ada at ")
    assert told["handoff"][1:] == [
        "status: the login works", "next: write its tests", "artifacts: app.py",
    ]  # fmt: skip
    assert told["on disk"] == ["1 file not committed: app.py", "no commit since the turn began"]
    assert told["members"] == ["2: ada, bob (stick status --all)"]
    ada.stick(f"release {HANDOFF}").ok()
    waiter.result().ok()


def test_a_commit_made_at_once_is_of_the_turn_and_not_of_the_next(ada: Shell, repo: Path) -> None:
    commit = "git commit -q --allow-empty -m"
    ada.run(f"stick take && {commit} one && {commit} two").ok()
    assert rows(ada)["on disk"][1].startswith("2 commits since the turn began")
    ada.run(f"stick release {HANDOFF}").ok()
    assert rows(ada)["on disk"][1] == "no commit since the last handoff"
    ada.run("stick take").ok()
    assert rows(ada)["on disk"][1] == "no commit since the turn began"


def test_programs_get_the_same_as_keys_beside_the_envelope(ada: Shell, bob: Shell) -> None:
    ada.stick("take").ok()
    ada.stick(f"release {HANDOFF}").ok()
    ada.stick("take").ok()
    bob.stick("wait --timeout 200ms --why 'the tests'").fails(124)
    told = ada.stick("status --json").ok().json
    [waiter] = told["waiting"]
    assert (waiter["agent_id"], waiter["why"], waiter["waits_now"]) == ("bob", "the tests", False)
    assert waiter["since_at"].endswith("Z")
    handoff = told["handoff"]
    assert (handoff["author"], handoff["next_action"], handoff["pending"]) == (
        "ada", "write its tests", False,
    )  # fmt: skip
    assert handoff["created_at"].endswith("Z")
    assert told["changes"]["uncommitted"] == 0
    assert told["other_rooms"] == []


def test_members_are_told_with_how_alive_each_is_and_by_what_evidence(
    ada: Shell, bob: Shell
) -> None:
    bob.kill()
    told = ada.stick("status --all").ok().out
    assert f"alive: pid {ada.pid} runs" in told
    assert f"gone: pid {bob.pid}" in told
    assert len(re.findall(r"^  (?:ada|bob) +a person +seen ", told, re.MULTILINE)) == 2


def test_other_rooms_are_told_in_a_few_words_and_damage_in_one_does_not_hide_the_rest(
    ada: Shell, repo: Path
) -> None:
    ada.stick("join --new services/web").ok()
    ada.stick("join --new docs").ok()
    ada.stick("take --room docs").ok()
    state = repo / ".talking-stick" / layout.state_name("services/web")
    mine, free = rows(ada)["rooms"]
    assert mine.startswith("docs: yours until ")
    assert free == "services/web: free"
    state.write_text("{")
    assert rows(ada)["rooms"] == [mine, "services/web: state corrupt"]


def test_a_log_that_is_gone_leaves_only_the_time_of_the_handoff_out(ada: Shell, repo: Path) -> None:
    ada.stick("take").ok()
    ada.stick(f"release {HANDOFF}").ok()
    for log in repo.glob(".talking-stick/log/*/events.jsonl"):
        log.unlink()
    assert rows(ada)["handoff"][0] == "from ada"


def test_names_and_texts_of_others_stay_text(ada: Shell, repo: Path, shells: Shells) -> None:
    shells.member(repo, "[31mred$(touch pwned)")
    ada.stick("take --why \"$(printf 'a\\033[31m\\007b')\"").ok()
    ada.stick("release --status \"$(printf 'x\\033]0;y')\" --next 'n\nm'").ok()
    told = ada.stick("status --all").ok().out
    assert not [c for c in told if c != "\n" and not c.isprintable()]
    assert "status: x\\e]0;y" in told
    assert "next: n …" in told
    assert not (repo / "pwned").exists()


# --- a stranger


def test_stick_alone_tells_the_state_and_the_next_command(ada: Shell, bob: Shell) -> None:
    assert ada.run("stick").ok().err == "next: stick take\nor: stick --help\n"
    ada.stick("take").ok()
    assert ada.run("stick").ok().err == "next: stick release --help\nor: stick --help\n"
    assert bob.run("stick").ok().err == "next: stick wait\nor: stick --help\n"


def test_where_there_is_no_room_stick_tells_what_to_type_first(
    repo: Path, shells: Shells, tmp_path: Path
) -> None:
    here = shells.person(repo).run("stick").ok()
    assert "everybody may write" in here.out
    assert here.err.startswith("next: stick init\n")
    elsewhere = tmp_path / "nothing"
    elsewhere.mkdir()
    told = shells.person(elsewhere).run("stick").ok()
    assert "no git repository" in told.out
    assert told.err.startswith("next: cd YOUR-REPOSITORY && stick init\n")


def test_where_the_tree_says_that_its_rooms_are_elsewhere_so_does_status(
    repo: Path, shells: Shells
) -> None:
    (repo / ".stickhooks.toml").write_text('engine = "git:origin"\n')
    person = shells.person(repo)
    told = person.stick("status").ok()
    assert "shared on git:origin" in told.out
    assert told.err.startswith("next: stick init --engine git:origin\nor: stick init --solo\n")
    person.stick("take").fails(66, "shared on git:origin", "stick init --engine git:origin")


def test_an_unknown_verb_names_the_nearest(ada: Shell) -> None:
    ada.stick("statsu").fails(2, "Did you mean 'status'", "stick --help")
    ada.stick("hand").fails(2, "Did you mean 'handoff'")
    ada.stick("xyzzy").fails(2, "No such command", "stick --help")


def test_two_workspaces_do_not_see_each_other(
    ada: Shell, make_repository: MakeRepository, shells: Shells
) -> None:
    other = shells.person(make_repository("other"))
    assert json.loads(other.stick("status --json").ok().out)["rooms"] == []
    assert fast_json.read(other.stick("board --json").ok().out)["rooms"] == []  # type: ignore[index]


def test_a_room_that_nobody_has_joined_yet_is_told_as_the_gate_tells_it(
    shells: Shells, repo: Path
) -> None:
    """Its folder went before the first turn, so that there is no copy: the anchor stands all the same."""
    ada = shells.person(repo)
    ada.run("stick init --only git && rm -r .talking-stick").ok()
    for asked in ("stick status", "git commit --allow-empty -m x"):
        assert "has a room that nobody has joined yet" in ada.run(asked).text
    ada.stick("status").fails(66, "stick join")
