"""Who holds in a document, for an engine that keeps time itself: pure functions.

Such an engine has a key for each lease of a document, which it removes by itself once the lease's time is
over: ``held`` are the operations whose keys are there. One that is not there any more is over, by the
engine's own clock, which ran from after the swap was first sent. One that is there is not over, whatever
room time a clone counts: no takeover by time is made then (``views.check_may_end``), and room time stands
still, so that who waits goes on to wait and is not refused.
"""

from __future__ import annotations

from stickhooks.fast import json
from stickhooks.fast.records import Frozen, dataclass, replace
from stickhooks.store.engine.document import OPERATION
from stickhooks.store.snapshot import Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final

    from stickhooks.store.engine.mirrors import Seen
    from stickhooks.store.snapshot import Reading

#: Milliseconds before a lease's end at which room time stands still while its key is there.
STANDS: Final = 500


@dataclass(frozen=True)
class Holding(Frozen):
    """The lease of one room: the ``operation`` that wrote it, and the milliseconds that were left then."""

    operation: str
    left: int


def leases(data: bytes | None) -> dict[str, Holding]:
    """Return the leases of a document by room id."""
    if data is None:
        return {}
    raw: Any = json.read(data.decode())
    held = ((room["room_id"], room["lease"]) for room in raw["rooms"].values() if room.get("lease"))
    return {
        room_id: Holding(lease[OPERATION], lease["expires_at"] - raw["clock"])
        for room_id, lease in held
    }


def less(some: Mapping[str, Holding], others: Mapping[str, Holding]) -> dict[str, Holding]:
    """Return those of some leases that other ones of the same rooms are not."""
    other = {room_id: holding.operation for room_id, holding in others.items()}
    return {room: it for room, it in some.items() if other.get(room) != it.operation}


def over(leases: Mapping[str, Holding], held: frozenset[str]) -> dict[str, Holding]:
    """Return those of some leases that are over by the engine."""
    return {room: it for room, it in leases.items() if it.operation not in held}


def operations(leases: Mapping[str, Holding]) -> frozenset[str]:
    return frozenset(holding.operation for holding in leases.values())


def timed(seen: Seen, rooms: Mapping[str, Any], held: frozenset[str], reading: Reading) -> Seen:
    """Return what a clone has seen, with room time at the end of every lease whose key is gone."""
    leases = (room["lease"] for room in rooms.values() if room.get("lease"))
    ends = [lease["expires_at"] for lease in leases if lease[OPERATION] not in held]
    behind = max(ends, default=0) - seen.now(reading)
    return replace(seen, offset=seen.offset + behind) if behind > 0 else seen


class Vouched(Snapshot):
    """A room whose lease is in time by the engine: by the clone's count it does not end."""

    def now(self, reading: Reading) -> int:
        now, lease = super().now(reading), self.room.lease
        return min(now, lease.expires_at - STANDS) if lease else now
