"""The law: who may do what with the stick, and what follows.

Rule 1: everything that decides who may write is in this file and in ``derive``, and as
        much of it as possible in the RULES table. A cell that is not there is a refusal.
Rule 2: this file reads no clock, no file and no process table, and draws no random
        numbers. A Moment brings in all that it may know of the world.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from stickhooks import derive
from stickhooks.commands import (
    Bind,
    Close,
    Command,
    Delist,
    Enlist,
    Heartbeat,
    Held,
    Join,
    Leave,
    Pass,
    Release,
    Reopen,
    SetPolicy,
    Takeover,
    Wait,
    check_fields,
    handoff_answer,
    handoff_of,
)
from stickhooks.derive import (
    CLOSED,
    DORMANT,
    IDLE,
    OWNED,
    OWNER_GONE,
    RECIPIENT_GONE,
    RESERVED,
    STALE_CLAIM,
    STALE_OWNER,
)
from stickhooks.errors import Refusal
from stickhooks.model import (
    Event,
    Handoff,
    Lease,
    Letter,
    Member,
    Process,
    Reservation,
    Room,
    Waiter,
)

ABSENCE_LIMIT = 30 * 24 * 3600 * 1000
BINDINGS_LIMIT = 8
KINDS: Final = {"human_guardian": 3, "mcp_harness": 2, "human_cli": 1}

Answer: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Moment:
    """All that the law may know of the world, gathered before it decides.

    ``dead`` are processes proven dead, ``waiting`` the members whose waiting process is
    alive, ``lease_id`` a fresh id in case a turn is granted.
    """

    now: int
    lease_id: str
    dead: frozenset[Process] = frozenset()
    waiting: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The room afterwards, the events to log, the answer to give."""

    room: Room
    answer: Answer
    events: tuple[Event, ...] = ()


Action: TypeAlias = Callable[[Room, Command, Moment], Outcome]


# --- what follows from a room at a moment ----------------------------------------------


def member_of(room: Room, agent_id: str | None) -> Member | None:
    """Return the member of that name, or None."""
    return next((m for m in room.members if m.agent_id == agent_id), None)


def gone(room: Room, member: Member | None, at: Moment) -> bool:
    """Tell whether a member is gone: every process it is known by proven dead, and the grace over."""
    if member is None or not member.processes:
        return False
    dead = all(p.dead or p in at.dead for p in member.processes)
    return derive.is_gone(at.now, member.last_seen_at, room.policy.gone_grace, dead=dead)


def here(room: Room, member: Member, at: Moment) -> bool:
    """Tell whether a member is present and not gone. Who waits is present."""
    present = member.agent_id in at.waiting or derive.is_present(
        at.now, member.last_seen_at, room.policy.presence_ttl
    )
    return present and not gone(room, member, at)


def phase_of(room: Room, at: Moment) -> str:
    """Say where the stick is, as seen at one moment. Derived, never stored."""
    promise = room.lease or room.reservation
    keeper = _keeper(room)
    return derive.phase_of(
        closed=room.closed,
        holder=room.lease.holder if room.lease else None,
        recipient=room.reservation.recipient if room.reservation else None,
        over=promise is not None and derive.is_over(at.now, promise.expires_at),
        gone=keeper is not None and gone(room, keeper, at),
        anybody_here=any(here(room, m, at) for m in room.members),
    )


def _keeper(room: Room) -> Member | None:
    if room.lease:
        return member_of(room, room.lease.holder)
    return member_of(room, room.reservation.recipient) if room.reservation else None


HOLDER: Final = "holder"
RECIPIENT: Final = "recipient"
SENDER: Final = "sender"
OTHER: Final = "other"
Role: TypeAlias = Literal["holder", "recipient", "sender", "other"]


def role_of(room: Room, agent_id: str, at: Moment) -> Role:
    """Say who is asking. The sender wrote the pending handoff and may not snatch it back from others."""
    if room.lease:
        return HOLDER if room.lease.holder == agent_id else OTHER
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


def line_of(room: Room, at: Moment) -> list[str]:
    """Return the members waiting now, in the order they began."""
    return [w.agent_id for w in room.waiters if w.agent_id in at.waiting]


