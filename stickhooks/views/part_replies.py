"""What the verbs answer where leases of paths have to do with it. Loaded only then."""

from __future__ import annotations

from stickhooks.errors import Next
from stickhooks.gate.standing import UNPROVEN
from stickhooks.identity import liveness
from stickhooks.operations import parted
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.protocol.moment import GOT
from stickhooks.protocol.phases import named
from stickhooks.text import clock_time, plain, word
from stickhooks.views import output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from stickhooks.errors import Step
    from stickhooks.gate.standing import Standing
    from stickhooks.protocol.answers import Answer


def standings(desk: Desk, me: str | None = None) -> list[Standing]:
    """Return how each part of the room here stands, the oldest turn first."""
    return [one.seen_by(me) for one in parted.standings(desk, desk.snapshot())]


def turn(desk: Desk, answer: Answer, paths: Sequence[str], *, whole: bool) -> Reply:
    """Tell what came of an attempt to get paths, all of a room, or what was promised."""
    me = desk.caller(desk.snapshot().room).agent_id
    if answer["status"] in GOT:
        return _got(desk, answer, me)
    asked = [word(path) for path in paths] or (["--whole"] if whole else [])
    room = desk.aside(desk.snapshot().room.path)
    step = Next("wait", *asked, room="" if paths else room)
    if "waits_for_all" in answer:
        who = plain(answer["waits_for_all"])
        told = f"{who} waits for the whole room: nobody gets a new lease of paths before"
        return Reply([told], "held", [step], answer, desk.standing(), me)
    return _in_the_way(desk, answer, me, step)


def _in_the_way(desk: Desk, answer: Answer, me: str | None, step: Next) -> Reply:
    """Tell who has what was asked for, and what to type: to wait for it, or to take it over."""
    of_turn, person = answer.get("for_turn"), desk.caller(desk.snapshot().room).person
    found = [one for one in standings(desk, me) if one.raw["turn_id"] == of_turn]
    standing = found[0] if found else desk.standing()
    lines = [standing.headline(me), *standing.details(me)]
    follow: list[Step] = [step]
    if answer["status"] != "takeover_available":
        return Reply(lines, standing.code, follow, answer, standing, me)
    if standing.lease and standing.alive != liveness.GONE and not person:
        return Reply(
            [*lines, UNPROVEN], "takeover_available", [Next("status")], answer, standing, me
        )
    take = Next("takeover", "--reason", '"why"', "--expect", str(of_turn))
    return Reply(lines, "takeover_available", [take, step], answer, standing, me)


def _got(desk: Desk, answer: Answer, me: str | None) -> Reply:
    lines: list[str] = []
    for one in (*answer.get("also", ()), answer):
        lines += [_yours(desk, one), *output.handoff_lines(one)]
    return Reply(lines, data=answer, standing=desk.standing(), me=me)


def _yours(desk: Desk, answer: Answer) -> str:
    """Say what a member has now, which turn that is, and until when."""
    state = "yours" if answer["status"] == "your_turn" else "still yours"
    snapshot = desk.snapshot()
    until = clock_time(answer["lease_expires_at"], desk.standing(snapshot).shift)
    shown = plain(desk.rooms.shown(snapshot.room.path))
    paths = answer.get("paths")
    what = f"{plain(named(paths))} in {shown} is" if paths else f"the stick is {state}: {shown}"
    told = f"{what} {state}" if paths else what
    told += f", turn {answer['turn_id']}, until {until}"
    if "revoked_agent_id" in answer:
        told += f"; taken over from {plain(answer['revoked_agent_id'])}"
    return told


def put_down(desk: Desk, answer: Answer) -> list[str]:
    """Say to whom each turn went that was put down."""
    shown = plain(desk.rooms.shown(desk.snapshot().room.path))
    lines = []
    for one in (*answer.get("also", ()), answer):
        heir, paths = one["reserved_for"], one.get("paths")
        what = f"{plain(named(paths))} in {shown}" if paths else shown
        state = (
            f"reserved for {plain(heir)}" if heir else "free; the handoff waits for the next one"
        )
        lines.append(f"released {what}: {state}")
    return lines


def renewed(desk: Desk, answer: Answer) -> Reply:
    shift = desk.standing().shift
    answers = [*answer.get("also", ()), answer]
    until = min(one["lease_expires_at"] for one in answers)
    told = f"your {len(answers)} leases run" if len(answers) > 1 else "your lease runs"
    return Reply(
        [f"{told} until {clock_time(until, shift)}"], data=answer, standing=desk.standing()
    )
