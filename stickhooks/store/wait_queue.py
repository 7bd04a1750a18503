"""The line: who is waiting right now.

A waiting process keeps the lock on its member's file to itself. Others see that it waits by
failing to share that lock, across pid namespaces, and a kill frees it. Lookers share the
lock among themselves, so that two of them never take each other for a waiter.
"""

from __future__ import annotations

import os
import time

from stickhooks.store import layout
from stickhooks.system import lock
from stickhooks.system.filesystem import reported
from stickhooks.system.folder import Folder, is_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from hashlib import sha256
else:
    try:  # ``hashlib`` brings OpenSSL, which takes longer than all the rest here
        from _sha2 import sha256
    except ImportError:
        try:
            from _sha256 import sha256  # before Python 3.12
        except ImportError:
            from hashlib import sha256


def file_name(agent: str) -> str:
    """Return the name of a member's file: of any name of a member, one that every system takes."""
    return sha256(agent.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class place:  # noqa: N801 - used like a function
    """Be seen as waiting for as long as this context, or this process, lives.

    Gives a function to be called at every look: it takes the lock where another waiting
    process of the same member had it until now, and tells whether we have it.
    """

    def __init__(self, folder: str, agent: str) -> None:
        self._folder, self._name = folder, file_name(agent)
        with reported(folder):
            self._fd = self._made()
        self._held = False

    def _made(self) -> int:
        with Folder.open(self._folder) as ours, ours.sub(layout.WAIT_QUEUE, make=True) as line:
            return line.file(self._name, os.O_RDWR | os.O_CREAT)

    def __enter__(self) -> Callable[[], bool]:
        self._hold()
        return self._hold

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    def _hold(self) -> bool:
        self._make_anew_if_removed()
        for _ in range(5):  # a looker shares the lock for microseconds
            self._held = self._held or lock.alone(self._fd)
            if self._held:
                break
            time.sleep(0.001)
        return self._held

    def _make_anew_if_removed(self) -> None:
        """Others look for the file by its name: one that was removed shows nobody that we wait."""
        if is_named(os.path.join(self._folder, layout.WAIT_QUEUE, self._name), self._fd):
            return
        try:
            fd = self._made()
        except OSError:
            return  # our folder is gone as well: that is told elsewhere
        os.close(self._fd)
        self._fd, self._held = fd, False


def waiting(folder: str, agents: Sequence[str]) -> frozenset[str]:
    """Return those of ``agents`` that have a waiting process.

    A member whose state cannot be determined (no descriptor is left, say) counts as waiting: a
    release that passed it over would hand its place to somebody else.
    """
    if not agents:
        return frozenset()
    try:
        with Folder.open(folder) as ours, ours.sub(layout.WAIT_QUEUE) as line:
            return frozenset(agent for agent in agents if _is_waiting(line, agent))
    except FileNotFoundError:
        return frozenset()
    except OSError:
        return frozenset(agents)


def _is_waiting(line: Folder, agent: str) -> bool:
    try:
        with line.opened(file_name(agent), os.O_RDWR) as fd:
            return not lock.shared(fd)
    except FileNotFoundError:
        return False
