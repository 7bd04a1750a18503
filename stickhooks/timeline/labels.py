"""What a timeline says in words: its headline, what stood out, its hours, and the lengths of things."""

from __future__ import annotations

import calendar
import itertools
import os
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

from stickhooks.text import plain
from stickhooks.timeline import model
from stickhooks.timeline.kinds import KINDS
from stickhooks.timeline.model import Mark, Row, Span, Timeline

#: Seconds since the epoch to a broken-down time: ``time.localtime``, or another place's.
Clock: TypeAlias = Callable[[float], time.struct_time]

#: A time in milliseconds to what is said of it.
When: TypeAlias = Callable[[int], str]

#: So many kinds of refusals are counted one by one.
GATES: Final = 4
FOR_PATHS: Final = "turn for paths", "turns for paths"
_MINUTE: Final = 60
_DAY: Final = 86_400
STEPS: Final = (
    1, 5, 15, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, _DAY, 2 * _DAY,
    7 * _DAY, 14 * _DAY, 30 * _DAY, 91 * _DAY, 182 * _DAY, 365 * _DAY, 3650 * _DAY,
)  # fmt: skip
_SIZES: Final = ((_DAY, "d"), (3600, "h"), (_MINUTE, "min"), (1, "s"))


def lasting(milliseconds: int) -> str:
    """Return a duration in its two largest units: ``9 h 30 min``, ``14 min``, ``40 s``."""
    seconds = max(0, milliseconds) // 1000
    for (size, unit), (smaller, part) in itertools.pairwise(_SIZES):
        if seconds >= size:
            rest = seconds % size // smaller
            return f"{seconds // size} {unit}" + (f" {rest} {part}" if rest and size > 60 else "")
    return f"{seconds} s"