def next_in_order(room: Room, after: str, at: Moment) -> str | None:
    """Return the next member after ``after`` in join order, wrapping, who is present and not gone."""
    ring = sorted(room.members, key=lambda m: m.ordinal)
    start = next((i for i, m in enumerate(ring) if m.agent_id == after), -1) + 1
    candidates = (m for m in ring[start:] + ring[:start] if m.agent_id != after)
    return next((m.agent_id for m in candidates if here(room, m, at)), None)


# --- what a command does ---------------------------------------------------------------


def grant(room: Room, command: Command, at: Moment) -> Outcome:
    letter = room.letter if room.pending else None
    reasons = {"pass": "direct_pass", "release": "sequence", "close": "sequence"}
    reason = reasons[letter.event_type] if letter else "open_claim"
    sender = letter.author if letter else None
    return _give(room, command, at, "claim", sender, letter, reason=reason)


def resume(room: Room, command: Command, at: Moment) -> Outcome:
    """Answer a holder that asks again: with its lease id it goes on, without it the turn is renewed."""
    assert isinstance(command, Wait)
    assert room.lease
    if command.lease_id == room.lease.lease_id:
        room = _renewed(room, at)
        return Outcome(room, {"status": "already_owner", **_lease_answer(room)})
    return _give(
        room, command, at, "claim", command.agent_id, room.letter,
        reason="recovered", event_reason="recovered",
    )  # fmt: skip


def seize(room: Room, command: Command, at: Moment) -> Outcome:
    assert isinstance(command, Takeover)
    kind = _TAKEOVER_KINDS[phase_of(room, at)]
    keeper = _revocable(room)
    outcome = _give(
        room, command, at, "takeover", keeper, room.letter,
        reason=kind, event_reason=command.reason, kind=kind,
    )  # fmt: skip
    return replace(outcome, answer={**outcome.answer, "revoked_agent_id": keeper})


def _give(
    room: Room,
    command: Command,
    at: Moment,
    event_type: str,
    sender: str | None,
    letter: Letter | None,
    *,
    reason: str,
    event_reason: str | None = None,
    kind: str | None = None,
) -> Outcome:
    """Grant the next turn: the only place where the turn grows."""
    agent = command.agent_id
    why = command.reason if isinstance(command, Takeover) else getattr(command, "why", None)
    if why is None:
        why = next((w.why for w in room.waiters if w.agent_id == agent), None)
    if why is None and room.lease and room.lease.holder == agent:
        why = room.lease.why
    expires_at = at.now + room.policy.owner_lease_ttl
    given = replace(
        room,
        turn_id=room.turn_id + 1,
        lease=Lease(agent, at.lease_id, at.now, at.now, expires_at, why),
        reservation=None,
        pending=False,
        waiters=tuple(w for w in room.waiters if w.agent_id != agent),
    )
    given, event = _logged(
        given, at, event_type, sender, agent, reason=event_reason, kind=kind
    )  # fmt: skip
    answer = {
        "status": "your_turn",
        "room_id": room.room_id,
        "turn_id": given.turn_id,
        "lease_id": at.lease_id,
        "lease_expires_at": expires_at,
        "handoff": handoff_answer(letter.handoff) if letter else None,
        "from_agent_id": letter.author if letter else None,
        "reason": reason,
    }
    return Outcome(given, answer, (event,))


def renew(room: Room, command: Command, at: Moment) -> Outcome:
    room = _renewed(room, at)
    return Outcome(room, {"status": "ok", **_lease_answer(room)})


def hand_on(room: Room, command: Command, at: Moment) -> Outcome:
    assert isinstance(command, Release)
    line = line_of(room, at)
    heir = line[0] if line else None
    if heir is None and room.policy.reserve == "order":
        heir = next_in_order(room, command.agent_id, at)
    # A place in the line is kept until a release finds nobody at it.
    room = replace(room, waiters=tuple(w for w in room.waiters if w.agent_id in at.waiting))
    return _put_down(room, command, at, "release", "released", heir, to=None)


