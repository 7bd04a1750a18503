"""What is still known of a room whose state was lost or damaged: its last turn, its newest handoff."""

from __future__ import annotations

import os

from stickhooks import disk, wire
from stickhooks.errors import Refusal
from stickhooks.eventlog import EVENTS
from stickhooks.folder import Folder
from stickhooks.model import Event, Letter
from stickhooks.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Final

#: So much of the end of a log is searched, in bytes: more than a handoff may be long.
TAIL: Final = disk.STATE_LIMIT
WRITTEN_BY: Final = ("release", "pass", "close")


@dataclass(frozen=True, slots=True)
class Remains:
    """The highest turn known to have been given, and a handoff that is not to be lost.

    Whether somebody had read that handoff is not known. Its event is 0: it is of another log,
    that of the room id ``log``.
    """

    turn: int = 0
    letter: Letter | None = None
    log: str = ""


def gather(ours: Folder, path: str, mark: Mapping[str, object]) -> Remains:
    """Return what our folder and the anchor's ``mark`` tell of the room at ``path``."""
    state = state_of(ours, path)
    turns = [turn for turn in (mark.get("turn"), state.get("turn_id")) if isinstance(turn, int)]
    turn = max(turns, default=0)
    logs = [
        str(mark.get("id") or ""),
        str(state.get("room_id") or ""),
        str(mark.get("before") or ""),
    ]
    for log in filter(None, logs):
        letters = [
            Letter(event.handoff, event.from_agent_id, 0, event.event_type)
            for event in _end_of_log(ours, log)
            if event.handoff and event.from_agent_id and event.event_type in WRITTEN_BY
        ]
        if letters:
            return Remains(turn, letters[-1], log)
    return Remains(turn)


def state_of(ours: Folder, path: str) -> dict[str, object]:
    """Return the state that lies here, whatever the anchor says of it; ``{}`` where none can be read."""
    try:
        data = disk.read_state(ours, path)
        return disk.parsed(data, ours.path) if data else {}
    except Refusal:
        return {}


def _end_of_log(ours: Folder, room_id: str) -> Iterator[Event]:
    """Yield the last events of a log, passing over lines that are none."""
    try:
        with ours.sub("log", room_id) as log:
            fd = log.file(EVENTS, os.O_RDONLY)
    except OSError:
        return
    with os.fdopen(fd, "rb") as file:
        file.seek(max(0, os.fstat(fd).st_size - TAIL))
        for line in file.read().splitlines():
            try:
                event = wire.event_of(line)
            except ValueError:
                continue
            yield event
