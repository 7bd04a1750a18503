"""The verbs that take, keep and hand on the stick, and those that look at it."""

from __future__ import annotations

import os

from stickhooks.cli.command import (
    HANDOFF,
    TIMEOUT,
    WHY,
    argument,
    arguments,
    flag,
    guard,
    keep_snapshot,
    number,
    option,
    verb,
)
from stickhooks.errors import Next, Refusal
from stickhooks.fast import bundle
from stickhooks.fast.records import replace
from stickhooks.operations.context import Desk, Seat
from stickhooks.operations.reply import Reply
from stickhooks.operations.wishes import ROOM, Wish
from stickhooks.protocol import phases
from stickhooks.protocol.commands import REASON_LIMIT
from stickhooks.protocol.moment import GOT
from stickhooks.protocol.parts import keeper_of
from stickhooks.text import word
from stickhooks.views import output, replies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final

    from stickhooks.operations.context import PutDown
    from stickhooks.protocol.answers import Answer


@verb("join", tends=True, refreshes=True, keeps=True)
def join(
    desk: Desk,
    path: str | None = argument("A folder; default: here.", offers="folders"),
    new: bool = flag("--new", "A room of its own for this folder."),
    programs: bool = flag("--programs", "Hooks take your programs without a terminal for you."),
    notify: bool = flag("--notify", "Tell you on this desktop when the stick is yours."),
    solo: bool = flag("--solo", "A room of your own, where .stickhooks.toml says they are shared."),
) -> Reply:
    """Become a member of the room here, or come back. Example: stick join --as ada"""
    bundle.more("join")
    from stickhooks.operations import joining
    from stickhooks.views import joined

    if path is not None:
        if not os.path.isdir(path):
            message = f"{path} is not a folder; a name is given with --as"
            follow = Next("join", "--as", word(path)), f"mkdir -p {word(path)}"
            raise Refusal("invalid_input", message, follow, field="context_path")
        desk = desk.moved(path)
    if not solo:
        from stickhooks.operations import shared_setting

        shared_setting.check(desk, "join")
    before = joining.known_as(desk)
    answer = joining.join(desk, new=new, all_programs=programs)
    reply = joined.reply(desk, answer, before, all_programs=programs)
    if not notify:
        return reply
    from stickhooks.waking import desktop

    reach = desktop.reach_of(desk.env)
    desk.store.keep_reach(answer["agent_id"], {"way": desktop.NAME, **reach} if reach else None)
    told = "you are told on this desktop" if reach else "there is no desktop here to tell you on"
    return replace(reply, lines=[*reply.lines, f"{told} when the stick is reserved for you"])


PATHS: Final[Any] = arguments("For these files and folders alone.", required=False, offers="files")
WHOLE: Final[Any] = flag("--whole", "The whole room, once nobody else has paths of it.")


def _wish(desk: Desk, paths: Sequence[str] | None, whole: bool) -> tuple[Desk, Wish]:
    """Return what a caller wants, and the desk at the room that has it."""
    if not paths:
        return desk, Wish(whole=True, typed=("--whole",)) if whole else ROOM
    if whole:
        message = "--whole is for all of the room: name no paths"
        raise Refusal("usage", message, [Next("take", "--whole")])
    from stickhooks.operations import own_turns

    return own_turns.wanted(desk, paths)


@verb("take", tends=True, warns=True, gets=True)
def take(
    desk: Desk,
    paths: list[str] | None = PATHS,
    why: str | None = WHY,
    whole: bool = WHOLE,
) -> Reply:
    """Try once to get the stick. Example: stick take src/login docs --why "fix the login" """
    there, wish = _wish(desk, paths, whole)
    return _told(desk, there, there.take(why, wish), paths, whole)


def _told(
    desk: Desk, there: Desk, answer: Answer, paths: Sequence[str] | None, whole: bool
) -> Reply:
    """Tell what came of an attempt; where parts have to do with it, by words of their own."""
    if there is not desk:
        desk.take_over_from(there)
    if not {"paths", "for_turn", "waits_for_all", "also"} & answer.keys():
        return replies.turn(there, answer)
    from stickhooks.views import part_replies

    return part_replies.turn(there, answer, paths or (), whole=whole)


