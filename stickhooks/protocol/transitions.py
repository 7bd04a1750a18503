"""What a command does to a room: one small function a cell of the table in ``protocol.rules``."""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import replace
from stickhooks.protocol import phases
from stickhooks.protocol.commands import (  # fmt: skip
    Bind,
    Close,
    Command,
    Leave,
    Pass,
    Release,
    Reopen,
    SetPolicy,
    Takeover,
    Wait,
    handoff_answer,
    handoff_of,
)
from stickhooks.protocol.line import delist
from stickhooks.protocol.members import bound
from stickhooks.protocol.model import (  # fmt: skip
    Closing,
    Event,
    Handoff,
    Lease,
    Letter,
    Part,
    Reservation,
    Room,
)
from stickhooks.protocol.moment import (  # fmt: skip
    Moment,
    Outcome,
    here,
    line_of,
    member_of,
    next_in_order,
    phase_of,
    revocable,
)
from stickhooks.protocol.phases import (  # fmt: skip
    CLOSED,
    OWNER_GONE,
    OWNER_IDLE,
    RECIPIENT_GONE,
    STALE_CLAIM,
    STALE_OWNER,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from stickhooks.protocol.answers import Answer, Status

_TAKEOVER_KINDS: Final = {
    OWNER_GONE: "owner_gone",
    STALE_OWNER: "owner_timeout",
    OWNER_IDLE: "owner_idle",
    RECIPIENT_GONE: "recipient_gone",
    STALE_CLAIM: "claim_timeout",
}


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
        room = _renewed(_taken_by_hand(room, command), at)
        return Outcome(room, {"status": "already_owner", **_lease_answer(room)})
    return _give(
        room, command, at, "claim", command.agent_id, room.letter,
        reason="recovered", event_reason="recovered",
    )  # fmt: skip


def _taken_by_hand(room: Room, command: Wait) -> Room:
    """Make a turn that a first write began the holder's own, with their reason: they asked for it."""
    lease = room.lease
    if lease is None or lease.auto_from is None or command.auto_from is not None:
        return room
    return replace(room, lease=replace(lease, auto_from=None, why=command.why or lease.why))


def seize(room: Room, command: Command, at: Moment) -> Outcome:
    assert isinstance(command, Takeover)
    kind = _TAKEOVER_KINDS[phase_of(room, at)]
    keeper = revocable(room)
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
    agent, turn = command.agent_id, room.latest_turn + 1
    why = command.reason if isinstance(command, Takeover) else getattr(command, "why", None)
    if why is None:
        why = next((w.why for w in room.waiters if w.agent_id == agent), None)
    if why is None and room.lease and room.lease.holder == agent:
        why = room.lease.why
    expires_at = at.now + room.policy.owner_lease_ttl
    auto_from = command.auto_from if isinstance(command, Wait) else None
    given = replace(
        room,
        turn_id=turn,
        last_turn=turn if room.parts else 0,
        lease=Lease(agent, at.lease_id, at.now, at.now, expires_at, why, auto_from),
        reservation=None,
        pending=False,
        waiters=tuple(w for w in room.waiters if w.agent_id != agent),
        letter=given_letter(room.letter) if letter else room.letter,
        asks=room.asks if room.lease and room.lease.holder == agent else (),
    )
    noted = why if event_reason is None else event_reason
    given, event = logged(given, at, event_type, sender, agent, reason=noted, kind=kind)
    return Outcome(given, turn_answer(given, letter, reason), (event,))


def given_letter(letter: Letter | None) -> Letter | None:
    """Return a letter that somebody was given, together with what was unread before it."""
    if letter is None or letter.unread_from is None:
        return letter
    return replace(letter, unread_from=None)


def turn_answer(room: Room, letter: Letter | None, reason: str) -> Answer:
    """Return what a holder is told of its turn, with the handoff that came with it."""
    unread = letter.unread_from if letter else None
    return {
        "status": "your_turn",
        **_lease_answer(room),
        "handoff": handoff_answer(letter.handoff) if letter else None,
        "from_agent_id": letter.author if letter else None,
        "reason": reason,
        **({"unread_from": unread} if unread is not None else {}),
    }


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
            next=[Next("status", "--all")],
            to_agent_id=command.to_agent_id,
        )
    heir = recipient.agent_id
    return _put_down(room, command, at, "pass", "passed", heir, to=heir)


def close(room: Room, command: Command, at: Moment) -> Outcome:
    assert isinstance(command, Close)
    outcome = _put_down(room, command, at, "close", "closed", None, to=None)
    closer = member_of(room, command.agent_id)
    closing = Closing(command.agent_id, closer is not None and closer.session_kind == phases.PERSON)
    return replace(outcome, room=replace(outcome.room, closed=True, closing=closing))


def _put_down(
    room: Room,
    command: Release | Pass | Close,
    at: Moment,
    event_type: str,
    status: Status,
    heir: str | None,
    *,
    to: str | None,
) -> Outcome:
    """End a lease with a handoff; the turn stays."""
    handoff = handoff_of(command.handoff)
    unread = room.letter.unread_from if room.letter else None
    room, event = logged(room, at, event_type, command.agent_id, to, handoff=handoff)
    room = replace(
        room,
        lease=None,
        letter=Letter(handoff, command.agent_id, event.event_seq, event_type, unread),
        pending=True,
        reservation=promise(room, heir, at),
        asks=(),
    )
    answer: Answer = {
        "status": status,
        "room_id": room.room_id,
        "reserved_for": heir,
        "event_seq": event.event_seq,
    }
    return Outcome(room, answer, (event,))


