"""How a member gets some paths of a room, or all of it: all that was asked for or nothing, in one write."""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import replace
from stickhooks.protocol import parts, phases
from stickhooks.protocol.commands import PATHS_LIMIT, Wait
from stickhooks.protocol.model import Part, Room
from stickhooks.protocol.moment import Moment, Outcome, revocable
from stickhooks.protocol.part_views import as_room, of_part
from stickhooks.protocol.transitions import given_letter, grant, kept_by, logged, not_yet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from stickhooks.protocol.answers import Answer
    from stickhooks.protocol.part_views import Law

ADD: Final = "add"  # the event of paths that a holder adds to its part


def wait(room: Room, command: Wait, at: Moment, law: Law) -> Outcome:
    """Attempt to get some paths, the whole room, or what is promised, or else the rest."""
    me, plain = command.agent_id, replace(command, paths=(), whole=False)
    if room.closed:
        return law(room, plain, at)
    if command.paths:
        return _take(room, command, at, law)
    others = parts.of_others(room, me) if command.whole else []
    if others:
        return _blocked(room, others, plain, at, law)
    promised = parts.promised_to(room, me)
    if not promised or command.whole or (room.reservation and room.reservation.recipient == me):
        return law(room, plain, at)
    return of_part(room, promised[0], plain, at, law)


def _blocked(room: Room, by: list[Part], plain: Wait, at: Moment, law: Law) -> Outcome:
    """Return what is answered to somebody in whose way parts of others are.

    A takeover is offered only where each of them may be taken over.
    """
    found = [(part, of_part(room, part, plain, at, law)) for part in by]
    part, outcome = next(((p, o) for p, o in found if o.answer["status"] == "not_yet"), found[0])
    return replace(outcome, answer={**outcome.answer, **_kept(part)})


def _kept(part: Part) -> Answer:
    return {**kept_by(part), "for_turn": part.turn_id, "paths": list(part.paths)}


def _take(room: Room, command: Wait, at: Moment, law: Law) -> Outcome:
    """Get some paths, all or none: those promised, those to be added to what is held, or a new part."""
    me, folds, plain = command.agent_id, command.folds, replace(command, paths=(), whole=False)
    paths = parts.merged(command.paths, folds)
    others = [p for p in parts.of_others(room, me) if parts.touches(p, paths, folds)]
    if others:
        return _blocked(room, others, plain, at, law)
    promised = [p for p in parts.promised_to(room, me) if parts.touches(p, paths, folds)]
    held = parts.held_by(room, me)
    missing = tuple(p for p in paths if not any(parts.has(o, p, folds) for o in (*held, *promised)))
    refused = _kept_from(room, plain, at, law, new=not (held or promised)) if missing else None
    if refused is not None:
        return refused
    outcome = _claimed(room, promised, plain, at, law)
    if not (held or promised):
        return _new(room, missing, command, at)
    if not promised:
        last = _growing(room, missing, command) if missing else None
        last = last or next(o for o in held if parts.has(o, paths[0], folds))
        outcome = _gone_on(room, last, plain, at, law)
    return _added(outcome, missing, command, at) if missing else outcome


def _kept_from(room: Room, plain: Wait, at: Moment, law: Law, *, new: bool) -> Outcome | None:
    """Return what is answered where the rest, which paths are taken from, is not free for the caller."""
    me = plain.agent_id
    whole = [w.agent_id for w in room.waiters if w.whole and w.agent_id in at.waiting]
    keeper = revocable(room)
    if new and keeper != me and whole and me not in whole:
        outcome = not_yet(room, plain, at)
        return replace(outcome, answer={**outcome.answer, "waits_for_all": whole[0]})
    if keeper in (None, me):
        return None
    outcome = law(room, plain, at)
    told: Answer = {**outcome.answer, **kept_by(room), "for_turn": room.turn_id}
    return replace(outcome, answer=told)