def hand_to(room: Room, command: Command, at: Moment) -> Outcome:
    assert isinstance(command, Pass)
    recipient = member_of(room, command.to_agent_id)
    if recipient is None or not here(room, recipient, at):
        raise Refusal(
            "unknown_member",
            f"{command.to_agent_id} is not here: not a member, or gone, or not seen for long",
            next=["stick status --all"],
            to_agent_id=command.to_agent_id,
        )
    heir = recipient.agent_id
    return _put_down(room, command, at, "pass", "passed", heir, to=heir)


def close(room: Room, command: Command, at: Moment) -> Outcome:
    assert isinstance(command, Close)
    outcome = _put_down(room, command, at, "close", "closed", None, to=None)
    return replace(outcome, room=replace(outcome.room, closed=True))


def _put_down(
    room: Room,
    command: Release | Pass | Close,
    at: Moment,
    event_type: str,
    status: str,
    heir: str | None,
    *,
    to: str | None,
) -> Outcome:
    """End a lease with a handoff; the turn stays."""
    handoff = handoff_of(command.handoff)
    room, event = _logged(room, at, event_type, command.agent_id, to, handoff=handoff)
    room = replace(
        room,
        lease=None,
        letter=Letter(handoff, command.agent_id, event.event_seq, event_type),
        pending=True,
        reservation=_promise(room, heir, at),
    )
    answer = {
        "status": status,
        "room_id": room.room_id,
        "reserved_for": heir,
        "event_seq": event.event_seq,
    }
    return Outcome(room, answer, (event,))


def _promise(room: Room, heir: str | None, at: Moment) -> Reservation | None:
    return Reservation(heir, at.now + room.policy.claim_ttl) if heir else None


def go(room: Room, command: Command, at: Moment) -> Outcome:
    """Leave: the member and its place in the line are taken out; nothing else changes."""
    agent = command.agent_id
    room, event = _logged(room, at, "leave", agent, None)
    room = replace(
        room,
        members=tuple(m for m in room.members if m.agent_id != agent),
        waiters=tuple(w for w in room.waiters if w.agent_id != agent),
    )
    return Outcome(room, {"status": "left", "room_id": room.room_id}, (event,))


def go_back(room: Room, command: Command, at: Moment) -> Outcome:
    """Leave as the recipient: the handoff is pending again, for the line or for anybody."""
    return go(_offered_anew(replace(room, reservation=None), command.agent_id, at), command, at)


def step_down(room: Room, command: Command, at: Moment) -> Outcome:
    """Leave as the holder: only by force, for a release would leave a handoff."""
    assert isinstance(command, Leave)
    if not command.force:
        raise Refusal(
            "invalid_handoff",
            "you hold the stick: release it with a handoff first, or leave without one by --force",
            next=["stick release --status … --next … && stick leave", "stick leave --force"],
            field="handoff",
        )
    free = replace(room, lease=None, pending=room.letter is not None)
    return go(_offered_anew(free, command.agent_id, at), command, at)


def _offered_anew(room: Room, leaver: str, at: Moment) -> Room:
    line = [agent for agent in line_of(room, at) if agent != leaver]
    return replace(room, reservation=_promise(room, line[0] if line else None, at))


def reopen(room: Room, command: Command, at: Moment) -> Outcome:
    room, event = _logged(room, at, "reopen", command.agent_id, None)
    room = replace(room, closed=False)
    return Outcome(room, {"status": "reopened", "room_id": room.room_id}, (event,))


def stay_open(room: Room, command: Command, at: Moment) -> Outcome:
    return Outcome(room, {"status": "open", "room_id": room.room_id})


def set_policy(room: Room, command: Command, at: Moment) -> Outcome:
    assert isinstance(command, SetPolicy)
    return Outcome(replace(room, policy=command.policy), {"status": "ok", "room_id": room.room_id})


def enlist(room: Room, command: Command, at: Moment) -> Outcome:
    assert isinstance(command, Enlist)
    place = Waiter(command.agent_id, at.now, command.why)
    known = [w.agent_id for w in room.waiters]
    waiters = room.waiters if command.agent_id in known else (*room.waiters, place)
    return Outcome(replace(room, waiters=waiters), {"status": "waiting", "room_id": room.room_id})


