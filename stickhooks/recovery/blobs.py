"""Bytes kept as git blobs in an object directory of our own, which git itself can read.

Without an alternate: beside one, `git hash-object -w` writes nothing that the repository has, and
what is only staged there goes with the next `git gc`. Few blobs are written one by one, many as a pack.
Not synced one by one: a list is, and what it names is checked by its hash when it is read.
"""

from __future__ import annotations

import os
import zlib

from stickhooks.recovery import packs
from stickhooks.system.publish import SUFFIX, own_mark

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from stickhooks.recovery.lists import Place

PACK_FROM: Final = 50  # new blobs: a pack of so many takes a twentieth of the disk
HELD: Final = 16 << 20  # bytes that wait for the number of blobs to be known
_ALGORITHMS: Final = {"sha1": ("_sha1", "_sha1"), "sha256": ("_sha2", "_sha256")}


def hasher(algorithm: str) -> Any:
    """Return what makes a hash object: of the interpreter's own modules, for `hashlib` loads OpenSSL."""
    for module in _ALGORITHMS[algorithm]:
        try:
            return getattr(__import__(module), algorithm)
        except ImportError:
            continue
    import hashlib

    return getattr(hashlib, algorithm)


def name_of(data: bytes, make: Any) -> str:
    """Return the name that git gives a blob, by a maker of hashes."""
    return str(make(b"blob %d\0%b" % (len(data), data)).hexdigest())


class Writer:
    """Takes in the blobs of one snapshot. Nothing counts before ``finish`` returns. Raises OSError."""

    def __init__(self, place: Place, algorithm: str) -> None:
        self.algorithm = algorithm
        self._root = place.root
        self._objects = place.objects
        self._make = hasher(algorithm)
        self._here: set[str] = set()  # in the store for certain, and kept young
        self._waiting: dict[str, bytes] = {}
        self._held = 0
        self._pack: packs.Maker | None = None
        self._packs: packs.Packs | None = None

    def add(self, data: bytes) -> str:
        """Keep some bytes, and return the blob's name."""
        name = name_of(data, self._make)
        if self.has(name):
            return name
        if self._pack:
            self._pack.add(data)
            self._here.add(name)
            return name
        self._waiting[name] = data
        self._held += len(data)
        if len(self._waiting) >= PACK_FROM:
            self._begin_pack()
        elif self._held > HELD:
            self._write_waiting()
        return name

    def has(self, name: str) -> bool:
        """Tell whether a blob is kept already. It is young again then: pruning spares the last hour."""
        if name in self._here or name in self._waiting:
            return True
        try:
            os.utime(_path(self._objects, name))
        except FileNotFoundError:
            if self._packs is None:
                self._packs = packs.Packs(self._objects)
            if not self._packs.touch(name):
                return False
        self._here.add(name)
        return True

    def finish(self) -> None:
        """Have all blobs in place."""
        if self._pack:
            self._pack.finish(self._root)
        self._write_waiting()

    def drop(self) -> None:
        """Leave no temporary file behind."""
        if self._pack:
            self._pack.drop()

    def _begin_pack(self) -> None:
        self._pack = packs.Maker(self._objects, self._make)
        for data in self._waiting.values():
            self._pack.add(data)
        self._here.update(self._waiting)
        self._waiting = {}

    def _write_waiting(self) -> None:
        for name, data in self._waiting.items():
            write(self._objects, name, data)
        self._here.update(self._waiting)
        self._waiting, self._held = {}, 0


def write(objects: str, name: str, data: bytes) -> None:
    """Write one loose blob under its name. Raises OSError, and leaves nothing half-written then."""
    path = _path(objects, name)
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    temporary = os.path.join(objects, f"{name}.{own_mark()}{SUFFIX}")
    packed = zlib.compress(b"blob %d\0%b" % (len(data), data), 1)
    try:
        with open(temporary, "xb", opener=_private) as file:
            file.write(packed)
        os.replace(temporary, path)
    except BaseException:
        _unlink(temporary)
        raise


def read(place: Place, name: str) -> bytes:
    """Return the bytes of a blob, whole. Raises KeyError where they are not there, or damaged."""
    make = hasher("sha1" if len(name) == 40 else "sha256")
    for look in (_loose, _packed):
        data = look(place.objects, name)
        if data is not None and name_of(data, make) == name:
            return data
    raise KeyError(name)


def _packed(objects: str, name: str) -> bytes | None:
    return packs.Packs(objects).read(name)


def _loose(objects: str, name: str) -> bytes | None:
    try:
        with open(_path(objects, name), "rb") as file:
            raw = zlib.decompress(file.read())
    except (OSError, zlib.error):
        return None
    return raw.partition(b"\0")[2]


def _path(objects: str, name: str) -> str:
    return os.path.join(objects, name[:2], name[2:])


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
