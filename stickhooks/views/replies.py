"""What the verbs answer: the facts of a room turned into replies. Reads, never writes."""

from __future__ import annotations

import os

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import replace
from stickhooks.gate import copied_rooms, messages
from stickhooks.gate import decision as gate
from stickhooks.identity import liveness, resolver
from stickhooks.operations import still_running
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply, refusing
from stickhooks.protocol import phases
from stickhooks.protocol.commands import handoff_answer
from stickhooks.protocol.model import Room
from stickhooks.protocol.rules import Answer
from stickhooks.text import clock_time, plain, quoted, stamp, word
from stickhooks.views import enforcement, output
from stickhooks.workspace import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final

    from stickhooks.errors import Step

PAGE: Final = 500
#: Refusals that are told together with who has the stick, since when, and why.
STANDING: Final = (
    "held", "reserved", "takeover_ineligible", "turn_mismatch", "timeout", "room_closed",
)  # fmt: skip


def joined(
    desk: Desk, answer: Answer, before: str | None = None, *, all_programs: bool = False
) -> Reply:
    """Tell what a join came to; ``before`` is the member that the caller was until now."""
    standing = desk.standing()
    me = str(answer["agent_id"])
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
        lines.append(f"the program around this terminal, {name} (pid {pid}), is you as well")
    if all_programs:
        lines.append("your programs without a terminal are you too, for git's hooks and saves here")
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
    if unguarded:
        follow = [step, *follow]
    answer = {**answer, "not_enforced": enforcement.data(unguarded, step)}
    return Reply(lines, next=follow[:1], data=answer, standing=standing, me=me)


def turn(desk: Desk, answer: Answer) -> Reply:
    """Tell what came of an attempt to get the stick."""
    status = answer["status"]
    snapshot = desk.snapshot()
    standing, caller = desk.standing(snapshot), desk.caller(snapshot.room)
    me = caller.agent_id
    if status in ("your_turn", "already_owner"):
        state = "is yours" if status == "your_turn" else "is still yours"
        first = f"the stick {state}: {standing.shown}, turn {answer['turn_id']}"
        if standing.lease:  # another process of ours may have put it down meanwhile
            first += f", until {clock_time(standing.lease['expires_at'], standing.shift)}"
        if "revoked_agent_id" in answer:
            first += f"; taken over from {plain(answer['revoked_agent_id'])}"
        lines = [first, *output.handoff_lines(answer)]
        return Reply(lines, data=answer, standing=standing, me=me)
    code = {"takeover_available": "takeover_available", "closed": "room_closed"}.get(
        str(status), standing.code
    )
    lines = [standing.headline(me), *standing.details(me)]
    follow = standing.next(me, person=caller.person, room=desk.aside(snapshot.room.path))
    doubtful = standing.lease and standing.alive != liveness.GONE
    if code == "takeover_available" and not caller.person and doubtful:
        lines.append(messages.UNPROVEN)
        follow = [Next("status")]  # not `stick wait`: it would answer the same at once
    return Reply(lines, code, follow, answer, standing, me)


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
    standing, caller = desk.standing(snapshot), desk.caller(snapshot.room)
    lines = [standing.headline(caller.agent_id), *standing.details(caller.agent_id)]
    told = f"there is nothing to take over: {'; '.join(lines)}"
    if standing.lease and standing.keeper == caller.agent_id:
        return told, [Next("release", "--help")]
    return told, standing.next(caller.agent_id, person=caller.person)


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


def put_down(desk: Desk, answer: Answer, running: Sequence[tuple[int, str]] = ()) -> Reply:
    """Tell to whom the stick went, and what the caller's session still runs here."""
    standing = desk.standing()
    heir = answer["reserved_for"]
    if heir:
        state = f"reserved for {plain(heir)}"
        if standing.reservation and standing.reservation["recipient"] == heir:
            until = clock_time(standing.reservation["expires_at"], standing.shift)
            state += f" until {until}"
        elif standing.lease and standing.lease["holder"] == heir:  # the waiter was that fast
            state = f"{plain(heir)} has it"
    else:
        state = "free; the handoff waits for whoever takes it next"
    lines = [f"released {standing.shown}: {state}", *still_running.told(running)]
    left = [{"pid": pid, "command": command} for pid, command in running]
    return Reply(lines, data={**answer, "still_running": left}, standing=standing)


def renewed(desk: Desk, answer: Answer) -> Reply:
    standing = desk.standing()
    until = clock_time(standing.lease["expires_at"], standing.shift)
    return Reply([f"your lease runs until {until}"], data=answer, standing=standing)


def rooms(desk: Desk) -> Reply:
    listed = desk.rooms.list_rooms()["rooms"]
    assert isinstance(listed, list)
    lines = []
    for view in listed:
        keeper = plain(view["owner"] or view["reserved_for"] or "")
        line = f"{plain(view['canonical_path'])}  turn {view['turn_id']}  {view['state']}"
        lines.append(f"{line}  {keeper}".rstrip())
    lines = lines or [f"no rooms in {plain(desk.workspace.root)}"]
    return Reply(lines, next=[] if listed else [Next("join")], data={"rooms": listed})


#: The end of year 9999, in milliseconds: what lies beyond is no time of ours.
FAR = 253_402_300_800_000


def when(sighting: Mapping[str, Any]) -> int:
    """Return when something was seen (wall clock, ms), 0 where that is not told, or no time."""
    at = sighting.get("at")
    return at if type(at) is int and 0 < at < FAR else 0


