"""Why a waiter may go on waiting: somebody else keeps the stick, lives, and is in time.

While the state stays as it is, nothing but the keeper's end and the end of its time makes the
law's answer to a waiter another one. To look for these costs next to nothing here.
"""

from __future__ import annotations

import os

from stickhooks.identity import liveness
from stickhooks.operations.rooms import Rooms
from stickhooks.protocol import moment, phases
from stickhooks.protocol.model import Process, Room
from stickhooks.store.snapshot import Snapshot


class Calm:
    """The calm of a waiter of one room, as it was read. A context manager.

    ``open`` tells that nobody else keeps the stick: then the law surely has more to answer
    than ``not_yet``. ``ends`` are descriptors that become readable when it is over: where there is one, it is
    not looked for otherwise. A wait for what is ``parted`` is never calm: who has the rest keeps only some
    of it, and the others may go away.
    """

    def __init__(
        self, rooms: Rooms, snapshot: Snapshot, agent_id: str, *, parted: bool = False
    ) -> None:  # fmt: skip
        self.rooms, self.snapshot = rooms, snapshot
        room = snapshot.room
        kept = room.lease or room.reservation
        self.open = room.closed or moment.revocable(room) in (None, agent_id)
        self.over = self.open or parted
        self.expires_at = kept.expires_at if kept else 0
        if room.lease:
            self.expires_at = min([self.expires_at, *_idle_at(room, agent_id)])
        keeper = None if self.open else moment.keeper(room)
        self.witness = self._witness(keeper.processes if keeper else ())
        self.ends = _end_of(self.witness)

    @property
    def told(self) -> bool:
        """Whether the system tells of the keeper's end by itself, or there is nothing to tell."""
        return self.witness is None or bool(self.ends)

    def lasts(self) -> bool:
        """Tell whether somebody else keeps the stick, is not proven dead, and is in time."""
        if self.over or self.left() <= 0:
            return False
        return self.told or not self.rooms.dead([self.witness] if self.witness else [])

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


def _idle_at(room: Room, agent_id: str) -> list[int]:
    """Return when the holder counts as idle to a member that asked it."""
    if room.lease is None:
        return []
    renewed, after = room.lease.renewed_at, room.policy.idle_after
    own = [asking.asked_at for asking in room.asks if asking.agent_id == agent_id]
    times = [phases.idle_at(renewed, asked, after) for asked in own]
    return [at for at in times if at is not None]


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
