"""micro, which can only be driven at a terminal: what it saves, and what it refuses to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.editing import (
    ACCOUNTS,
    AS_ME,
    AS_NOBODY,
    HANDOFF,
    Site,
    Terminal,
    need,
    site_for,
    wrote,
)
from tests.support.shells import eventually

FILES = {"app.txt": "one\ntwo\nthree\n", "other.txt": "other\n"}


@pytest.fixture(scope="module", params=ACCOUNTS)
def site(request: pytest.FixtureRequest, template: Path) -> Iterator[Site]:
    need("micro", "tmux")
    for made in site_for(request.param, template):
        made.ada.stick("editor micro --install").ok()
        yield made


@pytest.fixture
def work(site: Site, request: pytest.FixtureRequest) -> Path:
    return site.folder("".join(c if c.isalnum() else "-" for c in request.node.name), FILES)


@pytest.fixture
def terminal(site: Site) -> Iterator[Terminal]:
    made = Terminal(site)
    yield made
    made.close()


def contents(folder: Path) -> dict[str, str]:
    return {p.name: p.read_text() for p in folder.iterdir()}


def command(terminal: Terminal, text: str) -> None:
    """Type one of micro's own commands."""
    terminal.keys("C-e")
    terminal.see("\n> ")
    terminal.type(text)


@AS_NOBODY
def test_a_person_sees_why_nothing_is_written_and_the_file_opens_by_itself(
    site: Site, work: Path, terminal: Terminal
) -> None:
    site.give("bob")
    terminal.type(f"cd {work} && micro app.txt")
    terminal.see("READ-ONLY  bob holds", "refactor auth", "next: stick wait", "two")
    site.give("ada")
    terminal.see("stick: you may write app.txt now")
    terminal.keys("changed ")
    terminal.see("changed one")
    site.give("bob")
    terminal.see("READ-ONLY")
    refusals = {
        "C-s": "NOT SAVED  bob holds",
        "save": "NOT SAVED  bob holds",
        "save new.txt": "NOT SAVED  bob holds",
    }
    for save, words in refusals.items():
        if save == "C-s":
            terminal.keys(save)
        else:
            command(terminal, save)
        terminal.see(words, "urgent: > stickwrite why", "changed one")
        assert contents(work) == FILES, save
        command(terminal, "help nothing")
        terminal.gone("NOT SAVED")
    terminal.keys("C-q")
    terminal.see("Save changes to")
    terminal.keys("y")
    terminal.gone("Save changes to")
    terminal.see("changed one", "two")
    assert contents(work) == FILES
    site.give("ada")
    terminal.see("stick: you may write app.txt now")
    terminal.keys("C-s")
    eventually(lambda: (work / "app.txt").read_text() == "changed one\ntwo\nthree\n")
    eventually(lambda: wrote(site, work / "app.txt") == "ada")
    terminal.keys("C-q")
    terminal.gone("two")


@AS_ME
def test_the_override_saves_and_is_recorded(site: Site, work: Path, terminal: Terminal) -> None:
    site.give("ada")
    terminal.type(f"cd {work} && micro app.txt")
    terminal.see("two")
    terminal.keys("changed ")
    terminal.see("changed one")
    site.give("bob")
    terminal.see("READ-ONLY")
    command(terminal, "stickwrite the shop burns")
    eventually(lambda: (work / "app.txt").read_text() == "changed one\ntwo\nthree\n")
    assert "ada went past the gate (editor): the shop burns" in site.ada.stick("log").ok().out


@AS_ME
def test_without_a_gate_and_outside_of_rooms_a_save_is_a_save(
    site: Site, work: Path, terminal: Terminal
) -> None:
    site.give("ada")
    plugin = site.home / ".config/micro/plug/stick/stick.lua"
    before = plugin.read_text()
    no_stick = before.replace('local PYTHON = "', 'local PYTHON = "/gone').replace(
        '{"stick", "hook"', '{"/gone/stick", "hook"'
    )
    plugin.write_text(no_stick)
    outside = site.outside()
    outside.write_text("one\ntwo\n")
    try:
        for path in (work / "app.txt", outside):
            terminal.type(f"micro {path}")
            terminal.see("two")
            terminal.keys("changed ")
            terminal.see("changed one")
            terminal.keys("C-s")
            terminal.see("Saved ")
            assert path.read_text().startswith("changed one")
            terminal.keys("C-q")
            terminal.gone("two")
    finally:
        plugin.write_text(before)


@AS_ME
def test_a_save_takes_an_idle_stick_where_the_policy_says_so(
    site: Site, work: Path, terminal: Terminal
) -> None:
    site.give("ada")
    site.ada.stick("policy on_idle claim").ok()
    site.ada.stick(f"release {HANDOFF}").ok()
    terminal.type(f"micro {work}/app.txt")
    terminal.see("two")
    terminal.keys("changed ")
    terminal.see("changed one")
    terminal.keys("C-s")
    eventually(lambda: (work / "app.txt").read_text().startswith("changed one"))
    assert site.ada.stick("check").ok().out == "you may write\n"
    site.ada.stick("policy on_idle refuse").ok()
