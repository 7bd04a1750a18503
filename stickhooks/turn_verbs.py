"""The verbs that take, keep and hand on the stick, and those that look at it."""

import functools
import os
from typing import Annotated

import typer

from stickhooks import guard, handoffs, render, views
from stickhooks.commands import REASON_LIMIT
from stickhooks.desk import Desk
from stickhooks.durations import seconds
from stickhooks.errors import Refusal
from stickhooks.render import Reply
from stickhooks.telling import word
from stickhooks.verb import Artifacts, Next, Status, Stdin, Timeout, Why, verb

# --- turns


@verb("join")
def join(
    desk: Desk,
    path: Annotated[str | None, typer.Argument(help="A folder; default: here.")] = None,
    new: Annotated[bool, typer.Option("--new", help="A room of its own for this folder.")] = False,
) -> Reply:
    """Become a member of the room here, or come back. Example: stick join --as ada"""
    if path is not None:
        if not os.path.isdir(path):
            told = f"{path} is not a folder; a name is given with --as"
            follow = [f"stick join --as {word(path)}", f"mkdir -p {word(path)}"]
            raise Refusal("invalid_input", told, follow, field="context_path")
        desk = desk.moved(path)
    before = desk.known_as()
    answer = desk.join(new=new)
    return views.joined(desk, answer, before)


@verb("take")
def take(desk: Desk, why: Why = None) -> Reply:
    """Try once to get the stick. Example: stick take --why "fix the login" """
    return views.turn(desk, desk.take(why))


@verb("wait")
def wait(
    desk: Desk,
    timeout: Timeout = None,
    why: Why = None,
    takeover: Annotated[
        str | None,
        typer.Option("--takeover", help="Take over from a lost holder, for this reason."),
    ] = None,
) -> Reply:
    """Wait until the stick is yours. Example: stick wait --timeout 15m --why "run the tests" """
    from stickhooks import waiting

    limit = None if timeout is None else seconds(timeout)
    seat = desk.seat()
    with views.Progress(desk, seat.agent_id) as progress:
        answer = waiting.wait(
            desk.rooms, desk.store, seat.agent_id, seat.path,
            timeout=limit, why=why, takeover=takeover, proven=seat.proven, progress=progress,
        )  # fmt: skip
    return views.turn(desk, answer)


@verb("release")
def release(
    desk: Desk,
    status: Status = None,
    next: Next = None,
    artifact: Artifacts = None,
    stdin: Stdin = False,
) -> Reply:
    """Put the stick down, with a handoff. Example: stick release --status "done" --next "test it" """
    handoff = handoffs.gather("stick release", status, next, artifact, stdin)
    return views.put_down(desk, desk.put_down("release", handoff))


@verb("handoff")
def handoff(
    desk: Desk,
    to: Annotated[str, typer.Argument(help="The member to hand the stick to.")],
    status: Status = None,
    next: Next = None,
    artifact: Artifacts = None,
    stdin: Stdin = False,
) -> Reply:
    """Hand the stick to one member. Example: stick handoff bob --status "done" --next "review" """
    text = handoffs.gather(f"stick handoff {word(to)}", status, next, artifact, stdin)
    return views.put_down(desk, desk.put_down("pass", text, to))


@verb("renew")
def renew(desk: Desk) -> Reply:
    """Renew your lease. Hooks do that by themselves. Example: stick renew"""
    seat = desk.seat()
    lease = desk.lease(seat)
    answer = desk.rooms.heartbeat(
        seat.agent_id, seat.room_id, lease.lease_id, seat.room.turn_id
    )  # fmt: skip
    return views.renewed(desk, answer)


@verb("takeover")
def takeover(
    desk: Desk,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is written down.")],
    expect: Annotated[
        int | None, typer.Option("--expect", help="Only if the room is at this turn.")
    ] = None,
) -> Reply:
    """Take a turn that was abandoned. Example: stick takeover --reason "bob's laptop died" """
    return views.turn(desk, desk.takeover(reason, expect))


@verb("leave")
def leave(
    desk: Desk,
    force: Annotated[bool, typer.Option("--force", help="Also with the stick in hand.")] = False,
) -> Reply:
    """Stop being a member. Example: stick leave"""
    answer = desk.leave(force=force)
    return Reply([f"{answer['agent_id']} has left {desk.rooms.shown(desk.path())}"], data=answer)


