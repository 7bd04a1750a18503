"""Which part of the tests a run of them does, and the seed that draws it.

The README's test command tries a sample of each stress test: another one each time, drawn by a
seed that is printed at the end and that ``STICK_SEED`` sets. ``.ci/run`` tries more of each by
commands of its own, and ``.ci/full`` the full counts. ``STICK_SEEDS``, ``STICK_MUTATIONS``,
``STICK_SCHEDULES``, ``STICK_PARTED``, ``STICK_CASES``, ``STICK_POINTS``, ``STICK_EXAMPLES``, ``STICK_STEPS``,
``STICK_ROUNDS`` and ``STICK_LAPS`` change how much is tried.

Where real git, shells or editors run, a table of cases is sampled as well: of each test marked
``sampled(n)``, n cases run, drawn by the same seed; the others are ``long``. And where everything
runs, one in four of the tests in real shells does, for these take two thirds of the time: whoever
names a file, or words of a test, has all of it but the tables. The others are ``second``, which
``.ci/run`` runs besides. ``-m long`` and ``-m second`` run these alone, ``-m ""`` all.
"""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

import pytest

T = TypeVar("T")
VARIABLE: Final = "STICK_SEED"
#: Says to the workers of a run that no file and no test was named.
EVERYTHING: Final = "STICK_EVERYTHING"
#: Of so many tests in real shells one is drawn where everything runs.
ONE_IN: Final = 4


def seed() -> int:
    """Return the seed of this run, drawn once; processes started from here have the same."""
    return int(os.environ.setdefault(VARIABLE, str(random.SystemRandom().randrange(1, 1_000_000))))


def count(name: str, usual: int) -> int:
    return int(os.environ.get(f"STICK_{name}", usual))


def seeds(name: str, usual: int) -> range:
    """Return so many seeds in a row, from that of this run on: each replays alone (``--first``)."""
    return range(seed(), seed() + count(name, usual))


def some(things: Sequence[T], name: str, usual: int) -> list[T]:
    """Draw so many of some things."""
    return random.Random(seed()).sample(things, min(count(name, usual), len(things)))


def configure(config: pytest.Config) -> None:
    """Draw the seed, and tell whether everything is to run: before the workers start, which inherit both."""
    seed()
    if not hasattr(config, "workerinput"):
        named = config.args_source is not pytest.Config.ArgsSource.TESTPATHS
        named = named or bool(config.getoption("keyword") or config.getoption("lf", False))
        os.environ[EVERYTHING] = "" if named else "1"


def draw(items: Sequence[pytest.Item]) -> None:
    """Mark what is not drawn: as ``long``, and what ``.ci/run`` runs besides as ``second``."""
    tables = defaultdict(list)
    for item in items:
        mark = item.get_closest_marker("sampled")
        if mark and not item.get_closest_marker("long"):
            tables[item.nodeid.partition("[")[0], mark.args[0]].append(item)
    for (test, usual), cases in tables.items():
        leave(shuffled(test, cases)[usual:], pytest.mark.long)
    if os.environ.get(EVERYTHING):
        in_shells = [
            item for item in items
            if "shells" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("long")
        ]  # fmt: skip
        left = shuffled("in shells", in_shells)[len(in_shells) // ONE_IN :]
        leave(left, pytest.mark.long, pytest.mark.second)


def shuffled(name: str, items: Sequence[pytest.Item]) -> Sequence[pytest.Item]:
    return random.Random(f"{seed()} {name}").sample(items, len(items))


def leave(items: Iterable[pytest.Item], *marks: pytest.MarkDecorator) -> None:
    for item in items:
        for mark in marks:
            item.add_marker(mark)
