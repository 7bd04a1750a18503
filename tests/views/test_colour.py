"""Colour: one line, only on a terminal that can, and never against NO_COLOR."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator
from pathlib import Path

import pytest

from stickhooks.views import colour
from tests.support.editing import Site, Terminal, need, site_for


@pytest.fixture
def terminal() -> Iterator[int]:
    outer, inner = pty.openpty()
    yield inner
    os.close(inner)
    os.close(outer)


@pytest.mark.parametrize(
    ("env", "wanted"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_a_terminal_gets_colour_unless_it_cannot_or_nobody_wants_it(
    terminal: int, env: dict[str, str], wanted: bool
) -> None:
    assert colour.wanted(terminal, env) is wanted


def test_what_is_no_terminal_never_gets_any(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file:
        assert not colour.wanted(file.fileno(), {"TERM": "xterm"})


def test_text_without_a_tone_stays_as_it_is() -> None:
    assert colour.painted("text", "") == "text"
    assert colour.painted("text", "go") == "\x1b[1;32mtext\x1b[0m"


@pytest.fixture(scope="module")
def site(template: Path) -> Iterator[Site]:
    need("tmux")
    yield from site_for("me", template)


@pytest.mark.parametrize(("setting", "wanted"), [("", True), ("NO_COLOR=1 ", False)])
@pytest.mark.parametrize("program", ["stick status", "stick board"])
def test_status_and_board_are_coloured_in_a_terminal_and_not_with_no_color(
    site: Site, program: str, setting: str, wanted: bool
) -> None:
    shown = Terminal(site)
    try:
        shown.type(f"clear; {setting}{program}")
        shown.see("bob holds", "may write")
        assert ("\x1b[33m" in shown.tmux("capture-pane -p -e").out) is wanted
    finally:
        shown.close()
