"""Kakoune: no short way of saving gets past the gate, and the long ones are written down."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.editing import ACCOUNTS, AS_ME, HANDOFF, Site, Terminal, need, site_for, wrote
from tests.support.shells import without_stick

FILES = {"app.txt": "one\ntwo\nthree\n", "other.txt": "other\n"}
STAYING = ("w", "w!", "wa", "w new.txt", "w! other.txt", "w -sync", "w -method replace")
QUITTING = ("wq", "wq!", "waq")
CHANGE = "set-option buffer readonly false; execute-keys '%s\\Aone<ret>cchanged<esc>'"


@pytest.fixture(scope="module", params=ACCOUNTS)
def site(request: pytest.FixtureRequest, template: Path) -> Iterator[Site]:
    need("kak")
    for made in site_for(request.param, template):
        told = made.ada.stick("editor kakoune --install").ok().out
        line = re.search(r"add this to your kakrc: (.*)", told)
        assert line, told
        config = made.home / ".config/kak"
        config.mkdir(parents=True)
        (config / "kakrc").write_text(line[1] + "\n")
        made.own()
        yield made


@pytest.fixture
def work(request: pytest.FixtureRequest) -> str:
    """Return a name for this test's folder in the room."""
    return "".join(c if c.isalnum() else "-" for c in request.node.name)


def kak(
    site: Site,
    folder: Path,
    *commands: str,
    file: str = "app.txt",
    env: dict[str, str] | None = None,
) -> str:
    """Run commands as ada on a file, each whether or not the one before failed; return the messages."""
    debug = site.base / "debug"
    debug.unlink(missing_ok=True)
    tried = "\n".join(f"try %{{ {c} }} catch %{{ echo -debug %val{{error}} }}" for c in commands)
    script = site.base / "script.kak"
    script.write_text(f"{tried}\nbuffer *debug*\nwrite {debug}\nkill!\n")
    site.own()
    command = f"kak -ui dummy -e {shlex.quote(f'source {script}')} {file}"
    site.ada.run(command, env, cwd=folder)
    return debug.read_text()


def contents(folder: Path) -> dict[str, str]:
    return {p.name: p.read_text() for p in folder.iterdir()}


def test_no_short_name_writes_what_somebody_else_may(site: Site, work: str) -> None:
    site.give("bob")
    for number, save in enumerate(STAYING + QUITTING):
        folder = site.folder(f"{work} it's {number}", FILES)
        told = kak(site, folder, CHANGE, save, "echo -debug modified: %val{modified}")
        assert "NOT SAVED  bob holds" in told, save
        assert "modified: true" in told, save
        assert contents(folder) == FILES, save


@AS_ME
def test_the_holder_saves_as_without_the_plugin(site: Site, work: str) -> None:
    site.give("ada")
    changed = FILES["app.txt"].replace("one", "changed")
    for number, save in enumerate(STAYING + QUITTING):
        folder = site.folder(f"{work} it's {number}", FILES)
        told = kak(site, folder, CHANGE, save, "echo -debug modified: %val{modified}")
        elsewhere = re.search(r"(new|other).txt", save)
        name = elsewhere[0] if elsewhere else "app.txt"
        assert contents(folder) == {**FILES, name: changed}, told
        assert wrote(site, folder / name) == "ada", save


@AS_ME
def test_overrides_save_and_are_recorded(site: Site, work: str) -> None:
    site.give("bob")
    for number, save in enumerate((f"stick-write-anyway {work} burns", "write")):
        folder = site.folder(f"{work} it's {number}", FILES)
        kak(site, folder, CHANGE, save)
        assert (folder / "app.txt").read_text() == "changed\ntwo\nthree\n", save
    log = site.ada.stick("log").ok().out
    assert f"ada went past the gate (editor): {work} burns" in log
    assert "ada went past the gate (editor): a long name, :write" in log


@AS_ME
def test_a_formatter_runs_on_a_save_and_not_on_a_refused_one(site: Site, work: str) -> None:
    folder = site.folder(work, FILES)
    formatter = "hook global BufWritePre .*app.txt %{ execute-keys '%sthree<ret>cformatted<esc>' }"
    site.give("bob")
    kak(site, folder, CHANGE, formatter, "w")
    assert contents(folder) == FILES
    site.give("ada")
    kak(site, folder, CHANGE, formatter, "w")
    assert (folder / "app.txt").read_text() == "changed\ntwo\nformatted\n"


@AS_ME
def test_gits_own_files_and_files_outside_are_saved(site: Site) -> None:
    site.give("bob")
    for path in (site.root / ".git/COMMIT_EDITMSG", site.outside()):
        path.write_text("one\n")
        told = kak(site, site.root, CHANGE, "w", file=str(path))
        assert path.read_text() == "changed\n", told


@AS_ME
def test_without_an_interpreter_stick_is_asked_and_without_stick_a_save_warns(
    site: Site, work: str
) -> None:
    site.give("bob")
    folder = site.folder(work, FILES)
    gone = "set-option global stick_python /gone/python"
    assert "NOT SAVED  bob holds" in kak(site, folder, CHANGE, gone, "w")
    assert contents(folder) == FILES
    nowhere = {"PATH": without_stick(site.env["PATH"])}
    told = kak(site, folder, CHANGE, gone, "w", env=nowhere)
    assert "the gate could not be asked (code 127); saved without it" in told
    assert (folder / "app.txt").read_text().startswith("changed")


@AS_ME
def test_a_save_takes_an_idle_stick_where_the_policy_says_so(site: Site, work: str) -> None:
    site.give("ada")
    folder = site.folder(work, FILES)
    site.ada.stick("policy on_idle claim").ok()
    site.ada.stick(f"release {HANDOFF}").ok()
    assert "is yours now" in kak(site, folder, CHANGE, "w")
    assert (folder / "app.txt").read_text().startswith("changed")
    assert site.ada.stick("check").ok().out == "you may write\n"
    site.ada.stick("policy on_idle refuse").ok()


@AS_ME
def test_a_person_at_the_terminal_sees_why_and_the_file_opens_by_itself(
    site: Site, work: str
) -> None:
    site.give("bob")
    folder = site.folder(work, FILES)
    terminal = Terminal(site)
    try:
        terminal.type(f"cd {folder} && kak app.txt")
        terminal.see("READ-ONLY  bob holds", "refactor auth", "next: stick wait", "two")
        for save in (":w", ":wq"):
            terminal.keys("Escape", "g", "j")
            terminal.gone("NOT SAVED")
            terminal.type(save)
            terminal.see("NOT SAVED  bob holds", "urgent: :stick-write-anyway why")
        assert contents(folder) == FILES
        site.give("ada")
        terminal.see("stick: you may write app.txt now")
        terminal.keys("g", "k", "i", "changed ", "Escape")
        terminal.see("changed one")
        terminal.type(":wq")
        terminal.gone("two")
        assert (folder / "app.txt").read_text() == "changed one\ntwo\nthree\n"
    finally:
        terminal.close()
