"""A client's session from its start to its end: who it is in hook, shell and git hook."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import uuid
from pathlib import Path

import pytest

from stickhooks.clients import CLIENTS, payloads
from stickhooks.handlers import client_session, common
from tests.support.sessions import GATE, Session, state
from tests.support.shells import Result, Shell, Shells

HANDOFF = '--status "done" --next "go on"'
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def members(room: Path) -> list[str]:
    return [member["agent_id"] for member in state(room)["members"]]


@pytest.fixture
def ada(shells: Shells, room: Path) -> Shell:
    """Return a person who holds the room."""
    return shells.holder(room, "ada", "refactor auth")


# --- the start


TOLD: dict[str, tuple[str, ...]] = {
    "claude-code": ("hookSpecificOutput", "additionalContext"),
    "codex": ("hookSpecificOutput", "additionalContext"),
    "gemini": ("hookSpecificOutput", "additionalContext"),
    "copilot": ("additionalContext",),
    "opencode": ("additionalContext",),
    "cursor": ("additional_context",),
    "cline": ("contextModification",),
}


def test_a_session_joins_and_is_told_who_holds_in_the_form_its_client_reads(
    shells: Shells, room: Path, ada: Shell
) -> None:
    for client, keys in TOLD.items():
        session = Session(shells, room, client)
        told = body = session.call("session-start", source="startup").ok().json
        name = f"{session.client.short}:{session.id[-8:]}"
        for key in keys:
            told = told[key]
        assert "\n" not in told
        for words in (name, "ada holds", "refactor auth", "stick wait", "stick release"):
            assert words in told, client
        [bound] = [m for m in state(room)["members"] if m["agent_id"] == name]
        assert bound["process"]["pid"] == session.pid, client
        assert session.call("session-start", source="resume").ok().json.keys() == body.keys()
        assert members(room).count(name) == 1


def test_where_there_is_no_room_or_only_a_strangers_a_session_starts_in_silence(
    shells: Shells, repo: Path
) -> None:
    session = Session(shells, repo, "claude-code")
    assert session.call("session-start") == Result(0, "", "")
    (repo / ".talking-stick").mkdir()
    assert session.call("session-start") == Result(0, "", "")
    assert not (repo / ".talking-stick/room.json").exists()


def test_a_room_that_cannot_be_used_is_told_at_the_start_and_at_no_other_time(
    shells: Shells, room: Path
) -> None:
    session = Session(shells, room, "claude-code")
    session.call("session-start").ok()
    session.stick("take").ok()
    (room / ".talking-stick/room.json").write_text("[]")
    assert "stick doctor" in session.call("session-start").ok().out
    for name in ("stop", "session-end"):
        assert session.call(name) == Result(0, "", "")


def test_the_names_of_the_session_hooks_are_those_that_are_dispatched() -> None:
    assert tuple(client_session._EVENTS) == common.SESSION_HOOKS
    for client in CLIENTS.values():
        known = {
            "pre-edit",
            "pre-run",
            "pre-mcp",
            common.AFTER,
            *common.SESSION_HOOKS,
            *common.TELLING,
        }
        assert set(payloads.adapter_of(client).EVENTS) <= known


def test_what_cannot_be_understood_holds_no_session_up(shells: Shells, room: Path) -> None:
    session = Session(shells, room, "codex")
    source = session.folder / "odd"
    for name, data in zip(
        (*common.SESSION_HOOKS, *common.SESSION_HOOKS),
        ("", "[]", '{"cwd": 7}', '{"session_id": ""}', "{", "[" * 100_000),
        strict=True,
    ):
        source.write_text(data)
        answer = session.run(f"{GATE} {name} --client codex", stdin=source)
        assert answer == Result(0, "", ""), data[:20]
    assert session.run(f"{GATE} stop --client emacs", stdin=source) == Result(0, "", "")


# --- the same member in hook, shell and git hook


def test_hook_shell_and_commit_know_a_session_as_one_member(shells: Shells, room: Path) -> None:
    for client in ("codex", "gemini", "cursor"):  # known by a session, by a mark, by a window
        marks = " ".join(f"{mark}=1" for mark in CLIENTS[client].marks)
        session, stranger = (Session(shells, room, client, marks) for _ in range(2))
        for one in (session, stranger):
            one.call("session-start").ok()
        session.edit().fails(2, "nobody holds")
        session.run('stick take --why "a change"').ok()
        assert state(room)["lease"]["holder"] == f"{session.client.short}:{session.id[-8:]}"
        session.edit().ok()
        stranger.edit().fails(2, "holds")
        commit = "echo more >> app.py && git commit -qam more"
        stranger.run(commit).fails(1, "NOT COMMITTED")
        session.run(f"{commit} && stick release {HANDOFF}").ok()


def test_a_client_that_is_a_script_is_known_by_what_its_interpreter_runs(
    shells: Shells, room: Path, ada: Shell
) -> None:
    session = Session(shells, room, "gemini", "GEMINI_CLI=1")
    session.become("node", "/usr/lib/node_modules/@google/gemini-cli/dist/index.js")
    session.say("export GEMINI_CLI=1")
    session.call("session-start").ok()
    who = session.stick("whoami --json").ok().json
    assert who["you"]["id"] == f"gemini:{session.id[-8:]}"


def test_a_shell_of_a_client_that_is_not_known_to_run_is_a_persons(
    shells: Shells, room: Path
) -> None:
    """A variable handed on by a terminal multiplexer makes nobody an agent."""
    person = shells.person(room)
    marks = [f"{name}=1" for c in CLIENTS.values() for name in (*c.marks, *c.sessions)]
    person.run(f"export {' '.join(marks)}; stick join --as ada && stick take").ok()
    assert state(room)["lease"]["holder"] == "ada"


def test_people_in_the_terminal_of_an_editor_are_not_its_agent(shells: Shells, room: Path) -> None:
    for client in ("cursor", "windsurf", "cline"):
        editor = shells.person(room)
        Session.become(editor, min(CLIENTS[client].processes))  # type: ignore[arg-type]
        editor.run(f"stick join --as {client}-user").ok()
    kinds = {member["agent_id"]: member["session_kind"] for member in state(room)["members"]}
    assert kinds == dict.fromkeys(("cursor-user", "windsurf-user", "cline-user"), "human_cli")


def test_a_client_whose_shell_tells_nothing_is_told_how_to_be_known(
    shells: Shells, room: Path, ada: Shell
) -> None:
    session = Session(shells, room, "windsurf")
    reason = session.edit().fails(2).err
    [line] = [line for line in reason.splitlines() if "STICK_SESSION_ID" in line]
    command = line.partition(":")[2].strip()
    session.run(f"{command}; stick join").ok()
    assert f"windsurf:{session.id[-8:]}" in members(room)
    ada.stick(f"handoff windsurf:{session.id[-8:]} {HANDOFF}").ok()
    session.run(f"{command}; stick take").ok()
    session.edit().ok()


def test_an_entry_run_by_another_client_finds_the_same_member(shells: Shells, room: Path) -> None:
    session = Session(shells, room, "copilot")
    session.call("session-start").ok()
    session.stick("take").ok()
    source = session.folder / "foreign"
    for more in ({"tool_name": "Edit"}, {"toolName": "edit"}):
        given = {"tool_input": {"path": "app.py"}, "toolArgs": {"path": "app.py"}}
        source.write_text(json.dumps({"session_id": session.id, "cwd": str(room), **more, **given}))
        session.run(f"{GATE} pre-edit --client claude-code", stdin=source).ok()
    assert len(members(room)) == 1


def test_a_client_inside_another_is_not_taken_for_it(shells: Shells, room: Path) -> None:
    outer = Session(shells, room, "claude-code", "CLAUDECODE=1")
    outer.call("session-start").ok()
    outer.stick("take").ok()
    program = outer.folder / "bin/copilot"
    program.symlink_to(str(shutil.which("sh")))
    source = outer.folder / "inner"
    sent = {"session_id": str(uuid.uuid4()), "cwd": str(room), "tool_name": "Edit"}
    source.write_text(json.dumps({**sent, "tool_input": {"path": "app.py"}}))
    for label in ("claude-code", "copilot"):
        inner = f"{program} -c {shlex.quote(f'{GATE} pre-edit --client {label}; exit $?')}"
        outer.run(inner, stdin=source).fails(2, "holds")
    outer.edit().ok()


# --- the end of a turn


def test_a_reminder_has_the_form_that_makes_its_client_go_on() -> None:
    forms = {
        "claude-code": {"decision": "block", "reason": "why"},
        "codex": {"decision": "block", "reason": "why"},
        "gemini": {"decision": "deny", "reason": "why"},
        "copilot": {"decision": "block", "reason": "why"},
        "opencode": {"decision": "block", "reason": "why"},
        "cursor": {"followup_message": "why"},
    }
    for name, client in CLIENTS.items():
        reply = payloads.adapter_of(client).reminder("why")
        if name in forms:
            assert json.loads(reply[1]) == forms[name]
            assert (reply[0], reply[2]) == (0, "")
        else:
            assert reply is None


def test_who_stops_with_the_stick_in_hand_is_reminded_once_in_a_turn(
    shells: Shells, room: Path
) -> None:
    session = Session(shells, room, "codex")
    session.call("session-start").ok()
    assert session.call("stop", stop_hook_active=False) == Result(0, "", "")
    session.stick("take").ok()
    told = session.call("stop", stop_hook_active=False).ok().json
    assert told["decision"] == "block"
    assert "stick release" in told["reason"]
    assert session.call("stop", stop_hook_active=False) == Result(0, "", "")
    session.run(f"stick release {HANDOFF} && stick take").ok()
    assert "stick release" in session.call("stop").ok().out
    notes = list((room / ".talking-stick").rglob("reminded.*"))
    assert [note.name for note in notes] == ["reminded.2"]


def test_a_reminder_is_not_given_twice_by_two_hooks_at_once_nor_to_who_was_just_reminded(
    shells: Shells, room: Path
) -> None:
    session = Session(shells, room, "claude-code")
    session.call("session-start").ok()
    session.stick("take").ok()
    assert session.call("stop", stop_hook_active=True) == Result(0, "", "")
    source = session.folder / "stop"
    source.write_text(json.dumps({"session_id": session.id, "cwd": str(room)}))
    call = f"{GATE} stop --client claude-code < {source}"
    both = session.run(f"{{ {call}; }} & one=$!; {{ {call}; }}; wait $one").ok()
    assert both.out.count("stick release") == 1


def test_where_it_cannot_be_remembered_nobody_is_reminded(shells: Shells, room: Path) -> None:
    session = Session(shells, room, "claude-code")
    session.call("session-start").ok()
    session.stick("take").ok()
    [log] = (room / ".talking-stick/log").iterdir()
    shutil.rmtree(log)
    log.write_text("no folder\n")
    assert session.call("stop") == Result(0, "", "")


def test_who_does_not_hold_is_not_reminded(shells: Shells, room: Path, ada: Shell) -> None:
    session = Session(shells, room, "claude-code")
    session.call("session-start").ok()
    assert session.call("stop") == Result(0, "", "")


# --- the end of a session


def test_a_session_that_ends_leaves_and_its_stick_is_free_with_a_note(
    shells: Shells, room: Path, ada: Shell
) -> None:
    session = Session(shells, room, "claude-code")
    session.call("session-start").ok()
    ada.stick(f"handoff claude:{session.id[-8:]} {HANDOFF}").ok()
    session.stick("take").ok()
    assert session.call("session-end", reason="other") == Result(0, "", "")
    assert members(room) == ["ada"]
    took = ada.stick("take").ok().out
    assert "ended while it held the stick" in took


def test_a_session_that_is_cleared_or_resumed_keeps_its_place(shells: Shells, room: Path) -> None:
    session = Session(shells, room, "claude-code")
    session.call("session-start").ok()
    session.stick("take").ok()
    before = session.id
    for reason in ("clear", "resume"):
        session.call("session-end", reason=reason).ok()
        session.clear(str(uuid.uuid4()))
        session.call("session-start", source=reason).ok()
        session.edit().ok()
        session.run("echo more >> app.py && git commit -qam more").ok()
    assert members(room) == [f"claude:{before[-8:]}"]


def test_the_end_of_an_older_session_does_not_end_the_newer_one(shells: Shells, room: Path) -> None:
    """Copilot tells of the end of a cleared session when the next one may have begun."""
    session = Session(shells, room, "copilot")
    session.call("session-start").ok()
    session.stick("take").ok()
    old = session.id
    session.clear(str(uuid.uuid4()))
    session.call("session-start", source="new").ok()
    session.call("session-end", session_id=old, reason="user_exit").ok()
    session.edit().ok()


def test_a_session_that_never_joined_ends_in_silence(
    shells: Shells, room: Path, ada: Shell
) -> None:
    session = Session(shells, room, "codex")
    before = state(room)
    assert session.call("session-end", reason="other") == Result(0, "", "")
    assert state(room) == before


# --- inside the sandbox of Codex


@pytest.mark.skipif(not ROOT, reason="ONLY ROOT MAY MOUNT: THE SANDBOX OF CODEX IS NOT TESTED")
def test_from_inside_a_sandbox_without_processes_and_git_dir_turns_go_on(
    shells: Shells, room: Path, ada: Shell
) -> None:
    session = Session(shells, room, "codex")
    session.call("session-start").ok()
    name = f"codex:{session.id[-8:]}"
    sandbox = "mount --bind .git .git && mount -o remount,ro,bind .git || exit 77; "

    def inside(command: str) -> Result:
        whole = shlex.quote(f"{sandbox}{command}")
        return session.run(f"unshare -m -p -f --mount-proc sh -c {whole}")

    joined = inside("stick join && stick wait --timeout 1s")
    if joined.code == 77 or "not permitted" in joined.text:
        pytest.skip(f"NAMESPACES ARE NOT ALLOWED HERE: {joined.err}")
    assert joined.code == 124, joined
    assert members(room) == ["ada", name]
    session.edit().fails(2, "ada holds")
    ada.stick(f"handoff {name} {HANDOFF}").ok()
    inside("stick wait --timeout 240s").ok()
    assert state(room)["lease"]["holder"] == name
    session.edit().ok()
    inside("echo more >> app.py && git commit -qam more").fails(128)  # git's own no
    session.run("echo more >> app.py && git commit -qam more").ok()
    inside(f"stick release {HANDOFF}").ok()
    session.edit().fails(2, "nobody holds")
    bound = next(m for m in state(room)["members"] if m["agent_id"] == name)
    assert bound["process"]["pid"] == session.pid
