"""Programs of one line in JavaScript, Ruby, PHP and Perl: a few forms pass, all that writes is asked."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from stickhooks import shell
from tests.conftest import build
from tests.support.shell_tree import FILES, snapshot

DATA = Path(__file__).parents[1] / "data"
READS = (DATA / "one_liners_that_read.txt").read_text().splitlines()
WRITES = (DATA / "one_liners_that_write.txt").read_text().splitlines()


@pytest.mark.parametrize("command", READS)
def test_what_only_reads_passes(command: str) -> None:
    assert shell.writes(command, "/ws").nothing


@pytest.mark.parametrize("command", WRITES)
def test_what_may_write_is_asked(command: str) -> None:
    assert not shell.writes(command, "/ws").nothing


def test_what_passes_changes_nothing_where_it_is_run(tmp_path: Path) -> None:
    place = build(
        tmp_path / "place", {**FILES, "a.json": '{"items": [1], "x": [1], "b": [], "list": []}\n'}
    )
    before = snapshot(place)
    here = [command for command in READS if shutil.which(command.split()[0])]
    subprocess.run(
        ["bash", "-c", "\n".join(here)], cwd=place, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )  # fmt: skip
    assert snapshot(place) == before
