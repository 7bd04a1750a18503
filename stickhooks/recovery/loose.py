"""One blob as a file of its own, as git writes it, and the names of blobs.

Apart from ``blobs`` because a hook after an edit loads it: next to nothing is imported.
"""

import zlib

from stickhooks.fast.os import os
from stickhooks.system.folder import write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

SUFFIX: "Final" = ".tmp"
_ALGORITHMS: "Final" = {"sha1": ("_sha1", "_sha1"), "sha256": ("_sha2", "_sha256")}


def hasher(algorithm: str) -> "Any":
    """Return what makes a hash object: of the interpreter's own modules, for `hashlib` loads OpenSSL."""
    for module in _ALGORITHMS[algorithm]:
        try:
            return getattr(__import__(module), algorithm)
        except ImportError:
            continue
    import hashlib

    return getattr(hashlib, algorithm)


def hasher_of(name: str) -> "Any":
    """Return what made a blob's name, by its length."""
    return hasher("sha1" if len(name) == 40 else "sha256")


def name_of(data: bytes, make: "Any") -> str:
    """Return the name that git gives a blob, by a maker of hashes."""
    return str(make(b"blob %d\0%b" % (len(data), data)).hexdigest())


def path_of(objects: str, name: str) -> str:
    return os.path.join(objects, name[:2], name[2:])


def temporary_in(objects: str, name: str) -> str:
    """Return a path for something on its way, used by nobody else."""
    return os.path.join(objects, f"{name}.{os.getpid()}-{os.urandom(6).hex()}{SUFFIX}")


def write(objects: str, name: str, data: bytes) -> None:
    """Write one blob under its name. Raises OSError, and leaves nothing half-written then."""
    path = path_of(objects, name)
    try:
        os.mkdir(os.path.dirname(path), 0o700)
    except FileExistsError:
        pass
    temporary = temporary_in(objects, name)
    packed = zlib.compress(b"blob %d\0%b" % (len(data), data), 1)
    binary: int = vars(os).get("O_BINARY", 0)
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | binary, 0o600)
    try:
        try:
            write_all(fd, packed)
        finally:
            os.close(fd)
        os.replace(temporary, path)
    except BaseException:
        _unlink(temporary)
        raise


def read(objects: str, name: str) -> "bytes | None":
    """Return what a blob's file holds, unchecked; None where there is none, or what is none."""
    try:
        with open(path_of(objects, name), "rb") as file:
            raw = zlib.decompress(file.read())
    except (OSError, zlib.error):
        return None
    return raw.partition(b"\0")[2]


def is_whole(objects: str, name: str) -> bool:
    """Tell whether a blob lies here as its name says."""
    data = read(objects, name)
    return data is not None and name_of(data, hasher_of(name)) == name


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
