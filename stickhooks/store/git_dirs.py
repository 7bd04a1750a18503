"""Where the git dir of a working tree is, read from its files: no git is asked."""

from stickhooks.fast.os import os
from stickhooks.system.folder import read_file


def git_dir_of(folder: str) -> "str | None":
    """Return the git dir of the working tree whose top is ``folder``, or None.

    A linked worktree and a submodule have a file there that names it. An empty ``.git``
    is none: nobody gets a workspace without a room by making a folder.
    """
    dot = os.path.join(folder, ".git")
    try:
        os.stat(os.path.join(dot, "HEAD"))
        return os.path.realpath(dot)
    except PermissionError:  # a git dir that this account may not enter is one all the same
        if os.path.lexists(dot):
            return os.path.realpath(dot)
    except (OSError, ValueError):
        pass
    try:
        text = (read_file(dot, 1 << 16) or b"").decode("utf-8", "surrogateescape")
    except ValueError:
        return None
    if not text.startswith("gitdir:"):
        return None
    named = os.path.realpath(os.path.join(folder, text[len("gitdir:") :].strip()))
    return named if os.path.exists(os.path.join(named, "HEAD")) else None
