"""A timeline as one HTML page: the picture, and all that it shows again as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from stickhooks.text import plain
from stickhooks.timeline import labels, model, svg
from stickhooks.timeline.model import Row, Span, Timeline
from stickhooks.timeline.scale import busiest
from stickhooks.timeline.svg import escaped
from stickhooks.timeline.theme import PAGE

ROWS: Final = 200
TURNS: Final = 300
MARKS: Final = 300
TEXT: Final = 160

#: Nothing is ever loaded, and no script would run, whatever a name holds.
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def draw(line: Timeline, shown: str, clock: labels.Clock) -> str:
    """Return a page that stands for itself. Its size is bounded whatever the timeline holds."""
    when = labels.moments(line, clock)
    title = f"{plain(shown, 100)}: who held the stick, {labels.window(line, clock)}"
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escaped(title)}</title>",
        f"<style>{PAGE}</style></head><body><main>",
        svg.draw(line, shown, clock),
        *_members(line),
        *_turns(line, when),
        *_marks(line, when),
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _members(line: Timeline) -> Iterator[str]:
    rows, rest = busiest(line.rows, ROWS)
    heads = ("member", "held", "share", "turns", "waited", "refused", "bypasses", "outside")
    drawn = [*rows, rest] if rest else rows
    yield from _table("members", "Members", heads, (_member(row, line) for row in drawn))


def _member(row: Row, line: Timeline) -> Sequence[str]:
    share = row.held / line.length if line.length else 0.0
    marks = [f"{row.count(kind):,}" for kind in (model.REFUSED, model.BYPASS, model.OUTSIDE)]
    held, waited = labels.lasting(row.held), labels.lasting(row.waited)
    return (row.name, held, labels.percent(share), f"{row.turns:,}", waited, *marks)


def _turns(line: Timeline, when: labels.When) -> Iterator[str]:
    """Yield the turns as a table, the newest first."""
    turns = [
        (s.start, s, row.name) for row in line.rows for s in row.spans if s.kind in model.HOLDING
    ]
    turns.sort(key=lambda turn: turn[0], reverse=True)
    heads = ("from", "to", "lasted", "member", "ended", "what was done", "what comes next")
    title = _titled("Turns", len(turns), TURNS)
    rows = (_turn(span, name, when) for _, span, name in turns[:TURNS])
    yield from _table("turns", title, heads, rows)


def _turn(span: Span, name: str, when: labels.When) -> Sequence[str]:
    times = (when(span.start), when(span.end), labels.lasting(span.length))
    return (*times, name, labels.ending(span), span.told, span.next)


def _marks(line: Timeline, when: labels.When) -> Iterator[str]:
    """Yield refusals, takeovers, bypasses and what happened outside of a turn, the newest first."""
    every = [(mark.at, mark, row.name) for row in line.rows for mark in row.marks]
    every.sort(key=lambda mark: mark[0], reverse=True)
    title = _titled("Refusals, takeovers, and what went past the gate", len(every), MARKS)
    rows = ((when(at), name, labels.mark_told(mark)) for at, mark, name in every[:MARKS])
    yield from _table("marks", title, ("at", "member", "what"), rows)


def _titled(title: str, number: int, most: int) -> str:
    return f"{title} (the last {most:,} of {number:,})" if number > most else title


def _table(
    name: str, title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]
) -> Iterator[str]:
    yield f'<table id="{name}"><caption>{title}</caption><thead><tr>'
    yield "".join(f'<th scope="col">{head}</th>' for head in heads) + "</tr></thead><tbody>"
    for row in rows:
        yield f"<tr>{''.join(map(_cell, row))}</tr>"
    yield "</tbody></table>"


def _cell(text: str) -> str:
    words = plain(text, TEXT)
    number = ' class="number"' if words.replace(",", "").rstrip("%").isdecimal() else ""
    return f"<td{number}>{escaped(words)}</td>"
