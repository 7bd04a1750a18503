"""One folder held by its descriptor, so that what is done in it is done in that very folder.

No link is followed on the way in, nothing but regular files of our own is read, and
nothing blocks. Windows cannot open folders: there names are joined to the path instead.
"""

from stickhooks.fast.os import os, stat

_SAFE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_BY_DESCRIPTOR = os.open in os.supports_dir_fd


class Unreadable(ValueError):  # noqa: N818 - says what is so, and is seldom a fault
    """A file or folder is there, but this account cannot read it. That says nothing of its contents.

    ``owner`` is the uid it belongs to where that is another account's, else None.
    """

    def __init__(self, why: str, owner: "int | None" = None) -> None:
        super().__init__(why)
        self.owner = owner


class Opened:
    """An open file; a context manager that gives its descriptor and closes it."""

    __slots__ = ("fd",)

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def __enter__(self) -> int:
        return self.fd

    def __exit__(self, *_: object) -> None:
        os.close(self.fd)


class Folder:
    """An open folder; a context manager that closes it. Its methods raise OSError."""

    __slots__ = ("device", "fd", "path")

    def __init__(self, path: str, fd: "int | None") -> None:
        self.path = path
        self.fd = fd
        self.device = 0  # of the file read last

    @staticmethod
    def open(path: str) -> "Folder":
        """Open a folder; a link in its place is refused."""
        if not _BY_DESCRIPTOR:
            os.listdir(path)
            return Folder(path, None)
        return Folder(path, os.open(path, os.O_RDONLY | os.O_DIRECTORY | _SAFE))

    def sub(self, *names: str, make: bool = False) -> "Folder":
        """Open a folder below this one, link by link; with ``make`` it is made, durably."""
        current = Folder(self.path, None if self.fd is None else os.dup(self.fd))
        for name in names:
            if name in ("", ".", "..") or os.sep in name:
                current.close()
                raise OSError(None, "it is not the name of a folder", name)
            with current:
                if make and current.mkdir(name):
                    current.sync()
                path = os.path.join(current.path, name)
                if current.fd is None:
                    current = Folder.open(path)
                else:
                    flags = os.O_RDONLY | os.O_DIRECTORY | _SAFE
                    current = Folder(path, os.open(name, flags, dir_fd=current.fd))
        return current

    def file(self, name: str, flags: int, mode: int = 0o600) -> int:
        """Open a regular file of this folder and return its descriptor. Never blocks."""
        fd = os.open(self._name(name), flags | _SAFE, mode, **self._at())
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise OSError(None, "it is not a regular file", os.path.join(self.path, name))
        return fd

    def opened(self, name: str, flags: int) -> Opened:
        """Open a file as ``file`` does, for as long as a context lasts."""
        return Opened(self.file(name, flags))

    def read(self, name: str, limit: int) -> "bytes | None":
        """Return what ``read_file`` returns for a file of this folder."""
        return read_file(self._name(name), limit, self.fd, self)

    def write(self, name: str, data: bytes) -> None:
        """Write a file in place: a note that may be lost."""
        with self.opened(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as fd:
            write_all(fd, data)

    def replace(self, old: str, new: str) -> None:
        both = {} if self.fd is None else {"src_dir_fd": self.fd, "dst_dir_fd": self.fd}
        os.replace(self._name(old), self._name(new), **both)

    def link(self, old: str, new: str) -> None:
        both = {} if self.fd is None else {"src_dir_fd": self.fd, "dst_dir_fd": self.fd}
        os.link(self._name(old), self._name(new), follow_symlinks=False, **both)

    def chmod(self, name: str, mode: int) -> None:
        os.chmod(self._name(name), mode, dir_fd=self.fd)

    def unlink(self, name: str) -> None:
        os.unlink(self._name(name), **self._at())

    def mkdir(self, name: str) -> bool:
        """Make a folder. Tell whether it was not there."""
        try:
            os.mkdir(self._name(name), 0o700, **self._at())
        except FileExistsError:
            return False
        return True

    def names(self) -> "list[str]":
        return os.listdir(self.path if self.fd is None else self.fd)

    def sync(self) -> None:
        """Make names durable, where folders can be synced."""
        if self.fd is not None:
            os.fsync(self.fd)

    def close(self) -> None:
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    def __enter__(self) -> "Folder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _name(self, name: str) -> str:
        return os.path.join(self.path, name) if self.fd is None else name

    def _at(self) -> "dict[str, int]":
        return {} if self.fd is None else {"dir_fd": self.fd}


def write_all(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def write_file(path: str, data: bytes) -> None:
    """Write a file of our own in place: a note that may be lost. Nothing but a regular file is written
    to, and nothing is waited for. What root writes belongs to whom the folder does. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with (
        Folder.open(os.path.dirname(path)) as folder,
        folder.opened(os.path.basename(path), flags) as fd,
    ):
        write_all(fd, data)
        owner = None if folder.fd is None else foreign_owner(os.fstat(folder.fd).st_uid)
        if owner is not None:
            os.fchown(fd, owner, -1)


def read_file(
    path: str,
    limit: int,
    dir_fd: "int | None" = None,
    folder: "Folder | None" = None,
) -> "bytes | None":
    """Return the bytes of a regular file of our own, or None if there is none.

    ``folder`` takes down the device that it is on.

    Raises ValueError, saying why, for anything else: a link, a pipe, a folder, a file of
    another user, a file above ``limit`` bytes, a file that cannot be read, one below what is
    not a folder. What belongs to another user and what the system refuses are Unreadable.
    """
    at = {} if dir_fd is None else {"dir_fd": dir_fd}
    try:
        fd = os.open(path, os.O_RDONLY | _SAFE, **at)
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise ValueError("what it lies in is not a folder") from None
    except OSError as error:
        raise _why(path, at, error) from None
    try:
        status = os.fstat(fd)
        if folder is not None:
            folder.device = status.st_dev
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is not a regular file")
        if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
            raise Unreadable("it belongs to another user", status.st_uid)
        return _read_up_to(fd, limit, status.st_size)
    except OSError as error:
        raise Unreadable(f"{error.strerror}") from None
    finally:
        os.close(fd)


def _read_up_to(fd: int, limit: int, likely: int) -> bytes:
    pieces, size = [], 0
    while piece := os.read(fd, min(limit + 1 - size, max(likely + 1 - size, 512))):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise ValueError(f"it is larger than {limit} bytes")
    return b"".join(pieces)


def _why(path: str, at: "dict[str, int]", error: OSError) -> ValueError:
    try:
        there = os.stat(path, follow_symlinks=False, **at)
    except OSError:
        return Unreadable(str(error.strerror))
    if stat.S_ISLNK(there.st_mode):
        return ValueError("it is a symbolic link")
    if not stat.S_ISREG(there.st_mode):
        return ValueError("it is not a regular file")
    return Unreadable(str(error.strerror), foreign_owner(there.st_uid))


def is_named(path: str, fd: int) -> bool:
    """Tell whether a path names the very file or folder of a descriptor."""
    try:
        there = os.stat(path, follow_symlinks=False)
    except OSError:
        return False
    held = os.fstat(fd)
    return (there.st_dev, there.st_ino) == (held.st_dev, held.st_ino)


def foreign_owner(uid: int) -> "int | None":
    """Return a uid if it is another account's than ours."""
    return uid if hasattr(os, "geteuid") and uid != os.geteuid() else None
