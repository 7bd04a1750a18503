"""A repository whose snapshots are made in the tests' own process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import snapshots


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return snapshots.committed(tmp_path / "ws")
