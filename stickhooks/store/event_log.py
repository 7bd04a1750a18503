"""A room's history: an append-only file, a line an event, numbered, found by bisection."""

from __future__ import annotations

import os

from stickhooks.fast import json
from stickhooks.protocol.model import Event
from stickhooks.store import codec, layout
from stickhooks.system.folder import Folder, write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO, Final

CHUNK: Final = 1 << 18  # bytes of a log that are read at once


def append(folder: Folder, length: int, lines: bytes) -> int:
    """Cut the log to ``length`` bytes, append whole lines durably, return the new length.

    What lies beyond ``length`` was never acknowledged: the state that names it was not published.
    """
    with folder.opened(layout.EVENTS, os.O_RDWR | os.O_CREAT) as fd:
        size = os.fstat(fd).st_size
        if size > length:
            os.ftruncate(fd, length)
        start = min(size, length)
        os.lseek(fd, start, os.SEEK_SET)
        write_all(fd, lines)
        os.fsync(fd)
    if start == 0:
        folder.sync()
    return start + len(lines)


def read(folder: Folder, after: int, limit: int, length: int) -> list[Event]:
    """Return up to ``limit`` events numbered above ``after``, oldest first.

    ``length`` is that of the log as the state names it; what lies beyond never happened. The
    start is found by bisection: the price depends on ``limit``, not on the length of the log.
    A line that is no event ends the reading. Raises OSError for what is no regular file.
    """
    events: list[Event] = []
    try:
        fd = folder.file(layout.EVENTS, os.O_RDONLY)
    except FileNotFoundError:
        return events
    with os.fdopen(fd, "rb") as file:
        end = min(length, os.fstat(fd).st_size)
        file.seek(_start_of(file, after + 1, end))
        while file.tell() < end and len(events) < limit:
            try:
                events.append(codec.event_of(file.readline()))
            except ValueError:
                break
    return events


def size(folder: Folder) -> int:
    """Return how many bytes the log in an open folder has, 0 where there is none."""
    return size_of(folder.path)


def size_of(folder: str) -> int:
    try:
        return os.stat(os.path.join(folder, layout.EVENTS)).st_size
    except OSError:
        return 0


def sound(path: str, end: int) -> tuple[int, int]:
    """Return how many of the first ``end`` bytes of a log file are whole lines numbered 1, 2, 3 …,
    and the last number. Nothing more is looked at: a million lines take half a second."""
    length = number = 0
    with Folder.open(os.path.dirname(path)) as folder:
        fd = folder.file(os.path.basename(path), os.O_RDONLY)
    with os.fdopen(fd, "rb") as file:
        for line in file:
            begins = line.startswith(b'{"event_seq":%d,' % (number + 1))
            if not begins or not line.endswith(b"}\n") or length + len(line) > end:
                break
            length, number = length + len(line), number + 1
    return length, number


def every(folder: Folder, length: int) -> Iterator[object]:
    """Yield what each line of a log says, unchecked, oldest first: for who reads a whole log.

    ``length`` is that of the log as the state names it. Raises ValueError at a line that is no
    JSON, and OSError for what is no regular file.
    """
    scan = json.scanner()
    with os.fdopen(folder.file(layout.EVENTS, os.O_RDONLY), "rb") as file:
        while length > 0 and (lines := file.readlines(min(length, CHUNK))):
            while lines and sum(map(len, lines)) > length:
                lines.pop()  # beyond the length
            length -= sum(map(len, lines)) if lines else length
            yield from _values(lines, scan)


def _values(lines: list[bytes], scan: json.Scanner) -> Iterator[object]:
    """Yield what lines say: all are read at once, and one by one only where that cannot be."""
    try:
        values = json.read(f"[{b','.join(lines).decode()}]", scan=scan)
    except ValueError:
        values = None
    if isinstance(values, list) and len(values) == len(lines):
        yield from values
    else:
        for line in lines:
            yield json.read(line.decode(), scan=scan)


def _start_of(file: IO[bytes], seq: int, end: int) -> int:
    """Return the offset of the first line numbered ``seq`` or above."""
    low, high = 0, end
    while low < high:
        middle = (low + high) // 2
        file.seek(max(0, middle - 1))
        if middle:
            file.readline()  # to the start of the next line
        start = file.tell()
        line = file.readline()
        if start >= high or not line or number_of(line) >= seq:
            high = middle
        else:
            low = start + len(line)
    return low


def number_of(line: bytes) -> int:
    """Return a line's event number; a line that has none counts as beyond them all."""
    head, _, rest = line.partition(b":")
    digits = rest.partition(b",")[0]
    known = head == b'{"event_seq"' and digits.isdigit() and len(digits) < 20
    return int(digits) if known else 1 << 62
