"""The tables of the reference say what the code does, and the front page keeps its promises."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from stickhooks.cli import help_commands
from stickhooks.cli.app import app
from stickhooks.errors import EXIT
from stickhooks.setup.client_places import SLOW
from stickhooks.setup.clients import PLACES
from stickhooks.setup.editors import EDITORS
from tests.support.documents import front_page, marked, page, rows
from tests.support.shells import STICK, environment

assert help_commands.MODULES  # importing it enters all verbs
HERE = Path(__file__).parent
README = front_page()
LINES = 120  # of the front page: what a first visitor reads


def test_every_exit_code_is_in_the_table_with_its_codes() -> None:
    told: dict[str, int] = {}
    for exit_code, codes, _ in rows(page("reference/exit-codes-and-json"), "codes"):
        told.update(dict.fromkeys(re.findall(r"`(\w+)`", codes), int(exit_code)))
    assert told == EXIT


def test_every_verb_is_in_the_table_and_no_other() -> None:
    table = rows(page("reference/commands"), "verbs")
    told = [name for row in table for name in re.findall(r"`([\w-]+)`", row[0])]
    assert sorted(told) == sorted(str(command.name) for command in app.registered_commands)


def test_what_is_told_of_failing_hooks_is_what_the_entries_say() -> None:
    for place in PLACES:
        told = "; ".join(place.lets)
        opens = place.kind == "settings" and place.second and not place.closes
        assert (SLOW in told) == bool(opens), place.title


def test_every_editor_is_in_the_table_and_a_test_tries_what_it_says() -> None:
    tests = {"neovim": "vim"}
    told: set[str] = set()
    for names, _, _, override in rows(page("reference/editors"), "editors"):
        found = [name for name in re.findall(r"`(\w+)`", names) if name in EDITORS]
        assert found, names
        told.update(found)
        source = (
            HERE.parent / "editors" / f"test_editor_{tests.get(found[0], found[0])}.py"
        ).read_text()
        command = override.strip("`*").removeprefix("M-x ").removeprefix(":").removeprefix("> ")
        assert command.split()[0] in source or found == ["vscode"], override
    assert told == set(EDITORS)


@pytest.mark.parametrize("command", app.registered_commands, ids=lambda c: str(c.name))
def test_every_verbs_help_has_an_example(command: object) -> None:
    callback = command.callback  # type: ignore[attr-defined]
    assert "Example: stick " in callback.__doc__


def test_there_are_exactly_two_commands_for_a_fresh_machine() -> None:
    commands = [line for line in README.splitlines() if line.startswith("    python3 -m venv")]
    assert len(commands) == 2
    assert commands[0].endswith("stick demo")
    assert commands[1].endswith("pytest")


def plainly(text: str) -> list[str]:
    """Return the lines of a session without what differs from run to run: places, times, ids.

    A time of another day, as there are shortly before midnight, has its date before it.
    """
    for what, told in (
        (r"/tmp/[\w.-]+/shop|/srv/shop", "TREE"), (r"(\b\d+ [A-Z][a-z]+ )?\b\d\d:\d\d\b", "TIME"),
        (r"\b\d+ (s|min|h)\b", "AGE"), (r"\b[0-9a-f]{7}\b", "ID"),
    ):  # fmt: skip
        text = re.sub(what, told, text)
    return [line.strip() for line in text.splitlines() if line.strip()]


def test_the_recorded_session_is_what_the_demo_shows(tmp_path: Path) -> None:
    told = plainly(marked(README, "session").replace("```", ""))
    demo = subprocess.run(
        [STICK, "demo"], env=environment(tmp_path), cwd=tmp_path, capture_output=True, text=True, check=True
    )  # fmt: skip
    shown = iter(plainly(demo.stdout))
    missing = [line for line in told if line not in shown]  # in this order
    assert len(told) > 12
    assert not missing


def test_the_front_page_is_short() -> None:
    assert len(README.splitlines()) <= LINES


def test_nothing_is_left_to_be_filled_in() -> None:
    assert not re.findall(r"@[A-Z]+@|TODO|FIXME", README)
