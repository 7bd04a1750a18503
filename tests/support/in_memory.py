"""Where the folders of the tests lie: in memory, where a machine has a file system there with room.

On a disk a run waits for more than it computes: each take and each commit has the disk write, and removing
what a test made waits for that. The tests of the store, whose matter is what lies on a disk, stay on it.
"""

from __future__ import annotations

import os
from typing import Final

import pytest

MEMORY: Final = "/dev/shm"
#: What a whole run needs at once is below 1 GB.
ROOM: Final = 3 << 30
#: pytest's own name for the folder that its folders are made in.
VARIABLE: Final = "PYTEST_DEBUG_TEMPROOT"


def choose(config: pytest.Config) -> None:
    """Have pytest make its folders in memory, unless somebody said where they are to be."""
    told = config.getoption("basetemp", None) or {"TMPDIR", VARIABLE} & os.environ.keys()
    if not told and fits():
        os.environ[VARIABLE] = MEMORY


def fits() -> bool:
    """Tell whether programs can be run in memory's file system, and it has room. In containers it is
    often small, or ``noexec``."""
    if not os.access(MEMORY, os.W_OK):
        return False
    found = os.statvfs(MEMORY)
    return found.f_bavail * found.f_frsize > ROOM and not found.f_flag & os.ST_NOEXEC
