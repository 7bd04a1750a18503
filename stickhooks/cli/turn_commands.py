"""The verbs that take, keep and hand on the stick, and those that look at it."""

from __future__ import annotations

import os

from stickhooks.cli.command import (
    HANDOFF,
    SINCE,
    TIMEOUT,
    WHY,
    argument,
    arguments,
    flag,
    guard,
    keep_snapshot,
    number,
    option,
    options,
    verb,
)
from stickhooks.errors import Next, Refusal
from stickhooks.fast import bundle
from stickhooks.fast.records import replace
from stickhooks.operations import handoff_input, still_running
from stickhooks.operations.context import Desk, Seat
from stickhooks.operations.reply import Reply
from stickhooks.protocol import phases
from stickhooks.protocol.commands import REASON_LIMIT
from stickhooks.protocol.moment import GOT
from stickhooks.text import word
from stickhooks.views import output, replies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from stickhooks.protocol.answers import Answer

# --- turns


@verb("join", tends=True, refreshes=True, keeps=True)
def join(
    desk: Desk,
    path: str | None = argument("A folder; default: here.", offers="folders"),
    new: bool = flag("--new", "A room of its own for this folder."),
    programs: bool = flag("--programs", "Your programs without a terminal are you, for the hooks."),
    notify: bool = flag("--notify", "Tell you on this desktop when the stick is yours."),
    solo: bool = flag("--solo", "A room of your own, where .stickhooks.toml says they are shared."),
) -> Reply:
    """Become a member of the room here, or come back. Example: stick join --as ada"""
    bundle.begin(os.path.dirname(os.path.dirname(__file__)), bundle.JOIN)
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


@verb("take", tends=True, warns=True, gets=True)
def take(desk: Desk, why: str | None = WHY) -> Reply:
    """Try once to get the stick. Example: stick take --why "fix the login" """
    return replies.turn(desk, desk.take(why))


@verb("wait", tends=True, warns=True, gets=True)
def wait(
    desk: Desk,
    timeout: str | None = TIMEOUT,
    why: str | None = WHY,
    takeover: str | None = option("--takeover", "Take over from a lost holder, for this reason."),
    bell: bool = flag("--notify", "Bell and notification when the wait is over."),
) -> Reply:
    """Wait until the stick is yours. Example: stick wait --timeout 15m --why "run the tests" """
    from stickhooks.views import notify

    limit = _limit(timeout)
    with notify.at_the_end(bell, desk.env) as notice:
        return notice.of(replies.turn(desk, _waited(desk, desk.seat(), limit, why, takeover)))


def _limit(timeout: str | None) -> float | None:
    from stickhooks.system import durations

    return None if timeout is None else durations.seconds(timeout)


def _waited(
    desk: Desk, seat: Seat, limit: float | None, why: str | None, takeover: str | None = None
) -> Answer:
    """Wait in sight of the caller, and return what came of it. ``limit`` is in seconds."""
    from stickhooks.operations import waiting
    from stickhooks.views.progress import Progress

    with Progress(desk, seat.agent_id) as progress:
        return waiting.wait(
            desk.rooms, desk.store, seat.agent_id, seat.path,
            timeout=limit, why=why, takeover=takeover, proven=seat.proven, progress=progress,
        )  # fmt: skip


def _handoff(desk: Desk, command: str, words: Mapping[str, Any]) -> Mapping[str, object]:
    """Return the handoff that was given. A caller who holds nothing hears that instead of its faults."""
    try:
        return handoff_input.gather(command, **words)
    except Refusal:
        desk.lease(desk.seat())
        raise


@verb("release", HANDOFF)
def release(desk: Desk, **words: Any) -> Reply:
    """Put the stick down, with a handoff. Example: stick release --status "done" --next "test it" """
    handoff = _handoff(desk, "stick release", words)
    running = still_running.in_turn(desk)
    return replies.put_down(desk, desk.put_down("release", handoff), running)


@verb("handoff", HANDOFF)
def handoff(
    desk: Desk,
    to: str = argument("The member to hand the stick to.", required=True, offers="members"),
    **words: Any,
) -> Reply:
    """Hand the stick to one member. Example: stick handoff bob --status "done" --next "review" """
    text = _handoff(desk, f"stick handoff {word(to)}", words)
    running = still_running.in_turn(desk)
    return replies.put_down(desk, desk.put_down("pass", text, to), running)


@verb("renew", keeps=True)
def renew(desk: Desk) -> Reply:
    """Renew your lease. Hooks do that by themselves. Example: stick renew"""
    seat = desk.seat()
    lease = desk.lease(seat)
    turn = seat.room.turn_id
    answer = desk.rooms.heartbeat(seat.agent_id, seat.room_id, lease.lease_id, turn)
    return replies.renewed(desk, answer)