def delist(room: Room, command: Command, at: Moment) -> Outcome:
    waiters = tuple(w for w in room.waiters if w.agent_id != command.agent_id)
    return Outcome(replace(room, waiters=waiters), {"status": "ok", "room_id": room.room_id})


def bind(room: Room, command: Command, at: Moment) -> Outcome:
    assert isinstance(command, Bind)
    room = _unbound(room, command.agent_id, None, command.session)
    members = tuple(
        _with_session(m, command.session) if m.agent_id == command.agent_id else m
        for m in room.members
    )
    return Outcome(replace(room, members=members), {"status": "ok", "room_id": room.room_id})


def not_yet(room: Room, command: Command, at: Moment) -> Outcome:
    phase = derive.shown(phase_of(room, at))
    return Outcome(
        room, {"status": "not_yet", "cursor": str(room.event_seq), "room_state": phase}
    )  # fmt: skip


def offer(room: Room, command: Command, at: Moment) -> Outcome:
    phase = phase_of(room, at)
    keeper: dict[str, object] = {"current_owner": room.lease.holder} if room.lease else {}
    if room.reservation:
        keeper = {"reserved_for": room.reservation.recipient}
    answer = {
        "status": "takeover_available",
        "room_id": room.room_id,
        "turn_id": room.turn_id,
        "room_state": derive.shown(phase),
        "reason": _TAKEOVER_KINDS[phase],
        **keeper,
    }
    return Outcome(room, answer)


def say_closed(room: Room, command: Command, at: Moment) -> Outcome:
    return Outcome(room, {"status": "closed", "room_id": room.room_id, "room_state": CLOSED})


def ineligible(room: Room, command: Command, at: Moment) -> Outcome:
    keeper: dict[str, object] = {"current_owner": room.lease.holder} if room.lease else {}
    if room.reservation:
        keeper = {"reserved_for": room.reservation.recipient}
    phase = derive.shown(phase_of(room, at))
    raise Refusal("takeover_ineligible", room_state=phase, told=keeper)


_TAKEOVER_KINDS: Final = {
    OWNER_GONE: "owner_gone",
    STALE_OWNER: "owner_timeout",
    RECIPIENT_GONE: "recipient_gone",
    STALE_CLAIM: "claim_timeout",
}

_HOLDING: Final[Mapping[type[Command], Action]] = {
    Wait: resume, Heartbeat: renew, Release: hand_on, Pass: hand_to, Close: close,
    Leave: step_down, SetPolicy: set_policy, Reopen: stay_open,
    Enlist: delist, Delist: delist, Bind: bind,
}  # fmt: skip
_ANYWHERE: Final[Mapping[type[Command], Action]] = {
    Leave: go, Reopen: stay_open, Enlist: enlist, Delist: delist, Bind: bind,
}  # fmt: skip
_PROMISED: Final[Mapping[type[Command], Action]] = {**_ANYWHERE, Leave: go_back}
_SHUT: Final[Mapping[type[Command], Action]] = {
    **_ANYWHERE, Wait: say_closed, Enlist: say_closed, Reopen: reopen,
}  # fmt: skip

# fmt: off
#: What a command does, by who asks and where the stick is. No cell: refused.
RULES: Final[Mapping[str, Mapping[str, Mapping[type[Command], Action]]]] = {
    HOLDER: {
        OWNED:          _HOLDING,
        STALE_OWNER:    {**_HOLDING, Takeover: ineligible},
        OWNER_GONE:     {**_HOLDING, Takeover: ineligible},
    },
    RECIPIENT: {
        RESERVED:       {**_PROMISED, Wait: grant},
        STALE_CLAIM:    {**_PROMISED, Wait: grant, Takeover: ineligible},
        RECIPIENT_GONE: {**_PROMISED, Wait: grant, Takeover: ineligible},
        CLOSED:         _SHUT,
    },
    SENDER: {  # no snatching back while somebody else could take over
        RESERVED:       {**_ANYWHERE, Wait: not_yet},
        STALE_CLAIM:    {**_ANYWHERE, Wait: not_yet, Takeover: ineligible},
        RECIPIENT_GONE: {**_ANYWHERE, Wait: not_yet, Takeover: ineligible},
        CLOSED:         _SHUT,
    },
    OTHER: {
        IDLE:           {**_ANYWHERE, Wait: grant, SetPolicy: set_policy},
        DORMANT:        {**_ANYWHERE, Wait: grant, SetPolicy: set_policy},
        OWNED:          {**_ANYWHERE, Wait: not_yet},
        STALE_OWNER:    {**_ANYWHERE, Wait: offer, Takeover: seize},
        OWNER_GONE:     {**_ANYWHERE, Wait: offer, Takeover: seize},
        RESERVED:       {**_ANYWHERE, Wait: not_yet},
        STALE_CLAIM:    {**_ANYWHERE, Wait: offer, Takeover: seize},
        RECIPIENT_GONE: {**_ANYWHERE, Wait: offer, Takeover: seize},
        CLOSED:         _SHUT,
    },
}
# fmt: on


