"""The fast parser reads a plain command line exactly as typer does, and leaves all others to it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from stickhooks.cli import fast_parser
from stickhooks.cli.app import app
from stickhooks.cli.command import COMMON, FLAG, NUMBER, TEXTS, VERBS, Option, Verb
from tests.conftest import MakeRepository
from tests.support.shells import Shells

COMMANDS: Any = typer.main.get_command(app)
PLAIN = sorted(name for name, verb in VERBS.items() if not verb.foreign)
TEXT = st.text(min_size=1, max_size=8) | st.sampled_from(
    ["--", "-x", "=", "a b", "--json", "-", "7"]
)


def by_typer(verb: str, words: list[str]) -> dict[str, Any] | None:
    """Return the options as typer reads them, None where it refuses, or prints its help."""
    command = COMMANDS.commands[verb]
    try:
        with command.make_context(verb, list(words)) as context:
            return {name: context.params[name] for name in options_of(verb)}
    except (Exception, SystemExit):
        return None


def options_of(verb: str) -> dict[str, Option]:
    return {**VERBS[verb].options, **COMMON}


@st.composite
def lines(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Return a verb and words for it: most of them options it has, with values of their kind."""
    verb = draw(st.sampled_from(PLAIN))
    words: list[str] = []
    for option in draw(st.lists(st.sampled_from(list(options_of(verb).values())), max_size=5)):
        value = draw(st.integers(0, 99).map(str) if option.kind == NUMBER else TEXT)
        form = draw(st.sampled_from(["two", "one", "bare"]))
        if not option.flags or (option.kind != FLAG and form == "bare"):
            words.append(value)
        elif option.kind == FLAG:
            words.append(option.flags[0])
        else:
            words += [option.flags[0], value] if form == "two" else [f"{option.flags[0]}={value}"]
    return verb, words


@given(lines())
def test_what_it_reads_typer_reads_alike(line: tuple[str, list[str]]) -> None:
    verb, words = line
    read = fast_parser.given(options_of(verb), words)
    if read is not None:
        told = by_typer(verb, words)
        assert told is not None
        assert {k: alike(v) for k, v in told.items()} == {k: alike(v) for k, v in read.items()}


def alike(value: object) -> object:
    """Return a value; typer has a list where several may be given and none was."""
    return list(value) if isinstance(value, tuple | list) else [] if value is None else value


@pytest.mark.parametrize("verb", PLAIN)
def test_every_option_of_a_verb_is_read(verb: str) -> None:
    words: list[str] = []
    for option in options_of(verb).values():
        value = [] if option.kind == FLAG else ["7"]
        words += [*option.flags, *value]
    read = fast_parser.given(options_of(verb), words)
    assert read is not None
    for name, option in options_of(verb).items():
        assert read[name] == {FLAG: True, NUMBER: 7, TEXTS: ["7"]}.get(option.kind, "7")


@pytest.mark.parametrize(
    "line",
    ["", "--version", "--help", "nothing", "take --help", "take -h", "take --wyh x", "take --why",
     "take --why --json", "renew extra", "take --json=1", "log --after x", "log --after -1", "handoff",
     "takeover", "run -- true", "hook pre-edit", "take --", "status ''"],
)  # fmt: skip
def test_what_is_odd_is_left_to_typer(line: str) -> None:
    words = ["" if word == "''" else word for word in line.split()]
    assert fast_parser.read(words) is None


#: What the command on the path does.
COMMAND = "import sys; from stickhooks.__main__ import main; sys.exit(main())"
SLOW = {
    "typer", "click", "filelock", "psutil", "json", "typing", "dataclasses", "re", "enum", "inspect",
    "contextlib", "subprocess", "uuid", "hashlib", "pathlib", "threading", "logging", "functools",
}  # fmt: skip


def loaded_by(words: list[str], code: str, cwd: Path, env: dict[str, str]) -> set[str]:
    """Return the top modules that a Python loads for code that ends well."""
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code, *words],
        cwd=cwd, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr[-2000:]
    return set(re.findall(r"^import time:.*\| +(\w+)[\w.]*$", told.stderr, re.MULTILINE))


@pytest.mark.skipif(os.name != "posix", reason="elsewhere psutil and filelock are needed")
def test_the_verbs_of_every_day_load_nothing_that_is_slow(
    make_repository: MakeRepository, shells: Shells, env: dict[str, str]
) -> None:
    repository = make_repository("shop")
    # What is kept of uncommitted work is kept after the answer, and what that loads is not looked at.
    made = "stick init --only git && stick join --as ada && stick policy keep_turns 0"
    shells.person(repository).run(made).ok()
    bare = loaded_by([], "pass", repository, env)  # an editable install brings some of them
    for line in ("join --as ada", "take --as ada --why x", "check --as ada", "renew --as ada",
                 "release --as ada --status a --next b", "whoami", "log", "rooms"):  # fmt: skip
        found = loaded_by(line.split(), COMMAND, repository, env)
        assert "stickhooks" in found
        assert not (found - bare) & SLOW, line


def test_a_verb_knows_its_options_by_its_own_defaults() -> None:
    for verb in VERBS.values():
        assert isinstance(verb, Verb)
        assert all(isinstance(option, Option) for option in verb.options.values()), verb.name
