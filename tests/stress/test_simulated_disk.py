"""A crash at any step, on a disk that keeps only what it was told to keep.

A sample (``sample.py``); a failure names the arguments of ``python -m tests.stress.disk`` that replay it.
"""

from __future__ import annotations

import pytest

from tests.stress import disk, sample

SEEDS = sample.seeds("SEEDS", 40)


def told(tally: disk.Tally) -> str:
    return f"{len(tally.failures)} of {tally.crashes} crash states:\n" + "\n".join(
        tally.failures[:5]
    )


def test_what_was_acknowledged_survives_a_crash_at_any_step() -> None:
    tally = disk.run(SEEDS, "journal", each=6)
    assert tally.seeds == len(SEEDS)
    assert not tally.failures, told(tally)


def test_every_crash_of_a_life_is_survived() -> None:
    tally = disk.run(range(SEEDS[0], SEEDS[0] + 10), "journal", each=0)
    assert tally.crashes > 100
    assert not tally.failures, told(tally)


def test_what_was_acknowledged_survives_where_each_folder_is_kept_for_itself() -> None:
    tally = disk.run(range(SEEDS[0], SEEDS[0] + 20), "folders", each=6)
    assert not tally.failures, told(tally)


@pytest.mark.parametrize("lie", ["sync", "syncdir"])
def test_a_disk_that_lies_is_found_out(lie: str) -> None:
    tally = disk.run(range(1, 31), "journal", each=0, without=lie)
    assert tally.failures


def test_a_seed_replays() -> None:
    one, two = (disk.run(range(3, 6), "folders", each=0) for _ in range(2))
    assert one.crashes == two.crashes
    assert len(one.failures) == len(two.failures)
