"""A snapshot where a turn begins or ends: after the answer, without the lock, and never at its price.

What is kept there is what `stick undo` goes back to. The lock is free by then, so that nobody waits
for it; a member who is very quick may have written already, and stands in the snapshot as well.
"""

from __future__ import annotations

from stickhooks.errors import Refusal
from stickhooks.operations import turn_head
from stickhooks.store import activity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from stickhooks.protocol.model import Lease, Room
    from stickhooks.recovery.entries import Turn, Why
    from stickhooks.recovery.making import Made
    from stickhooks.workspace.paths import Workspace

SHOWN: Final = 3


class Boundaries:
    """The turns that begin and end in one process's changes of the rooms of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._due: tuple[Why, Room, Lease] | None = None

    def note(self, before: Room, room: Room) -> None:
        """Note what became of a room. Called with the lock taken."""
        turn_head.note(self._workspace.git_dir, before, room)
        if room.policy.keep_turns:
            self._due = crossed(before, room) or self._due

    def keep(self) -> list[str]:
        """Make a snapshot if one is due, and return what there is to say of it. Raises nothing."""
        due, self._due = self._due, None
        if due is None or self._workspace.git_dir is None:
            return []
        from stickhooks.recovery import making  # its imports cost as much as `stick status`

        why, turn = due[0], _turn(*due[1:])
        try:
            made = making.make(self._workspace, why, of=turn)
        except making.NotMade as error:
            activity.note(
                self._workspace.root, turn.room_id, activity.NOT_KEPT,
                agent_id=turn.holder, why=str(error),
            )  # fmt: skip
            return [f"no snapshot of this turn was made: {error}"]
        if made is None:
            return []
        if why == "take":
            self._note_changes(made.id, turn)
        self._prune()
        return _told(made)

    def _note_changes(self, id: str, turn: Turn) -> None:
        from stickhooks.operations import changed_while_free

        try:
            changed_while_free.note(self._workspace, id, turn)
        except (Refusal, OSError):
            pass  # a courtesy

    def _prune(self) -> None:
        """Have no more kept than the policies say; where that cannot be done, the next turn does."""
        from stickhooks.recovery import making, pruning
        from stickhooks.recovery.lists import Place

        place = Place.of(self._workspace)
        policies = [room.policy for room in making.open_rooms(place)] if place else []
        if place and policies:
            turns = max(policy.keep_turns for policy in policies)
            most = max(policy.keep_bytes for policy in policies)
            try:
                pruning.prune(place, turns, most)
            except (Refusal, OSError):
                pass


def crossed(before: Room, room: Room) -> tuple[Why, Room, Lease] | None:
    """Return which turn begins or ends with a change of a room, None for neither."""
    if room.lease and room.turn_id != before.turn_id:
        taken = before.lease is not None and before.lease.holder != room.lease.holder
        return "takeover" if taken else "take", room, room.lease
    if before.lease and not room.lease:
        return "release", before, before.lease
    return None


def _turn(room: Room, lease: Lease) -> Turn:
    from stickhooks.recovery.entries import Turn

    return Turn(room.path, room.room_id, room.turn_id, lease.holder)


def _told(made: Made) -> list[str]:
    """Say what is not kept that the snapshot before did not name: each such path once."""
    lines = [f"the snapshot is incomplete: {made.partial}"] if made.partial else []
    if not made.news:
        return lines
    names = [f"{path} ({made.left[path]})" for path in made.news[:SHOWN]]
    more = f" and {len(made.news) - SHOWN} more" if len(made.news) > SHOWN else ""
    return [*lines, f"named but not kept in the snapshot: {', '.join(names)}{more}"]
