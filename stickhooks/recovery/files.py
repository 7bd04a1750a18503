"""One file of a working tree, read without following a link and without waiting for anything.

Not by `git hash-object`: it follows symbolic links, and ends its batch at a file that has vanished.
"""

from __future__ import annotations

import errno

from stickhooks.fast.os import os, stat
from stickhooks.fast.records import Frozen, dataclass
from stickhooks.recovery import entries
from stickhooks.system.folder import Folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

SIZE_LIMIT: Final = 2_000_000  # bytes: what is larger is named, not kept
BINARY: Final = vars(os).get("O_BINARY", 0)  # not by getattr: that would load all of os


class NotKept(Exception):  # noqa: N818 - an answer: the path is named, with this as the reason
    """The bytes of a path are not kept; the message says why."""


class Gone(Exception):  # noqa: N818 - an answer
    """There is nothing at a path, and the folder above it could be asked."""


@dataclass(frozen=True)
class Seen(Frozen):
    """What lies at a path: a file or a link; ``data`` None where nobody has read it."""

    kind: str
    mode: int
    size: int
    stat: entries.Stat


class Tree:
    """A working tree, entered folder by folder. Keeps the folder it was in last open."""

    def __init__(self, root: str) -> None:
        self._root = Folder.open(root)
        self._at = ""
        self._here = self._root

    def __enter__(self) -> Tree:
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()
        self._root.close()

    def _leave(self) -> None:
        if self._here is not self._root:
            self._here.close()
        self._here, self._at = self._root, ""

    def above(self, path: str) -> tuple[Folder, str]:
        """Return the folder that a path lies in and its name there. Raises Gone and NotKept."""
        folder, _, name = path.rpartition("/")
        if folder != self._at:
            self._leave()
            if folder:
                self._here = self._entered(folder)
                self._at = folder
        return self._here, name

    def _entered(self, folder: str) -> Folder:
        try:
            return self._root.sub(*folder.split("/"))
        except (FileNotFoundError, NotADirectoryError):  # a link is no folder, by O_NOFOLLOW
            raise Gone from None
        except OSError as error:
            if error.errno == errno.ELOOP:  # the same on macOS
                raise Gone from None
            raise NotKept(f"unreadable: {error.strerror}") from None

    def look(self, path: str) -> Seen:
        """Return what lies at a path. Raises Gone, and NotKept for neither a file nor a link."""
        folder, name = self.above(path)
        try:
            return _seen(_stat(folder, name))
        except FileNotFoundError:
            raise Gone from None
        except OSError as error:
            raise NotKept(f"unreadable: {error.strerror}") from None

    def read(self, path: str, limit: int = SIZE_LIMIT) -> tuple[Seen, bytes]:
        """Return what lies at a path with all its bytes. Raises Gone and NotKept.

        Looked at before and after: what changes meanwhile is read once more, and then given up.
        """
        folder, name = self.above(path)
        for _ in range(2):
            try:
                found = self._once(folder, name, limit)
            except FileNotFoundError:
                raise Gone from None
            except OSError as error:
                raise NotKept(f"unreadable: {error.strerror}") from None
            if found is not None:
                return found
        raise NotKept("it changed while it was read")

    def _once(self, folder: Folder, name: str, limit: int) -> tuple[Seen, bytes] | None:
        before = _seen(_stat(folder, name))
        if before.kind == entries.LINK:
            data = os.fsencode(_target(folder, name))
            return (before, data) if _seen(_stat(folder, name)) == before else None
        if before.size > limit:
            raise NotKept(f"over {limit // 1_000_000} MB")
        with folder.opened(name, os.O_RDONLY | BINARY) as fd:
            data = _all(fd, limit)
            after = _seen(os.fstat(fd))
        return (before, data) if after == before and len(data) == before.size else None


def _all(fd: int, limit: int) -> bytes:
    pieces, size = [], 0
    while size <= limit and (piece := os.read(fd, 1 << 20)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def _stat(folder: Folder, name: str) -> os.stat_result:
    if folder.fd is None:
        return os.lstat(os.path.join(folder.path, name))
    return os.stat(name, dir_fd=folder.fd, follow_symlinks=False)


def _target(folder: Folder, name: str) -> str:
    if folder.fd is None:
        return os.readlink(os.path.join(folder.path, name))
    return os.readlink(name, dir_fd=folder.fd)


def _seen(found: os.stat_result) -> Seen:
    kind = entries.LINK if stat.S_ISLNK(found.st_mode) else entries.FILE
    if not stat.S_ISLNK(found.st_mode) and not stat.S_ISREG(found.st_mode):
        raise NotKept("a folder" if stat.S_ISDIR(found.st_mode) else "neither a file nor a link")
    mode = stat.S_IMODE(found.st_mode) if kind == entries.FILE else 0o777
    marks = (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns)
    return Seen(kind, mode, found.st_size, marks)