def counted(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"


def percent(share: float) -> str:
    return f"{share:.0%}"


def headline(line: Timeline) -> list[str]:
    """Return the figures of a timeline, each in a few words."""
    parts = [
        f"held {percent(line.share)} of {lasting(line.length)}",
        counted(line.turns, "turn", "turns"),
    ]
    if line.path_turns:
        parts.append(counted(line.path_turns, *FOR_PATHS))
    if line.median_wait is not None:
        parts.append(f"median wait {lasting(line.median_wait)}")
    if line.count(model.COMMIT):
        parts.append(counted(line.count(model.COMMIT), *KINDS[model.COMMIT].noun))
    parts.append(_refused(line))
    for kind in (
        model.TAKEOVER,
        model.BYPASS,
        model.OUTSIDE,
        model.BACK,
        model.ASK,
        model.NOTE,
        model.PART,
    ):
        if line.count(kind):
            parts.append(counted(line.count(kind), *KINDS[kind].noun))
    return parts


def lines_of(parts: Iterable[str], width: int, between: str = " · ") -> list[str]:
    """Return parts in lines of up to ``width`` characters, none of them torn apart."""
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + len(between) + len(part) <= width:
            lines[-1] += between + part
        else:
            lines.append(part)
    return lines


def _refused(line: Timeline) -> str:
    gates = [f"{number:,} {plain(gate)}" for gate, number in line.gates().items()]
    refusals = counted(line.count(model.REFUSED), *KINDS[model.REFUSED].noun)
    return f"{refusals} ({', '.join(gates[:GATES])})" if gates else refusals


def summary(row: Row, holder: str) -> list[str]:
    """Return what a row comes to, in two lines."""
    first = [f"{lasting(row.held)} in {counted(row.turns, 'turn', 'turns')}"] if row.turns else []
    if row.path_turns:
        first.append(counted(row.path_turns, *FOR_PATHS))
    if row.name == holder:
        first.append("has it now")
    second = (
        [f"waited {lasting(row.waited)}"] if any(s.kind == model.WAITING for s in row.spans) else []
    )
    for kind, word in (
        (model.REFUSED, "refused"),
        (model.BYPASS, "bypass"),
        (model.OUTSIDE, "outside"),
    ):
        if row.count(kind):
            second.append(f"{row.count(kind):,} {word}")
    return [", ".join(first), ", ".join(second)] if first else [", ".join(second), ""]


class Remark(NamedTuple):
    """Something that stood out: when, whose row, which kind of mark, and what is to be said of it."""

    at: int
    who: str
    kind: str
    told: str


def remarks(rows: Iterable[Row]) -> list[Remark]:
    """Return what stood out, oldest first: takeovers, bypasses, changes outside of a turn."""
    stood_out = [
        Remark(mark.at, row.name, mark.kind, f"{plain(row.name)} {mark_told(mark)}")
        for row in rows
        for mark in row.marks
        if mark.kind not in (model.REFUSED, model.COMMIT, *model.WORDS)
    ]
    return sorted(stood_out)


def mark_told(mark: Mark) -> str:
    """Say a mark of somebody, after the name."""
    text = plain(mark.told, 120)
    if mark.kind == model.PART:  # its text says which of the two
        return text
    if mark.kind == model.TAKEOVER:
        return f"{KINDS[mark.kind].said} {text}"
    gate = f" ({plain(mark.gate)})" if mark.gate and mark.kind != model.OUTSIDE else ""
    return KINDS[mark.kind].said + gate + (f": {text}" if text else "")


def span_told(span: Span, when: When) -> str:
    """Say a span in a line."""
    what = {model.WAITING: "waited", model.RESERVED: "reserved"}.get(span.kind, "held")
    what += f" {plain(span.paths, 90)} for" if span.paths else ""
    text = f"{what} {lasting(span.length)}, {when(span.start)} to {when(span.end)}"
    if span.how:
        text += f", {plain(span.how, 90)}"
    if span.kind in (*model.HOLDING, model.PATHS) and span.told:
        text += f": {plain(span.told, 120)}"
    if span.why:
        text += f"; taken for: {plain(span.why, 120)}"
    return text


def ending(span: Span) -> str:
    """Say how a span ended."""
    return plain(span.how, 90) or "goes on"


# --- times of day


def hour(at: int, clock: Clock) -> str:
    return time.strftime("%H:%M", clock(at / 1000))


def moments(line: Timeline, clock: Clock) -> When:
    """Return what tells a time of the picture: with the date where it spans several days."""
    if clock(line.start / 1000)[:3] == clock(line.end / 1000)[:3]:
        return lambda at: hour(at, clock)
    return lambda at: f"{day(at, clock)} {hour(at, clock)}"


def day(at: int, clock: Clock) -> str:
    then = clock(at / 1000)
    return f"{then.tm_mday} {time.strftime('%b', then)}"


def window(line: Timeline, clock: Clock) -> str:
    """Return from when until when: ``22 Nov 2026, 08:52 to 18:10 (CET)``."""
    first, last = clock(line.start / 1000), clock(line.end / 1000)
    days = f"{day(line.start, clock)} {first.tm_year}, {hour(line.start, clock)} to "
    if first[:3] != last[:3]:
        days += f"{day(line.end, clock)} {last.tm_year}, "
    return f"{days}{hour(line.end, clock)} ({plain(first.tm_zone)})"


def ticks(line: Timeline, most: int, clock: Clock) -> Iterator[tuple[int, str]]:
    """Yield up to ``most`` round times of day within the picture, with what to write there."""
    first, last = line.start // 1000, line.end // 1000
    step = next((s for s in STEPS if (last - first) / s < most), STEPS[-1] * (last // _DAY + 1))
    at = first - (first + _offset(first, clock)) % step
    seen = clock(first)[:3]
    while (at := at + step) <= last:
        turned = at - (at + _offset(at, clock)) % step if step <= _DAY else at  # summer time
        then = clock(turned)
        new, seen = then[:3] != seen, then[:3]
        label = day(turned * 1000, clock) if new or step >= _DAY else time.strftime("%H:%M", then)
        if step < _MINUTE and not new:
            label = time.strftime("%H:%M:%S", then)
        if turned > first:
            yield turned * 1000, label


def apart(
    places: Iterable[tuple[float, str]], letter: float, end: float
) -> Iterator[tuple[float, str]]:
    """Yield the labels, each centred at its place, that leave room before the next one and the end."""
    free = float("-inf")
    for x, label in places:
        half = letter * len(label) / 2
        if x - half >= free and x + half <= end:
            yield x, label
            free = x + half + letter


def titled(root: str, room: str) -> str:
    """Return what a room is called above a picture: by its repository, a nested one by its folder too."""
    name = os.path.basename(root) or root
    return f"{name}: {room}" if room else name


def _offset(at: int, clock: Clock) -> int:
    """Return how many seconds a clock is ahead of UTC."""
    return calendar.timegm(clock(at)) - at
