"""A path is written in one step, also into a folder of the tree that is of another file system."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stickhooks.recovery.entries import FILE, Entry
from stickhooks.recovery.writing import Target
from stickhooks.system.folder import Folder


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder of another file system than the test's."""
    for place in ("/var/tmp", "/dev/shm"):
        if os.access(place, os.W_OK) and os.stat(place).st_dev != tmp_path.stat().st_dev:
            with tempfile.TemporaryDirectory(dir=place) as folder:
                yield Path(folder)
            return
    pytest.skip("one file system has all")


@pytest.mark.parametrize("replaces", [False, True])
def test_a_folder_of_another_file_system_is_written_as_well(
    tmp_path: Path, elsewhere: Path, replaces: bool
) -> None:
    """A container's volume, say: nothing can be renamed into it from outside."""
    may: Callable[[], bool] | None = (lambda: True) if replaces else None
    if replaces:
        (tmp_path / "a").write_text("old\n")
    with Folder.open(str(tmp_path)) as top, Folder.open(str(elsewhere)) as through:
        Target(top, through, 0o777).put("a", Entry(FILE, " M", 0o640), b"new\n", may)
    assert ((tmp_path / "a").read_text(), os.listdir(tmp_path)) == ("new\n", ["a"])
    assert os.listdir(elsewhere) == []
