"""``stick log --graph`` and ``stick report``: the timeline of a room, on a terminal or in a file."""

from __future__ import annotations

import gc
import os
import shutil
import stat
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from stickhooks.errors import Next, Refusal
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.system import durations, text_files
from stickhooks.text import plain, quoted, stamp, word
from stickhooks.timeline import html, labels, model, source, svg, text
from stickhooks.timeline.kinds import KINDS
from stickhooks.timeline.model import Mark, Row, Span, Timeline
from stickhooks.timeline.scale import busiest
from stickhooks.timeline.text import ASCII, UNICODE, unpainted
from stickhooks.views import colour
from stickhooks.views import output as views_output

FORMATS: Final = {"svg": svg.draw, "html": html.draw}
LONGEST_STEM: Final = 200  # with an ending it is still a file's name
ENDINGS: Final = {".svg": "svg", ".html": "html", ".htm": "html"}
NOTHING: Final = "nothing happened yet"
#: For programs, bounded as the pictures are; of a member's spans and marks the newest.
ROWS: Final = 1000
DETAILS: Final = 20_000


def graph(desk: Desk, since: str | None) -> Reply:
    """Draw the timeline on standard output: in signs that it can take, in colours on a terminal."""
    line = _timeline(desk, since, "stick log --graph")
    standing = desk.standing()
    if not line.rows:
        return Reply([NOTHING], next=[Next("take")], data=data(line), standing=standing)
    width = shutil.get_terminal_size((80, 24)).columns
    glyphs = UNICODE if _takes_unicode(sys.stdout.encoding if sys.stdout else "ascii") else ASCII
    coloured = colour.wanted(1, desk.env) and not desk.as_json
    paint = _painted if coloured else unpainted
    title = labels.titled(desk.workspace.root, desk.path())
    lines = text.draw(line, title, width, glyphs, time.localtime, paint)
    if coloured:  # as it is: every name in it went through ``plain``
        views_output.write(1, "\n".join(lines))
        return Reply([], standing=standing)
    return Reply(lines, data=data(line) if desk.as_json else {}, standing=standing)


def _painted(kind: str, text: str) -> str:
    return f"\x1b[{KINDS[kind].colour}m{text}\x1b[0m"


def _takes_unicode(encoding: str | None) -> bool:
    try:
        "█▒─┄▼◆…".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def report(desk: Desk, output: str, form: str | None, since: str | None) -> Reply:
    """Write the timeline as a picture or a page: to a file in one step, or to standard output."""
    kind = _format(output, form)
    if output == "-" and desk.as_json:
        message = "-o - and --json both want standard output"
        raise Refusal("usage", message, [Next("report", "--json", "-o", "room.html")])
    if output != "-":
        check_place(output)
    line = _timeline(desk, since, f"stick report -o {word(output)}")
    standing = desk.standing()
    text = FORMATS[kind](line, labels.titled(desk.workspace.root, desk.path()), time.localtime)
    if output == "-":
        views_output.write(1, text.rstrip("\n"))
        return Reply([], standing=standing)
    replace(output, text)
    empty = "" if line.rows else f": {NOTHING}"
    figures = data(line) if desk.as_json else {}
    lines = [f"wrote {plain(output)}{empty}"]
    return Reply(lines, data={"file": output, **figures}, standing=standing)


def _timeline(desk: Desk, since: str | None, again: str) -> Timeline:
    gc.disable()  # what is read of a long log has no cycles; to look for some takes a while each time
    return source.of(desk, None if since is None else durations.since(since, again))


def _format(output: str, form: str | None) -> str:
    """Return which kind of picture is wanted. Raises ``usage`` where nothing says so."""
    kind = form or ENDINGS.get(os.path.splitext(output)[1].lower())
    if kind in FORMATS:
        return kind
    if form is not None:
        message = f"--format knows svg and html, not {quoted(form)}"
        raise Refusal("usage", message, [Next("report", "-o", word(output), "--format", "html")])
    if output == "-":
        raise Refusal(
            "usage", "-o - needs --format", [Next("report", "-o", "-", "--format", "svg")]
        )
    message = (
        f"{quoted(output)} ends in neither .svg nor .html, and no --format says which it is to be"
    )
    stem = os.path.splitext(output)[0]
    if not output.strip() or len(os.path.basename(output)) > LONGEST_STEM:
        stem = "timeline"
    raise Refusal("usage", message, [Next("report", "-o", word(stem + ".html"))])


# --- the file


def check_place(path: str) -> None:
    """Refuse what is no place for a file, before anything is drawn."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return
    except ValueError as error:
        raise Refusal("invalid_input", f"{quoted(path)}: {error}", field="output") from None
    if stat.S_ISDIR(status.st_mode):
        inside = os.path.join(path, "room.html")
        message = f"{path} is a folder; name a file in it"
        raise Refusal(
            "invalid_input", message, [Next("report", "-o", word(inside))], field="output"
        )
    if not stat.S_ISREG(status.st_mode):
        message = f"{path} is not a regular file"
        follow = [Next("report", "-o", "-", "--format", "svg")]
        raise Refusal("invalid_input", message, follow, field="output")


def replace(path: str, text: str) -> None:
    """Put a file in place in one step: what was there stays until all of the new one is written.

    Its mode stays, and a link is written through. Raises Refusal ``io`` where that cannot be done.
    """
    target = Path(os.path.realpath(path))
    try:
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else text_files.new_mode()
        printable = text.encode("utf-8", "backslashreplace").decode()
        text_files.replace_file(target, printable, mode)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}; what was there is as it was"
        raise Refusal("io", message, [Next("report", "-o", "~/room.html")]) from None


# --- for programs


def data(line: Timeline) -> dict[str, object]:
    """Return figures and rows for programs: times in RFC 3339, durations in milliseconds."""
    rows, rest = busiest(line.rows, ROWS)
    figures: Mapping[str, object] = {
        "start": stamp(line.start),
        "end": stamp(line.end),
        "held_ms": line.held,
        "held_percent": round(100 * line.share),
        "turns": line.turns,
        "waits": len(line.waits),
        "median_wait_ms": line.median_wait,
        "refused": line.count(model.REFUSED),
        "refused_by": line.gates(),
        "takeovers": line.count(model.TAKEOVER),
        "bypasses": line.count(model.BYPASS),
        "outside": line.count(model.OUTSIDE),
        "brought_back": line.count(model.BACK),
        "commits": line.count(model.COMMIT),
    }
    drawn = [*rows, rest] if rest else rows
    each = DETAILS // max(1, len(drawn))
    return {"figures": figures, "rows": [_row(row, each) for row in drawn]}


def _row(row: Row, each: int) -> dict[str, object]:
    return {
        "member": row.name,
        "held_ms": row.held,
        "waited_ms": row.waited,
        "turns": row.turns,
        "refused": row.count(model.REFUSED),
        "spans": [_span(span) for span in row.spans[-each:]],
        "marks": [_mark(mark) for mark in row.marks[-each:]],
    }


def _span(span: Span) -> dict[str, object]:
    kind = model.HOLDING[0] if span.kind == model.LOST else span.kind
    words = {"why": span.why, "status": span.told, "next": span.next}
    done = {key: text for key, text in words.items() if text}
    times = {"from": stamp(span.start), "to": stamp(span.end)}
    return {"kind": kind, **times, "ended": span.how or None, **done}


def _mark(mark: Mark) -> dict[str, object]:
    gate = {"gate": mark.gate} if mark.gate else {}
    return {"kind": mark.kind, "at": stamp(mark.at), **gate, "told": mark.told}
