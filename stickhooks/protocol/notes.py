"""Words between members: notes, asking the holder for the stick, and what is read. None of them says
who may write, and none of them wakes anybody.

The text stands in the log; a member's record has the numbers of what it has not read, ``UNREAD_LIMIT``
at the most: the oldest falls out, and the log has it.
"""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import replace
from stickhooks.protocol.commands import Ask, Command, Read, Tell
from stickhooks.protocol.model import Asking, Member, Room
from stickhooks.protocol.moment import Moment, Outcome, member_of
from stickhooks.protocol.transitions import logged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from stickhooks.protocol.answers import Answer

NOTE: Final = "note"
ASK: Final = "ask"
WORDS: Final = (NOTE, ASK)  # the events that carry words to be read
ALL: Final = "all"
THE_HOLDER: Final = "holder"
PERSON: Final = "person"  # the kind of a note or an ask that is a person's
UNREAD_LIMIT: Final = 20


def tell(room: Room, command: Command, at: Moment) -> Outcome:
    """Keep a note for one member, or for all others."""
    assert isinstance(command, Tell)
    to = _recipient(room, command)
    kind = PERSON if command.person else None
    room, event = logged(
        room, at, NOTE, command.agent_id, to, reason=command.text, kind=kind
    )  # fmt: skip
    readers = [m.agent_id for m in room.members if m.agent_id != command.agent_id]
    readers = readers if to is None else [to]
    room = unread_by(room, readers, event.event_seq)
    answer: Answer = {
        "status": "told", "room_id": room.room_id, "event_seq": event.event_seq, "to": readers,
    }  # fmt: skip
    return Outcome(room, answer, (event,))


def _recipient(room: Room, command: Tell) -> str | None:
    """Return the member that a note is to, None for all others."""
    if command.to == ALL:
        return None
    to = command.to
    if to == THE_HOLDER:
        if room.lease is None:
            told = "nobody holds the stick; `stick tell all …` reaches every member"
            raise Refusal("unknown_member", told, [Next("status")], to_agent_id=to)
        to = room.lease.holder
    if to == command.agent_id:
        raise Refusal("invalid_input", "a note to yourself reaches nobody", field="to")
    if member_of(room, to) is None:
        told = f"{to} is not a member here"
        raise Refusal("unknown_member", told, [Next("status", "--all")], to_agent_id=to)
    return to


def ask(room: Room, command: Command, at: Moment) -> Outcome:
    """Ask the holder for the stick. Asked again in the same turn, the first asking stands."""
    assert isinstance(command, Ask)
    assert room.lease
    holder = room.lease.holder
    standing = next((a for a in room.asks if a.agent_id == command.agent_id), None)
    answer: Answer = {"status": "asked", "room_id": room.room_id, "holder": holder}
    if standing is not None:
        return Outcome(room, {**answer, "event_seq": standing.event_seq, "again": True})
    kind = PERSON if command.person else None
    room, event = logged(
        room, at, ASK, command.agent_id, holder, reason=command.why, kind=kind
    )  # fmt: skip
    asking = Asking(command.agent_id, at.now, event.event_seq, command.why)
    room = replace(
        unread_by(room, [holder], event.event_seq), asks=(*room.asks, asking)
    )  # fmt: skip
    return Outcome(room, {**answer, "event_seq": event.event_seq, "again": False}, (event,))


def read(room: Room, command: Command, at: Moment) -> Outcome:
    """Take from a member's unread ones those that it was shown."""
    assert isinstance(command, Read)
    shown = frozenset(command.event_seqs)

    def without(member: Member) -> Member:
        if member.agent_id != command.agent_id:
            return member
        return replace(member, unread=tuple(n for n in member.unread if n not in shown))

    room = replace(room, members=tuple(map(without, room.members)))
    return Outcome(room, {"status": "ok", "room_id": room.room_id})


def unread_by(room: Room, readers: list[str], number: int) -> Room:
    """Return the room with the event of that number unread by these members."""

    def told(member: Member) -> Member:
        if member.agent_id not in readers:
            return member
        return replace(member, unread=(*member.unread, number)[-UNREAD_LIMIT:])

    return replace(room, members=tuple(map(told, room.members)))
