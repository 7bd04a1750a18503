"""How much of a timeline a picture can show: the busiest rows, and what falls into one pixel as one.

Whatever the length of the log, a picture stays readable and its size bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from stickhooks.timeline.model import Mark, Row, Span

#: So many pixels a bar needs to be told apart from the next one.
APART: Final = 3


class Bar(NamedTuple):
    """Spans of one kind that are drawn as one; ``covered`` is what they come to without the gaps."""

    start: int
    end: int
    covered: int
    number: int
    first: Span

    @property
    def share(self) -> float:
        """How much of the bar is really covered, 0 to 1: a picture draws less of it the paler."""
        length = self.end - self.start
        return min(1.0, self.covered / length) if length else 1.0


class Heap(NamedTuple):
    """Marks of one kind that are drawn as one."""

    at: int
    number: int
    first: Mark


def busiest(rows: Sequence[Row], most: int) -> tuple[list[Row], Row | None]:
    """Return up to ``most`` rows in their order, and the rest summed in one.

    The members that held longest come first, then those that waited longest or have most marks.
    """
    if len(rows) <= most:
        return list(rows), None
    ranked = sorted(rows, key=lambda row: (-row.held, -row.waited, -len(row.marks)))
    kept = set(map(id, ranked[: most - 1]))
    rest = [row for row in rows if id(row) not in kept]
    return [row for row in rows if id(row) in kept], summed(rest)


def summed(rows: Sequence[Row]) -> Row:
    """Return several rows as one, named by their number."""
    return Row(
        f"{len(rows):,} others",
        [span for row in rows for span in row.spans],
        [mark for row in rows for mark in row.marks],
        sum(row.held for row in rows),
        sum(row.waited for row in rows),
        sum(row.turns for row in rows),
        sum(row.path_turns for row in rows),
    )


def of_kind(spans: Iterable[Span], kind: str) -> list[Span]:
    """Return the spans of a kind in their order."""
    return sorted(span for span in spans if span.kind == kind)


def bars(spans: Iterable[Span], pixel: float) -> list[Bar]:
    """Return spans of one kind, in their order, as bars that a picture can tell apart.

    ``pixel`` is in milliseconds. Two spans become one bar where the gap between them is less
    than a pixel and one of them is small, or where they overlap.
    """
    drawn: list[Bar] = []
    first: Span | None = None
    start = end = covered = number = 0
    for span in spans:
        length = span.end - span.start
        small = min(end - start, length) < APART * pixel
        if first and (span.start < end or (small and span.start - end < pixel)):
            end, covered, number = max(end, span.end), covered + length, number + 1
            continue
        if first:
            drawn.append(Bar(start, end, covered, number, first))
        first, start, end, covered, number = span, span.start, span.end, length, 1
    if first:
        drawn.append(Bar(start, end, covered, number, first))
    return drawn


def heaps(marks: Iterable[Mark], kind: str, width: float) -> list[Heap]:
    """Return the marks of a kind; those within ``width`` milliseconds of the first are one."""
    drawn: list[Heap] = []
    for mark in sorted(mark for mark in marks if mark.kind == kind):
        last = drawn[-1] if drawn else None
        if last is None or mark.at - last.at >= width:
            drawn.append(Heap(mark.at, 1, mark))
        else:
            drawn[-1] = Heap(last.at, last.number + 1, last.first)
    return drawn


def cells(spans: Iterable[Span], kind: str, start: int, cell: float, number: int) -> list[float]:
    """Return for each of a number of cells of ``cell`` milliseconds the share that is covered."""
    shares = [0.0] * number
    for span in spans:
        if span.kind != kind:
            continue
        first, last = (span.start - start) / cell, (span.end - start) / cell
        for i in range(min(int(first), number - 1), min(int(last), number - 1) + 1):
            shares[i] += max(0.0, min(last, i + 1) - max(first, i))
    return shares
