"""Linux's inotify by ctypes: what befalls the names of one folder. Loaded only where a wait blocks."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Final

MOVED_TO: Final = 0x80
DELETE: Final = 0x200
DELETE_SELF: Final = 0x400
MOVE_SELF: Final = 0x800
UNMOUNT: Final = 0x2000
IGNORED: Final = 0x8000
ONLY_FOLDERS: Final = 0x01000000
NO_LINKS: Final = 0x02000000
_LOST: Final = DELETE_SELF | MOVE_SELF | UNMOUNT | IGNORED
_HEAD: Final = 16
_AT_ONCE: Final = 1 << 14


def begin(folder: str) -> int | None:
    """Return a descriptor that is readable when a name in the folder was renamed to or removed,
    or the folder itself was moved or removed.

    None where there is no inotify, or none left (a user has 128), or no such folder.
    """
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        fd: int = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if fd < 0:
            return None
        mask = MOVED_TO | DELETE | DELETE_SELF | MOVE_SELF | ONLY_FOLDERS | NO_LINKS
        if libc.inotify_add_watch(fd, os.fsencode(folder), mask) < 0:
            os.close(fd)
            return None
    except (OSError, AttributeError):
        return None
    return fd


def lasts(fd: int) -> bool:
    """Read what has happened, and tell whether the folder is still where it was."""
    try:
        data = os.read(fd, _AT_ONCE)
    except BlockingIOError:
        return True
    while data:
        if int.from_bytes(data[4:8], sys.byteorder) & _LOST:
            return False
        data = data[_HEAD + int.from_bytes(data[12:16], sys.byteorder) :]
    return True
