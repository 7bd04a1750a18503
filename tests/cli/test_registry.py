"""The verbs' registry: what the hot path repeats of it is what it says."""

from __future__ import annotations

import ast
from pathlib import Path

import stickhooks
from stickhooks.cli import help_commands, prompt_parser
from stickhooks.cli.command import VERBS
from stickhooks.cli.help_commands import MEANT
from stickhooks.shell import stick as shell_stick

assert help_commands.MODULES  # importing it enters all verbs


def test_what_the_shell_judge_knows_of_verbs_is_what_the_registry_says() -> None:
    assert set(shell_stick.GETTING) == {name for name, verb in VERBS.items() if verb.gets}
    assert set(shell_stick.KEEPING) == {name for name, verb in VERBS.items() if verb.keeps}


def test_what_ends_a_turn_is_said_neither_to_get_nor_to_keep_it() -> None:
    for name in ("release", "handoff", "leave", "close", "reopen", "uninit", "run"):
        assert (VERBS[name].gets, VERBS[name].keeps) == (False, False), name


def test_other_words_for_verbs_lead_to_verbs_that_there_are() -> None:
    assert set(MEANT.values()) <= set(VERBS)
    assert not set(MEANT) & set(VERBS)
    assert prompt_parser.STATUSLINE in VERBS


def test_the_start_knows_the_commands_that_stand_in_prompts() -> None:
    there = prompt_parser.STATUSLINE, prompt_parser.NAMES, prompt_parser.OFFERS, prompt_parser.HOOK
    # read, not imported: an interrupt ends a process that has imported the start
    start = ast.parse((Path(stickhooks.__file__).parent / "__main__.py").read_text())
    values = [
        ast.literal_eval(node.value)
        for node in start.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PROMPTS"
    ]
    assert [set(value) for value in values] == [set(there)]
