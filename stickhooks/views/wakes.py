"""What came of the try to wake whoever has the next turn, or was asked for it: in words, and as data."""

from __future__ import annotations

from stickhooks.operations.context import Desk
from stickhooks.protocol.moment import member_of
from stickhooks.protocol.phases import PERSON
from stickhooks.store import activity
from stickhooks.store.snapshot import Snapshot
from stickhooks.text import clock_time, plain
from stickhooks.views.log_lines import when

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

TAIL: Final = 1 << 16


def last(desk: Desk, snapshot: Snapshot) -> dict[str, Any] | None:
    """Return what was noted last of whoever would have been woken in this turn."""
    room, who = snapshot.room, whom(snapshot)
    if who is None:
        return None
    notes = reversed(desk.store.notes(room.room_id, TAIL))
    facts = {"what": activity.WAKE, "agent_id": who, "turn": room.turn_id}
    found = next((n for n in notes if all(n.get(key) == facts[key] for key in facts)), None)
    names = ("agent_id", "wake", "why", "about")
    return {**{name: found.get(name) for name in names}, "at": when(found)} if found else None


def whom(snapshot: Snapshot) -> str | None:
    """Return to whom the stick is promised, or who holds it and is asked."""
    room = snapshot.room
    if room.reservation:
        return room.reservation.recipient
    return room.lease.holder if room.lease and room.asks else None


def lines(desk: Desk, snapshot: Snapshot, me: str | None) -> list[str]:
    """Say it in at most one line, nothing where there is nothing to wake, or who looks is it."""
    who, found = whom(snapshot), last(desk, snapshot)
    if who is None or who == me:
        return []
    if found:
        why = f" ({plain(found['why'])})" if found["why"] else ""
        return [f"{plain(who)}: {plain(found['wake'])} at {clock_time(found['at'])}{why}"]
    if snapshot.room.policy.wake != "on":
        return [f"{plain(who)} is not woken: policy wake is off"]
    if snapshot.room.reservation is None or who in desk.store.waiting([who]):
        return []
    return [] if desk.store.reach(who) else [_unreachable(snapshot, who)]


def _unreachable(snapshot: Snapshot, who: str) -> str:
    member = member_of(snapshot.room, who)
    if member and member.session_kind == PERSON:
        told = f"nothing reaches {plain(who)} while it is idle"
        return f"{told}; on a desktop it can type `stick join --notify`"
    client = member.display_name if member else None
    told = f"{plain(who)} is told at its next call"
    return f"nothing reaches {plain(client or 'its client')} while it is idle: {told}"
