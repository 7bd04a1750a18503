"""The files of a clone as the mirror of its engine: published after each load and each swap.

A file is never put over one of a higher revision: another process of the clone was faster then. Log
first, as where files are the truth. Beside the rooms lies what the clone has seen of the document as
a whole: its revision, and how far room time is from the monotonic clock. Room time is the document's
clock and what this clone counted since it *first* saw that revision, never more: two clones may have
read the same change hours apart, and the time that nobody watched is nobody's.
"""

from __future__ import annotations

import os

from stickhooks.errors import Refusal
from stickhooks.fast import json
from stickhooks.fast.records import Frozen, dataclass, replace
from stickhooks.store import codec, event_log, layout, limits, reader
from stickhooks.store.engine import document, openness, views
from stickhooks.store.engine.holders import Vouched
from stickhooks.store.snapshot import Snapshot
from stickhooks.system import fresh, publish
from stickhooks.system.folder import Folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Final, TypeAlias

    from stickhooks.protocol.model import Room
    from stickhooks.store.snapshot import Reading

NEWEST: Final = 5000  # events that a mirror has of those before it was made
SEEN_LIMIT: Final = 1 << 16
#: Gives the lines of a room's events numbered above some number.
Fetch: TypeAlias = "Callable[[str, int, int], Sequence[bytes]]"


@dataclass(frozen=True)
class Seen(Frozen):
    """What a clone has seen of the document; ``offset`` is room time minus monotonic time of ``boot``, ``at``
    what marks the address that it was seen at."""

    revision: int
    token: str
    offset: int
    boot: str
    at: str = ""

    def now(self, reading: Reading) -> int:
        return reading[1] + self.offset


def seen_of(folder: Folder) -> Seen | None:
    """Return what the clone has seen last, None where that is not there or not whole."""
    try:
        data = folder.read(layout.ENGINE_SEEN, SEEN_LIMIT)
        raw: Any = json.read(data.decode()) if data else None
        if not raw:
            return None
        at = str(raw.get("at", ""))
        return Seen(raw["revision"], raw["token"], raw["offset"], raw["boot"], at)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def next_seen(old: Seen | None, revision: int, token: str, clock: int, reading: Reading) -> Seen:
    """Return what is seen with a document; ``reading`` is from after its answer."""
    _, monotonic, boot = reading
    if old and boot and (old.revision, old.token, old.boot) == (revision, token, boot):
        return old
    return Seen(revision, token, clock - monotonic, boot)


def write_seen(folder: Folder, seen: Seen) -> None:
    raw = {"revision": seen.revision, "token": seen.token, "offset": seen.offset, "boot": seen.boot,
           "at": seen.at}  # fmt: skip
    publish.publish(folder, layout.ENGINE_SEEN, (json.write(raw) + "\n").encode())


@dataclass(frozen=True)
class Mirror(Frozen):
    """One room's file: the room as this clone sees it, with its record, and its bytes."""

    room: Room
    record: codec.Record
    data: bytes

    @property
    def fields(self) -> Mapping[str, Any]:
        return self.record.mirror or {}

    def snapshot(self, seen: Seen, clone: str, held: frozenset[str] | None = None) -> Snapshot:
        """Return the room as read, by the clock of the document, and the engine's, which knows of leases
        that they are in time: ``held`` are their operations.

        Of a lease of this clone that it cannot vouch for, the id is another one each time: no two looks
        agree, and who asks for the stick recovers it.
        """
        record = replace(self.record, clock_boot=seen.boot, clock_offset=seen.offset, clock_shift=0)
        room, lease = self.room, self.room.lease
        vouched = held is not None and views.operation_of(room) in held
        if lease and views.clone_of(lease) == clone:
            known = openness.holding(self.fields, views.operation_of(room) or "")
            if known != openness.OURS:
                room = replace(room, lease=replace(lease, lease_id=fresh.uuid()))
        return (Vouched if vouched else Snapshot)(room, record, self.data)


