"""What holds for every file, whatever layer it is in: its name, its length."""

from __future__ import annotations

from pathlib import Path

from tests.support.modules import MODULES

LINES = 400
README_LINES = 120
TOP = Path(__file__).parents[2]


def test_there_is_no_module_called_utils() -> None:
    assert not [name for name in MODULES if "util" in name or "helper" in name]


def test_a_file_of_the_package_has_400_lines_at_most() -> None:
    counts = {name: len(path.read_text().splitlines()) for name, path in MODULES.items()}
    assert not {name: count for name, count in counts.items() if count > LINES}


def test_the_readme_is_read_in_two_minutes() -> None:
    assert len((TOP / "README.md").read_text().splitlines()) <= README_LINES
