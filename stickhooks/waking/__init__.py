"""Wake who waits: one try to reach the member that the stick was just reserved for, or that is asked for it.

A file a transport; ``TRANSPORTS`` is their registry. What is said is fixed words, the state is read
again right before, and the verb or hook that made the reservation never fails by it, nor waits longer
than ``LIMIT_S``. What came of it is a sighting: that something was submitted, never that somebody woke.
"""

from __future__ import annotations

import time

from stickhooks.errors import Refusal
from stickhooks.operations.promises import ASK
from stickhooks.protocol import parts
from stickhooks.protocol.moment import member_of
from stickhooks.store import activity
from stickhooks.text import clock_time, plain, word
from stickhooks.waking import claude_code, codex, desktop, opencode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from stickhooks.operations.promises import News
    from stickhooks.operations.rooms import Rooms
    from stickhooks.protocol.model import Part, Room
    from stickhooks.store.interface import Store
    from stickhooks.store.snapshot import Snapshot
    from stickhooks.waking.outcome import Outcome

LIMIT_S: Final = 0.3
#: By the way that a member's file in ``reach/`` names.
TRANSPORTS: Final = {one.NAME: one for one in (claude_code, codex, opencode, desktop)}


def wake_all(news: Sequence[tuple[Rooms, News]]) -> None:
    """Try once for each reservation and ask that was published. Raises nothing."""
    until = time.monotonic() + LIMIT_S
    for rooms, one in news:
        try:
            _wake(rooms, one, until)
        except (Refusal, OSError, ValueError):
            continue  # the reservation stands all the same


def _wake(rooms: Rooms, news: News, until: float) -> None:
    """Reach one member, unless it waits, or what it would be told is not so any more."""
    store = rooms.store
    reach = store.reach(news.agent_id)
    way = TRANSPORTS.get(str((reach or {}).get("way")))
    if reach is None or way is None or store.waiting([news.agent_id]):
        return
    snapshot = _still(store, news)
    if snapshot is None or snapshot.room.policy.wake != "on":
        return
    text = words(rooms, snapshot, news)
    outcome: Outcome = way.send(reach, text, max(0.0, until - time.monotonic()))
    store.note(
        news.room_id, activity.WAKE, agent_id=news.agent_id, turn=news.turn_id, about=news.kind,
        wake=outcome.wake, why=outcome.why, client=way.NAME,
    )  # fmt: skip


def _still(store: Store, news: News) -> Snapshot | None:
    """Return the room as it is now, None where the reservation or the ask does not stand any more."""
    snapshot = store.load(news.path)
    if snapshot is None or snapshot.room.room_id != news.room_id:
        return None
    return snapshot if _stands(snapshot.room, news) else None


def _stands(room: Room, news: News) -> bool:
    one = _of_turn(room, news)
    if one is None or member_of(room, news.agent_id) is None:
        return False
    if news.kind == ASK:
        return bool(one.asks) and one.lease is not None and one.lease.holder == news.agent_id
    return one.reservation is not None and one.reservation.recipient == news.agent_id


def _of_turn(room: Room, news: News) -> Room | Part | None:
    """Return what of a room is at a turn: the rest of it, a part, or nothing any more."""
    return room if room.turn_id == news.turn_id else parts.for_turn(room, news.turn_id)


def words(rooms: Rooms, snapshot: Snapshot, news: News) -> str:
    """Return what a member is told: fixed words, with the room's path, a time, a number, a name.

    A name of several words could be an order, so it is not told: some clients take this as their user's.
    """
    room, shown = snapshot.room, plain(rooms.shown(snapshot.room.path))
    step = f" --room {word(shown)}" if room.path else ""
    one = _of_turn(room, news)
    assert one is not None
    if news.kind == ASK:
        name = one.asks[0].agent_id
        who = "a member" if " " in name else plain(name)
        return f"{who} asks for the stick of {shown}. Run: stick notes{step}"
    reading = rooms.clock()
    assert one.reservation
    until = clock_time(one.reservation.expires_at, reading[0] - snapshot.now(reading))
    turn = room.latest_turn + 1
    return f"The stick of {shown} is reserved for you until {until} (turn {turn}). Run: stick take{step}"
