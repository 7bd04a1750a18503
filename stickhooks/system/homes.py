"""The user's home folder. An account that nobody knows (a container under a bare uid) has none.

As text for the verbs of every day, for which ``pathlib`` is slow to load, and as paths for the others.
"""

from __future__ import annotations

import os

from stickhooks.errors import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


def folder() -> str:
    """Return the home folder, ``""`` where neither HOME nor the account names one."""
    if os.environ.get("HOME") == "":
        return ""  # to Python that would be the root of the file system
    named = os.path.expanduser("~")
    return named if os.path.isabs(named) else ""


def data_folder() -> str:
    """Return where programs keep their own files in a user's home (XDG Base Directory Specification),
    ``""`` where there is none."""
    home = folder()
    return os.environ.get("XDG_DATA_HOME") or (os.path.join(home, ".local/share") if home else "")


def home() -> Path | None:
    """Return the home folder, None where there is none."""
    from pathlib import Path

    return Path(folder()) if folder() else None


def needed() -> Path:
    """Return the home folder. Raises Refusal where there is none."""
    found = home()
    if found is None:
        raise Refusal(
            "config",
            "this account has no home folder: HOME is not set, and the account is unknown here",
            ["export HOME=/a/folder/you/may/write"],
        )
    return found


def data() -> Path:
    """Return ``data_folder``. Raises Refusal where there is none."""
    from pathlib import Path

    return Path(data_folder() or needed())
