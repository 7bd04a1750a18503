"""Write what is brought back: each file in one step, old or new and never torn.

Written beside first, in our folder or, where another file system lies at the place, there; then linked
or renamed to its place. What is missing is linked, which replaces nothing, whoever is faster; what is
replaced is looked at once more right before.
"""

from __future__ import annotations

import errno
import os

from stickhooks.fast.records import Frozen, dataclass, field
from stickhooks.recovery import entries, files
from stickhooks.store import layout
from stickhooks.system import publish
from stickhooks.system.folder import Folder, write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from stickhooks.recovery.entries import Entry

#: Where hard links cannot be made, or lead to another file system.
_NO_LINKS = (errno.EPERM, errno.EXDEV, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class InTheWay(Exception):  # noqa: N818 - an answer: the path goes beside
    """Something lies at a path that may not be replaced, or a link or repository on the way."""


@dataclass(frozen=True)
class Done(Frozen):
    """What was done: paths written, where others were put, and why some were not written at all."""

    written: list[str] = field(default_factory=list)
    beside: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


class Target:
    """A folder that paths are written below: the tree, our own one for what may not be replaced, or
    one that was named. ``through`` is where files are written first, on the same file system."""

    def __init__(self, folder: Folder, through: Folder, mode: int) -> None:
        self._top = folder
        self._through = through
        self._mode = mode

    def put(self, path: str, entry: Entry, data: bytes, may: Callable[[], bool] | None) -> None:
        """Write one path. ``may`` is asked right before something is replaced; None: nothing may be.

        Raises InTheWay, and OSError.
        """
        folder, name = self._above(path)
        with folder:
            try:
                _put(self._through, folder, name, entry, data, may)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                _put(folder, folder, name, entry, data, may)  # another file system lies there

    def _above(self, path: str) -> tuple[Folder, str]:
        """Open the folder of a path, made where it is missing; no link is followed."""
        *names, last = path.split("/")
        current = self._top.sub()
        for name in names:
            with current:
                self._check_own(current)
                try:
                    os.mkdir(_named(current, name), self._mode, **_at(current))
                except FileExistsError:
                    pass
                try:
                    current = current.sub(name)
                except (NotADirectoryError, FileNotFoundError):
                    raise InTheWay("a file or a link lies on the way") from None
                except OSError as error:
                    if error.errno == errno.ELOOP:
                        raise InTheWay("a link lies on the way") from None
                    raise
        if names:
            self._check_own(current)
        return current, last

    def _check_own(self, folder: Folder) -> None:
        """Enter no repository that lies in the tree."""
        if folder.path != self._top.path and _lies(folder, ".git"):
            folder.close()
            raise InTheWay("it lies in another repository")


def _put(
    through: Folder, folder: Folder, name: str, entry: Entry, data: bytes,
    may: Callable[[], bool] | None,
) -> None:  # fmt: skip
    temporary = _written(through, entry, data)
    try:
        if may is None:
            _link(through, temporary, folder, name)
        elif may():
            _move(through, temporary, folder, name)
        else:
            raise InTheWay("it changed just now")
        folder.sync()
    finally:
        publish.unlink(through, temporary)


def _written(through: Folder, entry: Entry, data: bytes) -> str:
    temporary = publish.own_name(layout.RESTORED)
    if entry.kind == entries.LINK:
        link = _named(through, temporary)
        os.symlink(os.fsdecode(data), link, dir_fd=through.fd)
        return temporary
    fd = through.file(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | files.BINARY)
    try:
        write_all(fd, data)
        through.chmod(temporary, entry.mode)
        os.fsync(fd)
    except BaseException:
        publish.unlink(through, temporary)
        raise
    finally:
        os.close(fd)
    return temporary


def _link(through: Folder, temporary: str, folder: Folder, name: str) -> None:
    """Give the file its name where nothing has it: the system itself refuses what would replace."""
    try:
        os.link(
            _named(through, temporary), _named(folder, name),
            **_both(through, folder), follow_symlinks=False,
        )  # fmt: skip
    except FileExistsError:
        raise InTheWay("something lies there now") from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if _lies(folder, name):
            raise InTheWay("something lies there now") from None
        _move(through, temporary, folder, name)


def _move(through: Folder, temporary: str, folder: Folder, name: str) -> None:
    os.replace(_named(through, temporary), _named(folder, name), **_both(through, folder))


def _named(folder: Folder, name: str) -> str:
    """Return how a name of a folder is given to the system; Windows opens no folders."""
    return name if folder.fd is not None else os.path.join(folder.path, name)


def _at(folder: Folder) -> dict[str, int]:
    return {} if folder.fd is None else {"dir_fd": folder.fd}


def _both(one: Folder, other: Folder) -> dict[str, int]:
    if one.fd is None or other.fd is None:
        return {}
    return {"src_dir_fd": one.fd, "dst_dir_fd": other.fd}


def _lies(folder: Folder, name: str) -> bool:
    try:
        os.stat(_named(folder, name), **_at(folder), follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
