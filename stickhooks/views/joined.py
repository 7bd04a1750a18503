"""What ``stick join`` answers."""

# bundle: join
from __future__ import annotations

from stickhooks.errors import Next
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.text import plain, word
from stickhooks.views import enforcement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.protocol.answers import Joined


def reply(
    desk: Desk, answer: Joined, before: str | None = None, *, all_programs: bool = False
) -> Reply:
    """Tell what a join came to; ``before`` is the member that the caller was until now."""
    standing = desk.standing()
    me = answer["agent_id"]
    old = answer["joined_existing_room"]
    room = "" if old else " (a new room)"
    count = len(standing.raw["members"])
    members = f"{count} member{'s' if count > 1 else ''}"
    lines = [f"you are {plain(me)} in {standing.shown}{room}; {members}", standing.headline(me)]
    if before not in (None, me):
        again = f"`stick join --as {word(str(before))}` makes you that again"
        lines.append(f"until now you were {plain(before)} here; {again}")
    if desk.program is not None:
        name, pid = plain(desk.program.name), desk.program.pid
        lines.append(
            f"commands that {name} (pid {pid}) starts, as it started this terminal, count as yours here too"
        )
    if all_programs:
        lines.append(
            "commits and saves by your programs without a terminal count as yours here, until you leave"
        )
    unguarded, step = enforcement.lacking(desk, write=True)
    if unguarded:
        lines.append(enforcement.line(unguarded, step))
    elif before is None:  # said once, to somebody new
        lines += enforcement.covered(desk)
    person = desk.caller(desk.snapshot().room).person
    unnamed = before is None and not desk.said and not desk.sighting.name
    if person and unnamed and standing.places(me) > 1:
        lines.append(
            f"{plain(me)} is at work elsewhere on this machine, and is one member there and here;"
            " `stick join --as NAME` makes you another"
        )
    follow = standing.next(me, person=person, room=desk.aside(standing.raw["path"]))
    if standing.lease and standing.lease["holder"] == me:
        follow = [Next("release", "--help")]
    if before not in (None, me) and standing.keeper == before:
        follow = [Next("join", "--as", word(str(before)))]
    if unguarded:
        follow = [step, *follow]
    data = {**answer, "not_enforced": enforcement.data(unguarded, step)}
    return Reply(lines, next=follow[:1], data=data, standing=standing, me=me)