@verb("takeover", gets=True)
def takeover(
    desk: Desk,
    reason: str = option("--reason", "Why; it is written down.", required=True),
    expect: int | None = number("--expect", "Only if the room is at this turn."),
) -> Reply:
    """Take a turn that was abandoned. Example: stick takeover --reason "bob's laptop died" """
    return replies.turn(desk, desk.takeover(reason, expect))


@verb("leave")
def leave(
    desk: Desk,
    force: bool = flag("--force", "Also with the stick in hand."),
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
    grant = _waited(desk, seat, limit, why or f"run {command[0]}"[:REASON_LIMIT])
    if grant["status"] not in GOT:
        return replies.turn(desk, grant)
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


# --- looking


@verb("status", reads=True, shows=True, keeps=True)
def status(
    desk: Desk,
    everybody: bool = flag("--all", "With the members."),
) -> Reply:
    """Say who may write here now. Example: stick status --all"""
    from stickhooks.views import status as glance

    return glance.status(desk, everybody=everybody)


@verb("rooms", reads=True, shows=True, keeps=True)
def rooms(desk: Desk) -> Reply:
    """List the rooms of this workspace. Example: stick rooms"""
    return replies.rooms(desk)


@verb("log", reads=True, shows=True, keeps=True, aloof=True)
def log(
    desk: Desk,
    after: int | None = number("--after", "Only events numbered above; 0: from the first."),
    limit: int | None = number("--limit", "At most; 500 at once."),
    follow: bool = flag("--follow", "Go on as they come."),
    graph: bool = flag("--graph", "As a timeline."),
    since: str | None = SINCE,
    files: bool = flag("--files", "Each turn's files, commits and snapshots."),
) -> Reply:
    """Show what happened in the room. Example: stick log --graph --since 24h"""
    if files and (graph or after is not None or follow or since):
        message = "--files shows the newest turns: no --after, --follow, --graph, --since"
        raise Refusal("usage", message, [Next("log", "--files")])
    if files:
        from stickhooks.views import deeds

        return deeds.files(desk, limit)
    if graph and (after is not None or limit or follow):
        message = (
            "--graph shows all of the log, or what --since names: no --after, --limit, --follow"
        )
        raise Refusal("usage", message, [Next("log", "--graph", "--since", "24h")])
    if graph:
        from stickhooks.timeline import command as timeline_command

        return timeline_command.graph(desk, since)
    from stickhooks.views import log as views_log

    return views_log.log(desk, after=after, limit=limit, follow=follow, since=since)


@verb("report", reads=True, shows=True, aloof=True)
def report(
    desk: Desk,
    output: str = option(
        "-o", "room.svg, room.html, or - for standard output.", required=True, offers="files"
    ),
    form: str | None = option("--format", "svg or html.", offers="words:svg html"),
    since: str | None = SINCE,
) -> Reply:
    """Draw the timeline of the room into a file. Example: stick report -o room.html --since 7d"""
    from stickhooks.timeline import command as timeline_command

    return timeline_command.report(desk, output, form, since)


@verb("whoami", reads=True, shows=True, keeps=True)
def whoami(
    desk: Desk,
    explain: bool = flag("--explain", "With the evidence."),
) -> Reply:
    """Say as whom you are recognised, and by what. Example: stick whoami --explain"""
    from stickhooks.views import whoami as views_whoami

    return views_whoami.whoami(desk, explain=explain)


def _settings() -> str:
    from stickhooks.operations import policy as operations_policy

    return f"words:{' '.join(operations_policy.NAMES)}"


@verb("policy", keeps=True)
def policy(
    desk: Desk,
    key: str | None = argument("A setting.", offers=_settings),
    value: str | None = argument("Its new value.", offers="policy_value"),
) -> Reply:
    """Show or change the room's policy. Example: stick policy owner_lease_ttl 20m"""
    from stickhooks.operations import policy as operations_policy

    if key is None or value is None:
        return operations_policy.show(desk, key)
    return operations_policy.change(desk, key, value)


@verb("check", reads=True, aloof=True, keeps=True)
def check(
    desk: Desk,
    file: list[str] | None = arguments("What to write.", required=False, offers="files"),
    path: list[str] | None = options("--path", "The same, as an option.", offers="files"),
    purpose: str = option(
        "--for", "git or editor: its way to say no.", "", offers="words:git editor"
    ),
) -> Reply:
    """Ask whether you may write. Never writes. Example: stick check src/a.py"""
    from stickhooks.views import check as views_check

    return views_check.check(desk, [*(file or []), *(path or [])], purpose)
