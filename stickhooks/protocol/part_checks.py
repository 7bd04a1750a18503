"""What needs that no part of a room is out, or none around a place: refused before it is done."""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.protocol import parts, phases
from stickhooks.protocol.model import Part, Room


def check_all_in(room: Room, deed: str, agent: str = "") -> None:
    """Refuse a deed that needs that no part of a room is out, but for those that ``agent`` holds."""
    for part in room.parts:
        if part.lease is None or part.lease.holder != agent:
            raise _out(part, agent, f"nobody can {deed} until it is given back", "wait", "--whole")


def check_place(room: Room, path: str, agent: str) -> None:
    """Refuse to make a room of its own of a place that a part of the room above has, or lies in."""
    for part in room.parts:
        if parts.touches(part, [path]):
            raise _out(part, agent, f"{path} gets no room of its own until then")


def _out(part: Part, agent: str, why: str, *step: str) -> Refusal:
    keeper = parts.keeper_of(part)
    has = "holds" if part.lease else "is promised"
    who = f"{keeper} {has}" if keeper != agent else "you hold" if part.lease else "you are promised"
    told = f"{who} {phases.named(part.paths)} (turn {part.turn_id}): {why}"
    mine = Next("release", "--help") if part.lease else Next("take")
    return Refusal(
        "held",
        told,
        [mine if keeper == agent else Next(*step or ("status",))],
        current_owner=keeper,
    )
