"""What a clone sees of a room on an engine, and what the engine is told of it: pure functions.

A member belongs to the clone it joined from. Only there can it be proven: a clone sees of the others'
members who they are, and neither sessions nor processes, but for a proof of death. The id of a lease
stays in the clone whose member holds it.
"""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import replace
from stickhooks.protocol import phases
from stickhooks.protocol.model import Lease, Member, Process, Room, Waiter
from stickhooks.store.engine import document, names
from stickhooks.store.engine.document import CLONE, OPERATION
from stickhooks.text import word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

SEEN: Final = "seen"  # of a place in the line: room time at which its clone vouched for it last
VOUCHED: Final = 10 * 60_000  # milliseconds for which that is good
HIDDEN: Final = ("programs",)  # what else of a member opens the gate in its own clone


def clone_of(thing: Member | Lease | Waiter | None) -> str:
    """Return the clone that a member, lease or place in the line belongs to, ``""`` for none."""
    named = thing.extra.get(CLONE, "") if thing else ""
    return named if isinstance(named, str) else ""


def operation_of(room: Room) -> str | None:
    """Return the operation that wrote a room's lease, None where nobody holds it."""
    return str(room.lease.extra.get(OPERATION, "")) if room.lease else None


def seen_from(room: Room, clone: str, lease_id: str) -> Room:
    """Return a room of an engine as a clone sees it; ``lease_id`` is that of a lease of this clone."""
    members = tuple(m if clone_of(m) == clone else _elsewhere(m) for m in room.members)
    lease = room.lease
    if lease and clone_of(lease) == clone:
        lease = replace(lease, lease_id=lease_id)
    return replace(room, members=members, lease=lease)


def _elsewhere(member: Member) -> Member:
    extra = {key: value for key, value in member.extra.items() if key not in HIDDEN}
    return replace(member, process=_proof(member), beside=(), sessions=(), extra=extra)


def _proof(member: Member) -> Process | None:
    """Return a process of another clone's member where it was proven dead with all others, else None:
    alive or not is unknown from here.

    The same machine may have several clones. One that sees another's process dead says nothing:
    that clone's mirror would still be open.
    """
    dead = bool(member.processes) and all(process.dead for process in member.processes)
    return member.processes[0] if dead else None


def to_engine(
    room: Room,
    base: Room | None,
    clone: str,
    operation: str,
    now: int,
    told: Mapping[str, object] = {},
) -> Room:
    """Return a room as the engine is to have it, after a change that was decided on what this clone
    sees. ``base`` is the room as the engine has it, ``told`` what a grant tells people: where its
    holder sits, and when that was by the wall clock there.

    Raises ``identity_taken`` for a change of another clone's member or lease.
    """
    known = {m.agent_id: m for m in base.members} if base else {}
    members = tuple(_told(m, known.get(m.agent_id), base, clone) for m in room.members)
    waiters = tuple(_vouched(w, members, clone, now) for w in room.waiters)
    lease = _lease(room, base, clone, operation, told)
    return replace(room, members=members, waiters=waiters, lease=lease)


def _told(member: Member, known: Member | None, base: Room | None, clone: str) -> Member:
    """Return a member as the engine keeps it: another clone's as it was, but for notes left for it, and
    for moving here."""
    if known is None or clone_of(known) == clone:
        return replace(member, extra={**member.extra, CLONE: clone})
    if _same(member, _elsewhere(known)):
        return replace(known, unread=member.unread)
    person = member.session_kind == phases.PERSON == known.session_kind
    if not person or (base and known.agent_id in _engaged(base)):
        raise taken(known.agent_id)
    return replace(member, sessions=(), beside=(), extra={**member.extra, CLONE: clone})


def _same(one: Member, other: Member) -> bool:
    """Tell whether a member is known by the same things; when it was seen last, and what it has not read
    yet, does not matter."""
    return replace(one, last_seen_at=0, unread=()) == replace(other, last_seen_at=0, unread=())


def _engaged(room: Room) -> set[str | None]:
    """Return who holds, is promised the stick, or waits: these are not moved from clone to clone."""
    lease, promise = room.lease, room.reservation
    keepers = {lease.holder if lease else None, promise.recipient if promise else None}
    return keepers | {waiter.agent_id for waiter in room.waiters}


def _lease(
    room: Room, base: Room | None, clone: str, operation: str, told: Mapping[str, object]
) -> Lease | None:
    """Return the lease as the engine keeps it: one that was granted or renewed bears the operation."""
    lease, before = room.lease, base.lease if base else None
    if lease is None:
        return None
    if before and lease == replace(before, lease_id=lease.lease_id):
        return before
    if before and clone_of(before) != clone and lease.holder == before.holder:
        raise taken(lease.holder)
    granted = base is None or room.turn_id != base.turn_id
    marks = {**(told if granted else {}), CLONE: clone, OPERATION: operation}
    hidden = document.hidden(lease.lease_id)
    return replace(lease, lease_id=hidden, extra={**lease.extra, **marks})


def _vouched(waiter: Waiter, members: tuple[Member, ...], clone: str, now: int) -> Waiter:
    own = any(clone_of(m) == clone for m in members if m.agent_id == waiter.agent_id)
    return replace(waiter, extra={**waiter.extra, CLONE: clone, SEEN: now}) if own else waiter


def waiting_elsewhere(room: Room, clone: str, now: int) -> frozenset[str]:
    """Return the members of other clones whose place in the line was vouched for of late."""
    places = ((w.agent_id, w.extra.get(SEEN)) for w in room.waiters if clone_of(w) != clone)
    return frozenset(
        agent for agent, seen in places if isinstance(seen, int) and now - seen < VOUCHED
    )


def lets_others_act(before: Room, after: Room, clone: str) -> bool:
    """Tell whether others may act once a change is made: the lease of this clone ends, or its holder
    is proven dead (R2)."""
    lease = before.lease
    if lease is None or clone_of(lease) != clone:
        return False
    if after.lease is None or after.lease.holder != lease.holder:
        return True
    return _proofs(after, lease.holder) > _proofs(before, lease.holder)


def check_may_end(
    before: Room, after: Room, clone: str, now: int, held: frozenset[str] | None = None
) -> None:
    """Raise ``held`` for a change that ends another clone's lease before its time, where its holder is not
    proven dead: that clone's mirror may be open, however idle the holder seems from here. What is in time
    by the engine's own clock is not over by ours: ``held`` are the operations of such leases."""
    lease = before.lease
    if lease is None or clone_of(lease) == clone or _same_turn(before, after):
        return
    keeper = next((m for m in before.members if m.agent_id == lease.holder), None)
    vouched = operation_of(before) in (held or ())
    if (lease.expires_at <= now and not vouched) or (keeper and _proof(keeper)):
        return
    told = f"{lease.holder} holds the stick in another clone, and may write there until its lease is over"
    raise Refusal("held", told, [Next("wait")], current_owner=lease.holder)


def _same_turn(before: Room, after: Room) -> bool:
    return after.lease is not None and after.turn_id == before.turn_id


def _proofs(room: Room, agent: str) -> int:
    return sum(p.dead for m in room.members if m.agent_id == agent for p in m.processes)


def taken(agent: str) -> Refusal:
    """Return the refusal for who would act as a member of another clone."""
    return Refusal(
        "identity_taken",
        f"{agent} joined this room from another clone, and is proven there only",
        [Next("join", "--as", word(next(names.others(agent))))],
        agent_id=agent,
    )
