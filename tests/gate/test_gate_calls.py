"""How much the gate asks of the system: calls are counted, for milliseconds are no test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import stickhooks
from stickhooks.fast import build
from stickhooks.system import clock
from tests.support.editing import need
from tests.support.world import Workspace, git_repo

HOOK = Path(stickhooks.__file__).with_name("hook.py")
WRITING = {"write", "pwrite64", "rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir",
           "mkdirat", "fsync", "flock", "ftruncate", "chmod", "fchmod", "link", "symlink"}  # fmt: skip


def calls(arguments: list[str], root: Path, env: dict[str, str], trace: Path) -> list[str]:
    """Return the names of the system calls that a Python makes which ends well."""
    need("strace")
    done = subprocess.run(
        ["strace", "-f", "-o", trace, sys.executable, "-I", "-S", *arguments],
        cwd=root, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = [line.split(maxsplit=1)[1] for line in trace.read_text().splitlines()]
    return [call.partition("(")[0] for call in told if "(" in call]


@pytest.fixture
def room(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A room, and the environment of its holder."""
    root = git_repo(tmp_path / "ws")
    ws = Workspace(root, git=True)
    ws.rooms.clock = clock.read
    held = ws.take("ana", ws.join("ana"))
    env = {k: v for k, v in os.environ.items() if not k.startswith(("STICK_", "CLAUDE"))}
    return root, {**env, "STICK_LEASE": held[2]}


def test_to_allow_a_commit_takes_few_calls_and_writes_but_a_note(
    room: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    root, env = room
    build.refresh()
    bare = calls(["-c", "pass"], root, env, tmp_path / "bare")
    mine = calls([str(HOOK), "pre-commit", "--git", str(os.getpid())], root, env, tmp_path / "mine")
    depth = len(Path("/proc/self/cwd").resolve().parts) + 20  # folders and processes above us
    assert len(mine) - len(bare) < 160 + 4 * depth
    assert sum(mine.count(name) for name in WRITING) - sum(bare.count(n) for n in WRITING) <= 1


def test_with_a_pack_no_folder_of_ours_is_listed(
    room: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    root, env = room
    build.refresh()
    calls([str(HOOK), "pre-commit", "--git", str(os.getpid())], root, env, tmp_path / "mine")
    opened = [line for line in (tmp_path / "mine").read_text().splitlines() if "openat(" in line]
    ours = [line for line in opened if f'"{HOOK.parent}' in line]
    assert len(ours) <= 3, ours  # the script, which Python opens twice, and the pack


def test_a_renewal_imports_nothing_of_site_packages(tmp_path: Path) -> None:
    root = git_repo(tmp_path / "ws")
    ws = Workspace(root, git=True)
    long_ago = 20 * 60_000
    wall, monotonic, boot = clock.read()
    ws.rooms.clock = lambda: (wall - long_ago, monotonic - long_ago, boot)
    held = ws.take("ana", ws.join("ana"))
    state = root / ".talking-stick" / "room.json"
    before = state.read_bytes()
    env = {k: v for k, v in os.environ.items() if not k.startswith(("STICK_", "CLAUDE"))}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-I", "-S", str(HOOK), "pre-commit", "--git",
         str(os.getpid())],
        cwd=root, env={**env, "STICK_LEASE": held[2]}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert state.read_bytes() != before, "nothing was renewed"
    loaded = {
        line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()
    }
    assert not loaded & {"filelock", "site", "psutil", "asyncio", "json"}
