"""What is still known of a room that was lost or damaged: last turn, members, history, handoff."""

from __future__ import annotations

import os

from stickhooks.fast.records import Frozen, dataclass, replace
from stickhooks.protocol.model import Event, Letter, Room
from stickhooks.store import codec, event_log, layout, reader, room_copy
from stickhooks.system.folder import Folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, Final

#: So much of the end of a log is searched, in bytes: more than a handoff may be long.
TAIL: Final = reader.STATE_LIMIT
WRITTEN_BY: Final = ("release", "pass", "close")


@dataclass(frozen=True)
class Remains(Frozen):
    """The highest turn known to have been given, and what is not to be lost.

    ``room`` is the newest state known, with members and policy; ``history`` the file of its log, the
    bytes of it that are sound, and the events in these. Whether somebody had read the handoff is not
    known; its event is 0 where it is of another log, that of the room id ``log``.
    """

    turn: int = 0
    letter: Letter | None = None
    log: str = ""
    room: Room | None = None
    history: tuple[str, int, int] = ("", 0, 0)


def gather(ours: Folder, git_dir: str | None, path: str, mark: Mapping[str, object]) -> Remains:
    """Return what our folder, the copies in the git dir, and the anchor's ``mark`` tell of a room."""
    here = reader.lying_here(ours, path) or {}
    ids = _ids(git_dir, path, mark, here)
    raws = [raw for room_id in ids if (raw := _newest(git_dir, room_id, path, here))]
    turns = [mark.get("turn"), *(reader.latest_turn(raw) for raw in (here, *raws) if raw)]
    turn = max((turn for turn in turns if isinstance(turn, int)), default=0)
    room = _decoded(raws[0]) if raws else None
    history = _history(ours, git_dir, room.room_id) if room else ("", 0, 0)
    for log in [*ids, *([str(here["room_id"])] if here else [])]:
        letter = _letter(ours, git_dir, log, room if room and room.room_id == log else None)
        if letter:
            of_history = room is not None and log == room.room_id and letter.event_seq <= history[2]
            letter = letter if of_history else replace(letter, event_seq=0)
            return Remains(turn, letter, log, room, history)
    return Remains(turn, None, room.room_id if room else "", room, history)


def _ids(
    git_dir: str | None, path: str, mark: Mapping[str, object], here: Mapping[str, Any]
) -> list[str]:
    """Return the ids that the room had, the newest first: by the anchor; without one, by the copies."""
    ids = [str(mark[key]) for key in ("id", "before") if mark.get(key)]
    if ids or git_dir is None:
        return ids or [str(here["room_id"])] if here or ids else []
    copies = [copy.raw for copy in room_copy.every(git_dir) if copy.raw["path"] == path]
    return [raw["room_id"] for raw in sorted(copies, key=room_copy.age, reverse=True)]


def _newest(
    git_dir: str | None, room_id: str, path: str, here: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """Return the newest state of a room id: of our folder, or of the copy."""
    copy = room_copy.state_of(git_dir, room_id)
    known = [raw for raw in (here, copy and copy.raw) if raw and raw["room_id"] == room_id]
    known = [raw for raw in known if raw["path"] == path]
    return max(known, key=lambda r: (room_copy.age(r), r["revision"]), default=None)


def _decoded(raw: Mapping[str, Any]) -> Room | None:
    try:
        return codec.decode(raw)[0]
    except ValueError:
        return None


def _logs(ours: Folder, git_dir: str | None, room_id: str) -> list[str]:
    places = [os.path.join(ours.path, layout.LOGS, room_id)]
    places += [room_copy.folder_of(git_dir, room_id)] if git_dir else []
    return [os.path.join(place, layout.EVENTS) for place in places]


def _history(ours: Folder, git_dir: str | None, room_id: str) -> tuple[str, int, int]:
    """Return the log of a room id that has more to tell. One that cannot be read tells nothing."""
    best = ("", 0, 0)
    for path in _logs(ours, git_dir, room_id):
        try:
            length, number = event_log.sound(path, 1 << 62)
        except OSError:
            continue
        best = max(best, (path, length, number), key=lambda one: one[1])
    return best


def _letter(ours: Folder, git_dir: str | None, log: str, room: Room | None) -> Letter | None:
    """Return the newest handoff of a room id, by its logs and its state."""
    letters = [
        Letter(event.handoff, event.from_agent_id, event.event_seq, event.event_type)
        for path in _logs(ours, git_dir, log)
        for event in _end_of_log(path)
        if event.handoff and event.from_agent_id and event.event_type in WRITTEN_BY
    ]
    letters += [room.letter] if room and room.letter else []
    return max(letters, key=lambda letter: letter.event_seq, default=None)


def _end_of_log(path: str) -> Iterator[Event]:
    """Yield the last events of a log, passing over lines that are none."""
    try:
        with Folder.open(os.path.dirname(path)) as log:
            fd = log.file(layout.EVENTS, os.O_RDONLY)
        with os.fdopen(fd, "rb") as file:
            file.seek(max(0, os.fstat(fd).st_size - TAIL))
            lines = file.read().splitlines()
    except OSError:
        return
    for line in lines:
        try:
            event = codec.event_of(line)
        except ValueError:
            continue
        yield event
