"""Processes that may do less: root's without the capabilities that pass over file modes, any with limits."""

from __future__ import annotations

import ctypes
import os
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.support.shells import STICK

ROOT = os.geteuid() == 0
LIBC = ctypes.CDLL(None)
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2


def bound(folder: Path, arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run ``stick`` so that file modes bind it, also where root runs the tests."""
    return limited(folder, arguments, env, give_up_rights)


def give_up_rights() -> None:
    """Have file modes bind what this process becomes, also where it is root's."""
    if ROOT:
        for right in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            LIBC.prctl(PR_CAPBSET_DROP, right)


def limited(
    folder: Path, arguments: str, env: dict[str, str], limit: Callable[[], None]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [STICK, *shlex.split(arguments)],
        cwd=folder,
        env=env,
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
