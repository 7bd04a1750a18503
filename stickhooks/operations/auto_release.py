"""A turn that began by itself ends by itself: its client has stopped, the tree is clean, somebody waits.

Under the policy ``on_idle = claim`` a first write takes a free stick, and nobody has asked for a
turn that they would have to end. A turn that somebody took is never ended here.
"""

from __future__ import annotations

import os

from stickhooks.errors import Refusal
from stickhooks.operations.handoff_input import CONTINUE
from stickhooks.protocol import moment, phases
from stickhooks.protocol.commands import ARTIFACT_LIMIT, TEXT_LIMIT
from stickhooks.text import plain
from stickhooks.workspace import git, head

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from stickhooks.operations.context import Desk
    from stickhooks.protocol.model import Lease, Room
    from stickhooks.store.snapshot import Snapshot

#: In the git dir while git is in the middle of something, be the tree clean or not.
UNDER_WAY: Final = (
    "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "BISECT_LOG", "rebase-merge", "rebase-apply",
    "sequencer",
)  # fmt: skip
#: Claude Code tells of them since 2.1.145: what still runs when its reply has ended.
STILL_RUNNING: Final = "background_tasks"
COMMITS: Final = 10
FILES: Final = 20
SUBJECT: Final = 200
QUOTED: Final = "'s handoff (event "


def lets_go(desk: Desk, snapshot: Snapshot, payload: Mapping[str, object]) -> bool:
    """Release a turn that a first write began, if its work is done and somebody waits.

    Return whether it was released. ``payload`` is what the client said as it stopped.
    """
    room = snapshot.room
    lease = room.lease
    if lease is None or payload.get(STILL_RUNNING):
        return False
    waiting = [w for w in moment.line_of(room, desk.rooms.moment(snapshot)) if w != lease.holder]
    if not waiting or not _is_clean(desk, room):
        return False
    return _released(desk, room, lease, _stopped(lease.holder, waiting[0]))


def _released(desk: Desk, room: Room, lease: Lease, opening: str) -> bool:
    letter = handoff(desk, room, opening)
    try:
        desk.rooms.release(lease.holder, room.room_id, lease.lease_id, room.turn_id, letter)
    except Refusal:  # it was put down, or taken over, meanwhile
        return False
    return True


def _stopped(holder: str, waiter: str) -> str:
    return (
        f"{plain(holder)} stopped with nothing uncommitted while {plain(waiter)} waited, so stick"
        " released this turn, which a first write had begun"
    )


def _is_clean(desk: Desk, room: Room) -> bool:
    """Tell whether git certainly has nothing uncommitted in a room, and is not in the middle of something."""
    workspace = desk.workspace
    if workspace.git_dir is None:
        return False
    if any(os.path.lexists(os.path.join(workspace.git_dir, name)) for name in UNDER_WAY):
        return False
    return git.uncommitted(workspace.root, room.path, _inner(desk, room)) == []


def _inner(desk: Desk, room: Room) -> list[str]:
    return [p for p in desk.store.paths() if p != room.path and phases.covers(room.path, p)]


def handoff(desk: Desk, room: Room, opening: str) -> dict[str, object]:
    """Return a handoff with what git knows of a turn that a first write began."""
    found = _turn(desk, room)
    status = f"{opening}. {_told(found[0])}" if found else f"{opening}."
    files = [name for name in (found[1] if found else []) if _is_showable(name)][:FILES]
    return {
        "status": status[:TEXT_LIMIT],
        "next_action": _next(room)[:TEXT_LIMIT],
        **({"artifacts": files} if files else {}),
    }


def _turn(desk: Desk, room: Room) -> tuple[list[str], list[str]] | None:
    begin = room.lease.auto_from if room.lease else None
    if begin is None or (begin and not head.is_id(begin)) or desk.workspace.git_dir is None:
        return None
    return git.turn_of(desk.workspace.root, begin, room.path, _inner(desk, room))


def _told(commits: list[str]) -> str:
    if not commits:
        return "It has no commit."
    count = f"{len(commits)} commit{'s' if len(commits) > 1 else ''}"
    named = "; ".join(plain(subject, SUBJECT) for subject in commits[:COMMITS])
    more = f"; and {len(commits) - COMMITS} more" if len(commits) > COMMITS else ""
    return f"It has {count}, the newest first: {named}{more}"


def _is_showable(name: str) -> bool:
    return len(name) <= ARTIFACT_LIMIT and plain(name) == name


def _next(room: Room) -> str:
    """Return the next step: what the last handoff that somebody wrote named, if there is one."""
    letter = room.letter
    if letter is None:
        return CONTINUE
    said = letter.handoff.next_action
    if said == CONTINUE or (said.startswith(f"{CONTINUE}; ") and QUOTED in said):
        return said
    return f"{CONTINUE}; {letter.author}{QUOTED}{letter.event_seq}) named this: {said}"
