"""``stick board``: all rooms of the workspace on one screen, redrawn when something changes."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from rich.text import Text

from stickhooks.errors import Refusal
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply, Tone
from stickhooks.protocol import phases
from stickhooks.store.snapshot import Snapshot
from stickhooks.text import age, command, plain
from stickhooks.views import columns, enforcement, output, recent, screen
from stickhooks.views.recent import Recent
from stickhooks.views.status import laid_out
from stickhooks.views.summary import Glance, look

LOOK_S: Final = 0.25
#: Ages and processes change without a file: so often everything is looked at again.
REFRESH_S: Final = 30.0
STYLES: Final = {"go": "bold green", "wait": "bold yellow", "stop": "bold red", "": "bold"}
#: A room inside another one stands below it, as far to the right as it lies deep.
INDENT, BRANCH, DEEPEST = "  ", "└ ", 4
NARROWEST: Final = 10
BAR_FROM: Final = 50  # columns
BESIDE_FROM: Final = 150
LEASE: Final = "lease"
PATHS: Final = "paths"
LAST: Final = "last events"
LEAST_BELOW, MOST_BELOW = 4, 12  # lines of the last events below the rooms
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
        rooms = _ids(desk)
        mark, size, began = _marks(desk, rooms), terminal.size, time.monotonic()
        foot = LEAVE.format(now=time.strftime("%H:%M:%S"))
        warned = enforcement.line(*enforcement.lacking(desk))
        terminal.show(frame(_seen(desk), warned or foot, *size, _recent(desk, size[1])))
        while _marks(desk, rooms) == mark and terminal.size == size:
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


def _ids(desk: Desk) -> list[str]:
    try:
        return recent.rooms(desk)
    except Refusal:
        return []


def _marks(desk: Desk, rooms: Sequence[str]) -> tuple[object, ...]:
    """Return what differs after every change of a room, and after whatever was seen in one of ``rooms``."""
    return (*desk.store.marks(), *(recent.mark(desk.workspace.root, room) for room in rooms))


def _recent(desk: Desk, count: int) -> list[Recent]:
    try:
        return recent.of(desk, count)
    except Refusal:
        return []


# --- drawing


def is_inside(path: str, other: str) -> bool:
    return path.startswith(other.rstrip("/") + "/")


def frame(
    rooms: list[Seen], foot: str, width: int, height: int, happened: Sequence[Recent] = ()
) -> list[Text]:
    """Return the screen's lines with their colours; what does not fit is counted in the last one.

    What ``happened`` last stands below the rooms, as far as there is room, and on a wide screen beside.
    """
    beside = width >= BESIDE_FROM and bool(happened)
    part = width * 3 // 5 if beside else width
    lines = [Text(line, style=style) for line, style in _lines(rooms, part)]
    if len(lines) >= height:
        hidden = len(lines) - height + 2
        lines = [*lines[: height - 2], Text(f"… {hidden} more lines: make the window higher")]
    if beside:
        lines = _side_by_side(lines, _happened(happened, height - 1), part)
    else:
        lines += _below(happened, height - 1 - len(lines))
    lines += [Text("")] * (height - 1 - len(lines)) + [Text(foot, style="dim")]
    for line in lines:
        line.truncate(width - 1, overflow="ellipsis")
    return lines


def _happened(happened: Sequence[Recent], height: int) -> list[Text]:
    """Return a heading, and what happened, the newest last, in so many lines."""
    last = happened[-(height - 1) :] if height > 1 else []
    return [
        Text(LAST, style="bold"),
        *(Text(f"  {it.line()}", "red" if it.stops else "") for it in last),
    ]


def _below(happened: Sequence[Recent], free: int) -> list[Text]:
    if not happened or free < LEAST_BELOW:
        return []
    return [Text(""), *_happened(happened, min(free - 1, MOST_BELOW))]


def _side_by_side(left: list[Text], right: list[Text], width: int) -> list[Text]:
    """Return two columns as one; the left one takes so many cells."""
    blank = Text("")
    lines = []
    for i in range(max(len(left), len(right))):
        line = left[i].copy() if i < len(left) else blank.copy()
        line.truncate(width - 2, overflow="ellipsis", pad=True)
        line.append("│ ", style="dim")
        lines.append(line.append_text(right[i] if i < len(right) else blank))
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
    rows = [*glance.rows(strangers=False), ("unread", glance.unread_by_others())]
    for number, (label, texts) in enumerate(rows):
        if label == PATHS:
            for i, part in enumerate(glance.parts()):
                yield from _row("" if i else PATHS, [part.of_paths()], width)
                yield from _bar(part, width, "")
        else:
            yield from _row(label, texts, width)
        if not number:
            yield from _bar(glance, width, LEASE)


def _row(label: str, texts: list[str], width: int, style: str = "") -> Iterator[tuple[str, str]]:
    yield from ((line, style) for line in laid_out([(label, texts)], width and width - 1))


def _bar(glance: Glance, width: int, label: str) -> Iterator[tuple[str, str]]:
    if bar := lease_bar(glance, width):
        yield from _row(label, [bar], width, _bar_style(glance))


def lease_bar(glance: Glance, width: int) -> str:
    """Draw how much of a turn's lease is left, ``""`` where there is no turn or no room for it."""
    if glance.standing.phase != phases.OWNED or width < BAR_FROM:
        return ""
    left, whole = _left(glance)
    cells = min(LONGEST_BAR, width // 3)
    full = -(-left * cells // whole)
    return f"{'█' * full}{'░' * (cells - full)} {age(left)} left"


def _left(glance: Glance) -> tuple[int, int]:
    """Return how much of a lease is left, and of how much: milliseconds."""
    lease, now = glance.standing.lease, glance.standing.now
    whole = max(1, lease["expires_at"] - lease["renewed_at"])
    return min(whole, max(0, lease["expires_at"] - now)), whole


def _bar_style(glance: Glance) -> str:
    left, whole = _left(glance)
    return "green" if left * 2 > whole else "yellow" if left * 5 > whole else "red"


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
    happened = _recent(desk, MOST_BELOW)
    lines += [line.plain for line in _below(happened, len(happened) + LEAST_BELOW)]
    data = {"rooms": [_data(path, what) for path, what in seen]}
    last = [it.data() for it in happened]
    return Reply(lines, data={**data, "recent": last, "not_enforced": enforcement.data(*lacking)})


def _data(shown: str, what: Glance | Refusal) -> dict[str, object]:
    if isinstance(what, Refusal):
        reason = {"code": what.code, "message": what.message}
        return {"path": shown, "room": None, "holder": None, "you": None, **reason}
    state = output.state(what.standing, what.me)
    return {"path": shown, **state, "message": what.headline, **what.data()}
