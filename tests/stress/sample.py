"""Which part of the random testing a run of the tests does, and the seed that draws it.

The README's test command tries a sample of each stress test: another one each time, drawn by a
seed that is printed at the end and that ``STICK_SEED`` sets. ``.ci/full`` calls the stress modules
as commands of their own, with full counts. ``STICK_SEEDS``, ``STICK_MUTATIONS``,
``STICK_SCHEDULES``, ``STICK_PARTED``, ``STICK_CASES``, ``STICK_POINTS``, ``STICK_EXAMPLES``, ``STICK_STEPS``,
``STICK_ROUNDS`` and ``STICK_LAPS`` change how much is tried.

Where real git, shells or editors run, a table of cases is sampled as well: of each test marked
``sampled(n)``, n cases run, drawn by the same seed, and the others count as ``long``
(``-m long`` runs these, ``-m ""`` all).
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


def draw(items: Iterable[pytest.Item]) -> None:
    """Mark as long what was not drawn of the tests that are marked ``sampled``."""
    tables = defaultdict(list)
    for item in items:
        if mark := item.get_closest_marker("sampled"):
            tables[item.nodeid.partition("[")[0], mark.args[0]].append(item)
    for (test, usual), cases in tables.items():
        drawn = random.Random(f"{seed()} {test}").sample(cases, min(usual, len(cases)))
        for item in cases:
            if item not in drawn:
                item.add_marker(pytest.mark.long)
