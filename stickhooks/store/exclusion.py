"""The lock of a workspace's rooms: filelock's file first, then our folder's own descriptor.

Anybody may remove or replace the lock file, and whoever comes next would lock another one. The
open folder cannot be removed from under the process that holds it, so it is locked as well, always
after the file: two that hold different lock files still exclude each other. Our folder in the git dir
comes last, which is there when ours was wiped. One time limit holds for all three. Should the
folder itself be replaced, the last look before a rename sees it. On Windows, where a folder
cannot be locked and an open file cannot be removed, the file is enough.
"""

from __future__ import annotations

import errno
import os
import time

from stickhooks.errors import Next, Refusal
from stickhooks.store import directory, layout, room_copy
from stickhooks.system import lock, publish
from stickhooks.system.filesystem import reported
from stickhooks.system.folder import Folder, is_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from stickhooks.store.files import FileStore

#: Opens a folder, and waits at nothing that lies in its place: who opens a pipe waits for a writer.
FOLDER_ALONE: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NONBLOCK", 0)
#: A network file system whose locks are for files alone says one of these (flock(2), "NFS details").
NO_FOLDER_LOCKS: Final = (errno.EBADF, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP)


class Exclusive:
    """Holds the lock of a store's workspace. What the system refuses meanwhile is told as ours."""

    def __init__(self, store: FileStore) -> None:
        self.store = store
        self.reported = reported(store.folder)
        self.ours: Folder | None = None
        self.fd = -1
        self.git_fd = -1

    def __enter__(self) -> None:
        with self.reported:
            self.ours = directory.made(self.store.folder)
            try:
                self.fd = self.ours.file(layout.LOCK, os.O_RDWR | os.O_CREAT)
                until = time.monotonic() + self.store.lock_timeout
                self._acquire(self.ours, until)
                self._acquire_git_dir(until)
                self.look()
                publish.clear(self.ours)
                self.store.settle_in(self.ours)
                room_copy.bring_back(self.store.git_dir, self.store.root, self.ours, self.look)
            except BaseException:
                self._let_go()
                raise
            self.store._held = self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.store._held = None
        self._let_go()
        self.reported.__exit__(kind, error, trace)

    def _acquire(self, ours: Folder, until: float) -> None:
        self.store._wait_for_lock(self.fd)
        if ours.fd is None:
            return
        try:
            locked = lock.within(ours.fd, _left(until))
        except OSError as error:
            if error.errno not in NO_FOLDER_LOCKS:
                raise
            return
        if not locked:
            raise kept(self.store.folder, self.store.lock_timeout)

    def _acquire_git_dir(self, until: float) -> None:
        """Lock our folder in the git dir as well, after the others. ``git clean`` does not reach it: who
        brings a deleted room back waits for one that has published its last state, and not yet said so
        in the anchor."""
        try:
            place = os.path.join(self.store.git_dir or "", layout.GIT_FOLDER)
            self.git_fd = os.open(place, FOLDER_ALONE) if self.store.git_dir else -1
            locked = self.git_fd < 0 or lock.within(self.git_fd, _left(until))
        except OSError:  # no anchor yet; Windows; a file system that locks no folders
            return
        if not locked:
            raise kept(self.store.folder, self.store.lock_timeout)

    def look(self) -> None:
        """Make sure that lock file and folder are still those that others would lock.

        Raises Refusal ``io``. Called once both are locked, and right before each rename that publishes.
        """
        self.confirm()
        self._check(os.path.join(self.store.folder, layout.LOCK), self.fd)

    def confirm(self) -> None:
        """Make sure that what was written lies in the folder that others read. Raises Refusal ``io``."""
        if self.ours is not None and self.ours.fd is not None:
            self._check(self.store.folder, self.ours.fd)

    def _check(self, place: str, fd: int) -> None:
        if is_named(place, fd):
            return
        what = "replaced" if os.path.lexists(place) else "removed"
        raise Refusal(
            "io",
            f"{place} was {what} by another program during this command: do it again",
            [Next("status")],
            ends=True,
        )

    def _let_go(self) -> None:
        """Free the folders, then the file: whoever has the file next finds the folders free."""
        if self.git_fd >= 0:
            os.close(self.git_fd)
            self.git_fd = -1
        if self.ours is not None:
            self.ours.close()
        if self.fd >= 0:
            lock.give_back(self.fd)
            self.fd = -1


def _left(until: float) -> float:
    return max(0.0, until - time.monotonic())


def kept(place: str, seconds: float) -> Refusal:
    """Return the refusal for a lock that another process keeps too long."""
    return Refusal(
        "io",
        f"another process has kept the lock {place} for {seconds:g} s; nothing was changed",
        [Next("status"), Next("doctor")],
    )
