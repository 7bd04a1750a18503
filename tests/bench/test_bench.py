"""The benchmark still runs; how fast anything is, is not for a test to say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.bench import figures


def test_one_row_is_measured_told_and_written(tmp_path: Path) -> None:
    root, file = Path(__file__).parents[2], tmp_path / "rows.json"
    command = [sys.executable, "-m", "tests.bench", "--rounds", "1", "--only", "growth"]
    done = subprocess.run(
        [*command, "--python", sys.executable, "--json", str(file)],
        cwd=root, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "claim and release at 100,000 events / at 10" in done.stdout
    told = json.loads(file.read_text())
    assert told["git"]
    assert told["rows"][0]["goal"] == 1.5


def test_a_goal_is_met_or_missed() -> None:
    def row(need: str, value: float) -> str:
        return figures.Row("x", value, (value, value), need, 1.3).met

    assert [row("<=", 1.3), row("<=", 1.4), row(">=", 1.4), row("", 9)] == [
        "met", "MISSED", "met", "",
    ]  # fmt: skip


def test_what_is_added_is_measured_without_what_was_there_before() -> None:
    def series(wall: float) -> figures.Series:
        return figures.Series([figures.Cost(wall, wall / 2)] * 3)

    row = figures.ratio("x", series(5.0), series(3.0), base=series(1.0))
    assert (row.value, row.cpu, row.spread) == (2.0, 2.0, (2.0, 2.0))
