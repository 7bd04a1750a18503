"""Processes of the holder's session that began in its turn and still run: they can write after its end.

A command that was put in the background, a shell that was opened. No hook is asked about what those
write later, so who puts the stick down is told of them. A courtesy: what cannot be seen is not told.
"""

# bundle: release
from __future__ import annotations

import os

from stickhooks.identity import liveness, resolver
from stickhooks.operations.context import Desk
from stickhooks.system import clock, processes
from stickhooks.text import plain
from stickhooks.workspace import running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.protocol.model import Room

NAMED = 5
SLACK_MS = 2000  # a process's start is told in ticks, a turn's in milliseconds
COMMAND = 60  # characters


def in_turn(desk: Desk) -> list[tuple[int, str]]:
    """Return id and command of what the caller's session began in a turn that it has, and still runs here."""
    snapshot = desk.snapshot()
    me, sighting = desk.caller(snapshot.room).agent_id, desk.sighting
    began = [lease.granted_at for lease in snapshot.room.leases if lease.holder == me]
    top = sighting.client_process or sighting.leader
    if me is None or not began or top is None:
        return []
    held_ms = snapshot.now(desk.rooms.clock()) - min(began) + SLACK_MS
    seen = running.standing_in(desk.workspace.root)
    parents = {one.pid: one.parent for one in seen}
    own = {os.getpid(), *(one.pid for one in sighting.ancestors)}
    apart = {os.getpid(), *_others(snapshot.room, me) - own}
    return [
        (one.pid, plain(" ".join(processes.command_of(one.pid)) or one.name, COMMAND))
        for one in seen
        if one.pid not in own | apart and not running.is_below(one.parent, apart, parents)
        if _age_ms(one) < held_ms and _is_of_session(one, top, sighting, parents)
    ]


def _others(room: Room, holder: str) -> set[int]:
    """Return the processes of the other members that live: their own hooks judge what these write."""
    return {
        process.pid
        for member in room.members
        for process in member.processes
        if member.agent_id != holder and liveness.judge(process)[0] == liveness.ALIVE
    }


def _is_of_session(
    one: processes.Seen, top: processes.Seen, sighting: resolver.Sighting, parents: dict[int, int]
) -> bool:
    """Tell whether a process was started by a session: it is below its client or in its terminal, or
    has the session's id in its environment (a daemon has left its parents)."""
    if running.is_below(one.parent, {top.pid}, parents) or one.session == top.pid:
        return True
    number = sighting.session.partition(":")[2]
    return len(number) >= resolver.RANDOM_ID and number in processes.environment_of(one.pid)


def _age_ms(one: processes.Seen) -> int:
    if one.start is None:
        return 1 << 62
    wall, monotonic, _ = clock.read()
    if not processes.LINUX:
        return wall - one.start
    return monotonic - one.start * 1000 // os.sysconf("SC_CLK_TCK")
