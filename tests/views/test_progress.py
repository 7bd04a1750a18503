"""The live line of a wait: who has the stick, for how long, why, your place; one row, then gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stickhooks.gate.standing import Standing
from stickhooks.protocol import commands
from stickhooks.store import codec, reader
from stickhooks.views import columns, progress
from tests.support.editing import HANDOFF, Site, Terminal, need, site_for
from tests.support.world import HOUR, MINUTE, Table

WHY = "refactor the whole authentication layer, then whatever depends on the old cookies"


def line(table: Table, me: str) -> str:
    raw = reader.parsed(codec.encode(table.room, codec.Record(1, 0, "", 0)), "here")
    return progress.line(Standing(raw, "/shop", table.now, table.now), me)


def test_place_holder_age_and_reason_come_first() -> None:
    table = Table("ana", "bo", "cy")
    table.take("ana")
    table.now = 6 * MINUTE
    assert line(table, "bo").startswith("waiting: ana for 6 min; lease until ")
    table.enlist("cy")
    table.enlist("bo")
    assert line(table, "bo").startswith("waiting (2nd of 2): ana for 6 min; lease until ")
    table.now = HOUR
    assert line(table, "bo") == "waiting (2nd of 2): ana for 1 h, and its lease ran out"


def test_a_reserved_stick_is_told_as_everywhere() -> None:
    table = Table("ana", "bo", "cy")
    table.take("ana")
    table.pass_to("bo")
    table.enlist("cy")
    assert line(table, "cy").startswith("waiting (1st of 1): /shop is reserved for bo by ana until")


def test_a_reason_is_made_plain() -> None:
    table = Table("ana", "bo")
    table.ask(commands.Wait("bo", "R", None, "a\x1b[2J\nb"))
    assert "a\\e[2J\\nb" in line(table, "ana")


# --- in a terminal


@pytest.fixture
def site(template: Path) -> Iterator[Site]:
    need("tmux")
    yield from site_for("me", template)


@pytest.mark.parametrize("wide", [40, 120])
def test_it_is_one_row_that_follows_the_width_and_is_gone_at_the_end(site: Site, wide: int) -> None:
    site.bob.stick(f"release {HANDOFF}").ok()
    site.bob.stick(f"take --why '{WHY} 日本日本'").ok()
    terminal = Terminal(site, wide)
    try:
        terminal.type('clear; stick wait; echo "left: $?"')
        screen = terminal.see("waiting (1st of 1): bob for", "…")
        [row] = screen.strip().splitlines()
        assert columns.width(row) < wide
        terminal.tmux("resize-window -x 30")
        terminal.see("waiting (1st of 1): bob for", "…")
        rows = [r for r in terminal.screen.splitlines() if r.strip()]
        assert len(rows) == 1
        assert columns.width(rows[0]) < 30
        site.bob.stick(f"release {HANDOFF}").ok()
        screen = terminal.see("the stick is yours", "left: 0")
        assert "waiting (" not in screen
    finally:
        terminal.close()


def test_ctrl_c_takes_the_line_away_too(site: Site) -> None:
    terminal = Terminal(site)
    try:
        terminal.type('clear; stick wait; echo "left: $?"')
        terminal.see("waiting (1st of 1): bob for")
        terminal.keys("C-c")
        assert "waiting (" not in terminal.see("you are not in the line any more", "left: 130")
    finally:
        terminal.close()


def test_where_there_is_no_terminal_one_line_tells_it_once(site: Site) -> None:
    told = site.ada.stick("wait --timeout 2s").fails(124).err
    assert told.count("waiting: bob holds") == 1
    assert "\r" not in told
    assert "\x1b" not in told
