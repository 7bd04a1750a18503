"""What the README's test command leaves out is drawn by the seed, and ``.ci/run`` runs it besides."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import conftest
from tests.stress.planted import REPOSITORY

TESTS = """
import pytest

@pytest.mark.sampled(3)
@pytest.mark.parametrize("n", range(10))
def test_table(n): pass

@pytest.mark.parametrize("n", "abcdefgh")
def test_shell(n, shells): pass

def test_other(): pass
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_shop.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\ntestpaths = tests\naddopts = -m 'not long'\n"
        "markers =\n long: l\n second: s\n sampled(n): n\n"
    )
    (tmp_path / "conftest.py").write_text(
        "import pytest\nfrom ours import sample\n"
        "@pytest.fixture\ndef shells(): pass\n"
        "def pytest_configure(config): sample.configure(config)\n"
        "def pytest_collection_modifyitems(items): sample.draw(items)\n"
    )
    (tmp_path / "ours").symlink_to(REPOSITORY / "tests/stress")
    return tmp_path


def ran(project: Path, *arguments: str) -> dict[str, set[str]]:
    """Return which cases of each test run."""
    line = ["-m", "pytest", "-p", "no:cacheprovider", "--collect-only", "-q", "-n", "0", *arguments]
    done = subprocess.run(
        [sys.executable, *line], cwd=project, env={**os.environ, "PYTEST_ADDOPTS": ""},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, set[str]] = {"table": set(), "shell": set(), "other": set()}
    for test, case in re.findall(r"^tests/test_shop.py::test_(\w+)(\S*)$", done.stdout, re.M):
        found[test].add(case)
    return found


def counted(cases: dict[str, set[str]]) -> tuple[int, int, int]:
    return len(cases["table"]), len(cases["shell"]), len(cases["other"])


def test_what_the_first_run_leaves_out_of_real_shells_the_second_runs(project: Path) -> None:
    first, second = ran(project), ran(project, "-m", "second")
    assert counted(first) == (3, 2, 1)
    assert counted(second) == (0, 6, 0)
    assert not any(first[test] & second[test] for test in first)


def test_who_names_a_file_has_all_of_it_but_the_tables(project: Path) -> None:
    assert counted(ran(project, "tests/test_shop.py")) == (3, 8, 1)


def test_ci_runs_the_second_part_by_the_seed_of_the_first() -> None:
    script = (REPOSITORY / ".ci/run").read_text()
    assert script.index("export STICK_SEED") < script.index("pytest -m second")


def test_each_file_that_comes_first_is_there() -> None:
    assert {*conftest.LONGEST} <= {file.stem for file in (REPOSITORY / "tests").rglob("test_*.py")}
