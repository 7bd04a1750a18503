"""What clients' own settings say of hooks: read, never written, with whatever comments they have."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stickhooks.setup import jsonc
from stickhooks.setup.client_places import Wrong
from stickhooks.system import text_files
from stickhooks.text import word


def change(path: Path) -> str:
    """Return what to type where a file switches hooks off: its writer may switch them on."""
    if os.access(path, os.W_OK):
        return f"${{EDITOR:-vi}} {word(str(path))}"
    return f"ask the administrator of {path}"


def all_off(path: Path) -> Iterator[Wrong]:
    if json_of(path).get("disableAllHooks") is True:
        yield f"{path} switches all hooks off: disableAllHooks", change(path)


def json_of(path: Path) -> Mapping[str, Any]:
    """Return an object from a file of a client, empty where there is none that can be read."""
    try:
        return table(jsonc.parse(text_files.read(path) or "{}").value)
    except (ValueError, OSError):
        return {}


def toml_of(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text_files.read(path) or "")
    except (ValueError, OSError):
        return {}


def table(document: Any, *keys: str) -> Mapping[str, Any]:
    """Return the table at some keys, empty where there is none or something else."""
    for key in keys:
        document = table(document).get(key)
    return document if isinstance(document, dict) else {}


def policies(unix: str, mac: str, windows: str) -> Path:
    """Return where a company puts settings of a client that nobody else can overrule.

    ``windows`` is below Program Files, or below ProgramData where it begins with ``*``. Only files are
    looked at. What a server sends (Codex' cloud requirements, Copilot's and Gemini's), and what a
    device management holds outside of files (macOS preferences, the Windows registry), is not known
    here: doctor's call of the hook shows that it answers, not that the client makes the call.
    """
    if sys.platform == "darwin":
        return Path(mac)
    if os.name != "nt":
        return Path(unix)
    if windows.startswith("*"):
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData"), windows[1:])
    return Path(os.environ.get("PROGRAMFILES", r"C:\Program Files"), windows)
