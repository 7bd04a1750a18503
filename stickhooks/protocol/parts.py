"""Leases of paths: which paths a part of a room has, and which of two meet.

A *part* is some paths of a room under a lease, or a promise, of their own, for one turn; what is in
no part is the *rest*. Values in, values out: what is done with parts, ``part_turns`` says.
"""

from __future__ import annotations

from stickhooks.protocol.phases import covers, folded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from stickhooks.protocol.model import Part, Room, Waiter

LIMIT: Final = 64  # parts of a room


def key(path: str, folds: bool) -> str:
    """Return what all names of one path have in common, on a disk that ``folds`` names or does not."""
    return folded(path) if folds else path


def meet(one: str, other: str, folds: bool = False) -> bool:
    """Tell whether two paths are one, or one lies in the other: ``a`` and ``a/b``, not ``a`` and ``ab``."""
    here, there = key(one, folds), key(other, folds)
    return covers(here, there) or covers(there, here)


def touches(part: Part, paths: Iterable[str], folds: bool = False) -> bool:
    """Tell whether one of the paths meets one of a part's."""
    fold = folds or part.folds
    return any(meet(own, path, fold) for own in part.paths for path in paths)


def has(part: Part, path: str, folds: bool = False) -> bool:
    """Tell whether a path is one of a part's, or lies in one."""
    fold = folds or part.folds
    return any(covers(key(own, fold), key(path, fold)) for own in part.paths)


def merged(paths: Iterable[str], folds: bool = False) -> tuple[str, ...]:
    """Return paths without those that lie in others of them, in their order."""
    found: list[str] = []
    for path in paths:
        if any(covers(key(one, folds), key(path, folds)) for one in found):
            continue
        found = [one for one in found if not covers(key(path, folds), key(one, folds))]
        found.append(path)
    return tuple(found)


def for_turn(room: Room, turn: int) -> Part | None:
    """Return the part that has a turn; None: the rest has it, or nothing any more."""
    return next((part for part in room.parts if part.turn_id == turn), None)


def keeper_of(part: Part) -> str | None:
    """Return who holds a part, or to whom it is promised."""
    if part.lease:
        return part.lease.holder
    return part.reservation.recipient if part.reservation else None


def held_by(room: Room, agent: str) -> list[Part]:
    """Return the parts that a member holds, the newest turn last."""
    own = [part for part in room.parts if part.lease and part.lease.holder == agent]
    return sorted(own, key=lambda part: part.turn_id)


def promised_to(room: Room, agent: str) -> list[Part]:
    """Return the parts that are reserved for a member, the oldest turn first."""
    own = [p for p in room.parts if p.reservation and p.reservation.recipient == agent]
    return sorted(own, key=lambda part: part.turn_id)


def of_others(room: Room, agent: str) -> list[Part]:
    """Return the parts that others hold, or that are promised to others."""
    return [part for part in room.parts if keeper_of(part) != agent]


def keepers(room: Room) -> set[str | None]:
    """Return everybody who holds something of a room, or to whom something is promised."""
    rest = room.lease.holder if room.lease else None
    heir = room.reservation.recipient if room.reservation else None
    return {rest, heir, *(keeper_of(part) for part in room.parts)} - {None}


def suits(room: Room, waiter: Waiter) -> bool:
    """Tell whether what a member waits for could be its, once the rest of a room is free."""
    others = of_others(room, waiter.agent_id)
    if waiter.whole:
        return not others
    return not any(touches(part, waiter.paths, waiter.folds) for part in others)


def _lies_in(part: Part, paths: Iterable[str], folds: bool) -> bool:
    """Tell whether one of a part's paths lies in one of others, and is not the same."""
    return any(touches(part, [path], folds) and not has(part, path, folds) for path in paths)


def suits_after(room: Room, over: Part, waiter: Waiter) -> bool:
    """Tell whether what a member waits for is some paths that are all free once a part is over."""
    if not waiter.paths or not touches(over, waiter.paths, waiter.folds):
        return False
    others = [part for part in of_others(room, waiter.agent_id) if part is not over]
    if any(touches(part, waiter.paths, waiter.folds) for part in others):
        return False
    own = [part for part in room.parts if keeper_of(part) == waiter.agent_id and part is not over]
    if any(_lies_in(part, waiter.paths, waiter.folds) for part in own):
        return False  # two parts of one member must not meet either
    rest = {room.lease.holder if room.lease else None}
    rest |= {room.reservation.recipient if room.reservation else None}
    if rest <= {None, waiter.agent_id}:
        return True
    return all(any(has(p, path, waiter.folds) for p in (over, *own)) for path in waiter.paths)
