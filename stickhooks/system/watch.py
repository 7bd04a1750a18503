"""Wait for a change of a state file, without a lock and without a write.

On Linux the kernel wakes us when a name in the folder was renamed to or removed. Little else
is: logs and places in the line lie in subfolders, which are not watched, and a temporary file
is created, not renamed to. Elsewhere, or where no inotify is left to have, we look. Either
way the file's first line says whether it is another state: it changes with every write.
"""

from __future__ import annotations

import _thread
import os
import time

from stickhooks.system.folder import Opened

try:
    from select import poll
except ImportError:  # Windows
    poll = None  # type: ignore[assignment, misc]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

VARIABLE: Final = "STICK_WATCH"  # "poll": look, as if there were no inotify
PAUSE_S: Final = 0.01
PRECAUTION_S: Final = 5.0
LONGEST_PAUSE_S: Final = 0.2
PATIENCE: Final = 0.01  # a hundredth of what was waited already is not felt
_HEAD: Final = 128
_SAFE: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Watch:
    """What happens to one state file from now on. A context manager.

    With ``looking`` it does without the kernel's word; default: as ``STICK_WATCH`` says.
    """

    def __init__(self, path: str, *, looking: bool | None = None) -> None:
        self.path = path
        self.looking = os.environ.get(VARIABLE) == "poll" if looking is None else looking
        self._fd = self._begin()
        self._seen = _head(path)
        self._since = time.monotonic()

    def wait(self, seconds: float, ends: Sequence[int] = ()) -> bool:
        """Return True as soon as the file is another one, or none, or one of ``ends`` is readable.

        What changed since the last call, or since the watch began, counts. False after
        ``seconds`` without anything of that. Where the kernel should tell it looks all the
        same every five seconds: of what another machine did to a shared folder it does not know.
        """
        if self._fd is None:
            self._fd = self._begin()  # a folder that was gone may be there again
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            ready = self._sleep(max(left, 0.0), ends)
            if self._is_changed() or any(end in ready for end in ends):
                return True
            if left <= 0:
                return False

    def close(self) -> None:
        """End the watch. To close an inotify takes the kernel some 15 ms: nobody waits for that."""
        fd, self._fd = self._fd, None
        if fd is None:
            return
        try:
            _thread.start_new_thread(os.close, (fd,))
        except RuntimeError:  # no thread to be had
            os.close(fd)

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self) -> int | None:
        if self.looking or poll is None:
            return None
        try:
            from stickhooks.system import inotify
        except ImportError:  # a Python without ctypes
            self.looking = True
            return None
        return inotify.begin(os.path.dirname(self.path))

    def _is_changed(self) -> bool:
        head = _head(self.path)
        if head == self._seen:
            return False
        self._seen, self._since = head, time.monotonic()
        if head is None:  # perhaps our folder was moved from above, and what we watch is elsewhere
            self.close()
        return True

    def _sleep(self, left: float, ends: Sequence[int]) -> list[int]:
        """Sleep until something is told, at most as long as is left. Return what is readable."""
        if self._fd is None:
            waited = time.monotonic() - self._since
            left = min(left, max(PAUSE_S, min(PATIENCE * waited, LONGEST_PAUSE_S)))
            if not ends:
                time.sleep(left)
                return []
        asked = poll()
        for fd in ends if self._fd is None else (self._fd, *ends):
            asked.register(fd, 1)  # POLLIN
        ready = [fd for fd, _ in asked.poll(min(left, PRECAUTION_S) * 1000)]
        if self._fd in ready:
            self._read()
        return ready

    def _read(self) -> None:
        from stickhooks.system import inotify

        if self._fd is not None and not inotify.lasts(self._fd):
            self.close()  # the next call begins anew, with the folder that is there then


def _head(path: str) -> bytes | None:
    """Return the beginning of a state: its first line says its revision."""
    try:
        with Opened(os.open(path, os.O_RDONLY | _SAFE)) as fd:
            return os.read(fd, _HEAD)
    except OSError:
        return None
