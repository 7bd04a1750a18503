"""Help as a stranger meets it: every verb has an example that could be typed."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
import typer.main

from stickhooks.cli import help_commands, help_groups
from stickhooks.cli.app import app
from stickhooks.cli.command import VERBS

assert help_commands.MODULES  # importing it enters all verbs
GROUP: Any = typer.main.get_command(app)
COMMANDS = pytest.mark.parametrize("command", GROUP.commands.values(), ids=lambda c: str(c.name))


@COMMANDS
def test_every_verbs_help_has_an_example_of_itself_with_options_that_it_has(command: Any) -> None:
    found = re.search(r"Example: (stick .*)", command.help)
    assert found, command.help
    line = re.split(r" > | >> |  ", found[1])[0]
    program, verb, *words = shlex.split(line)
    assert (program, verb) == ("stick", command.name)
    options = {name for param in command.params for name in param.opts}
    if command.name not in ("run", "hook"):  # what follows is somebody else's
        assert {word for word in words if word.startswith("--")} <= options


@COMMANDS
def test_every_option_and_argument_says_what_it_is(command: Any) -> None:
    assert not [param.name for param in command.params if not param.help]


@COMMANDS
def test_the_list_of_commands_tells_every_verb_in_a_line(command: Any) -> None:
    told = command.get_short_help_str(80)
    assert told
    assert "Example" not in told
    assert not told.endswith("...")


def test_the_list_of_verbs_is_in_groups_and_each_verb_in_one() -> None:
    groups = help_groups.grouped(GROUP.commands)
    told = [name for names in groups.values() for name in names]
    assert sorted(told) == sorted(GROUP.commands)
    assert list(groups)[:2] == ["Start", "Turn"]
    assert {"take", "wait", "release", "handoff"} <= set(groups["Turn"])
    assert {"status", "log", "board", "report"} <= set(groups["Look"])
    assert not [name for name in groups["Turn"] if VERBS[name].reads]
    help = GROUP.get_help(GROUP.make_context("stick", [], resilient_parsing=True))
    assert [line for line in help.splitlines() if line.endswith(":") and " " not in line] == [
        "Options:", *(f"{title}:" for title in groups),
    ]  # fmt: skip