def promise(room: Room, heir: str | None, at: Moment) -> Reservation | None:
    return Reservation(heir, at.now + room.policy.claim_ttl) if heir else None


def go(room: Room, command: Command, at: Moment) -> Outcome:
    """Leave: the member and its place in the line are taken out; nothing else changes."""
    agent = command.agent_id
    room, event = logged(room, at, "leave", agent, None)
    room = replace(
        room,
        members=tuple(m for m in room.members if m.agent_id != agent),
        waiters=tuple(w for w in room.waiters if w.agent_id != agent),
        asks=tuple(a for a in room.asks if a.agent_id != agent),
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
            next=[
                Next("leave", after=Next("release", "--status", "…", "--next", "…")),
                Next("leave", "--force"),
            ],
            field="handoff",
        )
    free = replace(room, lease=None, pending=room.letter is not None, asks=())
    return go(_offered_anew(free, command.agent_id, at), command, at)


def _offered_anew(room: Room, leaver: str, at: Moment) -> Room:
    line = [agent for agent in line_of(room, at) if agent != leaver]
    return replace(room, reservation=promise(room, line[0] if line else None, at))


def reopen(room: Room, command: Command, at: Moment) -> Outcome:
    assert isinstance(command, Reopen)
    room, event = logged(room, at, "reopen", command.agent_id, None, reason=command.reason)
    room = replace(room, closed=False, closing=None)
    return Outcome(room, {"status": "reopened", "room_id": room.room_id}, (event,))


def reopen_with_reason(room: Room, command: Command, at: Moment) -> Outcome:
    """Open what a person closed, as an agent: only for a reason, and the closer is told."""
    assert isinstance(command, Reopen)
    if command.reason is None:
        raise Refusal("room_closed")
    closer = room.letter.author if room.letter else ""
    closing = replace(
        room.closing or Closing(closer, person=True),
        opened_by=command.agent_id, reason=command.reason,
    )  # fmt: skip
    outcome = reopen(room, command, at)
    return replace(outcome, room=replace(outcome.room, closing=closing))


def hear(room: Room, command: Command, at: Moment) -> Outcome:
    """Forget who opened the room, once its closer was told."""
    if not room.closed and room.closing and room.closing.by == command.agent_id:
        room = replace(room, closing=None)
    return Outcome(room, {"status": "ok", "room_id": room.room_id})


def stay_open(room: Room, command: Command, at: Moment) -> Outcome:
    return Outcome(room, {"status": "open", "room_id": room.room_id})


def set_policy(room: Room, command: Command, at: Moment) -> Outcome:
    assert isinstance(command, SetPolicy)
    return Outcome(replace(room, policy=command.policy), {"status": "ok", "room_id": room.room_id})


def turn_down(room: Room, command: Command, at: Moment) -> Outcome:
    """Give up the place in the line as the recipient: what came by the line goes on in it.

    What was handed over by name stays: it is not for others to read first.
    """
    outcome = delist(room, command, at)
    if room.letter and room.letter.event_type == "pass":
        return outcome
    return replace(outcome, room=_offered_anew(outcome.room, command.agent_id, at))


def bind(room: Room, command: Command, at: Moment) -> Outcome:
    assert isinstance(command, Bind)
    return Outcome(bound(room, command, at), {"status": "ok", "room_id": room.room_id})


def not_yet(room: Room, command: Command, at: Moment) -> Outcome:
    phase = phases.shown(phase_of(room, at))
    return Outcome(
        room, {"status": "not_yet", "cursor": str(room.event_seq), "room_state": phase}
    )  # fmt: skip


def offer(room: Room, command: Command, at: Moment) -> Outcome:
    phase = phase_of(room, at)
    answer: Answer = {
        "status": "takeover_available",
        "room_id": room.room_id,
        "turn_id": room.turn_id,
        "room_state": phases.shown(phase),
        "reason": _TAKEOVER_KINDS[phase],
        **kept_by(room),
    }
    return Outcome(room, answer)


def say_closed(room: Room, command: Command, at: Moment) -> Outcome:
    return Outcome(room, {"status": "closed", "room_id": room.room_id, "room_state": CLOSED})


def ineligible(room: Room, command: Command, at: Moment) -> Outcome:
    phase = phases.shown(phase_of(room, at))
    raise Refusal("takeover_ineligible", room_state=phase, told={**kept_by(room)})


def kept_by(room: Room | Part) -> Answer:
    """Return who has a room, or a part of one, or is promised it."""
    if room.lease:
        return {"current_owner": room.lease.holder}
    return {"reserved_for": room.reservation.recipient} if room.reservation else {}


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


def logged(
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
    """Return the room with one more event in its log, and that event."""
    seq = room.event_seq + 1
    event = Event(
        seq, room.turn_id, event_type, sender, recipient, handoff, reason, kind, at.now
    )  # fmt: skip
    return replace(room, event_seq=seq), event
