"""A room as a store gives it, and what a store says where it cannot write one."""

from __future__ import annotations

from stickhooks.errors import Refusal
from stickhooks.fast.records import Frozen, dataclass
from stickhooks.protocol import phases
from stickhooks.protocol.model import Room
from stickhooks.store import codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from stickhooks.store.interface import Store

Reading: TypeAlias = tuple[int, int, str]


class Conflict(Exception):  # noqa: N818 - not a fault: somebody was faster
    """The room changed between the look at it and the write."""


class Unconfirmed(Exception):  # noqa: N818 - it happened; only its durability is in doubt
    """The new state is in place, but the system would not confirm that it is on disk."""


@dataclass(frozen=True)
class Snapshot(Frozen):
    """A room as it was read, with what is needed to write it back if it is still so."""

    room: Room
    record: codec.Record
    data: bytes
    device: int = 0  # of the file that it was read from

    def now(self, reading: Reading) -> int:
        """Return room time in milliseconds at a clock reading."""
        record = self.record
        return phases.room_time(
            *reading, record.clock_boot, record.clock_offset, record.clock_shift
        )


def snapshots(store: Store) -> list[Snapshot]:
    """Return all rooms that were ever joined, sorted by their paths. Raises what ``load`` raises."""
    rooms = sorted(store.every(), key=lambda it: it[0])
    for _, found in rooms:
        if isinstance(found, Refusal):
            raise found
    return [found for _, found in rooms if isinstance(found, Snapshot)]
