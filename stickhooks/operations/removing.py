"""A nested room taken away: the room above governs its folder again."""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.operations.unconfirmed import told_if_doubtful
from stickhooks.protocol import phases, rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.operations.rooms import Rooms
    from stickhooks.protocol.answers import Answer


def remove(rooms: Rooms, agent_id: str, room_id: str, *, person: bool) -> Answer:
    """Give a nested room's folder back to the room above. The room must be free."""
    seen = rooms.find(room_id)
    path, dead = seen.room.path, rooms.probed(seen)
    if path == "":
        raise Refusal(
            "invalid_input",
            "the workspace's own room cannot be removed, only closed",
            [Next("close"), Next("uninit")],
            field="room_id",
        )
    with rooms.store.exclusive():
        snapshot, above = rooms.store.load(path), rooms.above(path)
        if snapshot is None:
            raise Refusal("room_not_found")
        moment = rooms.moment(snapshot, dead)
        phase = rules.phase_of(snapshot.room, moment)
        if phase not in phases.FREE and phase != phases.CLOSED:
            raise rules.not_removable(snapshot.room, phase, agent_id)
        rules.check_all_in(snapshot.room, "remove the room")
        rules.check_open_to(snapshot.room, person=person)
        rules.check_carving(above.room if above else None, agent_id, moment, deed="remove")
        with told_if_doubtful({"status": "removed"}):
            rooms.store.remove(snapshot)
    return {"status": "removed", "room_id": room_id}
