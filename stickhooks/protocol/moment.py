"""What follows from a room at a moment: who is here, where the stick is, who is asking.

Pure, like all of the law: no clock, no file, no process table, no random numbers. A Moment
brings in all that may be known of the world.
"""

from __future__ import annotations

from stickhooks.fast.records import Frozen, dataclass
from stickhooks.protocol import parts, phases
from stickhooks.protocol.model import Asking, Event, Member, Part, Process, Room

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Literal, TypeAlias

    from stickhooks.protocol.answers import Answer

#: Statuses of an answer to somebody who holds the stick now.
GOT: Final = ("your_turn", "already_owner")


@dataclass(frozen=True)
class Moment(Frozen):
    """All that the law may know of the world, gathered before it decides.

    ``dead`` are processes proven dead, ``waiting`` the members whose waiting process is
    alive, ``lease_id`` a fresh id in case a turn is granted.
    """

    now: int
    lease_id: str
    dead: frozenset[Process] = frozenset()
    waiting: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outcome(Frozen):
    """The room afterwards, the events to log, the answer to give."""

    room: Room
    answer: Answer
    events: tuple[Event, ...] = ()


def member_of(room: Room, agent_id: str | None) -> Member | None:
    """Return the member of that name, or None."""
    return next((m for m in room.members if m.agent_id == agent_id), None)


def gone(room: Room, member: Member | None, at: Moment) -> bool:
    """Tell whether a member is gone: every process it is known by proven dead, and the grace over."""
    if member is None or not member.processes:
        return False
    dead = all(p.dead or p in at.dead for p in member.processes)
    return phases.is_gone(at.now, member.last_seen_at, room.policy.gone_grace, dead=dead)


def here(room: Room, member: Member, at: Moment) -> bool:
    """Tell whether a member is present and not gone. Who waits is present."""
    present = member.agent_id in at.waiting or phases.is_present(
        at.now, member.last_seen_at, room.policy.presence_ttl
    )
    return present and not gone(room, member, at)


def phase_of(room: Room, at: Moment) -> str:
    """Say where the stick is, as seen at one moment. Derived, never stored."""
    promise = room.lease or room.reservation
    kept_by = keeper(room)
    return phases.phase_of(
        closed=room.closed,
        holder=room.lease.holder if room.lease else None,
        recipient=room.reservation.recipient if room.reservation else None,
        over=promise is not None and phases.is_over(at.now, promise.expires_at),
        gone=kept_by is not None and gone(room, kept_by, at),
        anybody_here=any(here(room, m, at) for m in room.members),
        idle=any(_waits_in_vain(room, asking, at) for asking in room.asks),
    )


def _waits_in_vain(room: Room, asking: Asking, at: Moment) -> bool:
    """Tell whether the holder has done nothing since a member asked, for as long as the policy says."""
    lease, after = room.lease, room.policy.idle_after
    return lease is not None and phases.is_idle(at.now, lease.renewed_at, asking.asked_at, after)


def keeper(room: Room) -> Member | None:
    if room.lease:
        return member_of(room, room.lease.holder)
    return member_of(room, room.reservation.recipient) if room.reservation else None


HOLDER: Final = "holder"
RECIPIENT: Final = "recipient"
SENDER: Final = "sender"
OTHER: Final = "other"
ASKER: Final = "asker"
BARRED: Final = "barred"
Role: TypeAlias = "Literal['holder', 'recipient', 'sender', 'other', 'asker', 'barred']"


def bars(room: Room, *, person: bool) -> bool:
    """Tell whether a closed room stays closed to a caller: see ``phases.bars_agents``."""
    closer = member_of(room, room.letter.author) if room.letter else None
    by_person = room.closing.person if room.closing else None
    kind = closer.session_kind if closer else None
    return not person and phases.bars_agents(room.closed, by_person, kind)


def role_of(room: Room, agent_id: str, at: Moment) -> Role:
    """Say who is asking. The sender wrote the pending handoff and may not snatch it back from others."""
    if room.lease:
        return HOLDER if room.lease.holder == agent_id else _asker_or_other(room, agent_id, at)
    if room.reservation is None:
        return OTHER
    recipient = room.reservation.recipient
    if recipient == agent_id:
        return RECIPIENT
    author = room.letter.author if room.letter and room.pending else None
    if author != agent_id:
        return OTHER
    others = [m for m in room.members if m.agent_id not in (agent_id, recipient)]
    if room.policy.reserve == "order":
        rivals = any(here(room, m, at) for m in others)
    else:
        rivals = any(m.agent_id in at.waiting for m in others)
    return SENDER if rivals else OTHER


def _asker_or_other(room: Room, agent_id: str, at: Moment) -> Role:
    """Tell who asked an idle holder in vain from all others: only for it the phase opens a takeover."""
    own = [asking for asking in room.asks if asking.agent_id == agent_id]
    if not any(_waits_in_vain(room, asking, at) for asking in own):
        return OTHER
    return ASKER if phase_of(room, at) == phases.OWNER_IDLE else OTHER


def line_of(room: Room, at: Moment) -> list[str]:
    """Return the members waiting now for what could be theirs, in the order they began."""
    line = [w for w in room.waiters if w.agent_id in at.waiting]
    return [w.agent_id for w in line if parts.suits(room, w)]


def next_in_order(room: Room, after: str, at: Moment) -> str | None:
    """Return the next member after ``after`` in join order, wrapping, who is present and not gone."""
    ring = sorted(room.members, key=lambda m: m.ordinal)
    start = next((i for i, m in enumerate(ring) if m.agent_id == after), -1) + 1
    candidates = (m for m in ring[start:] + ring[:start] if m.agent_id != after)
    return next((m.agent_id for m in candidates if here(room, m, at)), None)


def revocable(room: Room | Part) -> str | None:
    """Return who holds, or to whom the stick is promised: of a room its rest, or of a part."""
    if room.lease:
        return room.lease.holder
    return room.reservation.recipient if room.reservation else None
