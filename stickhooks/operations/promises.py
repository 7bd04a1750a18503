"""Whom a published change concerns who may look elsewhere: noted under the lock, told of after it."""

from __future__ import annotations

from stickhooks.fast.records import Frozen, dataclass
from stickhooks.protocol.model import Part, Room

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
    found = []
    for was, now in _pairs(before, room):
        place = room.room_id, room.path, now.turn_id
        promise = was.reservation if was else None
        if now.reservation is not None and now.reservation != promise:
            found.append(News(RESERVED, now.reservation.recipient, *place))
        if now.asks and not (was and was.asks) and now.lease is not None:
            found.append(News(ASK, now.lease.holder, *place))
    return found


def _pairs(before: Room, room: Room) -> list[tuple[Room | Part | None, Room | Part]]:
    """Return the rest of a room and each of its parts, as it was and as it is; None: it was not there."""
    known = {part.turn_id: part for part in before.parts}
    parts = [(known.get(part.turn_id), part) for part in room.parts]
    return [(before, room), *parts]
