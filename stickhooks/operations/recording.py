"""By which process somebody who joins is written down: a long-lived one, never the command itself."""

from __future__ import annotations

import os

from stickhooks.identity import resolver
from stickhooks.protocol.model import Process, Room
from stickhooks.store import codec
from stickhooks.system import processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.operations.rooms import Rooms


def bindings_of(room: Room | None) -> list[resolver.Binding]:
    """Return by what the members of a room are known."""
    return resolver.bindings_of([codec.plain(m) for m in room.members]) if room else []


def record(
    rooms: Rooms, room_id: str, caller: resolver.Caller, bindings: list[resolver.Binding]
) -> None:
    """Write down the session, and the client's process, by which a member is known from now on."""
    from stickhooks.identity import resumed

    sighting = caller.sighting
    rooms.bind(
        str(caller.agent_id), room_id, caller.session, exact(caller, sighting.client_process),
        resumed.others(sighting, caller.session, bindings),
    )  # fmt: skip


def exact(caller: resolver.Caller, seen: processes.Seen | None) -> Process | None:
    """Return a process that was seen as it is written down: exact, or not at all."""
    machine, boot, pidns = caller.sighting.place
    if seen is None or (processes.LINUX and not pidns):
        return None
    return Process(seen.pid, seen.start, machine, boot, pidns, seen.name)


def process_to_record(
    caller: resolver.Caller, bindings: list[resolver.Binding]
) -> processes.Seen | None:
    """Return the process by which the caller should be known.

    A client is known by its own process, where that can be seen; a person by the process that
    leads the terminal session. Below a process that is somebody else's, a home-made agent in
    ada's terminal say, it is the topmost program in between: the terminal stays its member's.
    """
    sighting = caller.sighting
    if not caller.person:
        return sighting.client_process
    by_process = resolver.by_process_of(bindings)
    leader, above = sighting.leader, _of_terminal(sighting)
    for i, seen in enumerate(above):
        agent = by_process.get(sighting.key(seen))
        if agent:
            return seen if agent == caller.name else _program_below(above[: i + 1])
    if leader is not None and leader.pid != os.getpid():
        agent = by_process.get(sighting.key(leader))
        return leader if agent in (None, caller.name) or not above else above[-1]
    return next(iter(above[-1:] or sighting.ancestors), None)


def _program_below(above: list[processes.Seen]) -> processes.Seen:
    """Return the topmost program below the last of some ancestors, which is a member's; that
    itself where only subshells of it are in between: ``( stick join --as bo )``."""
    owner = parent = above[-1]
    for seen in reversed(above[:-1]):
        if not processes.is_fork(seen.pid, parent.pid):
            return seen
        parent = seen
    return owner


def _of_terminal(sighting: resolver.Sighting) -> list[processes.Seen]:
    """Return the ancestors that belong to the caller's terminal session, up to its leader."""
    own, leader = sighting.own, sighting.leader
    pids = [seen.pid for seen in sighting.ancestors]
    if leader is not None and leader.pid in pids:
        return sighting.ancestors[: pids.index(leader.pid) + 1]
    session = own.session if own else 0
    return [seen for seen in sighting.ancestors if session and seen.session == session]
