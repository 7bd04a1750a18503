"""Why a waiter may go on waiting: somebody else keeps the stick, lives, and is in time.

While the state stays as it is, nothing but the keeper's end and the end of its time makes the
law's answer to a waiter another one. To look for these costs next to nothing here.
"""

from __future__ import annotations

import os

from stickhooks.identity import liveness
from stickhooks.operations.rooms import Rooms
from stickhooks.protocol import moment, phases
from stickhooks.protocol.model import Part, Process, Room
from stickhooks.store.snapshot import Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Calm:
    """The calm of a waiter of one room, as it was read. A context manager.

    ``open`` tells that nobody else keeps the stick: then the law surely has more to answer
    than ``not_yet``. ``ends`` are descriptors that become readable when it is over: where each keeper
    has one, it is not looked for otherwise. In a wait for what is ``parted`` all count who keep any of it;
    it is not calm while others wait as well: one of them who goes away may have been in the way.
    """

    def __init__(
        self, rooms: Rooms, snapshot: Snapshot, agent_id: str, *, parted: bool = False
    ) -> None:  # fmt: skip
        self.rooms, self.snapshot = rooms, snapshot
        room = snapshot.room
        self.open = room.closed or moment.revocable(room) in (None, agent_id)
        every: list[Room | Part] = [room, *room.parts] if parted else [room]
        kept = [one for one in every if moment.revocable(one) not in (None, agent_id)]
        crowded = parted and any(waiter.agent_id != agent_id for waiter in room.waiters)
        self.over = room.closed or crowded or not kept
        self.expires_at = min(_times(room, kept, agent_id), default=0)
        names = [] if self.over else [moment.revocable(one) for one in kept]
        members = [moment.member_of(room, name) for name in dict.fromkeys(names)]
        found = [self._witness(member.processes if member else ()) for member in members]
        self.witnesses = [witness for witness in found if witness is not None]
        self.ends = [fd for witness in self.witnesses for fd in _end_of(witness)]

    @property
    def told(self) -> bool:
        """Whether the system tells of each keeper's end by itself, or there is nothing to tell."""
        return len(self.ends) == len(self.witnesses)

    def lasts(self) -> bool:
        """Tell whether somebody else keeps the stick, is not proven dead, and is in time."""
        if self.over or self.left() <= 0:
            return False
        return self.told or not self.rooms.dead(self.witnesses)

    def left(self) -> float:
        """Return the seconds until the keeper's time is over."""
        return (self.expires_at - self.snapshot.now(self.rooms.clock())) / 1000

    def _witness(self, processes: tuple[Process, ...]) -> Process | None:
        """Return one process that shows that the keeper is not gone; None: nothing could show it."""
        dead = self.rooms.dead([p for p in processes if not p.dead])
        left = [p for p in processes if not p.dead and p not in dead]
        if processes and not left:
            self.over = True
        return left[0] if left else None

    def close(self) -> None:
        for fd in self.ends:
            os.close(fd)
        self.ends = []

    def __enter__(self) -> Calm:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _times(room: Room, kept: Sequence[Room | Part], agent_id: str) -> Iterator[int]:
    """Yield when what is kept is over, and when a holder counts as idle to a member that asked it."""
    for one in kept:
        if held := one.lease or one.reservation:
            yield held.expires_at
        for asking in one.asks:
            renewed = one.lease.renewed_at if one.lease else asking.asked_at
            at = phases.idle_at(renewed, asking.asked_at, room.policy.idle_after)
            if at is not None and asking.agent_id == agent_id and one.lease:
                yield at


def _end_of(process: Process | None) -> list[int]:
    """Return a descriptor that tells of a living process' end, where the system has such a thing."""
    if process is None or not hasattr(os, "pidfd_open"):
        return []
    try:
        fd = os.pidfd_open(process.pid)
    except OSError:
        return []
    if liveness.judge(process)[0] == liveness.ALIVE:  # asked only now: it is this very process
        return [fd]
    os.close(fd)
    return []
