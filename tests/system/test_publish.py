"""A file put in place while somebody clears what dead writers left."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from stickhooks.store import directory
from stickhooks.system import publish
from stickhooks.system.folder import Folder

pytestmark = pytest.mark.skipif(os.name == "nt", reason="an open file cannot be removed there")


class Swept(Folder):
    """A folder that another process clears right after each new file, so often as asked."""

    __slots__ = ("times",)
    times: int

    def file(self, name: str, flags: int, mode: int = 0o600) -> int:
        fd = super().file(name, flags, mode)
        if self.times > 0 and flags & os.O_CREAT:
            self.times -= 1
            assert publish.clear(self) == [name]
        return fd


@pytest.fixture
def swept(tmp_path: Path) -> Iterator[Swept]:
    folder = Swept(str(tmp_path), os.open(tmp_path, os.O_RDONLY))
    folder.times = 1
    with folder:
        yield folder


def test_a_file_that_is_cleared_before_it_is_locked_is_made_again(swept: Swept) -> None:
    publish.publish(swept, "state", b"new")
    assert (Path(swept.path) / "state").read_bytes() == b"new"
    assert os.listdir(swept.path) == ["state"]


def test_who_is_always_cleared_is_told_that_the_file_is_gone(swept: Swept) -> None:
    swept.times = 100
    with pytest.raises(FileNotFoundError):
        publish.publish(swept, "state", b"new")
    assert os.listdir(swept.path) == []


def test_a_folder_that_others_use_by_now_keeps_its_markers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full for one who makes the folder; another one has made a room in it meanwhile."""
    ours = tmp_path / ".talking-stick"

    def full(fd: int) -> None:
        if list(ours.glob(".gitignore.*")):
            (ours / "lock").touch()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        directory.made(str(ours))
    assert (ours / "lock").exists()
