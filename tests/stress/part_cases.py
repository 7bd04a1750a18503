"""Every operation on leases of paths, with the room it is tried in: further cases of ``crash_points``.

``ana`` acts, ``cy`` is dead, and ``bo`` goes on afterwards, as in ``cases``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from stickhooks.operations.rooms import Rooms
from stickhooks.operations.wishes import Wish
from stickhooks.protocol import parts
from stickhooks.protocol.commands import Ask, Heartbeat, Pass, Release
from stickhooks.protocol.model import Part

from .cases import (  # fmt: skip
    CASES,
    HANDOFF,
    Act,
    Case,
    held,
    room_id,
    room_of,
    rooms_at,
    take,
    used,
)

SET: Final = Wish(("docs", "lib/core.py"))
MORE: Final = Wish(("docs/a", "tests"))
ALL: Final = Wish(whole=True)
Token = tuple[str, str, str, int]


def take_paths(rooms: Rooms, agent: str, wish: Wish) -> None:
    answer = rooms.wait(agent, room_id(rooms), wish=wish)
    assert answer["status"] == "your_turn", answer


def part_of(rooms: Rooms, agent: str) -> Part:
    return parts.held_by(room_of(rooms), agent)[0]


def token_of(rooms: Rooms, agent: str) -> Token:
    """Return what the holder of paths has to bring."""
    part = part_of(rooms, agent)
    assert part.lease
    return agent, room_id(rooms), part.lease.lease_id, part.turn_id


# --- rooms


def set_of_ana(rooms: Rooms) -> None:
    used(rooms)
    take_paths(rooms, "ana", SET)


def set_of_cy(rooms: Rooms) -> None:
    used(rooms)
    take_paths(rooms, "cy", SET)


def set_beside_the_rest(rooms: Rooms) -> None:
    """Ana has the rest and a set of paths; cy asks for the set."""
    set_of_ana(rooms)
    take(rooms, "ana")
    rooms.do(Ask("cy", room_id(rooms), "please", for_turn=part_of(rooms, "ana").turn_id))


def set_with_bo_in_line(rooms: Rooms) -> None:
    set_of_ana(rooms)
    rooms.enlist("bo", room_id(rooms), wish=Wish(("docs", "tests")))


def set_passed_to_ana(rooms: Rooms) -> None:
    """Two sets that were handed to ana, by bo and by cy: both are claimed by one wait."""
    used(rooms)
    living = rooms_at(Path(rooms.store.root), dead=lambda _: frozenset())
    take_paths(living, "cy", SET)
    take_paths(living, "bo", Wish(("tests",)))
    for name in ("cy", "bo"):
        living.do(Pass(*token_of(living, name), "ana", HANDOFF))


# --- what is asked


def take_set(rooms: Rooms) -> Act:
    known = room_id(rooms)
    return lambda: rooms.wait("ana", known, wish=SET)


def take_more(rooms: Rooms) -> Act:
    agent, known, lease, _ = token_of(rooms, "ana")
    return lambda: rooms.wait(agent, known, lease, wish=MORE)


def claim_sets(rooms: Rooms) -> Act:
    known = room_id(rooms)
    return lambda: rooms.wait("ana", known, wish=Wish(("docs", "tests", "new")))


def take_all(rooms: Rooms) -> Act:
    known = room_id(rooms)
    return lambda: rooms.wait("ana", known, wish=ALL)


def release_set(rooms: Rooms) -> Act:
    mine = token_of(rooms, "ana")
    return lambda: rooms.do(Release(*mine, HANDOFF))


def release_every_turn(rooms: Rooms) -> Act:
    both = [Release(*token_of(rooms, "ana"), HANDOFF), Release(*held(rooms), HANDOFF)]
    known = room_id(rooms)
    return lambda: rooms.do_all(known, both)


def pass_set(rooms: Rooms) -> Act:
    mine = token_of(rooms, "ana")
    return lambda: rooms.do(Pass(*mine, "bo", HANDOFF))


def renew_every_turn(rooms: Rooms) -> Act:
    both = [Heartbeat(*token_of(rooms, "ana")), Heartbeat(*held(rooms))]
    known = room_id(rooms)
    return lambda: rooms.do_all(known, both)


def take_over_set(rooms: Rooms) -> Act:
    known, turn = room_id(rooms), part_of(rooms, "cy").turn_id
    return lambda: rooms.takeover("ana", known, "it is urgent", turn)


def ask_for_set(rooms: Rooms) -> Act:
    known, turn = room_id(rooms), part_of(rooms, "cy").turn_id
    return lambda: rooms.do(Ask("ana", known, "to mend them", for_turn=turn))


def enlist_for_set(rooms: Rooms) -> Act:
    known = room_id(rooms)
    return lambda: rooms.enlist("ana", known, "tests are red", SET)


def close_with_set(rooms: Rooms) -> Act:
    mine = held(rooms)
    return lambda: rooms.close(*mine, HANDOFF)


def leave_with_set(rooms: Rooms) -> Act:
    known = room_id(rooms)
    return lambda: rooms.leave("ana", known, force=True)


PARTED: Final[Mapping[str, Case]] = {
    "take paths": Case(used, take_set),
    "take paths again": Case(set_of_ana, take_set),
    "add paths": Case(set_of_ana, take_more),
    "claim two sets and add to them": Case(set_passed_to_ana, claim_sets),
    "take the rest beside a set": Case(set_of_ana, take_all),
    "release a set": Case(set_of_ana, release_set),
    "release a set to a waiter": Case(set_with_bo_in_line, release_set, frozenset({"bo"})),
    "release every turn": Case(set_beside_the_rest, release_every_turn),
    "pass a set": Case(set_of_ana, pass_set),
    "renew every turn": Case(set_beside_the_rest, renew_every_turn),
    "takeover of a set": Case(set_of_cy, take_over_set),
    "ask for a set": Case(set_of_cy, ask_for_set),
    "enlist for paths": Case(set_of_cy, enlist_for_set),
    "close with a set": Case(set_beside_the_rest, close_with_set),
    "leave with a set": Case(set_beside_the_rest, leave_with_set),
}
EVERY: Final[Mapping[str, Case]] = {**CASES, **PARTED}