@verb("wait", tends=True, warns=True, gets=True)
def wait(
    desk: Desk,
    paths: list[str] | None = PATHS,
    timeout: str | None = TIMEOUT,
    why: str | None = WHY,
    takeover: str | None = option("--takeover", "Take over from a lost holder, for this reason."),
    bell: bool = flag("--notify", "Bell and notification when the wait is over."),
    whole: bool = WHOLE,
) -> Reply:
    """Wait until the stick is yours. Example: stick wait --timeout 15m --why "run the tests" """
    from stickhooks.views import notify

    limit = _limit(timeout)
    there, wish = _wish(desk, paths, whole)
    with notify.at_the_end(bell, desk.env) as notice:
        answer = _waited(there, there.seat(), limit, why, takeover, wish)
        return notice.of(_told(desk, there, answer, paths, whole))


def _limit(timeout: str | None) -> float | None:
    from stickhooks.system import durations

    return None if timeout is None else durations.seconds(timeout)


def _waited(
    desk: Desk,
    seat: Seat,
    limit: float | None,
    why: str | None,
    takeover: str | None = None,
    wish: Wish = ROOM,
) -> Answer:
    """Wait in sight of the caller, and return what came of it. ``limit`` is in seconds."""
    from stickhooks.operations import waiting
    from stickhooks.views.progress import Progress

    with Progress(desk, seat.agent_id, wish) as progress:
        return waiting.wait(
            desk.rooms, desk.store, seat.agent_id, seat.path,
            timeout=limit, why=why, takeover=takeover, proven=seat.proven, wish=wish, progress=progress,
        )  # fmt: skip


def _all_of(desk: Desk) -> Wish:
    """Return the wish for all of a room: whatever a command writes, nobody else may have paths of it."""
    room = desk.snapshot().room
    me = desk.caller(room).agent_id or ""
    return Wish(whole=True) if any(keeper_of(part) != me for part in room.parts) else ROOM


def _handoff(desk: Desk, command: str, words: Mapping[str, Any]) -> Mapping[str, object]:
    """Return the handoff that was given. A caller who holds nothing hears that instead of its faults."""
    bundle.more("release")
    from stickhooks.operations import handoff_input

    try:
        return handoff_input.gather(command, **words)
    except Refusal:
        desk.lease(desk.seat())
        raise


def _put_down(
    desk: Desk, how: PutDown, handoff: Mapping[str, object], to: str = "", turn: int | None = None
) -> Reply:
    from stickhooks.operations import still_running
    from stickhooks.views import put_down

    running = still_running.in_turn(desk)
    return put_down.reply(desk, desk.put_down(how, handoff, to, turn), running)


TURN: Final[Any] = number("--turn", "Only what this turn of yours is for.")


@verb("release", HANDOFF)
def release(desk: Desk, turn: int | None = TURN, **words: Any) -> Reply:
    """End your turn, with a handoff. Example: stick release --status "done" --next "test it" """
    return _put_down(desk, "release", _handoff(desk, "stick release", words), turn=turn)


@verb("handoff", HANDOFF)
def handoff(
    desk: Desk,
    to: str = argument("The member to hand the stick to.", required=True, offers="members"),
    turn: int | None = TURN,
    **words: Any,
) -> Reply:
    """Hand the stick to one member. Example: stick handoff bob --status "done" --next "review" """
    return _put_down(desk, "pass", _handoff(desk, f"stick handoff {word(to)}", words), to, turn)


@verb("renew", keeps=True)
def renew(desk: Desk) -> Reply:
    """Renew your lease. Hooks do that by themselves. Example: stick renew"""
    seat = desk.seat()
    lease = desk.lease(seat)
    turn = seat.room.turn_id
    if seat.room.parts:
        from stickhooks.operations import own_turns
        from stickhooks.views import part_replies

        return part_replies.renewed(desk, own_turns.renew(desk, seat))
    answer = desk.rooms.heartbeat(seat.agent_id, seat.room_id, lease.lease_id, turn)
    return replies.renewed(desk, answer)


@verb("push", keeps=True)
def push(
    desk: Desk,
    remote: str | None = argument("The remote that has the rooms; the default."),
    branch: str | None = argument("BRANCH, +BRANCH or SOURCE:BRANCH; default: the one here."),
    server_hook: bool = flag("--server-hook", "Print the hook by which the server decides."),
) -> Reply:
    """Push a branch that lands only while you hold. Example: stick push origin main"""
    if server_hook:
        from stickhooks.setup import templates

        return Reply([templates.template("pre-receive").rstrip()])
    from stickhooks.operations import fenced_push
    from stickhooks.views import pushed

    return pushed.reply(desk, fenced_push.push(desk, remote, branch, pushed.show))


