"""A part of a room as the law sees it, a room with a turn of its own, and back again.

What has no place in the table of ``rules`` is here: to whose paths a part goes on, and what the end of
its turn does to the rest.
"""

from __future__ import annotations

from stickhooks.fast.records import replace
from stickhooks.protocol import parts, phases
from stickhooks.protocol.commands import NOTE_LIMIT, Command, Release
from stickhooks.protocol.model import Event, Letter, Part, Policy, Room, Waiter
from stickhooks.protocol.moment import Moment, Outcome, revocable
from stickhooks.protocol.notes import NOTE, unread_by
from stickhooks.protocol.transitions import logged, promise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final, TypeAlias

    from stickhooks.protocol.answers import Answer

#: What decides about a room that has no parts: the table.
Law: TypeAlias = "Callable[[Room, Command, Moment], Outcome]"


def as_room(room: Room, part: Part, waiters: tuple[Waiter, ...] = ()) -> Room:
    """Return a part as the law sees it: a room of the same members with a turn of its own."""
    return replace(
        room,
        turn_id=part.turn_id, last_turn=room.latest_turn, parts=(), waiters=waiters,
        lease=part.lease, reservation=part.reservation, letter=part.letter, pending=part.pending,
        asks=part.asks,
    )  # fmt: skip


def of_part(room: Room, part: Part, command: Command, at: Moment, law: Law) -> Outcome:
    """Let the law decide about one part, and put it back where it was."""
    line: tuple[Waiter, ...] = ()
    if isinstance(command, Release):
        line = tuple(w for w in line_for_paths(room, at) if parts.suits_after(room, part, w))
    view = as_room(room, part, line)
    if isinstance(command, Release):  # a part is no turn that goes round
        view = replace(view, policy=replace(view.policy, reserve=_WAITERS))
    return put_back(room, part, law(view, command, at), at)


_WAITERS: Final = Policy().reserve


def line_for_paths(room: Room, at: Moment) -> list[Waiter]:
    """Return who waits now and may be promised paths: nobody behind one who waits for the whole room."""
    line = [waiter for waiter in room.waiters if waiter.agent_id in at.waiting]
    whole = next((number for number, waiter in enumerate(line) if waiter.whole), len(line))
    return line[:whole]


def put_back(room: Room, part: Part, outcome: Outcome, at: Moment) -> Outcome:
    """Return what became of the whole room with what became of a part of it."""
    view, granted = outcome.room, outcome.room.turn_id != part.turn_id
    new = replace(
        part,
        turn_id=view.turn_id, lease=view.lease, reservation=view.reservation, letter=view.letter,
        pending=view.pending, asks=view.asks,
    )  # fmt: skip
    if view.reservation is not None and part.reservation != view.reservation:
        new = _as_waited_for(room, new, view.reservation.recipient, by_line=_by_line(outcome))
    events = tuple(replace(event, paths=part.paths) for event in outcome.events)
    taker = view.lease.holder if granted and view.lease else None
    whole = replace(
        room,
        members=view.members, event_seq=view.event_seq,
        last_turn=max(room.latest_turn, view.turn_id),
        parts=tuple(new if one is part else one for one in room.parts),
        waiters=tuple(w for w in room.waiters if w.agent_id != taker),
    )  # fmt: skip
    answer: Answer = {**outcome.answer, "paths": list(new.paths)}
    if new.lease is None and new.reservation is None:
        whole, note = _ended(whole, new, at)
        return Outcome(whole, answer, events + note)
    return Outcome(whole, answer, events)


def _by_line(outcome: Outcome) -> bool:
    return not any(event.event_type == "pass" for event in outcome.events)


def _as_waited_for(room: Room, part: Part, heir: str, *, by_line: bool) -> Part:
    """Return a part with the paths that its next holder waits for, where it comes by the line."""
    wish = next((w for w in room.waiters if w.agent_id == heir and w.paths), None)
    if wish is None or not by_line:
        return part
    own = [p for p in room.parts if p.turn_id != part.turn_id and parts.keeper_of(p) == heir]
    paths = [p for p in wish.paths if not any(parts.has(o, p, wish.folds) for o in own)]
    return replace(part, paths=parts.merged(paths, wish.folds), folds=wish.folds or part.folds)


def _ended(room: Room, part: Part, at: Moment) -> tuple[Room, tuple[Event, ...]]:
    """Return the room without a part whose turn is over and that nobody is promised.

    A handoff that nobody was given goes on as the room's newest: whoever takes the rest next is given
    it, and who has the rest already, or is promised it, is left a note.
    """
    room = replace(room, parts=tuple(p for p in room.parts if p.turn_id != part.turn_id))
    events: tuple[Event, ...] = ()
    if part.letter is not None and part.pending:
        room, events = _noted_for_the_rest(room, part, part.letter, at)
        if room.reservation is None:  # else the letter is the one that comes with the promise
            letter = replace(part.letter, unread_from=_oldest_unread(room, part.letter))
            room = replace(room, letter=letter, pending=room.lease is None)
    return settled(_offered_whole(room, at)), events


def _oldest_unread(room: Room, letter: Letter) -> int | None:
    """Return the event of the oldest handoff that nobody was given, and that a newer one would hide."""
    numbers = [letter.unread_from, room.letter.unread_from if room.letter else None]
    if room.letter and room.pending:
        numbers.append(room.letter.event_seq)
    if room.lease and room.lease.holder == letter.author:
        numbers.append(letter.event_seq)  # who has the rest wrote it: nobody else knows of it
    return min((number for number in numbers if number is not None), default=None)


def _noted_for_the_rest(
    room: Room, part: Part, letter: Letter, at: Moment
) -> tuple[Room, tuple[Event, ...]]:
    """Leave a note of a part's end to who has the rest, or is promised it.

    Its author needs none; but a promise has a letter of its own, and then all others are told.
    """
    author, keeper = letter.author, revocable(room)
    if keeper is None or (keeper == author and room.lease):
        return room, ()
    to = None if keeper == author else keeper
    told = (
        f"{phases.named(part.paths)}: {letter.handoff.status}; next: {letter.handoff.next_action}"
    )
    text = told.encode()[:NOTE_LIMIT].decode("utf-8", "ignore")
    room, event = logged(room, at, NOTE, author, to, reason=text)
    readers = [to] if to else [m.agent_id for m in room.members if m.agent_id != author]
    return unread_by(room, readers, event.event_seq), (event,)


def _offered_whole(room: Room, at: Moment) -> Room:
    """Promise a free room to whoever waits first, if that one waits for the whole of it."""
    first = next((w for w in room.waiters if w.agent_id in at.waiting), None)
    if first is None or not first.whole or revocable(room) or not parts.suits(room, first):
        return room
    return replace(room, reservation=promise(room, first.agent_id, at))


def settled(room: Room) -> Room:
    """Return a room as it is written: the highest turn stands in it where it is not its own."""
    if room.parts or room.last_turn > room.turn_id:
        return room
    return replace(room, last_turn=0)
