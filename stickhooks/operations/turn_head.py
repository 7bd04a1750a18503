"""Where HEAD was when a room's turn began, and when its stick was put down last.

Git's times are whole seconds, so a commit of a turn's first second cannot be told by its time from
the one before the turn. Kept beside the copy of the room in the git dir, and only a courtesy: not
synced, and what is missing or damaged is not known.
"""

# bundle: write
from __future__ import annotations

from stickhooks.store import layout
from stickhooks.system.folder import Folder
from stickhooks.workspace import head as workspace_head

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from stickhooks.protocol.model import Room

TURN: Final = "turn"  # followed by the turn that began there
HANDOFF: Final = "handoff"  # followed by the number of the event that put the stick down
NONE_YET: Final = "-"  # in the file, for a HEAD before the first commit
LIMIT: Final = 1 << 10


def note(git_dir: str | None, before: Room, room: Room) -> None:
    """Write down where HEAD is, for a turn that just began or a stick that was just put down."""
    due = {TURN: room.turn_id} if room.turn_id != before.turn_id else {}
    if room.letter and room.letter != before.letter:
        due[HANDOFF] = room.letter.event_seq
    if git_dir is None or not due:
        return
    head = workspace_head.of(git_dir)
    if head is None:
        return
    try:
        with Folder.open(git_dir) as top, _copy(top, room.room_id) as folder:
            known = _read(folder) | {key: (n, head or NONE_YET) for key, n in due.items()}
            text = "".join(f"{key} {number} {commit}\n" for key, (number, commit) in known.items())
            folder.write(layout.TURN_HEADS, text.encode())
    except OSError:
        pass


def of(git_dir: str | None, room: Room) -> str | None:
    """Return the commit that HEAD named when the turn of a held room began, or when the last handoff
    of a free one was written; ``""`` before the first commit, None where that is not known."""
    key, number = (TURN, room.turn_id) if room.lease else (HANDOFF, _event(room))
    if git_dir is None:
        return None
    try:
        with Folder.open(git_dir) as top, _copy(top, room.room_id) as folder:
            recorded, commit = _read(folder).get(key, (None, ""))
    except OSError:
        return None
    if recorded is None or recorded != number:
        return None
    return "" if commit == NONE_YET else commit


def _event(room: Room) -> int:
    return room.letter.event_seq if room.letter else 0


def _copy(top: Folder, room_id: str) -> Folder:
    return top.sub(layout.GIT_FOLDER, layout.COPIES, room_id, make=False)


def _read(folder: Folder) -> dict[str, tuple[int, str]]:
    """Return what is known, by key: a number and a commit. Lines that are none are passed over."""
    try:
        data = folder.read(layout.TURN_HEADS, LIMIT) or b""
    except ValueError:
        return {}
    lines = [line.split(" ") for line in data.decode("ascii", "replace").splitlines()]
    return {
        line[0]: (int(line[1]), line[2]) for line in lines if len(line) == 3 and line[1].isdigit()
    }
