"""What ``stick push`` answers."""

from __future__ import annotations

from stickhooks.operations.context import Desk
from stickhooks.operations.fenced_push import Pushed
from stickhooks.operations.reply import Reply
from stickhooks.system.folder import write_all
from stickhooks.text import clock_time, plain

SHORT = 7  # letters of a commit's name


def show(line: bytes) -> None:
    """Hand on what git and the hooks of a push say, as it comes."""
    write_all(2, line)


def reply(desk: Desk, pushed: Pushed) -> Reply:
    standing = desk.standing()
    branch, remote, new = plain(pushed.branch), plain(pushed.remote), pushed.new[:SHORT]
    told = f"pushed {branch} to {remote}: {pushed.old or 'new'}..{new}"
    if not pushed.new:
        told = f"deleted {branch} on {remote}"
    elif pushed.already:
        told = f"it landed: {remote} has {branch} at {new}, by an earlier push"
    lines = [told]
    if standing.lease:
        lines.append(
            f"your lease runs until {clock_time(standing.lease['expires_at'], standing.shift)}"
        )
    data = {
        "remote": pushed.remote, "branch": pushed.branch, "old": pushed.old, "new": pushed.new,
        "already": pushed.already,
    }  # fmt: skip
    return Reply(lines, data=data, standing=standing)
