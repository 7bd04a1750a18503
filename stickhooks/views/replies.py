"""What the verbs answer: the facts of a room turned into replies. Reads, never writes."""

from __future__ import annotations

import os

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import replace
from stickhooks.gate.standing import UNPROVEN
from stickhooks.identity import liveness
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply, refusing
from stickhooks.protocol import phases
from stickhooks.protocol.commands import handoff_answer
from stickhooks.protocol.model import Room
from stickhooks.protocol.moment import GOT
from stickhooks.text import clock_time, plain
from stickhooks.views import output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final

    from stickhooks.errors import Step
    from stickhooks.gate.standing import Standing
    from stickhooks.protocol.answers import Answer
    from stickhooks.store.snapshot import Snapshot

#: Refusals that are told together with who has the stick, since when, and why.
STANDING: Final = (
    "held", "reserved", "takeover_ineligible", "turn_mismatch", "timeout", "room_closed",
)  # fmt: skip


def turn(desk: Desk, answer: Answer) -> Reply:
    """Tell what came of an attempt to get the stick."""
    status = answer["status"]
    snapshot = desk.snapshot()
    standing, caller = desk.standing(snapshot), desk.caller(snapshot.room)
    me = caller.agent_id
    if status in GOT:
        state = "is yours" if status == "your_turn" else "is still yours"
        first = f"the stick {state}: {standing.shown}, turn {answer['turn_id']}"
        if standing.lease:  # another process of ours may have put it down meanwhile
            first += f", until {clock_time(standing.lease['expires_at'], standing.shift)}"
        if "revoked_agent_id" in answer:
            first += f"; taken over from {plain(answer['revoked_agent_id'])}"
        lines = [first, *_not_fenced(snapshot), *output.handoff_lines(answer)]
        return Reply(lines, data=answer, standing=standing, me=me)
    code = {"takeover_available": "takeover_available", "closed": "room_closed"}.get(
        status, standing.code
    )
    lines = [standing.headline(me), *standing.details(me)]
    follow = standing.next(me, person=caller.person, room=desk.aside(snapshot.room.path))
    doubtful = standing.lease and standing.alive != liveness.GONE
    if code == "takeover_available" and not caller.person and doubtful:
        lines.append(UNPROVEN)
        follow = [Next("status")]  # not `stick wait`: it would answer the same at once
    return Reply(lines, code, follow, answer, standing, me)


def _not_fenced(snapshot: Snapshot) -> list[str]:
    """Tell of a turn that the remote's fence does not know: see ``store.engine.remote_fence``."""
    mirror: Any = snapshot.record.mirror or {}
    fence = mirror.get("fence") or {}
    if not fence.get("why") or fence.get("turn") != snapshot.room.turn_id:
        return []
    return [
        f"not fenced: {plain(fence['why'])}; what was being pushed in the turn before may land yet"
    ]


def refused(desk: Desk, refusal: Refusal) -> Reply:
    """Tell of a refusal, and of the room as it stands, where that can be seen."""
    try:
        snapshot = desk.snapshot()
        standing, caller = desk.standing(snapshot), desk.caller(snapshot.room)
    except (Refusal, OSError):
        return refusing(refusal)
    me = caller.agent_id
    aside = desk.aside(snapshot.room.path)
    reply = refusing(refusal, standing, me)
    lines, follow = [*reply.lines], reply.next
    if refusal.code in _WORDS:
        lines[0], follow = _WORDS[refusal.code](desk, refusal)
    if refusal.code == "room_closed" and standing.phase == phases.CLOSED:
        lines += standing.details(me)
        follow = standing.next(me, person=caller.person)
    if "other_side" in refusal.details and standing.keeper == me:
        follow = follow[1:] or follow  # its own keeper may move it
    if refusal.code in STANDING or "other_side" in refusal.details:
        headline = standing.headline(me)
        lines += [headline] if headline not in lines[0] else []
    return replace(reply, lines=lines, next=[there(step, aside) for step in follow])