def mirror_of(folder: Folder | None, path: str) -> Mirror | None:
    """Return the mirror of a room that lies in a folder, None where there is none that is whole."""
    try:
        data = reader.read_state(folder, path)
        raw = reader.parsed(data, path) if data else None
        if data is None or raw is None or raw["path"] != path or "mirror" not in raw:
            return None
        return Mirror(*codec.decode(raw), data)
    except (Refusal, ValueError):
        return None


def viewed(raw: Mapping[str, Any], old: Mirror | None, clone: str, draw: Callable[[], str]) -> Room:
    """Return a room of the engine as this clone sees it.

    The id of a lease of its own is in the old mirror. Where it is not, or where somebody has our id,
    it is one that nobody knows: the holder asks for the stick and recovers it.
    """
    room = document.room_of(raw)
    operation, lease_id = views.operation_of(room), ""
    if room.lease and views.clone_of(room.lease) == clone:
        kept = old.room.lease if old else None
        same = kept is not None and document.hidden(kept.lease_id) == room.lease.lease_id
        ours = old is not None and openness.holding(old.fields, operation or "") == openness.OURS
        lease_id = kept.lease_id if kept and same and ours else draw()
    return views.seen_from(room, clone, lease_id)


def fields_after_load(room: Room, old: Mirror | None, engine: str, clone: str) -> dict[str, Any]:
    """Return the mirror's fields after a load, which never opens (R1)."""
    named = {"engine": engine, "clone": clone}
    operation = views.operation_of(room)
    own = operation if room.lease and views.clone_of(room.lease) == clone else None
    if old is None or old.fields.get("clone") != clone:
        return {**openness.made_anew(own), **named}
    return {**openness.carried(old.fields, own), **named}


def put(
    ours: Folder,
    room: Room,
    record: codec.Record,
    lines: Sequence[bytes],
    replace_file: Callable[[str, bytes], None],
) -> Mirror:
    """Publish one room: its log's new lines, then its state."""
    length = record.log_bytes
    if lines:
        with ours.sub(layout.LOGS, room.room_id, make=True) as log:
            length = event_log.append(log, length, b"".join(lines))
    record = replace(record, log_bytes=length)
    _, data = limits.state(room, record)
    replace_file(layout.state_name(room.path), data)
    return Mirror(room, record, data)


def log_length(ours: Folder, old: Mirror | None, room: Room) -> tuple[int, int]:
    """Return how many bytes of a room's log here are good, and the number of its last event. Before a
    mirror there is the state of a room that was moved to the engine from here."""
    raw = None if old else reader.lying_here(ours, room.path)
    known: Any = (raw["room_id"], raw["log_bytes"], raw["event_seq"]) if raw else ("", 0, 0)
    if old:
        known = old.room.room_id, old.record.log_bytes, old.room.event_seq
    log = os.path.join(ours.path, layout.LOGS, room.room_id)
    if known[0] != room.room_id or event_log.size_of(log) < known[1]:
        return 0, 0
    return known[1], known[2]


def missing_lines(room: Room, last: int, given: Sequence[bytes], fetch: Fetch) -> Sequence[bytes]:
    """Return the lines that a mirror's log lacks of a room whose event ``last`` it has."""
    if room.event_seq <= last:
        return ()
    if given and room.event_seq - last == len(given):
        return _checked(given, last)
    first = max(last, room.event_seq - NEWEST)
    lines = fetch(room.room_id, first, room.event_seq - first)  # and none that came since
    return _checked(lines, first)


def _checked(lines: Sequence[bytes], last: int) -> Sequence[bytes]:
    """Return lines as they are. Raises ``state_corrupt`` where a number is missing: a log has no gaps."""
    for number, line in enumerate(lines, last + 1):
        try:
            event = codec.event_of(line)
        except ValueError as error:
            raise Refusal("state_corrupt", what=f"event {number} of the engine: {error}") from None
        if event.event_seq != number or not line.endswith(b"}\n"):
            raise Refusal("state_corrupt", what=f"the engine has no event {number}")
    return lines