def _claimed(
    room: Room, promised: list[Part], plain: Wait, at: Moment, law: Law
) -> Outcome:  # fmt: skip
    """Claim all of some promised parts, each with a turn and a lease id of its own.

    The answer is the last one's, with ``also`` those before it.
    """
    outcome = Outcome(room, {})
    given_before: list[Answer] = []
    for number, part in enumerate(promised):
        now = replace(at, lease_id=f"{at.lease_id}.{number}") if number else at
        given = of_part(outcome.room, part, plain, now, law)
        outcome = replace(given, events=outcome.events + given.events)
        given_before.append(given.answer)
    if len(given_before) > 1:
        return replace(outcome, answer={**outcome.answer, "also": given_before[:-1]})
    return outcome


def _gone_on(room: Room, part: Part, plain: Wait, at: Moment, law: Law) -> Outcome:
    """Go on with a part that the caller holds: any lease id of its proves who it is."""
    leases = [p.lease for p in parts.held_by(room, plain.agent_id)]
    known = [one.lease_id for one in (*leases, room.lease) if one and one.holder == plain.agent_id]
    assert part.lease
    shown = part.lease.lease_id if plain.lease_id in known else None
    return of_part(room, part, replace(plain, lease_id=shown), at, law)


def _growing(room: Room, missing: tuple[str, ...], command: Wait) -> Part:
    """Return the part that paths are added to: the one that they are around, or the newest.

    Two parts of one member must not meet either: each may be handed to somebody else.
    """
    held = parts.held_by(room, command.agent_id)
    around = [part for part in held if parts.touches(part, missing, command.folds)]
    if len(around) > 1:
        one, other = (f"{phases.named(p.paths)} (turn {p.turn_id})" for p in around[:2])
        told = f"{one} and {other} are two turns of yours: give one of them back first"
        raise Refusal("invalid_input", told, [Next("release", "--help")], field="paths")
    return around[0] if around else held[-1]


def _added(outcome: Outcome, missing: tuple[str, ...], command: Wait, at: Moment) -> Outcome:
    """Add paths to the newest part that the caller holds; its turn stays."""
    room, me = outcome.room, command.agent_id
    part = _growing(room, missing, command)
    paths = parts.merged((*part.paths, *missing), command.folds or part.folds)
    if len(paths) > PATHS_LIMIT:
        told = f"one turn is for at most {PATHS_LIMIT} paths; name a folder instead of its files"
        raise Refusal("invalid_input", told, [Next("status")], field="paths")
    view, event = logged(as_room(room, part), at, ADD, me, me, reason=command.why)
    new = replace(part, paths=paths, folds=command.folds or part.folds)
    room = replace(
        room,
        event_seq=view.event_seq, parts=tuple(new if p is part else p for p in room.parts),
        waiters=tuple(w for w in room.waiters if w.agent_id != me),
    )  # fmt: skip
    events = (*outcome.events, replace(event, paths=missing))
    return Outcome(room, {**outcome.answer, "paths": list(paths)}, events)


def _new(room: Room, paths: tuple[str, ...], command: Wait, at: Moment) -> Outcome:
    """Make a part. Who was promised the rest, and wants no more than this, is given its handoff."""
    if len(room.parts) >= parts.LIMIT:
        told = f"this room has {parts.LIMIT} leases of paths, the most there can be; nothing was changed"
        raise Refusal("held", told, [Next("wait", "…"), Next("status")])
    letter = room.letter if room.reservation and room.pending else None
    blank = Part(paths, 0, letter=letter, pending=letter is not None, folds=command.folds)
    outcome = grant(as_room(room, blank, room.waiters), command, at)
    view = outcome.room
    part = replace(
        blank, turn_id=view.turn_id, lease=view.lease, letter=view.letter, pending=False
    )  # fmt: skip
    room = replace(
        room,
        event_seq=view.event_seq, waiters=view.waiters, parts=(*room.parts, part),
        last_turn=view.turn_id, reservation=None, pending=room.pending and letter is None,
        letter=given_letter(room.letter) if letter else room.letter,
    )  # fmt: skip
    events = tuple(replace(event, paths=paths) for event in outcome.events)
    return Outcome(room, {**outcome.answer, "paths": list(paths)}, events)
