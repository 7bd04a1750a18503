"""The side of a store: whether a room may be written from here, and what its state says of that."""

from __future__ import annotations

from stickhooks.errors import Refusal
from stickhooks.protocol.model import Json
from stickhooks.store import reader
from stickhooks.store.sides import Side, differ, here, is_here, refusal, written
from stickhooks.store.snapshot import Snapshot
from stickhooks.system import clock
from stickhooks.system.filesystem import reported
from stickhooks.system.folder import Folder


class OwnSide:
    """Our own side, as a store meets it: looked for once, not for each room."""

    def __init__(self, folder: str, root: str) -> None:
        self._folder, self._root = folder, root
        self._found: Side | None = None

    def trouble(self, snapshot: Snapshot) -> Refusal | None:
        """Return why nothing may be written to a room from here, None where its locks are ours."""
        side, device = snapshot.record.side, snapshot.device
        if side is None or is_here(side, device, clock.boot_id()):
            return None
        ours = self._found
        if ours is None or ours.device != device:
            with reported(self._folder), Folder.open(self._folder) as folder:
                ours = self._found = here(folder, device, self._root)
        return (
            refusal(reader.parsed(snapshot.data, self._folder), ours)
            if differ(side, ours)
            else None
        )

    def to_write(self, ours: Folder, device: int, before: Json | None) -> Json | None:
        """Return the side to be written, which is as it was where that is ours."""
        if before is not None and is_here(before, device, clock.boot_id()):
            return before
        return written(here(ours, device, self._root), before)
