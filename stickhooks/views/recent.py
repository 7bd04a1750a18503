"""The last things that happened in all rooms of a workspace, a line each: events, and what was seen."""

from __future__ import annotations

import os

from stickhooks.errors import Refusal
from stickhooks.fast.records import Frozen, dataclass
from stickhooks.operations import audit
from stickhooks.operations.context import Desk
from stickhooks.store import activity, layout
from stickhooks.text import clock_time, plain, stamp
from stickhooks.views import log_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Final

    from stickhooks.store.snapshot import Snapshot

TAIL: Final = 1 << 16  # bytes of what was seen in a room
TEXT: Final = 200
STOPS: Final = (activity.REFUSED, activity.BYPASS, activity.OUTSIDE)


@dataclass(frozen=True)
class Recent(Frozen):
    """What happened when (wall clock, ms), in which room, ``""`` for the workspace's own; ``stops`` where
    a write was refused, or went past the gate."""

    at: int
    room: str
    words: str
    stops: bool = False

    def line(self) -> str:
        room = f"[{plain(self.room, 40)}] " if self.room else ""
        return f"{clock_time(self.at)}  {room}{self.words}"

    def data(self) -> dict[str, object]:
        return {"at": stamp(self.at), "room": self.room or ".", "message": self.words}


def of(desk: Desk, count: int) -> list[Recent]:
    """Return the last things, the newest last; of a room that cannot be read nothing. Reads only."""
    found: list[Recent] = []
    for path, it in desk.store.every():
        if it is None or isinstance(it, Refusal):
            continue
        try:
            found += [*_events(desk, path, it, count), *_seen(desk, path, it)]
        except (Refusal, OSError, ValueError):
            continue
    return sorted(found, key=lambda one: one.at)[-count:]


def rooms(desk: Desk) -> list[str]:
    """Return the ids of all rooms that can be read."""
    return [it.room.room_id for _, it in desk.store.every() if it and not isinstance(it, Refusal)]


def mark(root: str, room_id: str) -> tuple[int, int] | None:
    """Return what differs after every note on a room; nothing is read for it."""
    try:
        file = os.stat(os.path.join(root, layout.FOLDER, layout.LOGS, room_id, layout.ACTIVITY))
    except OSError:
        return None
    return file.st_size, file.st_mtime_ns


def _events(desk: Desk, path: str, it: Snapshot, count: int) -> Iterator[Recent]:
    shift = desk.standing(it).shift
    first = max(0, it.room.event_seq - count)
    for event in desk.rooms.events(it.room.room_id, first, count):
        yield Recent(int(str(event["created_at"])) + shift, path, log_lines.said(event))


def _seen(desk: Desk, path: str, it: Snapshot) -> Iterator[Recent]:
    for sighting in desk.store.notes(it.room.room_id, TAIL):
        words = _words(sighting)
        if words:
            yield Recent(log_lines.when(sighting), path, words, sighting["what"] in STOPS)


def _words(sighting: dict[str, Any]) -> str:
    """Say what was seen, ``""`` for what is told elsewhere: a wait, or who was woken."""
    what, who = sighting.get("what"), plain(sighting.get("agent_id") or "somebody")
    kind, path = plain(sighting.get("kind"), 20), sighting.get("path")
    if what == activity.REFUSED:
        return f"{who} was refused a write ({kind}{f': {plain(path, TEXT)}' if path else ''})"
    if what == activity.BYPASS:
        return f"{who} went past the gate ({kind}): {plain(sighting.get('why'), TEXT)}"
    if what == activity.OUTSIDE:
        return f"without the stick: {audit.deed(sighting)}"
    if what == activity.BACK:
        return f"{who} brought work back: {audit.brought_back(sighting, whole=False)}"
    return ""
