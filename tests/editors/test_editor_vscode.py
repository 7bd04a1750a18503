"""The VS Code extension, as far as a machine without VS Code can tell: its logic under node."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.editing import Site, need, site_for, wrote
from tests.support.shells import without_stick

HERE = Path(__file__).parent
FILES = {"app.txt": "one\n"}

# Looks at a file as the extension does, and prints what the guard did to the editor.
LOOK = """
const { ask } = require("EXTENSION/gate.js");
const { Guard } = require("EXTENSION/guard.js");
const rooms = require("EXTENSION/rooms.js");
const done = [];
const act = (name) => async (line) => void done.push(line ?? name);
const editor = { active: () => "FILE", tell: act("tell") };
for (const name of ["lock", "unlock", "save"]) editor[name] = act(name);
const guard = new Guard({ ...rooms, ask }, editor);
ACT.then(() => console.log(JSON.stringify(done)));
"""


@pytest.fixture(scope="module")
def site(template: Path) -> Iterator[Site]:
    need("node")
    for made in site_for("me", template):
        told = made.ada.stick("editor vscode --install").ok().out
        assert "Developer: Install Extension from Location..." in told
        yield made


@pytest.fixture
def extension(site: Site) -> Path:
    return site.home / ".local/share/stickhooks/editors/vscode"


def does(site: Site, extension: Path, act: str, file: Path, **env: str) -> list[str]:
    script = site.base / "look.js"
    text = LOOK.replace("EXTENSION", str(extension)).replace("FILE", str(file))
    script.write_text(text.replace("ACT", act))
    found = json.loads(site.ada.run(f"node {script}", env).ok().out)
    assert isinstance(found, list)
    return found


def test_the_guard_does_as_promised(site: Site, extension: Path) -> None:
    result = site.ada.run(
        f"node --test {HERE / 'vscode_guard.test.js'}", {"STICK_EXTENSION": str(extension)}
    )
    assert result.code == 0, result.text
    assert "# pass 9" in result.out


def test_what_only_vs_code_can_run_is_at_least_javascript(site: Site, extension: Path) -> None:
    site.ada.run(f"node --check {extension}/extension.js").ok()
    package = json.loads((extension / "package.json").read_text())
    source = (extension / "extension.js").read_text()
    assert all(c["command"] in source for c in package["contributes"]["commands"])


def test_a_file_is_locked_while_somebody_else_holds_and_not_for_the_holder(
    site: Site, extension: Path
) -> None:
    file = site.folder("look", FILES) / "app.txt"
    site.give("bob")
    locked, line = does(site, extension, "guard.look()", file)
    assert locked == "lock"
    assert line.startswith("stick: READ-ONLY  bob holds")
    site.give("ada")
    assert does(site, extension, "guard.look()", file) == []
    assert does(site, extension, "guard.look()", site.outside()) == []


def test_what_was_saved_is_kept_with_who_saved_it(site: Site, extension: Path) -> None:
    site.give("ada")
    file = site.folder("saved", FILES) / "app.txt"
    script = site.base / "saved.js"
    script.write_text(
        f"require({json.dumps(str(extension / 'gate'))}).saved({json.dumps(str(file))})"
    )
    site.own()
    site.ada.run(f"node {script}").ok()
    assert wrote(site, file) == "ada"


def test_the_override_is_recorded(site: Site, extension: Path) -> None:
    site.give("bob")
    file = site.folder("override", FILES) / "app.txt"
    assert does(site, extension, 'guard.bypass("the shop burns")', file) == ["save"]
    assert "ada went past the gate (editor): the shop burns" in site.ada.stick("log").ok().out


def test_without_an_interpreter_stick_is_asked_and_without_stick_nothing_is_locked(
    site: Site, extension: Path
) -> None:
    site.give("bob")
    file = site.folder("gone", FILES) / "app.txt"
    gate = extension / "gate.js"
    before = gate.read_text()
    gate.write_text(before.replace('[["', '[["/gone').replace('  ["/', '  ["/gone/'))
    try:
        assert does(site, extension, "guard.look()", file)[0] == "lock"
        nowhere = without_stick(site.env["PATH"])
        assert does(site, extension, "guard.look()", file, PATH=nowhere) == []
    finally:
        gate.write_text(before)
