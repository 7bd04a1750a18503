"""What the tests of the store share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.world import Workspace, git_repo, process


@pytest.fixture
def held(tmp_path: Path) -> Workspace:
    """Return a repository whose room ana holds."""
    ws = Workspace(git_repo(tmp_path / "shop"), git=True)
    ws.take("ana", str(ws.rooms.join("ana", ".", process=process(7))["room_id"]))
    return ws
