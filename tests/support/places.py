"""A working tree and its store of kept work, for tests that need both. Nothing here loads pytest."""

from __future__ import annotations

import os
from pathlib import Path

from stickhooks.recovery import lists
from stickhooks.workspace import paths


def workspace(root: str | Path) -> paths.Workspace:
    found = paths.workspace_of(os.path.realpath(root))
    assert found
    return found


def place(root: str | Path) -> lists.Place:
    found = lists.Place.of(workspace(root))
    assert found
    return found
