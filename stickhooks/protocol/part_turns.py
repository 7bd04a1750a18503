"""Turns for some paths of a room: what a command does to a part, and to the rest beside parts.

To the law a part is a room: the same table, a turn of its own (``part_views``). A room that has no
parts, and is asked for none, does without this.
"""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import replace
from stickhooks.protocol import parts, phases
from stickhooks.protocol.commands import (  # fmt: skip
    Ask,
    Close,
    Command,
    Delist,
    Enlist,
    Held,
    Leave,
    SetPolicy,
    Takeover,
    Wait,
    handoff_of,
)
from stickhooks.protocol.line import enlist
from stickhooks.protocol.model import Event, Part, Room
from stickhooks.protocol.moment import Moment, Outcome, member_of
from stickhooks.protocol.part_checks import check_all_in
from stickhooks.protocol.part_grants import wait
from stickhooks.protocol.part_views import as_room, line_for_paths, of_part, put_back, settled
from stickhooks.protocol.transitions import logged, promise, say_closed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.protocol.part_views import Law


def decide(room: Room, command: Command, at: Moment, law: Law) -> Outcome:
    """Return what a command does to a room that has parts, or to the parts that it asks for."""
    if isinstance(command, Held | Takeover | Ask):
        return _by_turn(room, command, at, law)
    if member_of(room, command.agent_id) is None:
        return law(room, command, at)
    if isinstance(command, Wait):
        return wait(room, command, at, law)
    if isinstance(command, Enlist) and (command.paths or command.whole):
        return (say_closed if room.closed else enlist)(room, command, at)
    if isinstance(command, Delist):
        return _delist(room, command, at, law)
    if isinstance(command, Leave):
        return _leave(room, command, at, law)
    if isinstance(command, SetPolicy):
        _check_policy(room, command)
    return law(room, command, at)


def _by_turn(room: Room, command: Held | Takeover | Ask, at: Moment, law: Law) -> Outcome:
    turn = command.for_turn if isinstance(command, Ask) else command.expected_turn_id
    part = None if turn is None else parts.for_turn(room, turn)
    if part is None:
        if isinstance(command, Close):
            return _close(room, command, at, law)
        rest = turn in (None, room.turn_id) or not isinstance(command, Ask)
        if not rest:
            raise Refusal("turn_mismatch", told={"current_turn_id": room.turn_id})
        return law(room, command, at)
    if isinstance(command, Close):
        told = f"turn {turn} is for {phases.named(part.paths)} alone: the room is closed by its own"
        raise Refusal("invalid_input", told, [Next("release", "--help")], field="expected_turn_id")
    return of_part(room, part, command, at, law)


def _close(room: Room, command: Close, at: Moment, law: Law) -> Outcome:
    """Close a room of which nobody else has a part; the closer's own parts end with its handoff."""
    me, outcome = command.agent_id, law(room, command, at)  # its checks come first
    check_all_in(room, "close the room", me)
    events: tuple[Event, ...] = ()
    for part in parts.held_by(room, me):
        handoff = handoff_of(command.handoff)
        view, event = logged(as_room(room, part), at, "release", me, None, handoff=handoff)
        room = replace(
            room, event_seq=view.event_seq, parts=tuple(p for p in room.parts if p is not part)
        )  # fmt: skip
        events = (*events, replace(event, paths=part.paths))
    outcome = law(settled(room), command, at)
    return replace(outcome, events=(*events, *outcome.events))


def _check_policy(room: Room, command: SetPolicy) -> None:
    """Refuse to change the policy of a free room while others have parts of it."""
    if room.lease is None or room.lease.holder != command.agent_id:
        check_all_in(room, "change its policy", command.agent_id)


def _delist(room: Room, command: Delist, at: Moment, law: Law) -> Outcome:
    """Give up the place in the line, and what came by it; what was handed over by name stays."""
    outcome = law(room, command, at)
    for part in parts.promised_to(outcome.room, command.agent_id):
        if part.letter is None or part.letter.event_type != "pass":
            given = _given_up(outcome.room, part, command.agent_id, at)
            outcome = replace(outcome, room=given.room, events=outcome.events + given.events)
    return outcome


def _leave(room: Room, command: Leave, at: Moment, law: Law) -> Outcome:
    """Leave with all that one has of the room: what is held ends only by force."""
    me = command.agent_id
    events: tuple[Event, ...] = ()
    held = parts.held_by(room, me)
    if held and not command.force:
        return of_part(room, held[0], command, at, law)  # it is refused, as for a room
    law(room, command, at)  # its refusals come first
    for part in (*held, *parts.promised_to(room, me)):
        view, event = logged(as_room(room, part), at, "leave", me, None)
        given = _given_up(replace(room, event_seq=view.event_seq), part, me, at)
        room, events = given.room, (*events, replace(event, paths=part.paths), *given.events)
    kept = tuple(
        replace(part, asks=tuple(a for a in part.asks if a.agent_id != me)) for part in room.parts
    )
    outcome = law(replace(room, parts=kept), command, at)
    return replace(outcome, events=(*events, *outcome.events))


def _given_up(room: Room, part: Part, agent: str, at: Moment) -> Outcome:
    """End a holding or a promise without a word: its handoff is for the line, or for anybody, again."""
    view = replace(as_room(room, part), lease=None, reservation=None, asks=())
    line = (
        w.agent_id
        for w in line_for_paths(room, at)
        if w.agent_id != agent and parts.suits_after(room, part, w)
    )
    heir = promise(view, next(line, None), at)
    view = replace(view, pending=view.letter is not None, reservation=heir)
    return put_back(room, part, Outcome(view, {}), at)
