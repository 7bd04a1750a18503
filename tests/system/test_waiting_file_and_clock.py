"""A waiter is seen though its file was removed, and the clock is the machine's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stickhooks.store import wait_queue
from tests.support.world import Workspace, git_repo

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there a file in use cannot be removed")


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return Workspace(git_repo(tmp_path / "repo"), git=True)


def test_a_waiter_whose_file_was_removed_is_seen_again(ws: Workspace) -> None:
    ws.join("ana")
    folder = str(ws.folder)
    with wait_queue.place(folder, "bo") as look:
        for whole in (False, True):
            assert wait_queue.waiting(folder, ["bo"]) == {"bo"}
            if whole:
                shutil.rmtree(ws.folder / "line")
            else:
                next((ws.folder / "line").iterdir()).unlink()
            assert wait_queue.waiting(folder, ["bo"]) == frozenset()
            assert look()
            assert wait_queue.waiting(folder, ["bo"]) == {"bo"}


@pytest.mark.skipif(
    not os.path.exists("/proc/self/ns/time") or getattr(os, "geteuid", lambda: 1)() != 0,
    reason="needs root and time namespaces",
)
@pytest.mark.parametrize("ahead", ["100000", "-1"])
def test_another_time_namespace_reads_the_same_clock(ahead: str) -> None:
    code = "from stickhooks.system import clock; print(*clock.read()[1:])"
    here = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    done = subprocess.run(
        ["unshare", "-T", "--boottime", ahead, sys.executable, "-c", code],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"no time namespace: {done.stderr}")
    there = done.stdout.split()
    assert there[1] == here[1]
    assert 0 <= int(there[0]) - int(here[0]) < 60_000
