"""Clients that ran before their hooks were put in are named by `init`, `status` and `doctor`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from stickhooks.clients import CLIENTS
from stickhooks.setup import running_clients
from stickhooks.setup.clients import BY_SHORT
from tests.support.sessions import Session
from tests.support.shells import Shell, Shells


@pytest.mark.parametrize("client", ["codex", "gemini", "copilot", "opencode"])
def test_a_client_that_ran_before_init_is_named_until_it_ends(
    ada: Shell, shells: Shells, room: Path, client: str
) -> None:
    session, elsewhere = Session(shells, room, client), Session(shells, room.parent, client)
    command = f"init --only {client}"
    first = ada.stick(command).ok().text
    assert f"(pid {session.pid}) was started before" in first
    assert f"pid {elsewhere.pid})" not in first
    later = Session(shells, room, client)
    again = ada.stick(command).ok().text  # what was noted is told again, and nobody else is
    assert f"(pid {session.pid}) was started before" in again
    assert f"pid {later.pid})" not in again
    for verb in ("status", "doctor"):
        said = ada.stick(verb).text
        assert f"NOT ENFORCED  {BY_SHORT[client].title} (pid {session.pid})" in said
        assert f"pid {later.pid})" not in said
    assert ada.stick("status --json").ok().json["not_guarded"]
    session.kill()
    assert "NOT ENFORCED" not in ada.stick("status").ok().text
    note = room / ".git/stickhooks/unguarded.json"
    ada.stick(f"{command} --dry-run").ok()
    assert note.exists()
    ada.stick(command).ok()  # what ended is forgotten
    assert not note.exists()
    ada.stick("uninit").ok()
    assert "NOT ENFORCED" not in ada.stick("status").text


def test_hooks_of_the_user_are_missed_by_running_clients_as_well(
    ada: Shell, shells: Shells, room: Path
) -> None:
    session = Session(shells, room, "copilot")
    assert f"pid {session.pid})" in ada.stick("init --user --only copilot").ok().text
    assert f"pid {session.pid})" in ada.stick("status").ok().text
    ada.stick("uninit --user").ok()
    assert "NOT ENFORCED" not in ada.stick("status").ok().text


@pytest.mark.parametrize("was_there", [True, False])
def test_claude_reads_settings_again_that_were_there_when_it_started(
    shells: Shells, repo: Path, was_there: bool
) -> None:
    """Claude Code 2.1.197 with and without the file, led by tests.stress.real_clients."""
    if was_there:
        (repo / ".claude").mkdir()
        (repo / ".claude/settings.local.json").write_text("{}\n")
    Session(shells, repo, "claude-code")
    said = shells.person(repo).stick("init --only git,claude").ok().text
    assert ("NOT ENFORCED" in said) != was_there


def test_a_client_started_without_hooks_is_found_by_its_command_line(
    ada: Shell, room: Path, tmp_path: Path
) -> None:
    for client, switch in (("claude-code", "--bare"), ("codex", "--disable hooks")):
        program = tmp_path / min(CLIENTS[client].processes)
        program.symlink_to("/bin/sh")
        with subprocess.Popen(
            [program, "-c", "read x", "x", *switch.split()], cwd=room, stdin=subprocess.PIPE
        ) as running:
            said = ada.stick("doctor").text
            running.kill()
        assert f"(pid {running.pid}) was started with {switch}" in said


def test_a_note_that_is_damaged_or_of_another_process_names_nobody(room: Path) -> None:
    from stickhooks.workspace import paths

    workspace = paths.workspace_of(str(room))
    assert workspace
    note = room / ".git/stickhooks/unguarded.json"
    for text in ("", "{", "[1]", '[{"client": "codex", "root": 1}]', '{"client": "codex"}'):
        note.write_text(text)
        assert running_clients.unguarded(workspace) == []
    root = str(room)
    note.write_text(f'[{{"client": "codex", "pid": 1, "start": 1, "place": [], "root": "{root}"}}]')
    assert running_clients.unguarded(workspace) == []
