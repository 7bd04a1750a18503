"""``stick editor``: plugins that ask the gate before a text editor saves, in and out of a home.

A plugin goes into the editor's own plugin folder where it has one that loads by itself. Where
not, it goes into a folder of ours, and the line to add is told: nobody's settings are edited.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stickhooks.errors import Refusal
from stickhooks.operations.reply import Reply
from stickhooks.setup import placing, templates
from stickhooks.setup.placing import Manifest
from stickhooks.setup.scopes import of_user, user_folder
from stickhooks.system import homes, text_files
from stickhooks.text import plain

SOURCES: Final = "editors"
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
    return json.dumps(text, ensure_ascii=False)


def _kakoune_literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _home(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or homes.needed() / default)


def _vim() -> Path:
    return homes.needed() / ".vim/pack/stickhooks/start/stickhooks"


def _neovim() -> Path:
    return _home("XDG_DATA_HOME", ".local/share") / "nvim/site/pack/stickhooks/start/stickhooks"


def _ours() -> Path:
    return user_folder() / SOURCES


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


def show(name: str) -> Reply:
    """Return the plugin's text as it would be installed."""
    editor = _editor(name)
    texts = [_text(editor, source) for source in editor.files.values()]
    return Reply("".join(texts).rstrip("\n").splitlines(), next=[f"stick editor {name} --install"])


def install(name: str) -> Reply:
    """Put a plugin into its place. What is somebody else's there stays, and is a ``config`` refusal."""
    editor, manifest = _editor(name), of_user().manifest
    places = {path: _text(editor, source) for path, source in _places(editor).items()}
    for path, text in places.items():
        _check_free(manifest, path, text, name)
    changed = [placing.place_file(manifest, path, text, 0o644) for path, text in places.items()]
    state = "installed" if any(changed) else "already there"
    lines = [f"{name}: {plain(path)}: {state}" for path in places]
    by_hand = editor.by_hand(editor.folder())
    return Reply([*lines, *([f"{name}: {by_hand}"] if by_hand else [])])


def uninstall(name: str) -> Reply:
    """Take a plugin out again."""
    editor, manifest = _editor(name), of_user().manifest
    lines = []
    for path in reversed(_places(editor)):
        placed = manifest.find(path)
        if placed is not None:
            lines.append(f"took our part out of {plain(path)}")
            lines += placing.undo(manifest, placed, lambda text, _: text, lambda _: [])
    return Reply(lines or [f"{name}: nothing of ours was installed"])


def _editor(name: str) -> Editor:
    if name not in EDITORS:
        told = f"there is no plugin for {plain(name)!r}; there are {', '.join(EDITORS)}"
        raise Refusal("usage", told, ["stick editor vim"])
    return EDITORS[name]


def _places(editor: Editor) -> dict[Path, str]:
    folder = editor.folder()
    return {folder / target: source for target, source in editor.files.items()}


def _text(editor: Editor, source: str) -> str:
    return templates.filled(f"{SOURCES}/{source}", quote=editor.quote)


def _check_free(manifest: Manifest, path: Path, text: str, name: str) -> None:
    """Refuse to write over what is not ours. Ours may be replaced by a newer version of itself."""
    current = text_files.read(path)
    if current is None or current == text or placing.is_ours(current) or manifest.find(path):
        return
    told = f"{plain(path)} is there already, and is not ours; move it aside"
    raise Refusal("config", told, [f"stick editor {name} --print"])
