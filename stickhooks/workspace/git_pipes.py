"""Start git and read what it prints within a time limit: in place of ``subprocess``.

That loads ``locale``, ``re`` and ``enum``: three quarters of what a snapshot after `stick take` would load,
46 of 60 ms on a busy machine (30 November 2026). Windows starts processes in another way, and keeps it.
"""

from __future__ import annotations

import os
import select
import time

from stickhooks.workspace import git_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Sequence
else:
    import _signal


class TooLate(Exception):  # noqa: N818 - an answer: the time was over
    """git did not answer in time."""


class Started:
    """A git that runs; its output is gathered by ``gather``."""

    def __init__(self, folder: str, arguments: Sequence[str], env: dict[str, str]) -> None:
        """Start git in a folder. Raises Refusal ``io`` where it cannot be started."""
        self.name = next(word for word in arguments if word[0] != "-" and "=" not in word)
        self.out, self.err = bytearray(), bytearray()
        (out, theirs), (err, their_err) = os.pipe(), os.pipe()
        self.open = {out: self.out, err: self.err}
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, theirs, 1),
            (os.POSIX_SPAWN_DUP2, their_err, 2),
        ]
        words = git_process.command(("-C", folder, *arguments))
        try:
            self.pid = os.posix_spawnp(words[0], words, env, file_actions=actions)
        except OSError as error:
            for fd in tuple(self.open):
                self._close(fd)
            raise git_process.missing(error) from None
        finally:
            os.close(theirs)
            os.close(their_err)

    def read(self, fd: int) -> None:
        data = os.read(fd, 1 << 16)
        if data:
            self.open[fd] += data
        else:
            self._close(fd)

    def _close(self, fd: int) -> None:
        del self.open[fd]
        os.close(fd)

    def end(self) -> int:
        """Return the exit code, of one that still prints after it was killed."""
        if self.open:
            os.kill(self.pid, _signal.SIGKILL)
            for fd in tuple(self.open):
                self._close(fd)
        try:
            return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        except ChildProcessError:  # somebody has reaped it: what is not known to be whole is not
            return -1


def ask(
    folder: str, questions: Sequence[Sequence[str]], env: dict[str, str], until: float
) -> list[tuple[bytes, str]]:
    """Ask git several things at once; return what it printed to each, on both streams.

    ``until`` is a time of ``time.monotonic``. Raises TooLate, and Refusal ``io`` with git's words.
    """
    started: list[Started] = []
    codes: list[int] = []
    ignored = _signal.getsignal(_signal.SIGCHLD) == _signal.SIG_IGN
    if ignored:  # inherited: the system would reap git, and its exit code with it
        _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
    try:
        for question in questions:
            started.append(Started(folder, question, env))
        _gather(started, until)
    finally:
        codes = [one.end() for one in started]
        if ignored:
            _signal.signal(_signal.SIGCHLD, _signal.SIG_IGN)
    for one, code in zip(started, codes, strict=True):
        if code:
            raise git_process.failed(one.name, os.fsdecode(bytes(one.err)), code)
    return [(bytes(one.out), os.fsdecode(bytes(one.err)).strip()) for one in started]


def _gather(started: Sequence[Started], until: float) -> None:
    waiting = select.poll()
    of = {fd: one for one in started for fd in one.open}
    for fd in of:
        waiting.register(fd, select.POLLIN)
    while of:
        left = until - time.monotonic()
        ready = waiting.poll(left * 1000) if left > 0 else []
        if not ready:
            name = next(one.name for one in of.values())
            raise TooLate(f"git {name} did not end in time")
        for fd, _ in ready:
            of[fd].read(fd)
            if fd not in of[fd].open:
                waiting.unregister(fd)
                del of[fd]
