"""What the tests of the store share."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import Workspace, git_repo, process


@pytest.fixture(scope="session")
def disk() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="stickhooks-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def tmp_path(disk: Path) -> Path:
    """Return a folder on a disk, as those of users are; most other tests have theirs in memory."""
    return Path(tempfile.mkdtemp(dir=disk))


@pytest.fixture
def held(tmp_path: Path) -> Workspace:
    """Return a repository whose room ana holds."""
    ws = Workspace(git_repo(tmp_path / "shop"), git=True)
    ws.take("ana", str(ws.rooms.join("ana", ".", process=process(7))["room_id"]))
    return ws
