"""What the scenarios share: two clones and their remote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.shells import Shells
from tests.support.team import Team


@pytest.fixture
def team(tmp_path: Path, make_repository: Callable[[str], Path], shells: Shells) -> Team:
    return Team(tmp_path, make_repository, shells)
