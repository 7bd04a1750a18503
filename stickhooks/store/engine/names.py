"""What a caller is called in a room on an engine. Names are one list for all clones, and a member is proven
in its own clone alone: whoever asks from another one is not that member, whatever they are called. So a
person is ``LOGIN@MACHINE``, and where that one sits in another clone on this machine, ``LOGIN2@MACHINE``.

Rooms are as a file has them, members and leases with their ``clone``.
"""

import socket
from itertools import chain, count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from stickhooks.identity.resolver import Caller


def clone_of(raw: "Mapping[str, Any]") -> str:
    """Return the clone whose mirror of a room this is, ``""`` for none."""
    return str((raw.get("mirror") or {}).get("clone", ""))


def others(name: str) -> "Iterator[str]":
    """Yield the names to be had instead of one that another clone's member has, the best first."""
    first, _, there = name.partition("@")
    here = socket.gethostname().partition(".")[0]
    if here != there:
        yield f"{first}@{here}"
    for number in count(2):
        yield f"{first}{number}@{here}"


def name_here(raw: "Mapping[str, Any]", name: str, clone: str) -> str:
    """Return what somebody of that name joins as from a clone: as one of its own members, or as one who may
    be moved there, for they neither hold, nor wait, nor are promised the stick."""
    known = {one["agent_id"]: one.get("clone") for one in raw["members"]}
    tried: list[str] = []
    for one in chain([name], others(name)):
        tried.append(one)
        if one not in known:
            break
    own = [one for one in tried if known.get(one) == clone]
    free = [one for one in tried if one not in _engaged(raw)]
    return [*own, *free][0]


def name_newcomer(raw: "Mapping[str, Any] | None", caller: "Caller", said: str, clone: str) -> None:
    """Have a person who is no member, and said no name, be called as they would join. ``raw`` is the room,
    None where there is none yet."""
    if caller.agent_id is None and caller.person and not (said or caller.sighting.name):
        machine = socket.gethostname().partition(".")[0]
        name = f"{caller.name}@{machine}"
        caller.name = name_here(raw, name, clone) if raw else name


def _engaged(raw: "Mapping[str, Any]") -> "set[str]":
    lease, promise = raw["lease"], raw["reservation"]
    keepers = {lease and lease["holder"], promise and promise["recipient"]}
    return keepers | {waiter["agent_id"] for waiter in raw["waiters"]}
