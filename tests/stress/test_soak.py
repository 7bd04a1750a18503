"""Sixteen processes do random things in one room, and are killed and stopped. No promise breaks.

A small one; ``python -m tests.stress.soak`` goes on for as long as wanted.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.stress import sample

ROOT = Path(__file__).resolve().parents[2]
MEMORY = Path("/dev/shm")  # where a write costs no wait for a disk, more operations fit
pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="NO SOAK: it needs fork and signals"
)


@pytest.fixture
def folder() -> Iterator[str]:
    place = str(MEMORY) if os.access(MEMORY, os.W_OK) else None
    with TemporaryDirectory(prefix="soak-", dir=place) as name:
        yield name


@pytest.mark.timeout(3600)
@pytest.mark.sampled(1)
@pytest.mark.parametrize("more", ["", "--parts"])
def test_no_promise_breaks_under_kills_and_under_stops_longer_than_the_lease(
    folder: str, more: str
) -> None:
    """It runs in a process of its own, for it forks, and must reach its figures."""
    line = f"--operations 1000 --kills 10 --stops 3 --seconds 3000 --seed {sample.seed()} {more}"
    done = subprocess.run(
        [sys.executable, "-m", "tests.stress.soak", "--keep", f"{folder}/soak", *line.split()],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    told = done.stdout + done.stderr
    print(told)
    assert done.returncode == 0, told
    figures = re.match(r"(\d+) operations \((\d+) unknown\) in .* (\d+) kills, (\d+) stops", told)
    assert figures, told
    known, unknown, kills, stops = map(int, figures.groups())
    assert (known + unknown >= 1000, kills >= 10, stops >= 3) == (True, True, True), told
