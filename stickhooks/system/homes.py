"""The user's home folder. An account that nobody knows (a container under a bare uid) has none."""

from __future__ import annotations

import os
from pathlib import Path

from stickhooks.errors import Refusal


def home() -> Path | None:
    """Return the home folder, None where neither HOME nor the account names one."""
    if os.environ.get("HOME") == "":
        return None  # to Python that would be the root of the file system
    folder = os.path.expanduser("~")
    return Path(folder) if os.path.isabs(folder) else None


def needed() -> Path:
    """Return the home folder. Raises Refusal where there is none."""
    folder = home()
    if folder is None:
        raise Refusal(
            "config",
            "this account has no home folder: HOME is not set, and the account is unknown here",
            ["export HOME=/a/folder/you/may/write"],
        )
    return folder


def data() -> Path:
    """Return where programs keep their own files in a user's home (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_DATA_HOME") or needed() / ".local/share")