def bypass_line(sighting: Mapping[str, Any]) -> str:
    at = when(sighting)
    time = clock_time(at) if at else "?"
    who, why = plain(sighting.get("agent_id")), plain(sighting.get("why"))
    return f"   -  {time}  {who} went past the gate ({plain(sighting.get('kind'))}): {why}"


def event_data(event: Answer, shift: int) -> dict[str, object]:
    at = event["created_at"]
    assert isinstance(at, int)
    return {**event, "created_at": stamp(at, shift)}


def event_line(event: Mapping[str, Any], shift: int) -> str:
    who = {
        "claim": "{to} took the stick" + (" from {by}" if event["from_agent_id"] else ""),
        "release": "{by} released it",
        "pass": "{by} handed it to {to}",
        "takeover": "{to} took it over from {by} ({kind})",
        "leave": "{by} left",
        "close": "{by} closed the room",
        "reopen": "{by} reopened the room",
        "note": "{by} wrote to " + ("{to}" if event["to_agent_id"] else "all"),
        "ask": "{by} asked {to} for the stick",
    }
    message = who[event["event_type"]].format(
        to=plain(event["to_agent_id"]), by=plain(event["from_agent_id"]), kind=event.get("kind")
    )
    time = clock_time(event["created_at"], shift)
    line = f"{event['event_seq']:>4}  {time}  turn {event['turn_id']}  {message}"
    if event["reason"]:
        said = plain(event["reason"])
        line += f': "{said}"' if event["event_type"] == "note" else f": {said}"
    if event["handoff"]:
        line += f"\n      status: {plain(event['handoff']['status'], 300)}"
        line += f"\n      next:   {plain(event['handoff']['next_action'], 300)}"
    return line


def whoami(desk: Desk, *, explain: bool) -> Reply:
    """Tell as whom the caller is recognised; an unknown caller is an answer too."""
    caller = desk.caller(desk.snapshot().room if desk.store.paths() else None)
    name, kind = plain(caller.agent_id), "a person" if caller.person else "an agent"
    if caller.agent_id and caller.proof:
        lines = [f"{name} ({kind})"]
    elif caller.agent_id:
        lines = [f"not recognised: {name} is a member, but nothing proves you are it"]
    else:
        lines = [f"not joined; joining would make you {plain(caller.name)} ({kind})"]
    proof = caller.proof or None
    data: dict[str, object] = {"name": caller.name, "person": caller.person, "proof": proof}
    if explain:
        data["evidence"] = evidence = [*caller.evidence, *_seen(caller)]
        lines += [f"  - {plain(line)}" for line in evidence]
    follow = [] if caller.agent_id else [Next("join")]
    return Reply(lines, next=follow, data=data, me=caller.agent_id if caller.proof else None)


def _seen(caller: resolver.Caller) -> list[str]:
    sighting = caller.sighting
    chain = " < ".join(f"{process.pid} {process.name}" for process in sighting.ancestors[:8])
    lines = [f"processes above the caller: {chain}" if chain else "no process above can be seen"]
    if caller.session:
        lines.append(f"client session: {caller.session}")
    elif sighting.session:
        lines.append(f"not believed, for its client is not above us: {sighting.session}")
    if sighting.leader:
        lines.append(f"terminal session led by: {sighting.leader.pid} {sighting.leader.name}")
    if not sighting.place[2]:
        lines.append("the pid namespace is not known here: processes prove nothing")
    return lines


def check(desk: Desk, named: Sequence[str], purpose: str) -> Reply:
    """Ask the gate by hand, or for an editor or git in its own words. Writes nothing."""
    kind = {"": gate.BY_HAND, "git": gate.COMMIT, "editor": gate.EDITOR}.get(purpose)
    if kind is None:
        raise Refusal("usage", f"--for knows git and editor, not {quoted(purpose)}", [])
    targets = [target for path in named for target in _targets(path)]
    if not named:
        targets = _whole(desk, kind)
    verdict = gate.judge(targets, kind, desk.sighting, desk.env, desk.said)
    for warning in copied_rooms.warnings(verdict):
        output.write(2, warning)
    ruling = verdict.refused or next(iter(verdict.allowed), None)
    standing = messages.standing_of(ruling) if ruling and ruling.raw is not None else None
    me = ruling.agent_id if ruling else None
    if verdict.refused is None:
        lines = [] if kind == gate.EDITOR else ["you may write"]
        return Reply(lines, standing=standing, me=me)
    if kind == gate.EDITOR and not desk.as_json:
        output.write(2, messages.line(verdict))
        return Reply([], exit=verdict.exit)
    lines, follow = messages.words(verdict, verdict.refused)
    data = {"path": verdict.path}
    return Reply(lines, verdict.code, follow, data, standing, me)


def _targets(path: str) -> list[paths.Target]:
    try:
        return paths.targets(path)
    except ValueError as error:
        raise Refusal("invalid_input", f"{quoted(path)}: {error}", field="path") from None


def _whole(desk: Desk, kind: str) -> list[paths.Target]:
    """Return what is asked without a path: what is staged for git, else the room here."""
    if kind == gate.COMMIT and desk.workspace.git_dir:
        from stickhooks.workspace import git

        staged = git.staged(desk.workspace.root, git.clean(desk.env))
        return paths.targets_of(desk.workspace, staged)
    return [paths.Target(desk.workspace, desk.here or None)]