@verb("takeover", gets=True)
def takeover(
    desk: Desk,
    reason: str = option("--reason", "Why; it is written down.", required=True),
    expect: int | None = number("--expect", "Only if the room is at this turn."),
) -> Reply:
    """Take a turn that was abandoned. Example: stick takeover --reason "bob's laptop died" """
    return _told(desk, desk, desk.takeover(reason, expect), None, False)


@verb("leave")
def leave(
    desk: Desk,
    force: bool = flag("--force", "Also while you hold the stick."),
) -> Reply:
    """Stop being a member. Example: stick leave"""
    answer = desk.leave(force=force)
    desk.store.keep_reach(answer["agent_id"], None)
    return Reply([f"{answer['agent_id']} has left {desk.rooms.shown(desk.path())}"], data=answer)


@verb("close", HANDOFF)
def close(
    desk: Desk, remove: bool = flag("--remove", "Remove a nested, free room."), **words: Any
) -> Reply:
    """Close the room: no turns until somebody reopens it. Example: stick close --status … --next …"""
    seat = desk.seat()
    shown = desk.rooms.shown(seat.path)
    if remove and seat.path != desk.here:  # so it is after a removal: the room above is not meant
        line = f"{desk.rooms.shown(desk.here)} has no room of its own; {shown} governs it"
        return Reply([line], data={"status": "removed"})
    if remove:
        person = desk.caller(seat.room).person
        answer = desk.rooms.remove(seat.agent_id, seat.room_id, person=person)
        line = f"the room {shown} is gone; the room above governs its folder"
        return Reply([line, *replies.waiting_handoff(seat.room)], data=answer)
    text = _handoff(desk, "stick close", words)
    answer = desk.put_down("close", text)
    return Reply([f"{shown} is closed; the handoff stays"], next=[Next("reopen")], data=answer)


@verb("reopen")
def reopen(
    desk: Desk,
    reason: str | None = option("--reason", "Why; an agent needs one where a person closed it."),
) -> Reply:
    """Open a closed room again. Example: stick reopen"""
    seat = desk.seat()
    person = desk.caller(seat.room).person
    answer = desk.rooms.reopen(seat.agent_id, seat.room_id, reason, person=person)
    standing = desk.standing()
    lines = [f"{desk.rooms.shown(seat.path)} is open"]
    if standing.keeper == seat.agent_id and standing.lease:
        return Reply(lines, next=[Next("release", "--help")], data=answer)
    follow = standing.next(seat.agent_id, person=person, room=desk.aside(seat.path))
    more = [standing.headline(seat.agent_id)] if standing.keeper else []
    return Reply([*lines, *more], next=follow[:1], data=answer)


@verb("run", foreign=True)
def run_command(
    desk: Desk,
    command: list[str] = arguments("-- and the command.", offers="files"),
    timeout: str | None = TIMEOUT,
    why: str | None = WHY,
) -> Reply:
    """Wait, run a command with the stick, release. Example: stick run -- make release"""
    from stickhooks.operations import run_command as operations_run_command

    limit, seat = _limit(timeout), desk.seat()
    purpose = why or f"run {command[0]}"[:REASON_LIMIT]
    wish = _all_of(desk)
    grant = _waited(desk, seat, limit, purpose, wish=wish)
    while "paths" in grant or (wish == ROOM and _all_of(desk) != ROOM):
        if grant["status"] not in GOT:
            break
        for line in output.handoff_lines(grant):
            output.write(2, line)  # what was promised comes first, and is not the room
        wish = _all_of(desk)
        grant = _waited(desk, seat, limit, purpose, wish=wish)
    if grant["status"] not in GOT:
        return _told(desk, desk, grant, (), wish.whole) if wish.whole else replies.turn(desk, grant)
    guard(desk)
    for line in output.handoff_lines(grant):
        output.write(2, line)
    keep_snapshot(desk)  # before the command changes anything
    policy = desk.snapshot().room.policy
    period = phases.renewal_period(policy.owner_lease_ttl, policy.idle_after)
    code = operations_run_command.run(
        desk.rooms, seat.agent_id, grant, period, command, lambda line: output.write(2, line),
        stdout=2 if desk.as_json else None,  # standard output is for the one object
    )  # fmt: skip
    return Reply([], exit=code, data={"command": list(command)})
