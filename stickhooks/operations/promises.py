"""Whom a published change concerns who may look elsewhere: noted under the lock, told of after it."""

from __future__ import annotations

from stickhooks.fast.records import Frozen, dataclass
from stickhooks.protocol.model import Room

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

RESERVED: Final = "reserved"
ASK: Final = "ask"


@dataclass(frozen=True)
class News(Frozen):
    """``agent_id`` has the next turn reserved, or is the first time in its turn asked for the stick."""

    kind: str
    agent_id: str
    room_id: str
    path: str
    turn_id: int


def news_of(before: Room, room: Room) -> list[News]:
    """Return whom a change of a room is news for."""
    place = room.room_id, room.path, room.turn_id
    found = []
    if room.reservation is not None and room.reservation != before.reservation:
        found.append(News(RESERVED, room.reservation.recipient, *place))
    if room.asks and not before.asks and room.lease is not None:
        found.append(News(ASK, room.lease.holder, *place))
    return found
