"""``stick editor``: plugins that ask the gate before a text editor saves, in and out of a home."""

from __future__ import annotations

from pathlib import Path

from stickhooks.errors import Next, Refusal
from stickhooks.operations.reply import Reply
from stickhooks.setup import placing, templates
from stickhooks.setup.editors import EDITORS, Editor
from stickhooks.setup.placing import Manifest
from stickhooks.setup.report import Report, undo
from stickhooks.setup.scopes import of_user
from stickhooks.store import accounts
from stickhooks.system import homes, text_files
from stickhooks.text import plain, quoted


def show(name: str) -> Reply:
    """Return the plugin's text as it would be installed."""
    editor = _editor(name)
    texts = [_text(editor, source) for source in editor.files.values()]
    return Reply("".join(texts).rstrip("\n").splitlines(), next=[Next("editor", name, "--install")])


def install(name: str) -> Reply:
    """Put a plugin into its place. What is somebody else's there stays, and is a ``config`` refusal."""
    accounts.check_may_make_in(str(homes.needed()))
    editor, manifest = _editor(name), of_user().manifest
    places = {path: _text(editor, source) for path, source in _places(editor).items()}
    for path, text in places.items():
        _check_free(manifest, path, text, name)
    put = Report(dry=False).put
    changed = [put(manifest, "file", path, text, mode=0o644) for path, text in places.items()]
    state = "installed" if any(changed) else "already there"
    lines = [f"{name}: {plain(path)}: {state}" for path in places]
    by_hand = editor.by_hand()
    return Reply([*lines, *([f"{name}: {by_hand}"] if by_hand else [])])


def uninstall(name: str) -> Reply:
    """Take a plugin out again."""
    editor, manifest = _editor(name), of_user().manifest
    placed = filter(None, map(manifest.find, reversed(_places(editor))))
    lines = [line for one in placed for line in undo(manifest, one)]
    return Reply(lines or [f"{name}: nothing of ours was installed"])


def _editor(name: str) -> Editor:
    if name not in EDITORS:
        message = f"there is no plugin for {quoted(name)}; there are {', '.join(EDITORS)}"
        raise Refusal("usage", message, [Next("editor", "vim")])
    return EDITORS[name]


def _places(editor: Editor) -> dict[Path, str]:
    folder = editor.folder()
    return {folder / target: source for target, source in editor.files.items()}


def _text(editor: Editor, source: str) -> str:
    return templates.filled(f"editors/{source}", quote=editor.quote)


def _check_free(manifest: Manifest, path: Path, text: str, name: str) -> None:
    """Refuse to write over what is not ours. Ours may be replaced by a newer version of itself."""
    current = text_files.read(path)
    if current is None or current == text or placing.is_ours(current) or manifest.find(path):
        return
    message = f"{plain(path)} is there already, and is not ours; move it aside"
    raise Refusal("config", message, [Next("editor", name, "--print")])
