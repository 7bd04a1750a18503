"""Packs of whole blobs, in git's format: see gitformat-pack(5). git makes the index of each.

Ours hold no differences between blobs, so that reading one back takes no git.
"""

from __future__ import annotations

import os
import struct
import zlib

from stickhooks.recovery import loose
from stickhooks.system.folder import Folder
from stickhooks.workspace import git_kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Final

FOLDER: Final = "pack"
_BLOB: Final = 3  # the type's number
_MAGIC: Final = b"\xfftOc\0\0\0\2"
_FANOUT: Final = len(_MAGIC)
_NAMES: Final = _FANOUT + 4 * 256


class Maker:
    """Writes one pack. Raises OSError."""

    def __init__(self, objects: str, make: Any) -> None:
        self._objects = objects
        self._make = make
        self._path = loose.temporary_in(objects, FOLDER)
        self._file = open(self._path, "x+b", opener=_private)  # noqa: SIM115 - closed by drop
        self._count = 0
        self._file.write(_head(0))

    def add(self, data: bytes) -> None:
        self._file.write(_lead(len(data)) + zlib.compress(data, 1))
        self._count += 1

    def finish(self, root: str) -> None:
        """Hand the pack to git, which checks it and puts it in place with its index."""
        try:
            self._file.seek(0)
            self._file.write(_head(self._count))
            self._file.seek(0)
            whole = self._make()
            while piece := self._file.read(1 << 20):
                whole.update(piece)
            self._file.write(whole.digest())
            self._file.flush()
            self._file.seek(0)
            with Folder.open(self._objects) as ours, ours.sub(FOLDER, make=True) as packs:
                git_kept.take_pack(root, self._objects, self._file.fileno())
                packs.sync()
        finally:
            self.drop()

    def drop(self) -> None:
        self._file.close()
        try:
            os.unlink(self._path)
        except OSError:
            pass


def _head(count: int) -> bytes:
    return struct.pack(">4sII", b"PACK", 2, count)


def _lead(size: int) -> bytes:
    """Return what stands before a blob of a pack: its type, and its size in groups of 4 and 7 bits."""
    byte, size = _BLOB << 4 | size & 15, size >> 4
    lead = bytearray()
    while size:
        lead.append(byte | 128)
        byte, size = size & 127, size >> 7
    return bytes((*lead, byte))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class Packs:
    """The packs of a store, as they are when they are first asked for. What is torn is passed over."""

    def __init__(self, objects: str) -> None:
        self._folder = os.path.join(objects, FOLDER)
        self._indexes = dict(self._found())

    def _found(self) -> Iterator[tuple[str, bytes]]:
        try:
            names = sorted(os.listdir(self._folder))
        except OSError:
            return
        for name in names:
            stem, ending = os.path.splitext(name)
            if ending != ".idx":
                continue
            try:
                with open(os.path.join(self._folder, name), "rb") as file:
                    data = file.read()
            except OSError:
                continue
            if data.startswith(_MAGIC) and len(data) > _NAMES:
                yield os.path.join(self._folder, f"{stem}.pack"), data

    def names(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each pack with the names of its blobs; of a sha256 repository if they are so long."""
        for path, index in self._indexes.items():
            yield path, [index[a:b].hex() for a, b in _spans(index)]

    def touch(self, name: str) -> bool:
        """Tell whether a pack has a blob, and make that pack young."""
        for path, index in self._indexes.items():
            if _offset(index, bytes.fromhex(name)) is not None:
                try:
                    os.utime(path)
                except OSError:
                    continue
                return True
        return False

    def read(self, name: str) -> bytes | None:
        """Return the bytes of a blob, unchecked; None where no pack has it."""
        for path, index in self._indexes.items():
            offset = _offset(index, bytes.fromhex(name))
            if offset is not None:
                try:
                    return _at(path, offset)
                except (OSError, ValueError, zlib.error):
                    continue
        return None


def without_index(objects: str) -> list[str]:
    """Return the packs of which no index can be read: nobody knows by name what is in them."""
    folder = os.path.join(objects, FOLDER)
    known = {path for path, _ in Packs(objects).names()}
    try:
        paths = [os.path.join(folder, name) for name in os.listdir(folder)]
    except OSError:
        return []
    return [path for path in paths if path.endswith(".pack") and path not in known]


def walked(path: str) -> Iterator[bytes]:
    """Yield the blobs of a pack of ours one after the other, as far as they can be read."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return
    place = len(_head(0))
    while place < len(data) and data[place] >> 4 & 7 == _BLOB:
        while data[place] & 128:
            place += 1
        unpack = zlib.decompressobj()
        try:
            yield unpack.decompress(data[place + 1 :])
        except zlib.error:
            return
        if not unpack.eof:
            return
        place = len(data) - len(unpack.unused_data)


def _count(index: bytes) -> int:
    return int(struct.unpack_from(">I", index, _NAMES - 4)[0])


def _width(index: bytes) -> int:
    """Return the length of a name: 20 bytes or 32, as the file's size tells (no pack of ours has 2 GB)."""
    count = _count(index)
    return 20 if len(index) == _NAMES + count * (20 + 8) + 2 * 20 else 32


def _spans(index: bytes) -> Iterator[tuple[int, int]]:
    width = _width(index)
    for i in range(_count(index)):
        yield _NAMES + i * width, _NAMES + (i + 1) * width


def _offset(index: bytes, name: bytes) -> int | None:
    width, count = _width(index), _count(index)
    if len(name) != width:
        return None
    low = struct.unpack_from(">I", index, _FANOUT + 4 * (name[0] - 1))[0] if name[0] else 0
    high = struct.unpack_from(">I", index, _FANOUT + 4 * name[0])[0]
    for i in range(low, high):
        if index[_NAMES + i * width : _NAMES + (i + 1) * width] == name:
            place = _NAMES + count * (width + 4) + 4 * i
            return int(struct.unpack_from(">I", index, place)[0])
    return None


def _at(path: str, offset: int) -> bytes:
    with open(path, "rb") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        if byte >> 4 & 7 != _BLOB:
            raise ValueError("it is no whole blob")
        while byte & 128:
            byte = file.read(1)[0]
        unpack, data = zlib.decompressobj(), b""
        while not unpack.eof and (piece := file.read(1 << 16)):
            data += unpack.decompress(piece)
        return data
