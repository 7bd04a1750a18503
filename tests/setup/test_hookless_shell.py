"""A shell whose environment leads git past the hooks, as Gemini CLI's: what is so is said once, and truly."""

from __future__ import annotations

from pathlib import Path

import pytest

from stickhooks.workspace.git_environment import hooks_path_variable
from tests.support.sessions import Session
from tests.support.shells import Shell, Shells

#: As Gemini CLI 0.61.0 sets it for every command.
GEMINI = (
    "GEMINI_CLI=1 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_COUNT=1"
    " GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0="
)


@pytest.fixture
def gemini(ada: Shell, shells: Shells, room: Path) -> Session:
    ada.stick("init --only gemini").ok()
    return Session(shells, room, "gemini", GEMINI)


def test_it_is_said_at_the_first_join_and_no_step_is_offered(gemini: Session) -> None:
    assert "its own hook judges your commits" in gemini.run("stick join --as gem").ok().text
    for verb in ("join", "take", "wait", "status", "doctor"):
        said = gemini.run(f"stick {verb}").text
        assert "NOT ENFORCED" not in said, said
        assert "init" not in said.replace("stick init --before-hook", ""), said


def test_init_there_advises_no_line_in_a_file(gemini: Session, room: Path) -> None:
    (room / ".husky").mkdir()
    (room / ".husky/pre-commit").write_text("npm test\n")
    gemini.run("git add .husky").ok()
    said = gemini.run("stick init --only git --verbose").text
    assert "NOT installed from here" in said
    assert "terminal of your own" in said
    for line in ("stick check", "stick hook", "pre-commit"):
        assert line not in said, said


def test_without_the_clients_hook_nothing_asks_there(
    ada: Shell, shells: Shells, room: Path
) -> None:
    session = Session(shells, room, "gemini", GEMINI)
    for verb in ("join --as gem", "take", "status", "doctor"):
        assert "stick init --only gemini" in session.run(f"stick {verb}").text, verb


def test_a_person_with_such_an_environment_is_told_the_variable(ada: Shell) -> None:
    said = ada.run(f"{GEMINI.replace('GEMINI_CLI=1', '')} stick take").ok().text
    assert "unset GIT_CONFIG_COUNT" in said


def command(session: Session, line: str) -> None:
    """Have the client ask its hook and run a command, as it does."""
    given = {"command": line}
    session.call("pre-edit", tool_name="run_shell_command", tool_input=given).ok()
    session.run(line).ok()


def test_the_holders_own_commit_is_none_past_the_hooks_and_anothers_is(
    gemini: Session, ada: Shell, room: Path
) -> None:
    gemini.run("stick join --as gem && stick take").ok()
    command(gemini, "git commit -q --allow-empty -m mine")
    for verb in ("renew", "log"):
        assert "past the hooks" not in gemini.run(f"stick {verb}").ok().text
    ada.run("git -c core.hooksPath= commit -q --allow-empty -m foreign").ok()
    assert "past the hooks" in (said := gemini.run("stick renew").ok().text)
    assert "foreign" in said
    command(gemini, "git commit -q --allow-empty -m one")
    ada.run("git -c core.hooksPath= commit -q --allow-empty -m two").ok()
    said = gemini.run("stick renew").ok().text
    assert said.count("past the hooks") == 1
    assert "past the hooks" in gemini.run("stick log").ok().text


@pytest.mark.parametrize(("env", "name"), [
    ({}, ""), ({"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name"}, ""),
    ({"GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_1": "CORE.hooksPath"}, "GIT_CONFIG_COUNT"),
    ({"GIT_CONFIG_KEY_0": "core.hooksPath"}, ""),
    ({"GIT_CONFIG_PARAMETERS": "'core.hooksPath'='/x'"}, "GIT_CONFIG_PARAMETERS"),
])  # fmt: skip
def test_what_leads_git_past_the_hooks_in_an_environment(env: dict[str, str], name: str) -> None:
    assert hooks_path_variable(env) == name
