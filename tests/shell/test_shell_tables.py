"""The tables of programs: nothing stands in one that nobody reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from stickhooks.shell import programs, runners, tables

FOLDER = Path(tables.__file__).parent
TABLES = sorted(file.stem for file in FOLDER.glob("*.txt"))
#: Read by `telling`, one after the other.
TELLING = ("tools", "lookers")


def lines(table: str) -> list[list[tuple[str, ...]]]:
    """Return the lines at the margin of a table, each as the keys that it stands for."""
    entries = tables._entries(str(FOLDER / f"{table}.txt"))
    return [tables._keys(head) for heads, _ in entries for head in heads]


@pytest.mark.parametrize("table", TABLES)
def test_no_line_is_replaced_whole_by_those_below(table: str) -> None:
    last = {key: number for number, keys in enumerate(lines(table)) for key in keys}
    assert not [
        keys for number, keys in enumerate(lines(table)) if all(last[key] != number for key in keys)
    ]


@pytest.mark.parametrize("table", TELLING)
def test_each_program_there_is_one_that_nothing_else_judges(table: str) -> None:
    known = tables.load(table)
    names = {key[0] for key in known} - {"needs", "common"}
    assert not [name for name in names if programs.handler(name) not in (None, runners.tool)]


@pytest.mark.parametrize("table", TELLING)
def test_options_before_a_verb_stand_there_for_programs_with_verbs(table: str) -> None:
    """A program without verbs has a star, and what stands beside that is not looked at."""
    known = tables.load(table)
    with_verbs = {name for name, *verbs in known if verbs and verbs != ["*"]}
    bare = {name for name, *verbs in known if not verbs} - {"common"}
    assert not bare - with_verbs
    assert not {key for key in known if key[1:] != ("*",) and (key[0], "*") in known}


def test_what_a_verb_needs_is_said_of_verbs_that_are_there() -> None:
    verbs = {key for table in TELLING for key in tables.load(table)}
    needing = {key[1:] for key in tables.load("lookers") if key[0] == "needs"}
    needing |= {key[1:] for key in tables.load("telling") if key[0] == "needs"}
    assert len(needing) > 50
    assert not needing - verbs
