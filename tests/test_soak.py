"""Sixteen processes do random things in one room, and are killed and stopped. No promise breaks.

This is the size for every day; ``python -m tests.stress.soak`` goes on for as long as wanted.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).resolve().parents[1]
MEMORY = Path("/dev/shm")  # where a write costs no wait for a disk, more operations fit
pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="NO SOAK: it needs fork and signals"
)


@pytest.fixture
def folder() -> Iterator[str]:
    place = str(MEMORY) if os.access(MEMORY, os.W_OK) else None
    with TemporaryDirectory(prefix="soak-", dir=place) as name:
        yield name


def soak(folder: str, **goals: int) -> str:
    """Run a soak in a process of its own, for it forks; return the figures it prints."""
    numbers = [word for key, value in goals.items() for word in (f"--{key}", str(value))]
    done = subprocess.run(
        [sys.executable, "-m", "tests.stress.soak", "--keep", f"{folder}/soak", *numbers],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    told = done.stdout + done.stderr
    print(told)
    assert done.returncode == 0, told
    return told


def test_random_operations_break_no_promise(folder: str) -> None:
    told = soak(folder, operations=12000, kills=0, stops=0, seconds=50, seed=1)
    assert " 0 kills, 0 stops" in told


def test_kills_about_every_100_ms_break_no_promise(folder: str) -> None:
    told = soak(folder, operations=0, kills=200, stops=0, seconds=30, seed=2)
    assert " 0 kills" not in told


def test_stops_longer_than_the_lease_break_no_promise(folder: str) -> None:
    told = soak(folder, operations=0, kills=0, stops=50, seconds=25, seed=3)
    assert " 0 stops" not in told
