"""What changed in a room while nobody held its stick: noted where a turn begins, and told its holder once.

Nobody is named: who was seen to do it stands in a note of its own, from the hook that saw it.
"""

from __future__ import annotations

from stickhooks.store import activity
from stickhooks.text import clock_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from stickhooks.recovery.entries import Listed, Turn
    from stickhooks.workspace.paths import Workspace


def note(workspace: Workspace, id: str, turn: Turn) -> None:
    """Note what differs between the snapshot ``id``, with which ``turn`` began, and that of the last end."""
    from stickhooks.recovery import lists

    place = lists.Place.of(workspace)
    began = lists.read(place, id) if place else None
    if place is None or began is None:
        return
    left = next(_released(lists.every(place), turn), None)
    if left is None or left.turn_of(turn.room):  # else it was its holder's
        return
    from stickhooks.fast.records import replace
    from stickhooks.recovery import deeds
    from stickhooks.recovery.witnesses import Witnesses

    before = replace(turn, turn=turn.turn - 1, holder="")
    seen = Witnesses(place, before, left.at, began.at).others
    changed = [
        path for path in deeds.changed(place, began.places(), left, began) if path not in seen
    ]
    if changed:
        did = f"changed while nobody held, since {clock_time(left.at)}"
        activity.note(
            workspace.root, turn.room_id, activity.OUTSIDE,
            agent_id="", kind=activity.FREE, did=did, paths=changed,
        )  # fmt: skip


def _released(snapshots: Iterator[Listed], turn: Turn) -> Iterator[Listed]:
    """Yield the snapshots with which turns of the room ended that were given before ``turn``."""
    for listed in snapshots:
        of = listed.of
        if listed.why == "release" and of and of.room_id == turn.room_id and of.turn < turn.turn:
            yield listed
