"""The verbs by which members leave each other notes, ask for the stick, and read both."""

from __future__ import annotations

from stickhooks.cli.command import argument, flag, option, verb
from stickhooks.errors import Next, Refusal
from stickhooks.operations import notes
from stickhooks.operations.context import Desk, Seat
from stickhooks.operations.reply import Reply
from stickhooks.protocol.commands import Ask, Tell
from stickhooks.protocol.parts import for_turn
from stickhooks.protocol.phases import named
from stickhooks.text import plain, word
from stickhooks.views import output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 20


@verb("tell", keeps=True)
def tell(
    desk: Desk,
    to: str = argument("A member, holder or all.", required=True, offers="recipients"),
    text: str | None = argument("The note, in quotes."),
    from_stdin: bool = flag("--stdin", "Read the note from standard input."),
) -> Reply:
    """Leave a note for others; it changes nobody's turn. Example: stick tell bob "tests are red" """
    from stickhooks.operations import handoff_input

    said = handoff_input.note(to, text, from_stdin=from_stdin)
    seat = desk.seat()
    person = desk.caller(seat.room).person
    answer = desk.rooms.do(Tell(seat.agent_id, seat.room_id, to, said, person))
    readers = [plain(name) for name in answer["to"]]
    message = f"note #{answer['event_seq']} is kept for {', '.join(readers)}"
    if not readers:
        message = f"note #{answer['event_seq']} stands in the log: there is no other member yet"
    return Reply([message], data=answer)


@verb("ask", keeps=True)
def ask(
    desk: Desk,
    path: str | None = argument("Of the room that governs this path.", offers="files"),
    why: str | None = option("--why", "What you want the stick for."),
) -> Reply:
    """Ask the holder for the stick; it decides. Example: stick ask --why "fix the login" """
    inside = path
    if path is not None:
        desk = desk.moved(path)
    seat, turn = desk.seat(), None
    if inside is not None and seat.room.parts:
        from stickhooks.operations import own_turns

        turn = own_turns.of_path(desk, inside)
    person = desk.caller(seat.room).person
    try:
        answer = desk.rooms.do(Ask(seat.agent_id, seat.room_id, why, person, turn))
    except Refusal as refusal:
        if inside is not None and seat.room.parts:
            _speak_of(inside, refusal)
        raise
    state = "stands already" if answer["again"] else "is kept for the holder"
    holder = plain(answer["holder"])
    part = for_turn(seat.room, turn) if turn is not None else None
    what = f"{plain(named(part.paths))} in " if part else ""
    message = (
        f"ask #{answer['event_seq']} {state}: {holder} holds {what}{desk.rooms.shown(seat.path)}"
    )
    more = f"it stands until that turn ends; {holder} is told, and decides"
    follow = [Next("wait", room=desk.aside(seat.path))]
    if turn is not None:
        follow = [Next("wait", word(str(inside)))]
    return Reply([message, more], next=follow, data=answer)


def _speak_of(path: str, refusal: Refusal) -> None:
    """Let the steps of a refused ask be about the path that was asked for; what is promised has no other."""
    verbs = [step.verb for step in refusal.next if isinstance(step, Next)]
    if (refusal.code, verbs) in (("free", ["take"]), ("held", ["wait"]), ("reserved", ["wait"])):
        refusal.next = [Next(verbs[0], word(path))]


@verb("notes", keeps=True)
def read(
    desk: Desk,
    everything: bool = flag("--all", "Also those between others."),
    new: bool = flag("--unread", "Only those that you have not read."),
) -> Reply:
    """Read the notes and asks that are for you. Example: stick notes --unread"""
    seat, snapshot = desk.seat(), desk.snapshot()
    me, numbers = seat.agent_id, notes.unread(snapshot, seat.agent_id)
    found = notes.of(desk.rooms, snapshot, numbers)
    if not new:
        fits = lambda e: everything or (e.from_agent_id != me and e.to_agent_id in (None, me))  # noqa: E731
        newest = notes.newest(desk.rooms, snapshot, fits, MOST)
        found = [*found, *(note for note in newest if note.number not in numbers)]
    found.sort(key=lambda note: note.number)
    told = [note.line(0) + (" (unread)" if note.number in numbers else "") for note in found]
    head = f"{notes.HEADS}, of {len(found)}:" if len(found) > 1 else f"{notes.HEAD}:"
    lines = [head, *told] if found else ["there is no note for you"]
    data = {"notes": [{**note.data(), "unread": note.number in numbers} for note in found]}
    after = (lambda: _mark_read(desk, seat, numbers)) if numbers and seat.proven else None
    return Reply(lines, data=data, me=me, after=after)


def _mark_read(desk: Desk, seat: Seat, numbers: Sequence[int]) -> None:
    """Take what was shown from the unread ones. The answer is given by then, so a failure is only told."""
    try:
        notes.mark_read(desk.rooms, seat.path, seat.agent_id, numbers)
    except Refusal as refusal:
        output.write(2, f"stick: these notes may be shown to you again: {plain(refusal.message)}")
