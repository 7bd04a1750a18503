"""Put a file in place in one step: written under a name of one's own, made durable, renamed over.

The temporary name holds the writer's process id and something drawn: two writers never share one,
whatever pid namespace they are in. Its file stays locked until it is renamed, so that whoever can
lock it knows that its writer is dead, and may remove it: the kernel frees a dead process's locks.
"""

from __future__ import annotations

import os

from stickhooks.system import lock
from stickhooks.system.folder import Folder, write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SUFFIX = ".tmp"


def own_mark() -> str:
    """Return what makes a name one's own: nobody else draws the same."""
    return f"{os.getpid()}-{os.urandom(6).hex()}"


def own_name(name: str) -> str:
    """Return a temporary name for a file to be put in place, used by nobody else."""
    return f"{name}.{own_mark()}{SUFFIX}"


def publish(
    folder: Folder,
    name: str,
    data: bytes | Callable[[int], object],
    look: Callable[[], object] = lambda: None,
    *,
    mode: int = 0o600,
    durable: bool = True,
) -> None:
    """Replace a file of a folder; the folder's own entry becomes durable by ``Folder.sync``.

    ``data`` may be what writes it, by the descriptor. The new file has that mode; one that is not
    ``durable`` may be empty after a crash. ``look`` is called right before the rename, and may raise.
    Raises OSError. What fails leaves the old file, and no temporary one where that can be removed.
    """
    temporary, fd = _opened(folder, name)
    try:
        write_all(fd, data) if isinstance(data, bytes) else data(fd)
        if mode != 0o600:
            folder.chmod(temporary, mode)
        if durable:
            os.fsync(fd)
        if os.name == "nt":  # an open file is not renamed there, nor removed: open is proof of life
            fd = _closed(fd)
        look()
        folder.replace(temporary, name)
    except BaseException:
        fd = _closed(fd)
        unlink(folder, temporary)
        raise
    finally:
        _closed(fd)


def _opened(folder: Folder, name: str) -> tuple[str, int]:
    """Make a temporary file and lock it. Returns its name and descriptor.

    Between the two steps somebody who clears may take it for a dead writer's: then it is made again.
    """
    for last in (False, False, True):
        temporary = own_name(name)
        fd = folder.file(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        try:
            kept = lock.alone(fd) and os.fstat(fd).st_nlink > 0
        except BaseException:
            _closed(fd)
            unlink(folder, temporary)
            raise
        if kept or last:  # some file systems count no links
            break
        _closed(fd)
        unlink(folder, temporary)
    return temporary, fd


def _closed(fd: int) -> int:
    if fd >= 0:
        os.close(fd)
    return -1


def clear(folder: Folder, names: Iterable[str] | None = None) -> list[str]:
    """Remove the temporary files of writers that are dead, and return their names.

    A file that is locked, or that is no regular one, stays.
    """
    listed = _names(folder) if names is None else names
    return [name for name in listed if name.endswith(SUFFIX) and _cleared(folder, name)]


def _names(folder: Folder) -> list[str]:
    try:
        return folder.names()
    except OSError:
        return []


def _cleared(folder: Folder, name: str) -> bool:
    if os.name == "nt":
        return unlink(folder, name)
    try:
        with folder.opened(name, os.O_RDWR) as fd:
            return lock.alone(fd) and unlink(folder, name)
    except OSError:
        return False


def unlink(folder: Folder, name: str) -> bool:
    """Remove a file that may be gone already. Tell whether it was removed; what cannot be stays."""
    try:
        folder.unlink(name)
    except OSError:
        return False
    return True
