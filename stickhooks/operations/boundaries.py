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
    from typing import Final, TypeAlias

    from stickhooks.protocol.model import Lease, Room
    from stickhooks.recovery.entries import Turn, Why

    #: Why, then the place, the room's id, the turn and its holder, as ``Turn`` takes them.
    Crossing: TypeAlias = tuple[Why, str, str, int, str]
    from stickhooks.recovery.making import Made
    from stickhooks.workspace.paths import Workspace

SHOWN: Final = 3


class Boundaries:
    """The turns that begin and end in one process's changes of the rooms of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._due: list[Crossing] = []

    def note(self, before: Room, room: Room) -> None:
        """Note what became of a room. Called with the lock taken."""
        turn_head.note(self._workspace.git_dir, before, room)
        if room.policy.keep_turns:
            self._due = crossings(before, room) or self._due

    def keep(self) -> list[str]:
        """Make a snapshot if one is due, and return what there is to say of it. Raises nothing."""
        due, self._due = self._due, []
        if self._workspace.git_dir is None:
            return []
        return [line for crossing in due for line in self._kept(*crossing)]

    def _kept(self, why: Why, *of: object) -> list[str]:
        from stickhooks.recovery import making  # its imports cost as much as `stick status`
        from stickhooks.recovery.entries import Turn

        turn = Turn(*of)  # type: ignore[arg-type]
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


def crossings(before: Room, room: Room) -> list[Crossing]:
    """Return all turns that begin or end with a change of a room: of the rest of it, and of its parts."""
    found: list[Crossing] = []
    rest = crossed(before, room)
    if rest is not None:
        why, of, lease = rest
        found.append((why, of.path, of.room_id, of.turn_id, lease.holder))
    if not (before.parts or room.parts):
        return found
    was = {part.turn_id: part for part in before.parts}
    now = {part.turn_id: part for part in room.parts}
    begun = [part for turn, part in now.items() if turn not in was and part.lease]
    for part in begun:
        assert part.lease
        lost = [
            p.lease.holder
            for t, p in was.items()
            if t not in now and p.paths == part.paths and p.lease
        ]
        taken: Why = "takeover" if lost and lost[0] != part.lease.holder else "take"
        found.append((taken, part.paths[0], room.room_id, part.turn_id, part.lease.holder))
    over = {part.paths for part in begun}
    for turn, part in was.items():
        still = now.get(turn)
        if part.lease and not (still and still.lease) and part.paths not in over:
            found.append(("release", part.paths[0], room.room_id, turn, part.lease.holder))
    return found


def _told(made: Made) -> list[str]:
    """Say what is not kept that the snapshot before did not name: each such path once."""
    lines = [f"the snapshot is incomplete: {made.partial}"] if made.partial else []
    if not made.news:
        return lines
    names = [f"{path} ({made.left[path]})" for path in made.news[:SHOWN]]
    more = f" and {len(made.news) - SHOWN} more" if len(made.news) > SHOWN else ""
    return [*lines, f"named but not kept in the snapshot: {', '.join(names)}{more}"]
