"""A timeline as one SVG: stands for itself, needs no script and no network, in light and in dark.

Whatever is told of members goes through ``plain`` and is escaped: it is text, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from stickhooks.text import plain
from stickhooks.timeline import labels, model
from stickhooks.timeline.kinds import KINDS
from stickhooks.timeline.model import Row, Timeline
from stickhooks.timeline.scale import Bar, Heap, bars, busiest, heaps, of_kind
from stickhooks.timeline.theme import STYLE

WIDTH: Final = 1040
EDGE: Final = 20
RIGHT: Final = 240
TOP: Final = 104
ROW: Final = 40
BAR: Final = 20
ROWS: Final = 40
REMARKS: Final = 6
BARS: Final = 2000  # in all; a log that has more is drawn more coarsely
MARK: Final = 12  # pixels that a mark takes
MARKS: Final = 24  # of a row; where there are more they are drawn as fewer, with their number
SUMMED: Final = 40  # characters of what a row comes to
FIGURES: Final = 125  # characters of a line of the headline
NAME: Final = 22  # characters
LETTER: Final = 6.6  # pixels of an average one, at 12 pixels
SMALL: Final = 6.4  # pixels of a digit, the widest in a time of day, at 11 pixels
NOW: Final = "now"
LABELLED: Final = 60  # pixels: a bar that long says what was done in it
#: The marks of a row; commits lie at the lower edge of its bars.
MARKED: Final = (
    model.COMMIT, model.REFUSED, model.TAKEOVER, model.BYPASS, model.OUTSIDE, model.BACK, *model.WORDS,
    model.PART,
)  # fmt: skip
#: The holder's own marks, that lie above its bar.
RAISED: Final = (model.TAKEOVER, model.BACK)
#: What is drawn first lies below.
LAYERS: Final = (model.WAITING, model.RESERVED, model.LOST, model.HELD, model.PATHS)
THIN: Final = 7  # pixels: paths lie at the lower edge of the bar of a turn for all


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def draw(line: Timeline, shown: str, clock: labels.Clock) -> str:
    """Return the picture of a room. Its size is bounded whatever the timeline holds."""
    return "\n".join(_Drawer(line, plain(shown, 100), clock).parts()) + "\n"


class _Drawer:
    def __init__(self, line: Timeline, shown: str, clock: labels.Clock) -> None:
        self.line, self.shown, self.clock = line, shown, clock
        self.when: labels.When = labels.moments(line, clock)
        rows, rest = busiest(line.rows, ROWS)
        self.rows = [*rows, rest] if rest else rows
        self.names = [plain(row.name, NAME) for row in self.rows]
        letters = max(map(_letters, self.names), default=0)
        self.left = EDGE + 12 + letters * LETTER
        self.width = WIDTH - RIGHT - self.left
        self.pixel = max(1, line.length) / self.width
        self.figures = labels.lines_of(labels.headline(line), FIGURES)
        self.top = TOP + 18 * (len(self.figures) - 1)
        self.bottom = self.top + ROW * max(1, len(self.rows))
        self.bars = self._bars()
        self.kinds: set[str] = set()

    def _bars(self) -> list[dict[str, list[Bar]]]:
        """Return the bars of each row by their kind, drawn so coarsely that all are few enough."""
        sorted_ = [{kind: of_kind(row.spans, kind) for kind in LAYERS} for row in self.rows]
        coarse = 1
        while True:
            pixel = self.pixel * coarse
            coarse_bars = [{kind: bars(of[kind], pixel) for kind in LAYERS} for of in sorted_]
            number = sum(len(one) for of in coarse_bars for one in of.values())
            if number <= BARS or coarse > self.width:
                return coarse_bars
            coarse *= 2

    def x(self, at: int) -> float:
        return self.left + (at - self.line.start) / max(1, self.line.length) * self.width

    def parts(self) -> Iterator[str]:
        body = [*self.grid(), *self.members(), *self.now()]
        end = self.bottom + 30
        legend, end = self.legend(end)
        more, end = self.stood_out(end)
        title = f"{self.shown}: who held the stick, {labels.window(self.line, self.clock)}"
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="stick" viewBox="0 0 {WIDTH} {end}"'
            f' width="{WIDTH}" height="{end}" role="img" aria-labelledby="stick-t stick-d">'
        )
        yield f'<title id="stick-t">{escaped(title)}</title>'
        yield f'<desc id="stick-d">{escaped(self.description())}</desc>'
        yield STYLE
        yield f'<rect class="paper" width="{WIDTH}" height="{end}"/>'
        yield _text(EDGE, 32, f"Who held the stick in {self.shown}", "title")
        yield _text(EDGE, 52, labels.window(self.line, self.clock), "dim")
        for i, figures in enumerate(self.figures):
            yield _text(EDGE, 74 + 18 * i, figures, "figures")
        yield from [*body, *legend, *more, "</svg>"]

    def description(self) -> str:
        """Return the picture in words, for those who cannot see it."""
        sentences = [", ".join(labels.headline(self.line))]
        for name, row in zip(self.names, self.rows, strict=True):
            sentences.append(
                f"{name}: {', '.join(filter(None, labels.summary(row, self.line.holder)))}"
            )
        sentences += [
            f"{self.when(it.at)} {it.told}" for it in labels.remarks(self.line.rows)[-REMARKS:]
        ]
        return ". ".join(sentences) + "."

    # --- the middle

    def grid(self) -> Iterator[str]:
        ticks = [(self.x(at), label) for at, label in labels.ticks(self.line, 12, self.clock)]
        for x, _ in ticks:
            yield f'<path class="grid" d="M{x:.1f} {self.top - 6}V{self.bottom}"/>'
        end = WIDTH - RIGHT - SMALL * (len(NOW) / 2 + 1)
        for x, label in labels.apart(ticks, SMALL, end):
            yield _text(x, self.top - 12, label, "dim small middle")
        for i in range(len(self.rows) + 1):
            y = self.top + i * ROW
            yield f'<path class="grid" d="M{EDGE} {y}H{WIDTH - EDGE}"/>'
        if not self.rows:
            yield _text(self.left, self.top + ROW / 2 + 4, "nothing happened yet", "dim")

    def members(self) -> Iterator[str]:
        for i, row in enumerate(self.rows):
            y = self.top + i * ROW
            first, second = labels.summary(row, self.line.holder)
            yield "<g>"
            yield _text(self.left - 12, y + ROW / 2 + 4, self.names[i], "name")
            x = WIDTH - RIGHT + 14
            yield _text(x, y + (17 if second else 24), plain(first, SUMMED), "small")
            yield _text(x, y + 31, plain(second, SUMMED), "dim small")
            for kind in LAYERS:
                for bar in self.bars[i][kind]:
                    self.kinds.add(kind)
                    yield self.bar(bar, kind, y + ROW / 2)
            yield from self.marks(row, y + ROW / 2)
            yield "</g>"

    def bar(self, bar: Bar, kind: str, middle: float) -> str:
        """Draw a bar; the paler, the less of it is really covered."""
        x, wide = self.x(bar.start), max(1.5, self.x(bar.end) - self.x(bar.start))
        if wide > LABELLED:  # turns that follow each other stay apart
            wide -= 1
        high = {model.WAITING: 5, model.RESERVED: 14, model.PATHS: THIN}.get(kind, BAR)
        middle += (BAR - THIN) / 2 if kind == model.PATHS else 0
        hint = labels.span_told(bar.first, self.when)
        if bar.number > 1:
            hint = (
                f"{bar.number:,} times, {labels.lasting(bar.covered)} in all,"
                f" {self.when(bar.start)} to {self.when(bar.end)}"
            )
        pale = f' opacity="{max(0.25, bar.share):.2f}"' if bar.share < 0.95 else ""
        thin = " thin" if wide < 4 else ""
        shape = (
            f'<rect class="{kind}{thin}" x="{x:.1f}" y="{middle - high / 2:.1f}" width="{wide:.1f}"'
            f' height="{high}" rx="{2 if wide > 4 else 0}"{pale}>'
            f"<title>{escaped(hint)}</title></rect>"
        )
        room = int((wide - 12) / 5.7)
        if kind in model.HOLDING and bar.number == 1 and wide > LABELLED:
            words = bar.first.told or ("holds it now" if not bar.first.how else "")
            shape += _text(x + 6, middle + 4, plain(words, room), "inside")
        return shape

    def marks(self, row: Row, middle: float) -> Iterator[str]:
        """Draw the marks of a row; one that would lie on another is raised."""
        taken: set[int] = set()
        for kind, drawn in self.heaps(row).items():
            for heap in drawn:
                self.kinds.add(kind)
                if kind == model.COMMIT:
                    yield self.mark(heap, kind, middle + BAR / 2)
                    continue
                place = int(self.x(heap.at) / MARK)
                raised = kind in RAISED or taken & {place - 1, place, place + 1}
                taken.add(place)
                yield self.mark(heap, kind, middle - (15 if raised else 0))

    def heaps(self, row: Row) -> dict[str, list[Heap]]:
        """Return the marks of a row by their kind, few enough to be told apart."""
        kinds, pixels = MARKED, MARK
        while True:
            drawn = {kind: heaps(row.marks, kind, pixels * self.pixel) for kind in kinds}
            if sum(map(len, drawn.values())) <= MARKS or pixels > self.width:
                return drawn
            pixels *= 2

    def mark(self, heap: Heap, kind: str, y: float) -> str:
        x, number = self.x(heap.at), ""
        hint = f"{self.when(heap.at)} {labels.mark_told(heap.first)}"
        if heap.number > 1:
            hint += f"; {heap.number:,} times"
            number = _text(x + 6, y - 5, f"{heap.number:,}", "number")
        sign = KINDS[kind].shape.format(x=x, y=y)
        return f'<path class="{kind}" d="{sign}"><title>{escaped(hint)}</title></path>{number}'

    def now(self) -> Iterator[str]:
        x = WIDTH - RIGHT
        yield f'<path class="now" d="M{x} {self.top - 6}V{self.bottom}"/>'
        yield _text(x, self.top - 12, NOW, "small middle")

    # --- below

    def legend(self, y: int) -> tuple[list[str], int]:
        """Return what bars and marks mean, of those that are there, and where it ends."""
        parts: list[str] = []
        x = float(EDGE)
        for kind, of in KINDS.items():
            if kind not in self.kinds:
                continue
            wide = 34 + len(of.words) * 5.9
            if x + wide > WIDTH - EDGE:
                x, y = float(EDGE), y + 20
            parts += [_sample(kind, x, y), _text(x + 24, y, of.words, "small")]
            x += wide + 10
        return parts, y + 22

    def stood_out(self, y: int) -> tuple[list[str], int]:
        """Return the last things that stood out, a line each, and where they end."""
        every = labels.remarks(self.line.rows)
        parts = []
        if every:
            more = f" (the last {REMARKS} of {len(every):,})" if len(every) > REMARKS else ""
            parts.append(_text(EDGE, y + 8, f"What stood out{more}", "figures"))
            y += 28
        for it in every[-REMARKS:]:
            parts.append(
                f'<path class="{it.kind}" d="{KINDS[it.kind].shape.format(x=EDGE + 8, y=y - 4)}"/>'
            )
            parts.append(_text(EDGE + 24, y, f"{self.when(it.at)}  {plain(it.told, 130)}", "small"))
            y += 20
        return parts, y


def _sample(kind: str, x: float, y: float) -> str:
    if KINDS[kind].shape:
        return f'<path class="{kind}" d="{KINDS[kind].shape.format(x=x + 9, y=y - 4)}"/>'
    high = {model.WAITING: 5, model.RESERVED: 10, model.PATHS: THIN}.get(kind, 12)
    return (
        f'<rect class="{kind}" x="{x}" y="{y - 4 - high / 2}" width="18" height="{high}" rx="2"/>'
    )


def _text(x: float, y: float, words: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}">{escaped(words)}</text>' if words else ""


def _letters(text: str) -> float:
    """Return the width of a text in average letters; beyond Latin they are taken for wide ones."""
    return sum(1.9 if ord(char) > 0x2E7F else 1.0 for char in text)
