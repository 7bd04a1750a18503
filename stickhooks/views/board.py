"""``stick board``: all rooms of the workspace on one screen, redrawn when something changes."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from typing import Final, TypeAlias

from rich.text import Text

from stickhooks.errors import Refusal
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply, Tone
from stickhooks.protocol import phases
from stickhooks.store.snapshot import Snapshot
from stickhooks.text import age, command, plain
from stickhooks.views import columns, enforcement, output, screen
from stickhooks.views.status import laid_out
from stickhooks.views.summary import Glance, look

LOOK_S: Final = 0.25
#: Ages and processes change without a file: so often everything is looked at again.
REFRESH_S: Final = 30.0
STYLES: Final = {"go": "bold green", "wait": "bold yellow", "stop": "bold red", "": "bold"}
#: A room inside another one stands below it, as far to the right as it lies deep.
INDENT, BRANCH, DEEPEST = "  ", "└ ", 4
NARROWEST: Final = 10
BAR_FROM: Final = 60  # columns
LONGEST_BAR: Final = 40
LEAVE: Final = "as of {now}; Ctrl-C or q leaves"

#: A room with what can be seen of it: a glance, or why there is none.
Seen: TypeAlias = tuple[str, Glance | Refusal]


def board(desk: Desk) -> Reply:
    """Show all rooms, live on a terminal until Ctrl-C or q, once elsewhere."""
    if desk.as_json or not os.isatty(1) or os.environ.get("TERM") == "dumb":
        return _once(desk)
    with screen.taken() as terminal, contextlib.suppress(KeyboardInterrupt):
        _watch(desk, terminal)
    return Reply([])


def rooms(desk: Desk) -> list[Seen]:
    """Return every room of the workspace, the workspace's own first; damage in one hides no other."""
    every = sorted(desk.store.every(), key=lambda it: it[0])
    return [(desk.rooms.shown(path), _look(desk, room)) for path, room in every]


def _look(desk: Desk, room: Snapshot | Refusal | None) -> Glance | Refusal:
    if room is None:
        return Refusal("no_room", "nobody joined yet")
    return room if isinstance(room, Refusal) else look(desk, room)


# --- live


def _watch(desk: Desk, terminal: screen.Screen) -> None:
    while True:
        mark, size, began = desk.store.marks(), terminal.size, time.monotonic()
        foot = LEAVE.format(now=time.strftime("%H:%M:%S"))
        warned = enforcement.line(*enforcement.lacking(desk))
        terminal.show(frame(_seen(desk), warned or foot, *size))
        while desk.store.marks() == mark and terminal.size == size:
            if terminal.is_left(LOOK_S):
                return
            if time.monotonic() - began >= REFRESH_S:
                break


def _seen(desk: Desk) -> list[Seen]:
    """Return all rooms; where the list itself cannot be read, that and nothing else."""
    try:
        return rooms(desk)
    except Refusal as refusal:
        return [(desk.workspace.root, refusal)]


# --- drawing


def is_inside(path: str, other: str) -> bool:
    return path.startswith(other.rstrip("/") + "/")


def frame(rooms: list[Seen], foot: str, width: int, height: int) -> list[Text]:
    """Return the screen's lines with their colours; what does not fit is counted in the last one."""
    lines = [Text(line, style=style) for line, style in _lines(rooms, width)]
    if len(lines) >= height:
        hidden = len(lines) - height + 2
        lines = [*lines[: height - 2], Text(f"… {hidden} more lines: make the window higher")]
    lines += [Text("")] * (height - 1 - len(lines)) + [Text(foot, style="dim")]
    for line in lines:
        line.truncate(width - 1, overflow="ellipsis")
    return lines


def _lines(every: list[Seen], width: int) -> Iterator[tuple[str, str]]:
    """Yield the lines of all rooms, each with its style, wrapped to a width that is not 0."""
    if not every:
        yield "there is no room here; everybody may write", "bold"
        yield "next: stick init", ""
    for i, (shown, what) in enumerate(every):
        if i:
            yield "", ""
        depth = min(DEEPEST, sum(is_inside(shown, other) for other, _ in every))
        begin, rest = (INDENT * (depth - 1) + BRANCH, INDENT * depth) if depth else ("", "")
        room = _one(shown, what, max(NARROWEST, width - len(rest)) if width else 0)
        for number, (line, style) in enumerate(room):
            yield (rest if number else begin) + line, style


def _one(shown: str, what: Glance | Refusal, width: int) -> Iterator[tuple[str, str]]:
    if isinstance(what, Refusal):
        yield from _headline(f"{plain(shown)}: {plain(what.message)}", width, "stop")
        yield from ((f"  next: {command(step)}", "") for step in what.next[:1])
    else:
        yield from _room(what, width)


def _room(glance: Glance, width: int) -> Iterator[tuple[str, str]]:
    yield from _headline(glance.headline, width, glance.tone)
    rows = glance.rows(strangers=False)
    if bar := lease_bar(glance, width):
        rows.insert(1, ("lease", [bar]))
    yield from ((line, "") for line in laid_out(rows, width and width - 1))


def lease_bar(glance: Glance, width: int) -> str:
    """Draw how much of a turn's lease is left, ``""`` where there is no turn or no room for it."""
    standing = glance.standing
    if standing.phase != phases.OWNED or width < BAR_FROM:
        return ""
    whole = max(1, standing.lease["expires_at"] - standing.lease["renewed_at"])
    left = min(whole, max(0, standing.lease["expires_at"] - standing.now))
    cells = min(LONGEST_BAR, width // 3)
    full = -(-left * cells // whole)
    return f"{'█' * full}{'░' * (cells - full)} {age(left)} left"


def _headline(text: str, width: int, tone: Tone) -> Iterator[tuple[str, str]]:
    for line in columns.wrapped(text, width - 1) if width else [text]:
        yield line, STYLES[tone]


# --- once


def _once(desk: Desk) -> Reply:
    seen = rooms(desk)
    lacking = enforcement.lacking(desk) if seen else ("", "")
    lines = [line for line, _ in _lines(seen, 0)]
    if warned := enforcement.line(*lacking):
        lines.insert(0, warned)
    shown = [_data(path, what) for path, what in seen]
    return Reply(lines, data={"rooms": shown, "not_enforced": enforcement.data(*lacking)})


def _data(shown: str, what: Glance | Refusal) -> dict[str, object]:
    if isinstance(what, Refusal):
        reason = {"code": what.code, "message": what.message}
        return {"path": shown, "room": None, "holder": None, "you": None, **reason}
    state = output.state(what.standing, what.me)
    return {"path": shown, **state, "message": what.headline, **what.data()}
