"""Wait for a change of a state file: by looking at it, without writing and without a lock."""

from __future__ import annotations

import os
import time

from stickhooks import disk
from stickhooks.folder import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

PAUSE: Final = 0.01


def until_changed(path: str, before: bytes | None, seconds: float) -> None:
    """Return when the file is another one than that which held ``before``, or after ``seconds``.

    A rename gives the file another inode, size or time; the content is compared once at the
    start, for the change may have come before we began to look.
    """
    until = time.monotonic() + seconds
    seen = _mark(path)
    if _content(path) != before:
        return
    while _mark(path) == seen and (left := until - time.monotonic()) > 0:
        time.sleep(min(PAUSE, left))


def _mark(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path, follow_symlinks=False)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _content(path: str) -> bytes | None:
    try:
        return read_file(path, disk.STATE_LIMIT)
    except ValueError:
        return None
