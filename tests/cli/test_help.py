"""Help as a stranger meets it: every verb has an example that could be typed."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
import typer.main

from stickhooks.cli import help_commands
from stickhooks.cli.app import app

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