def decide(room: Room | None, command: Command, at: Moment) -> Outcome:
    """Return what ``command`` does to ``room``, or raise Refusal and change nothing.

    Checks come in this order: the request's fields, the room, the turn, the lease,
    membership, eligibility. A success is the caller's latest sign of life.
    """
    check_fields(command)
    if room is None:
        raise Refusal("room_not_found")
    if isinstance(command, Join):
        return join(room, command, at)
    _check_token(room, command, at)
    if member_of(room, command.agent_id) is None:
        raise Refusal("unknown_member", agent_id=command.agent_id)
    role, phase = role_of(room, command.agent_id, at), phase_of(room, at)
    action = RULES[role].get(phase, {}).get(type(command))
    if action is None:
        raise _no(room, command, phase)
    outcome = action(room, command, at)
    return replace(outcome, room=_seen(outcome.room, command.agent_id, at))


def _check_token(room: Room, command: Command, at: Moment) -> None:
    if not isinstance(command, Held | Takeover):
        return
    told: dict[str, object] = {
        "current_owner": room.lease.holder if room.lease else None,
        "current_turn_id": room.turn_id,
        "room_state": derive.shown(phase_of(room, at)),
    }
    if command.expected_turn_id != room.turn_id:
        raise Refusal("turn_mismatch", told=told)
    if isinstance(command, Held) and (
        room.lease is None
        or room.lease.holder != command.agent_id
        or room.lease.lease_id != command.lease_id
    ):
        raise Refusal("stale_lease", told=told)


def _no(room: Room, command: Command, phase: str) -> Refusal:
    if isinstance(command, Takeover) and phase != CLOSED:
        return Refusal("takeover_not_available", room_state=derive.shown(phase))
    return not_yours(room, phase)


def not_yours(room: Room, phase: str) -> Refusal:
    """Return the refusal for somebody who does not hold the stick and needs it."""
    if phase == CLOSED:
        return Refusal("room_closed")
    if room.lease:
        holder = room.lease.holder
        return Refusal("held", f"{holder} holds the stick", ["stick wait"], current_owner=holder)
    if room.reservation:
        heir = room.reservation.recipient
        return Refusal(
            "reserved", f"the stick is reserved for {heir}", ["stick wait"], reserved_for=heir
        )
    return Refusal("free", "nobody holds the stick; take it first", ["stick take"])


def join(room: Room, command: Join, at: Moment) -> Outcome:
    """Become a member, or come back and be known by a new process."""
    known = member_of(room, command.agent_id)
    room = _unbound(_pruned(room, at), command.agent_id, command.process, command.session)
    if known is None:
        ordinal = max((m.ordinal for m in room.members), default=-1) + 1
        member = Member(
            command.agent_id, ordinal, at.now, at.now,
            command.session_kind or "mcp_harness", command.display_name, command.process,
        )  # fmt: skip
        members = (*room.members, member)
    else:
        member = _rejoined(room, member_of(room, command.agent_id) or known, command, at)
        members = tuple(member if m.agent_id == member.agent_id else m for m in room.members)
    if command.session:
        bound = _with_session(member, command.session)
        members = tuple(bound if m.agent_id == bound.agent_id else m for m in members)
    room = _seen(replace(room, members=members), command.agent_id, at)
    return Outcome(room, {"agent_id": command.agent_id, "room_id": room.room_id})


