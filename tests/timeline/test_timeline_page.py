"""The timeline as a page: everything that the picture shows is there as tables, and a browser reads it."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from stickhooks.timeline import html as timeline_html
from stickhooks.timeline import model
from stickhooks.timeline.happenings import Now
from stickhooks.timeline.model import Timeline
from tests.support import story
from tests.support.happenings import EVIL, hostile

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
MINUTE = 60_000


def drawn(line: Timeline) -> str:
    return timeline_html.draw(line, story.ROOM, time.gmtime)


def rows(text: str, table: str) -> list[list[str]]:
    """Return the cells of a table's body."""
    body = (
        text.split(f'<table id="{table}">')[1].split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    )
    return [
        [html.unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    ]


def test_every_member_is_a_row_with_its_figures() -> None:
    assert rows(drawn(story.day().timeline()), "members") == [
        ["ada", "1 h 47 min", "20%", "3", "2", "28 min", "1", "0", "0"],
        ["codex:a1", "2 h 48 min", "31%", "3", "2", "46 min", "1", "0", "0"],
        ["claude:b2", "2 h 5 min", "23%", "2", "2", "2 h 11 min", "3", "0", "0"],
        ["bob", "38 min", "7%", "1", "0", "0 s", "1", "1", "1"],
    ]


def test_every_turn_is_a_row_the_newest_first() -> None:
    found = rows(drawn(story.day().timeline()), "turns")
    assert len(found) == 9
    assert found[0] == ["17:40", "18:05", "25 min", "ada", "", "goes on", ""]
    assert found[1][:6] == ["16:30", "17:40", "1 h 10 min", "codex:a1", "", "released"]
    assert found[4][4:6] == ["upgrade the payment library", "taken over by ada"]
    assert found[3][4] == "its container was killed"


def test_a_handoff_opens_under_a_click_and_is_open_on_paper() -> None:
    text = drawn(story.day().timeline())
    shown = rows(text, "turns")[1][6]
    assert shown == (
        "<details><summary>search page drafted</summary>"
        "<p>next: look at it on a phone</p></details>"
    )
    paper = text.split("@media print{")[1].split("</style>")[0]
    assert "details::details-content{display:block" in paper
    assert "print-color-adjust:exact" in paper


def test_every_mark_is_a_row() -> None:
    found = rows(drawn(story.day().timeline()), "marks")
    assert len(found) == 12
    assert ["14:06", "ada", "took over from codex:a1: its container was killed"] in found
    assert ["09:20", "claude:b2", "was refused a write (git)"] in found


def test_the_page_may_load_nothing_and_run_nothing() -> None:
    text = drawn(story.day().timeline())
    assert "default-src 'none'; style-src 'unsafe-inline'" in text
    assert not re.search(r"<(script|link|img|iframe|object)\b| on\w+=", text)
    assert '<meta name="color-scheme" content="light dark">' in text


def browser(folder: Path, page: Path, *more: str) -> str:
    """Open a page in a real browser with an empty profile, and return its document as it stands."""
    assert CHROMIUM
    flags = (
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--disable-component-update",
    )  # fmt: skip
    done = subprocess.run(
        [CHROMIUM, *flags, f"--user-data-dir={folder}", *more, "--dump-dom", page.as_uri()],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-1000:]
    return done.stdout


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium: the page is not opened in a browser")
def test_a_real_browser_reads_the_rows_back_and_runs_nothing(tmp_path: Path) -> None:
    """The page of the day, and one where every name wants to run a script, in Chromium."""
    line = model.of(hostile(200), Now(300 * MINUTE))
    for name, text in {"day": drawn(story.day().timeline()), "evil": drawn(line)}.items():
        page = tmp_path / f"{name}.html"
        page.write_text(text, encoding="utf-8")
        seen = browser(tmp_path / f"profile-{name}", page)
        assert "<script" not in seen
        for table in ("members", "turns", "marks"):
            assert rows(seen, table) == rows(text, table)
        assert seen.count("<rect") == text.count("<rect")
    assert rows(seen, "members")[0][0].startswith(f"0{EVIL[:20]}")
