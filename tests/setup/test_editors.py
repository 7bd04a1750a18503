"""``stick editor``: plugins go in and out byte for byte, and nobody's settings are edited."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stickhooks.setup.editors import EDITORS
from tests.support.shells import Shell, Shells, difference, snapshot

PLACES = {
    "vim": ".vim/pack/stickhooks/start/stickhooks/plugin/stick.vim",
    "neovim": ".local/share/nvim/site/pack/stickhooks/start/stickhooks/plugin/stick.vim",
    "emacs": ".local/share/stickhooks/editors/stick.el",
    "kakoune": ".local/share/stickhooks/editors/stick.kak",
    "micro": ".config/micro/plug/stick/stick.lua",
    "vscode": ".local/share/stickhooks/editors/vscode/extension.js",
}
BY_HAND = {"emacs": "(load ", "kakoune": "try %{ source ", "vscode": "Install Extension"}


@pytest.fixture
def ada(shells: Shells, repo: Path) -> Shell:
    return shells.person(repo)


def test_every_editor_has_a_place() -> None:
    assert PLACES.keys() == EDITORS.keys()


@pytest.mark.parametrize("name", EDITORS)
def test_installed_twice_and_taken_out_a_home_is_as_it_was(
    ada: Shell, home: Path, name: str
) -> None:
    (home / ".vim").mkdir()
    (home / ".vim/vimrc").write_text("set number\n")
    before = snapshot(home)
    told = ada.stick(f"editor {name} --install").ok().out
    assert f"{home / PLACES[name]}: installed" in told
    assert BY_HAND.get(name, "installed") in told
    assert "@GATE@" not in (home / PLACES[name]).read_text()
    once = snapshot(home)
    assert "already there" in ada.stick(f"editor {name} --install").ok().out
    assert difference(once, snapshot(home)) == []
    out = ada.stick(f"editor {name} --uninstall").ok().out
    assert "removed " in out or "took our part out of " in out
    assert difference(before, snapshot(home)) == []
    assert "nothing of ours" in ada.stick(f"editor {name} --uninstall").ok().out


def test_uninit_of_the_user_takes_the_plugins_along(ada: Shell, home: Path) -> None:
    before = snapshot(home)
    for name in EDITORS:
        ada.stick(f"editor {name} --install").ok()
    ada.stick("uninit --user").ok()
    assert difference(before, snapshot(home)) == []


@pytest.mark.parametrize("name", EDITORS)
def test_what_is_printed_is_what_is_installed(ada: Shell, home: Path, name: str) -> None:
    before = snapshot(home)
    printed = ada.stick(f"editor {name} --print").ok().out
    assert printed == ada.stick(f"editor {name}").ok().out
    assert difference(before, snapshot(home)) == []
    ada.stick(f"editor {name} --install").ok()
    assert (home / PLACES[name]).read_text() in printed + "\n"


def test_a_plugin_of_an_older_stick_is_replaced(ada: Shell, home: Path) -> None:
    ada.stick("editor vim --install").ok()
    path = home / PLACES["vim"]
    text = path.read_text()
    path.write_text('" # >>> stickhooks >>>\n" an older one\n')
    assert "installed" in ada.stick("editor vim --install").ok().out
    assert path.read_text() == text
    ada.stick("editor vim --uninstall").ok()
    assert not path.exists()


def test_what_is_somebody_elses_stays(ada: Shell, home: Path) -> None:
    path = home / PLACES["micro"]
    path.parent.mkdir(parents=True)
    path.write_text("-- another plugin\n")
    ada.stick("editor micro --install").fails(78, "is not ours", "stick editor micro --print")
    ada.stick("editor micro --uninstall").ok()
    assert path.read_text() == "-- another plugin\n"


def test_folders_named_by_the_environment_are_used(ada: Shell, home: Path, tmp_path: Path) -> None:
    config = tmp_path / "else where"
    (config / "kak/autoload").mkdir(parents=True)
    env = {"XDG_CONFIG_HOME": str(config), "XDG_DATA_HOME": str(tmp_path / "data")}
    before = snapshot(config)
    for name in EDITORS:
        ada.stick(f"editor {name} --install", env).ok()
    assert (config / "kak/autoload/stick.kak").exists()
    assert (config / "micro/plug/stick/stick.lua").exists()
    assert (tmp_path / "data/nvim/site/pack/stickhooks").is_dir()
    assert sorted(os.listdir(home)) == [".vim"]
    ada.run("stick uninit --user", env).ok()
    assert difference(before, snapshot(config)) == []
    assert os.listdir(home) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("editor nano --install", ("no plugin for 'nano'", "vim, neovim, emacs")),
        ("editor vim --install --print", ("one of --install, --uninstall and --print",)),
        ("editor", ("Missing argument",)),
    ],
)
def test_bad_input_is_told(ada: Shell, arguments: str, words: tuple[str, ...]) -> None:
    ada.stick(arguments).fails(2, *words, "next:")
