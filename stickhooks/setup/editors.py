"""The text editors that have a plugin of ours: where it goes, and what is left to do by hand.

A plugin goes into the editor's own plugin folder where it has one that loads by itself. Where
not, it goes into a folder of ours, and the line to add is told: nobody's settings are edited.
"""

from __future__ import annotations

import os
from pathlib import Path

from stickhooks.fast.records import dataclass
from stickhooks.store import layout
from stickhooks.system import homes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

EXTENSION: Final = ("package.json", "extension.js", "guard.js", "gate.js", "rooms.js")


@dataclass(frozen=True)
class Editor:
    """One text editor: its files by where they go below ``folder``, and what is left to do by hand.

    ``quote`` writes a path in the editor's own language. ``by_hand`` is empty where the editor
    loads the plugin by itself.
    """

    files: dict[str, str]
    folder: Callable[[], Path]
    quote: Callable[[str], str]
    by_hand: Callable[[Path], str] = lambda _: ""


def _literal(text: str) -> str:
    """Return a string literal: in Vim's, Emacs', Lua's and JavaScript's language the same."""
    import json

    return json.dumps(text, ensure_ascii=False)


def _kakoune_literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _home(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or homes.needed() / default)


def _vim() -> Path:
    return homes.needed() / ".vim/pack/stickhooks/start/stickhooks"


def _neovim() -> Path:
    return homes.data() / "nvim/site/pack/stickhooks/start/stickhooks"


def _ours() -> Path:
    return homes.data() / layout.GIT_FOLDER / "editors"


def _kakoune() -> Path:
    """Return Kakoune's own autoload folder, if the user made one: making it hides the system's."""
    own = _home("XDG_CONFIG_HOME", ".config") / "kak/autoload"
    return own if own.is_dir() else _ours()


def _source_line(folder: Path) -> str:
    if folder != _ours():
        return ""
    return (
        f"add this to your kakrc: try %{{ source {_kakoune_literal(str(folder / 'stick.kak'))} }}"
    )


def _micro() -> Path:
    config = _home("XDG_CONFIG_HOME", ".config") / "micro"
    return Path(os.environ.get("MICRO_CONFIG_HOME") or config) / "plug/stick"


EDITORS: Final = {
    "vim": Editor({"plugin/stick.vim": "stick.vim"}, _vim, _literal),
    "neovim": Editor({"plugin/stick.vim": "stick.vim"}, _neovim, _literal),
    "emacs": Editor(
        {"stick.el": "stick.el"},
        _ours,
        _literal,
        lambda folder: f"add this to your init file: (load {_literal(str(folder / 'stick.el'))} t)",
    ),
    "kakoune": Editor({"stick.kak": "stick.kak"}, _kakoune, _kakoune_literal, _source_line),
    "micro": Editor({"stick.lua": "stick.lua"}, _micro, _literal),
    "vscode": Editor(
        {name: f"vscode/{name}" for name in EXTENSION},
        lambda: _ours() / "vscode",
        _literal,
        lambda folder: (
            f"in VS Code run the command 'Developer: Install Extension from Location...': {folder}"
        ),
    ),
}
