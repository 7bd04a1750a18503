"""A notification of the desktop, by the program that it has for that. No shell is asked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from html import escape
from typing import Final

TITLE: Final = "stick"
SCRIPT: Final = (
    "on run argv", 'display notification (item 1 of argv) with title (item 2 of argv)', "end run",
)  # fmt: skip


def command(text: str, env: Mapping[str, str], platform: str) -> list[str]:
    """Return the command that shows a text on the desktop, ``[]`` where there is none."""
    if platform == "darwin":
        return ["osascript", *(w for line in SCRIPT for w in ("-e", line)), "--", text, TITLE]
    if env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"):  # its body is markup
        return ["notify-send", f"--app-name={TITLE}", "--", TITLE, escape(text, quote=False)]
    return []


def spawned(command: list[str], env: Mapping[str, str]) -> bool:
    """Start a command that nobody waits for. Tell whether that could be done."""
    if not hasattr(os, "posix_spawnp"):
        return False
    silent = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    try:
        os.posix_spawnp(command[0], command, env, file_actions=silent)
    except (OSError, ValueError):
        return False
    return True