@verb("close")
def close(
    desk: Desk,
    status: Status = None,
    next: Next = None,
    artifact: Artifacts = None,
    stdin: Stdin = False,
    remove: Annotated[bool, typer.Option("--remove", help="Remove a nested, free room.")] = False,
) -> Reply:
    """Close the room: no turns until somebody reopens it. Example: stick close --status … --next …"""
    seat = desk.seat()
    shown = desk.rooms.shown(seat.path)
    if remove and seat.path != desk.here:  # so it is after a removal: the room above is not meant
        told = [f"{desk.rooms.shown(desk.here)} has no room of its own; {shown} governs it"]
        return Reply(told, data={"status": "removed"})
    if remove:
        answer = desk.rooms.remove(seat.agent_id, seat.room_id)
        told = [f"the room {shown} is gone; the room above governs its folder"]
        return Reply([*told, *views.waiting_handoff(seat.room)], data=answer)
    text = handoffs.gather("stick close", status, next, artifact, stdin)
    answer = desk.put_down("close", text)
    return Reply([f"{shown} is closed; the handoff stays"], next=["stick reopen"], data=answer)


@verb("reopen")
def reopen(desk: Desk) -> Reply:
    """Open a closed room again. Example: stick reopen"""
    seat = desk.seat()
    answer = desk.rooms.reopen(seat.agent_id, seat.room_id)
    return Reply([f"{desk.rooms.shown(seat.path)} is open"], next=["stick take"], data=answer)


@verb("run", context_settings={"ignore_unknown_options": True})
def run_command(
    desk: Desk,
    command: Annotated[list[str], typer.Argument(help="-- and the command.")],
    timeout: Timeout = None,
    why: Why = None,
) -> Reply:
    """Wait, run a command with the stick, release. Example: stick run -- make release"""
    from stickhooks import running, waiting

    limit = None if timeout is None else seconds(timeout)
    seat = desk.seat()
    reason = why or f"run {command[0]}"[:REASON_LIMIT]
    with views.Progress(desk, seat.agent_id) as progress:
        grant = waiting.wait(
            desk.rooms, desk.store, seat.agent_id, seat.path,
            timeout=limit, why=reason, proven=seat.proven, progress=progress,
        )  # fmt: skip
    if grant["status"] not in ("your_turn", "already_owner"):
        return views.turn(desk, grant)
    guard.follow(desk.workspace)
    for line in render.handoff_lines(grant):
        render.write(2, line)
    ttl = seat.room.policy.owner_lease_ttl
    code = running.run(
        desk.rooms, seat.agent_id, grant, ttl, command, functools.partial(render.write, 2),
        stdout=2 if desk.as_json else None,  # standard output is for the one object
    )  # fmt: skip
    return Reply([], exit=code, data={"command": list(command)})


# --- looking


@verb("status")
def status(
    desk: Desk,
    everybody: Annotated[bool, typer.Option("--all", help="With the members.")] = False,
) -> Reply:
    """Say who may write here now. Example: stick status --all"""
    return views.status(desk, everybody=everybody)


@verb("rooms")
def rooms(desk: Desk) -> Reply:
    """List the rooms of this workspace. Example: stick rooms"""
    return views.rooms(desk)


@verb("log")
def log(
    desk: Desk,
    after: Annotated[int, typer.Option("--after", help="Only events numbered above.")] = 0,
    limit: Annotated[int | None, typer.Option("--limit", help="At most; 500 at once.")] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on as they come.")] = False,
) -> Reply:
    """Show what happened in the room. Example: stick log --limit 20"""
    return views.log(desk, after=after, limit=limit, follow=follow)


@verb("whoami")
def whoami(
    desk: Desk,
    explain: Annotated[bool, typer.Option("--explain", help="With the evidence.")] = False,
) -> Reply:
    """Say as whom you are recognised, and by what. Example: stick whoami --explain"""
    return views.whoami(desk, explain=explain)


@verb("policy")
def policy(
    desk: Desk,
    key: Annotated[str | None, typer.Argument(help="A setting.")] = None,
    value: Annotated[str | None, typer.Argument(help="Its new value.")] = None,
) -> Reply:
    """Show or change the room's policy. Example: stick policy owner_lease_ttl 20m"""
    from stickhooks import policies

    if key is None or value is None:
        return policies.show(desk, key)
    return policies.change(desk, key, value)


@verb("check")
def check(
    desk: Desk,
    path: Annotated[list[str] | None, typer.Option("--path", help="What to write.")] = None,
    purpose: Annotated[str, typer.Option("--for", help="git or editor: its way to say no.")] = "",
) -> Reply:
    """Ask whether you may write. Never writes. Example: stick check --path src/a.py"""
    return views.check(desk, path or [], purpose)