def _rejoined(room: Room, member: Member, command: Join, at: Moment) -> Member:
    if command.beside and command.process:
        return _with_process(member, command.process, at)
    kind = command.session_kind or "mcp_harness"
    kept = member.process
    keeps = (
        _keeper(room) is not None
        and _revocable(room) == member.agent_id
        and kept is not None
        and kept.exact
        and not (kept.dead or kept in at.dead)
        and (
            command.process is None
            or not command.process.exact
            or KINDS.get(kind, 2) < KINDS.get(member.session_kind, 2)
        )
    )
    if keeps:
        return member
    return replace(
        member,
        process=command.process,
        session_kind=kind,
        display_name=command.display_name,
    )


def _revocable(room: Room) -> str | None:
    """Return who holds, or to whom the stick is promised."""
    if room.lease:
        return room.lease.holder
    return room.reservation.recipient if room.reservation else None


def _with_process(member: Member, process: Process, at: Moment) -> Member:
    """Add a person's further terminal; processes proven dead make room for it."""
    if process in member.processes:
        return member
    living = [p for p in member.processes if not (p.dead or p in at.dead)]
    first, *rest = [*living, process]
    return replace(member, process=first, beside=tuple(rest[-BINDINGS_LIMIT:]))


def _with_session(member: Member, session: str) -> Member:
    others = tuple(s for s in member.sessions if s != session)
    return replace(member, sessions=(*others, session)[-BINDINGS_LIMIT:])


def _unbound(room: Room, agent: str, process: Process | None, session: str | None) -> Room:
    """Take a binding away from everybody else: it belongs to one member."""

    def without(member: Member) -> Member:
        if member.agent_id == agent:
            return member
        beside = tuple(p for p in member.beside if p != process)
        first = member.process
        if process is not None and process.exact and first == process:
            first, beside = (beside[0], beside[1:]) if beside else (None, beside)
        sessions = tuple(s for s in member.sessions if s != session)
        return replace(member, process=first, beside=beside, sessions=sessions)

    return replace(room, members=tuple(without(m) for m in room.members))


def _pruned(room: Room, at: Moment) -> Room:
    """Forget members absent for 30 days, but never a holder, a recipient or one in the line."""
    kept = {_revocable(room), *(w.agent_id for w in room.waiters)}
    return replace(
        room,
        members=tuple(
            m for m in room.members if m.agent_id in kept or at.now - m.last_seen_at < ABSENCE_LIMIT
        ),
    )


def _seen(room: Room, agent: str, at: Moment) -> Room:
    members = tuple(
        replace(m, last_seen_at=at.now) if m.agent_id == agent else m for m in room.members
    )
    return replace(room, members=members)


def _renewed(room: Room, at: Moment) -> Room:
    assert room.lease
    expires_at = at.now + room.policy.owner_lease_ttl
    return replace(room, lease=replace(room.lease, renewed_at=at.now, expires_at=expires_at))


def _lease_answer(room: Room) -> Answer:
    assert room.lease
    return {
        "room_id": room.room_id,
        "turn_id": room.turn_id,
        "lease_id": room.lease.lease_id,
        "lease_expires_at": room.lease.expires_at,
    }


def _logged(
    room: Room,
    at: Moment,
    event_type: str,
    sender: str | None,
    recipient: str | None,
    *,
    handoff: Handoff | None = None,
    reason: str | None = None,
    kind: str | None = None,
) -> tuple[Room, Event]:
    seq = room.event_seq + 1
    event = Event(
        seq, room.turn_id, event_type, sender, recipient, handoff, reason, kind, at.now
    )  # fmt: skip
    return replace(room, event_seq=seq), event


# --- rooms within rooms ----------------------------------------------------------------


def check_carving(above: Room | None, agent_id: str, at: Moment) -> None:
    """Refuse to carve a folder out of, or give it back to, a room that somebody else holds."""
    if above is None or above.lease is None or above.lease.holder == agent_id:
        return
    raise Refusal(
        "room_held",
        current_owner=above.lease.holder,
        path=above.path or ".",
        room_state=derive.shown(phase_of(above, at)),
    )
