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
MORE: Final = 400
NUMBER: Final = '<td class="number">'
TURNS_OF: Final = (*model.HOLDING, model.PATHS)

#: Nothing is ever loaded, and no script would run, whatever a name holds.
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


class Html(str):
    """A cell that was escaped already."""


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
        f'<div class="wide">{svg.draw(line, shown, clock)}</div>',
        '<div class="tables">',
        *_members(line),
        *_turns(line, when),
        *_marks(line, when),
        "</div></main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _members(line: Timeline) -> Iterator[str]:
    rows, rest = busiest(line.rows, ROWS)
    heads = (
        "member",
        "held",
        "share",
        "turns",
        "commits",
        "waited",
        "refused",
        "bypasses",
        "outside",
    )
    drawn = [*rows, rest] if rest else rows
    yield from _table("members", "Members", heads, (_member(row, line) for row in drawn))


def _member(row: Row, line: Timeline) -> Sequence[str]:
    share = row.held / line.length if line.length else 0.0
    marks = [f"{row.count(kind):,}" for kind in (model.REFUSED, model.BYPASS, model.OUTSIDE)]
    held, waited = labels.lasting(row.held), labels.lasting(row.waited)
    turns, commits = f"{row.turns:,}", f"{row.count(model.COMMIT):,}"
    return (row.name, held, labels.percent(share), turns, commits, waited, *marks)


def _turns(line: Timeline, when: labels.When) -> Iterator[str]:
    """Yield the turns as a table, the newest first."""
    turns = [(s.start, s, row.name) for row in line.rows for s in row.spans if s.kind in TURNS_OF]
    turns.sort(key=lambda turn: turn[0], reverse=True)
    heads = ("from", "to", "lasted", "member", "why", "ended", "handoff")
    title = _titled("Turns", len(turns), TURNS)
    rows = (_turn(span, name, when) for _, span, name in turns[:TURNS])
    yield from _table("turns", title, heads, rows)


def _turn(span: Span, name: str, when: labels.When) -> Sequence[str]:
    times = (when(span.start), when(span.end), labels.lasting(span.length))
    why = f"{span.paths}: {span.why}".rstrip(": ") if span.paths else span.why
    return (*times, name, why, labels.ending(span), _handoff(span))


def _handoff(span: Span) -> str:
    """Return the status that a turn left; its next and its artifacts are under a click."""
    more = (("next", span.next), ("artifacts", span.files))
    lines = [f"<p>{name}: {escaped(plain(text, MORE))}</p>" for name, text in more if text]
    if not lines:
        return span.told
    summary = escaped(plain(span.told, TEXT)) or "handoff"
    return Html(f"<details><summary>{summary}</summary>{''.join(lines)}</details>")


def _marks(line: Timeline, when: labels.When) -> Iterator[str]:
    """Yield refusals, takeovers, bypasses and what happened outside of a turn, the newest first."""
    every = [
        (mark.at, mark, row.name)
        for row in line.rows
        for mark in row.marks
        if mark.kind not in (model.COMMIT, model.PART)
    ]
    every.sort(key=lambda mark: mark[0], reverse=True)
    title = _titled("Refusals, takeovers, notes, and what went past the gate", len(every), MARKS)
    rows = ((when(at), name, labels.mark_told(mark)) for at, mark, name in every[:MARKS])
    yield from _table("marks", title, ("at", "member", "what"), rows)


def _titled(title: str, number: int, most: int) -> str:
    return f"{title} (the last {most:,} of {number:,})" if number > most else title


def _table(
    name: str, title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]
) -> Iterator[str]:
    yield '<div class="wide">'
    yield f'<table id="{name}"><caption>{title}</caption><thead><tr>'
    cells = [[_cell(text) for text in row] for row in rows]
    numbers = {i for row in cells[:1] for i, cell in enumerate(row) if cell.startswith(NUMBER)}
    kinds = [' class="number"' if i in numbers else "" for i in range(len(heads))]
    parts = (f'<th scope="col"{k}>{head}</th>' for k, head in zip(kinds, heads, strict=True))
    yield "".join(parts) + "</tr></thead><tbody>"
    for row in cells:
        yield f"<tr>{''.join(row)}</tr>"
    yield "</tbody></table></div>"


def _cell(text: str) -> str:
    if isinstance(text, Html):
        return f"<td>{text}</td>"
    words = plain(text, TEXT)
    begin = NUMBER if words.replace(",", "").rstrip("%").isdecimal() else "<td>"
    return f"{begin}{escaped(words)}</td>"
