"""Bytes kept as git blobs in an object directory of our own, which git itself can read.

Without an alternate: beside one, `git hash-object -w` writes nothing that the repository has, and
what is only staged there goes with the next `git gc`. Few blobs are written one by one, many as a pack.
Not synced one by one, for that costs a disk's turn each: one that a machine's stop left empty or short is
found by its hash. It is looked at before it counts as kept, unless it was so in this very boot.
"""

from __future__ import annotations

import os

from stickhooks.recovery import loose, packs
from stickhooks.recovery.loose import name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Set
    from typing import Final

    from stickhooks.recovery.lists import Place

PACK_FROM: Final = 50  # new blobs: a pack of so many takes a twentieth of the disk
HELD: Final = 16 << 20  # bytes that wait for the number of blobs to be known


class Writer:
    """Takes in the blobs of one snapshot. Nothing counts before ``finish`` returns. Raises OSError.

    ``sure`` are blobs that were whole since the machine started.
    """

    def __init__(self, place: Place, algorithm: str, sure: Set[str] = frozenset()) -> None:
        self.algorithm = algorithm
        self._root = place.root
        self._objects = place.objects
        self._make = loose.hasher(algorithm)
        self._sure = sure
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
        if not self._touch(name) or not (name in self._sure or self._is_whole(name)):
            return False
        self._here.add(name)
        return True

    def _touch(self, name: str) -> bool:
        try:
            os.utime(loose.path_of(self._objects, name))
        except FileNotFoundError:
            return self._packed().touch(name)
        return True

    def _is_whole(self, name: str) -> bool:
        if loose.is_whole(self._objects, name):
            return True
        data = self._packed().read(name)
        return data is not None and name_of(data, self._make) == name

    def _packed(self) -> packs.Packs:
        if self._packs is None:
            self._packs = packs.Packs(self._objects)
        return self._packs

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
            loose.write(self._objects, name, data)
        self._here.update(self._waiting)
        self._waiting, self._held = {}, 0


class Reader:
    """Reads many blobs of a store, whose packs are looked through once."""

    def __init__(self, place: Place) -> None:
        self._objects = place.objects
        self._packs: packs.Packs | None = None

    def read(self, name: str) -> bytes:
        """Return the bytes of a blob, whole. Raises KeyError where they are not there, or damaged."""
        make = loose.hasher_of(name)
        for look in (self._loose, self._packed):
            data = look(name)
            if data is not None and name_of(data, make) == name:
                return data
        raise KeyError(name)

    def is_whole(self, name: str) -> bool:
        """Tell whether the bytes of a blob are there, and are what its name says."""
        try:
            self.read(name)
        except KeyError:
            return False
        return True

    def _loose(self, name: str) -> bytes | None:
        return loose.read(self._objects, name)

    def _packed(self, name: str) -> bytes | None:
        if self._packs is None:
            self._packs = packs.Packs(self._objects)
        return self._packs.read(name)


def read(place: Place, name: str) -> bytes:
    """Return what ``Reader.read`` returns for one blob."""
    return Reader(place).read(name)
