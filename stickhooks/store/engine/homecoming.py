"""The files of a clone as rooms come back to them from an engine: see ``moving``."""

from __future__ import annotations

import os

from stickhooks.fast.records import Frozen, dataclass
from stickhooks.store import codec, event_log, layout, limits, reader, room_copy, young_git
from stickhooks.store.anchor import mark_of
from stickhooks.store.engine import document, moving
from stickhooks.store.files import FileStore
from stickhooks.system import fresh, publish

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from stickhooks.store.anchor import Marks
    from stickhooks.store.engine.moving import Kept
    from stickhooks.store.snapshot import Reading


@dataclass(frozen=True)
class Left(Frozen):
    """What the mirror of a room left behind: its clock, revision and log, and the id of its lease."""

    boot: str
    offset: int
    revision: int
    log_bytes: int | None
    lease_id: str


class Homecoming(FileStore):
    """Files in which rooms of an engine are put, or from which their mirrors are taken away."""

    def settle(self, told: Kept, clone: str, reading: Reading) -> Marks:
        """Write the states of the rooms that a move brings. Return what the anchor says of them."""
        with self.exclusive(anywhere=True):
            rooms = told.document.rooms
            marks = {path: self._put(path, rooms[path], told, clone, reading) for path in rooms}
            self._clear(keep=set(rooms))
        return marks

    def clear(self) -> None:
        """Take all mirrors away. The logs stay."""
        with self.exclusive(anywhere=True):
            self._clear(keep=set())

    def _clear(self, keep: set[str]) -> None:
        names = self._open.names()
        for room in layout.rooms_among(names):
            if room not in keep:
                publish.unlink(self._open, layout.state_name(room))
        publish.unlink(self._open, layout.ENGINE_SEEN)
        self._open.sync()

    def _put(
        self, path: str, raw: Mapping[str, Any], told: Kept, clone: str, reading: Reading
    ) -> dict[str, object]:
        left = self._left(path, raw, told, reading)
        room = moving.local(raw, clone, left.lease_id)
        length = self._log(room.room_id, told.logs.get(room.room_id), left.log_bytes)
        record = codec.Record(
            left.revision + 1, length, left.boot, left.offset,
            side=self._written_side(None), place=young_git.place(self.root),
        )  # fmt: skip
        state, data = limits.state(room, record)
        room_copy.keep(self.git_dir, self._open, room.room_id, data, length, b"")
        self._replace(layout.state_name(path), data)
        return mark_of(state)

    def _left(self, path: str, raw: Mapping[str, Any], told: Kept, reading: Reading) -> Left:
        """Return what lies here of a room: its mirror, or what this very move has put there already. Where
        nothing does, room time goes on from the engine's."""
        here: Any = reader.lying_here(self._open, path)
        if here is None or here["room_id"] != raw["room_id"]:
            offset = told.document.clock - reading[1]
            return Left(reading[2], offset, told.document.revision, None, fresh.uuid())
        lease, hidden = here["lease"], (raw["lease"] or {}).get("lease_id")
        own = lease is not None and document.hidden(lease["lease_id"]) == hidden
        clock, lease_id = here["clock"], lease["lease_id"] if own else fresh.uuid()
        return Left(clock["boot"], clock["offset"], here["revision"], here["log_bytes"], lease_id)

    def _log(self, room_id: str, whole: bytes | None, length: int | None) -> int:
        with self._open.sub(layout.LOGS, room_id, make=True) as log:
            if whole is not None:
                return event_log.append(log, 0, whole)
            path, size = os.path.join(log.path, layout.EVENTS), event_log.size(log)
            if length is None or length > size:
                return event_log.sound(path, size)[0] if size else 0
            return length
