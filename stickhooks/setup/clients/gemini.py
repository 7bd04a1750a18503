"""Gemini CLI: where its hooks lie, what keeps it from asking them, what it blocks on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from stickhooks.setup.client_places import FOREIGN, SLOW, SUBFOLDER, Answer, Place, Wrong
from stickhooks.setup.client_switches import change, json_of, policies, table
from stickhooks.setup.scopes import Scope


def _blocks(answer: Answer) -> bool:
    """Gemini reads standard output first; JSON there counts more than the exit code."""
    text = answer.out.strip() or answer.err.strip()
    try:
        document = json.loads(text)
    except ValueError:
        return bool(text) and answer.code not in (0, 1, None)
    return isinstance(document, dict) and document.get("decision") in ("deny", "block")


def _trust(scope: Scope, place: Place, root: str) -> Iterator[Wrong]:
    own = (place.user_base() / place.user, Path(root, place.project))
    system, defaults = _policies()
    said = [path for path in (*own, system) if _says_hooks(path)]
    for path in said or [defaults]:  # defaults are what nobody else says anything about
        tools = table(json_of(path), "tools")
        if tools.get("enableHooks") is False:
            yield f"{path} switches all hooks off: tools.enableHooks", change(path)
        config = table(json_of(path), "hooksConfig")
        disabled = config.get("disabled")
        if config.get("enabled") is False or (isinstance(disabled, list) and "stick" in disabled):
            yield f"{path} switches our hook off: hooksConfig", change(path)


def _says_hooks(path: Path) -> bool:
    settings = json_of(path)
    return "hooksConfig" in settings or "enableHooks" in table(settings, "tools")


def _policies() -> list[Path]:
    """Return the files above and below a user's own (geminicli.com/docs/reference/configuration)."""
    base = policies("/etc/gemini-cli", "/Library/Application Support/GeminiCli", "*gemini-cli")
    names = {
        "GEMINI_CLI_SYSTEM_SETTINGS_PATH": "settings.json",
        "GEMINI_CLI_SYSTEM_DEFAULTS_PATH": "system-defaults.json",
    }
    return [Path(os.environ.get(key) or base / name) for key, name in names.items()]


PLACE = Place(
    3, "gemini", "gemini", "Gemini CLI", ("gemini",), (".gemini",),
    project=".gemini/settings.json",
    user=".gemini/settings.json", home="", moved_by="GEMINI_CLI_HOME",
    nested=True, posix=True, second=1000, fixed={"type": "command", "name": "stick"},
    comments=True,
    lets=(
        "`hooksConfig` in its settings", SLOW, FOREIGN,
        "git in its shell runs no git hooks: only this hook judges commands there",
    ),
    lets_of_project=(SUBFOLDER,),
    edit=lambda path: ("replace", {"file_path": path, "old_string": "a", "new_string": "b"}),
    blocks=_blocks, trust=_trust,
)  # fmt: skip
