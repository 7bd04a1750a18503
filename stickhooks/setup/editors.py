"""The text editors that have a plugin of ours: where it goes, and what is left to do by hand.

A plugin goes into the editor's own plugin folder where it has one that loads by itself. Where
not, it goes into a folder of ours, and the line to add is told: nobody's settings are edited.
"""

from __future__ import annotations

import os
from pathlib import Path

from stickhooks.fast.records import Frozen, dataclass
from stickhooks.store import layout
from stickhooks.system import homes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

EXTENSION: Final = ("package.json", "extension.js", "guard.js", "gate.js", "rooms.js")


def _literal(text: str) -> str:
    """Return a string literal: in Vim's, Emacs', Lua's and JavaScript's language the same."""
    import json

    return json.dumps(text, ensure_ascii=False)


def _kakoune_literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class Editor(Frozen):
    """One text editor: its files by where they go below ``folder``, and what is left to do by hand.

    ``to_do`` names ``{file}``, the first of them as a string in the editor's own language by
    ``quote``, or the ``{folder}``.
    """

    files: dict[str, str]
    folder: Callable[[], Path]
    to_do: str = ""
    quote: Callable[[str], str] = _literal

    def by_hand(self) -> str:
        """Return what is left to do, ``""`` where the editor loads the plugin by itself."""
        folder = self.folder()
        if not folder.is_relative_to(_ours()):
            return ""
        file = self.quote(str(folder / next(iter(self.files))))
        return self.to_do.format(file=file, folder=folder)


def _config() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or homes.needed() / ".config")


def _vim() -> Path:
    return homes.needed() / ".vim/pack/stickhooks/start/stickhooks"


def _neovim() -> Path:
    return homes.data() / "nvim/site/pack/stickhooks/start/stickhooks"


def _ours() -> Path:
    return homes.data() / layout.GIT_FOLDER / "editors"


def _kakoune() -> Path:
    """Return Kakoune's own autoload folder, if the user made one: making it hides the system's."""
    own = _config() / "kak/autoload"
    return own if own.is_dir() else _ours()


def _micro() -> Path:
    return Path(os.environ.get("MICRO_CONFIG_HOME") or _config() / "micro") / "plug/stick"


EDITORS: Final = {
    "vim": Editor({"plugin/stick.vim": "stick.vim"}, _vim),
    "neovim": Editor({"plugin/stick.vim": "stick.vim"}, _neovim),
    "emacs": Editor(
        {"stick.el": "stick.el"}, _ours, "add this to your init file: (load {file} t)"
    ),
    "kakoune": Editor(
        {"stick.kak": "stick.kak"}, _kakoune,
        "add this to your kakrc: try %{{ source {file} }}", _kakoune_literal,
    ),
    "micro": Editor({"stick.lua": "stick.lua"}, _micro),
    "vscode": Editor(
        {name: f"vscode/{name}" for name in EXTENSION}, lambda: _ours() / "vscode",
        "in VS Code run the command 'Developer: Install Extension from Location...': {folder}",
    ),
}  # fmt: skip