def _nothing_to_take(desk: Desk, refusal: Refusal) -> tuple[str, Sequence[Step]]:
    snapshot = desk.snapshot()
    standing, caller = _of_turn(desk, snapshot, refusal), desk.caller(snapshot.room)
    lines = [standing.headline(caller.agent_id), *standing.details(caller.agent_id)]
    told = f"there is nothing to take over: {'; '.join(lines)}"
    if standing.lease and standing.keeper == caller.agent_id:
        return told, [Next("release", "--help")]
    return told, standing.next(caller.agent_id, person=caller.person)


def _of_turn(desk: Desk, snapshot: Snapshot, refusal: Refusal) -> Standing:
    """Return how that stands which a refusal is about: a part of the room, or else the rest of it."""
    turn = refusal.details.get("for_turn")
    if turn is None:
        return desk.standing(snapshot)
    from stickhooks.operations import parted

    found = parted.all_standings(desk, snapshot)
    return next((one for one in found if one.raw["turn_id"] == turn), found[0])


def _held_above(desk: Desk, refusal: Refusal) -> tuple[str, Sequence[Step]]:
    """Tell who holds the room above: the steps of this one would not end that."""
    above = desk.moved(os.path.join(desk.workspace.root, str(refusal.details["path"])))
    snapshot = above.snapshot()
    standing, caller = above.standing(snapshot), above.caller(snapshot.room)
    told = f"only the holder of {standing.shown} may {refusal.details['deed']} a room inside it"
    room = above.aside(snapshot.room.path)
    follow = standing.next(caller.agent_id, person=caller.person, room=room)
    return f"{told}, and {standing.headline()}", follow


#: Refusals whose sentence is that of a room as it stands.
_WORDS: Final = {"takeover_not_available": _nothing_to_take, "room_held": _held_above}


def placed(desk: Desk, reply: Reply) -> Reply:
    """Add to a reply for programs the room as it stands, and who they are there, if there is one."""
    try:
        snapshot = desk.snapshot()
        return replace(
            reply,
            standing=reply.standing or desk.standing(snapshot),
            me=reply.me or desk.caller(snapshot.room).agent_id,
        )
    except (Refusal, OSError):
        return reply


def there(step: Step, room: str) -> Step:
    """Return a step that acts on that room, wherever it is typed."""
    return step.at(room) if isinstance(step, Next) else step


def waiting_handoff(room: Room) -> list[str]:
    """Tell the handoff that nobody has read yet, if there is one."""
    if not room.pending or room.letter is None:
        return []
    letter = room.letter
    answer = {"handoff": handoff_answer(letter.handoff), "from_agent_id": letter.author}
    return output.handoff_lines(answer)


def renewed(desk: Desk, answer: Answer) -> Reply:
    standing = desk.standing()
    until = clock_time(standing.lease["expires_at"], standing.shift)
    return Reply([f"your lease runs until {until}"], data=answer, standing=standing)


def _part(part: Mapping[str, Any]) -> str:
    """Return the line of paths that one member has alone: which, the turn, and whose they are."""
    state = "owned" if part["owner"] else "reserved"
    keeper = plain(part["owner"] or part["reserved_for"])
    return f"  {plain(phases.named(part['paths']))}  turn {part['turn_id']}  {state}  {keeper}"


def rooms(desk: Desk) -> Reply:
    listed = desk.rooms.list_rooms()["rooms"]
    assert isinstance(listed, list)
    lines = []
    for view in listed:
        keeper = plain(view["owner"] or view["reserved_for"] or "")
        line = f"{plain(view['canonical_path'])}  turn {view['turn_id']}  {view['state']}"
        lines.append(f"{line}  {keeper}".rstrip())
        lines += map(_part, view.get("parts", ()))
    lines = lines or [f"no rooms in {plain(desk.workspace.root)}"]
    return Reply(lines, next=[] if listed else [Next("join")], data={"rooms": listed})
