"""A timeline as text: a line a member, for a terminal of any width, with or without colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, TypeAlias

from stickhooks.text import plain
from stickhooks.timeline import labels, model
from stickhooks.timeline.kinds import KINDS
from stickhooks.timeline.model import Row, Timeline
from stickhooks.timeline.scale import busiest, cells
from stickhooks.views import columns

#: A kind of span or mark, and text: to the same text, perhaps in colours.
Paint: TypeAlias = Callable[[str, str], str]

NOW: Final = "now"
NARROWEST: Final = 40
WIDEST: Final = 300
ROWS: Final = 24
REMARKS: Final = 8
NAME: Final = 24
CROWDED: Final = 3  # a row with a mark in more than one of so many cells shows fewer of them
SUMMED_FROM: Final = 100  # columns: room for what a row comes to


class Glyphs(NamedTuple):
    """What a picture is drawn with: each kind by a sign of its own; ``levels`` for a part of a cell."""

    signs: dict[str, str]
    levels: str
    tick: str
    more: str


UNICODE: Final = Glyphs({kind: of.sign for kind, of in KINDS.items()}, "▁▂▃▄▅▆▇█", "│", "…")
ASCII: Final = Glyphs({kind: of.ascii for kind, of in KINDS.items()}, ".:+##", "|", "~")
#: The first of them in a cell is shown.
MARKS: Final = (
    model.BYPASS, model.OUTSIDE, model.TAKEOVER, model.REFUSED, model.BACK, model.ASK, model.NOTE,
    model.PART, model.COMMIT,
)  # fmt: skip


def unpainted(kind: str, text: str) -> str:
    return text


def draw(
    line: Timeline,
    shown: str,
    width: int,
    glyphs: Glyphs,
    clock: labels.Clock,
    paint: Paint = unpainted,
) -> list[str]:
    """Return a timeline of the room ``shown`` as lines of up to ``width`` columns.

    Nothing in them but what ``paint`` adds can move a cursor or change a colour.
    """
    width = max(NARROWEST, min(width, WIDEST))
    rows, rest = busiest(line.rows, ROWS)
    drawer = _Drawer(line, [*rows, rest] if rest else rows, width, glyphs, paint)
    above = labels.lines_of([plain(shown), labels.window(line, clock)], width, ", ")
    above += labels.lines_of(labels.headline(line), width, ", ")
    middle = ["", drawer.axis(clock), *drawer.rows(), ""]
    below = [*drawer.legend(), *_stood_out(line, clock, glyphs)]
    picture = [_cut(text, width, glyphs) for text in above] + middle
    picture += [_cut(text, width, glyphs) for text in below]
    if glyphs is ASCII:
        return [text.encode("ascii", "backslashreplace").decode() for text in picture]
    return picture


class _Drawer:
    """The middle of the picture: names to the left, cells of time, and sums to the right."""

    def __init__(
        self, line: Timeline, rows: list[Row], width: int, glyphs: Glyphs, paint: Paint
    ) -> None:
        self.line, self.drawn, self.glyphs, self.paint = line, rows, glyphs, paint
        self.names = [_cut(plain(row.name), NAME, glyphs) for row in rows]
        self.left = max(map(columns.width, self.names), default=0)
        self.sums = [_sum(row) for row in rows] if width >= SUMMED_FROM else []
        right = max(map(len, self.sums), default=-2) + 2
        self.number = max(10, width - self.left - 1 - right)
        self.cell = max(1, line.length) / self.number
        self.seen: set[str] = set()
        self.crowded = False

    def axis(self, clock: labels.Clock) -> str:
        """Return the times of day over the cells."""
        line = ""
        for at, label in labels.ticks(self.line, max(2, self.number // 9), clock):
            place = int((at - self.line.start) / self.cell)
            if place >= len(line) and place + len(label) < self.number - len(NOW) - 1:
                line = f"{line:<{place}}{self.glyphs.tick}{label} "
        return " " * (self.left + 1) + f"{line:<{self.number - len(NOW)}}{NOW}"

    def rows(self) -> Iterator[str]:
        for i, row in enumerate(self.drawn):
            name = self.names[i] + " " * (self.left - columns.width(self.names[i]))
            more = f"  {self.sums[i]}" if self.sums else ""
            yield f"{name} {''.join(self._cells(row))}{more}".rstrip()

    def _cells(self, row: Row) -> Iterator[str]:
        """Yield the signs of a row, a cell each; a mark hides the span that it falls into."""
        start, cell, number = self.line.start, self.cell, self.number
        shares = {
            kind: cells(row.spans, kind, start, cell, number)
            for kind in (model.LOST, model.HELD, model.PATHS, model.RESERVED, model.WAITING)
        }
        marks = self._marks(row)
        for i in range(number):
            kind = marks.get(i) or _spanned({kind: shares[kind][i] for kind in shares})
            if not kind:
                yield " "
                continue
            self.seen.add(kind)
            yield self.paint(kind, self._sign(kind, shares[model.HELD][i] + shares[model.LOST][i]))

    def _marks(self, row: Row) -> dict[int, str]:
        """Return the kind of mark to show in each cell; where they would hide the spans, one for several."""
        most, apart = max(1, self.number // CROWDED), 1
        while True:
            marks: dict[int, str] = {}
            for mark in row.marks:
                place = min(int((mark.at - self.line.start) / self.cell), self.number - 1)
                place -= place % apart
                marks[place] = min(marks.get(place, mark.kind), mark.kind, key=MARKS.index)
            if len(marks) <= most:
                return marks
            self.crowded, apart = True, apart * 2

    def _sign(self, kind: str, share: float) -> str:
        if kind != model.HELD:
            return self.glyphs.signs[kind]
        levels = self.glyphs.levels
        return levels[min(len(levels) - 1, int(share * len(levels)))]

    def legend(self) -> list[str]:
        """Return what the signs mean, of those that are seen."""
        signs = self.glyphs.signs
        entries = [f"{signs[kind]} {of.words}" for kind, of in KINDS.items() if kind in self.seen]
        if self.crowded:
            entries.append("(a mark may stand for several)")
        return labels.lines_of(entries, self.left + 1 + self.number, "   ")


def _spanned(shares: dict[str, float]) -> str:
    """Return which kind of span a cell shows: holding before paths, a reservation, and a wait."""
    if shares[model.LOST] or shares[model.HELD]:
        return model.LOST if shares[model.LOST] > shares[model.HELD] else model.HELD
    others = (model.PATHS, model.RESERVED, model.WAITING)
    return next((kind for kind in others if shares[kind]), "")


def _sum(row: Row) -> str:
    held = [labels.lasting(row.held), labels.counted(row.turns, "turn", "turns")]
    for_paths = [labels.counted(row.path_turns, *labels.FOR_PATHS)]
    return ", ".join((held if row.turns else []) + (for_paths if row.path_turns else []))


def _stood_out(line: Timeline, clock: labels.Clock, glyphs: Glyphs) -> list[str]:
    when = labels.moments(line, clock)
    remarked = labels.remarks(line.rows)
    lines = [f"  {when(it.at)}  {glyphs.signs[it.kind]} {it.told}" for it in remarked[-REMARKS:]]
    if len(remarked) > REMARKS:
        lines.insert(0, f"  ({len(remarked) - REMARKS:,} more before: stick log)")
    return ["", *lines] if lines else []


def _cut(text: str, most: int, glyphs: Glyphs) -> str:
    """Return a line of at most ``most`` columns; that it was longer is said by a sign it can take."""
    return columns.cut(text, most).replace("…", glyphs.more)
