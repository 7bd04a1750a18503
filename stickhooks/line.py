"""The line: who is waiting right now.

A waiting process keeps the lock on its member's file to itself. Others see that it waits by
failing to share that lock, across pid namespaces, and a kill frees it. Lookers share the
lock among themselves, so that two of them never take each other for a waiter.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time

from stickhooks import lock
from stickhooks.filesystem import reported
from stickhooks.folder import Folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Final

FOLDER: Final = "line"


def _name(agent: str) -> str:
    return hashlib.sha256(agent.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@contextlib.contextmanager
def place(folder: str, agent: str) -> Iterator[Callable[[], bool]]:
    """Be seen as waiting for as long as this context, or this process, lives.

    Yields a function to be called at every look: it takes the lock where another waiting
    process of the same member had it until now, and tells whether we have it.
    """
    with reported(folder), Folder.open(folder) as ours, ours.sub(FOLDER, make=True) as line:
        fd = line.file(_name(agent), os.O_RDWR | os.O_CREAT)
    held = False

    def hold() -> bool:
        nonlocal held
        for _ in range(5):  # a looker shares the lock for microseconds
            held = held or lock.alone(fd)
            if held:
                break
            time.sleep(0.001)
        return held

    try:
        hold()
        yield hold
    finally:
        os.close(fd)


def waiting(folder: str, agents: Sequence[str]) -> frozenset[str]:
    """Return those of ``agents`` that have a waiting process."""
    if not agents:
        return frozenset()
    try:
        with Folder.open(folder) as ours, ours.sub(FOLDER) as line:
            return frozenset(agent for agent in agents if _is_waiting(line, agent))
    except OSError:
        return frozenset()


def _is_waiting(line: Folder, agent: str) -> bool:
    try:
        fd = line.file(_name(agent), os.O_RDWR)
    except OSError:
        return False
    try:
        return not lock.shared(fd)
    finally:
        os.close(fd)
