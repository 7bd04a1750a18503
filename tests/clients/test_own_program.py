"""Steps name a program that the client's own shell finds: Codex runs a login shell."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from stickhooks.clients import CLIENTS, own_program
from stickhooks.setup import client_checks
from stickhooks.setup.clients import PLACES
from tests.support.shells import STICK

SAID = (
    "stick: NOT EDITED  ada holds the stick here\n"
    "       next:    stick join && stick wait\n       or: `stick status`"
)
BARE = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
CODEX, CLAUDE = CLIENTS["codex"], CLIENTS["claude-code"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home whose login shells find our program."""
    if shutil.which("bash") is None:
        pytest.skip("THERE IS NO bash: the login shell of Codex was not tested")
    (tmp_path / ".bash_profile").write_text(f"PATH=$PATH:'{STICK.parent}'\n")
    return tmp_path


def test_where_the_shell_finds_none_every_step_names_the_whole_path() -> None:
    beside = os.path.join(os.path.dirname(sys.executable), "stick")
    assert own_program.steps(SAID, CLAUDE, BARE) == (
        "stick: NOT EDITED  ada holds the stick here\n"
        f"       next:    {beside} join && {beside} wait\n       or: `{beside} status`"
    )


def test_where_the_search_path_has_it_nothing_is_changed() -> None:
    env = {**BARE, "PATH": f"{STICK.parent}:/usr/bin:/bin"}
    assert own_program.steps(SAID, CLAUDE, env) == SAID


def test_in_codex_the_login_shell_is_asked_and_not_the_search_path(home: Path) -> None:
    found = {**BARE, "HOME": str(home)}
    assert own_program.steps(SAID, CODEX, found) == SAID
    (home / ".bash_profile").write_text("PATH=/usr/bin:/bin\n")
    entered = {**found, "PATH": f"{STICK.parent}:/usr/bin:/bin"}
    assert str(STICK) in own_program.steps(SAID, CODEX, entered)


def test_a_login_shell_that_does_not_answer_in_time_is_not_waited_for(home: Path) -> None:
    os.mkfifo(home / "never")  # bash waits by itself: no child is left behind
    late = 'exec 3<>"$HOME/never"; read -t 20 -u 3\n'
    (home / ".bash_profile").write_text(late + (home / ".bash_profile").read_text())
    assert not own_program.is_found(CODEX, {**BARE, "HOME": str(home)})


@pytest.mark.parametrize("client", ["claude-code", "codex"])
def test_doctor_finds_a_client_whose_shell_finds_no_program(
    client: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = next(place for place in PLACES if place.name == client)
    for name, value in {**BARE, "HOME": str(home)}.items():
        monkeypatch.setenv(name, value)
    assert list(client_checks.steps(place)) == []
    (home / ".bash_profile").unlink()
    monkeypatch.setattr(sys, "executable", "/nowhere/bin/python")
    [(what, step)] = client_checks.steps(place)
    assert what == f"{place.title}: its shell does not find stick, which every refusal names"
    assert step == "ls -ld /nowhere/bin"
