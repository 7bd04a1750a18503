"""A room's history: an append-only file, a line an event, numbered, found by bisection."""

from __future__ import annotations

import contextlib
import os
from typing import IO, Final

from stickhooks import wire
from stickhooks.model import Event

EVENTS: Final = "events.jsonl"


def append(path: str, length: int, lines: bytes, dir_fd: int | None = None) -> int:
    """Cut the log to ``length`` bytes, append whole lines durably, return the new length.

    What lies beyond ``length`` was never acknowledged: the state that names it was not
    published. ``path`` is relative to the folder ``dir_fd`` where that is given.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    fd = os.open(path, flags, 0o600, dir_fd=dir_fd)
    try:
        found = os.fstat(fd).st_size
        if found > length:
            os.ftruncate(fd, length)
        start = min(found, length)
        os.lseek(fd, start, os.SEEK_SET)
        rest = memoryview(lines)
        while rest:
            rest = rest[os.write(fd, rest) :]
        os.fsync(fd)
    finally:
        os.close(fd)
    if start == 0:
        _sync_folder(os.path.dirname(path), dir_fd)
    return start + len(lines)


def _sync_folder(path: str, dir_fd: int | None) -> None:
    """Make the name of a new file durable, where folders can be synced."""
    with contextlib.suppress(OSError):
        fd = os.open(path, os.O_RDONLY, dir_fd=dir_fd)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def read(path: str, after: int, limit: int) -> list[Event]:
    """Return up to ``limit`` events numbered above ``after``, oldest first.

    The start is found by bisection: the price depends on ``limit``, not on the length of the
    log. A line that is no event ends the reading: it is the tail of a write that never was.
    """
    events: list[Event] = []
    if not os.path.exists(path):
        return events
    with open(path, "rb") as file:
        file.seek(_start_of(file, after + 1))
        for line in file:
            try:
                events.append(wire.event_of(line))
            except ValueError:
                break
            if len(events) >= limit:
                break
    return events


def _start_of(file: IO[bytes], seq: int) -> int:
    """Return the offset of the first line numbered ``seq`` or above."""
    low, high = 0, file.seek(0, os.SEEK_END)
    while low < high:
        middle = (low + high) // 2
        file.seek(middle)
        if middle:
            file.seek(middle - 1)
            file.readline()  # to the start of the next line
        start = file.tell()
        line = file.readline()
        if start >= high or not line or _number(line) >= seq:
            high = middle
        else:
            low = start + len(line)
    return low


def _number(line: bytes) -> int:
    head, _, rest = line.partition(b":")
    digits = rest.partition(b",")[0]
    return int(digits) if head == b'{"event_seq"' and digits.isdigit() else 1 << 62
