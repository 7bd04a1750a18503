"""Our folder in a workspace: made where it is not, and hidden from git before anything else is in it."""

from __future__ import annotations

import os
import time

from stickhooks import disk
from stickhooks.errors import Refusal
from stickhooks.filesystem import reported
from stickhooks.folder import Folder


def made(path: str) -> Folder:
    """Open our folder; where it is made, a ``.gitignore`` is the first file in it. Raises OSError,
    and Refusal ``state_corrupt`` where something else lies in its place."""
    made = not os.path.lexists(path)
    if made:
        with Folder.open(os.path.dirname(path)) as above:
            made = above.mkdir(os.path.basename(path))
            above.sync()
    ours, trouble = disk.open_folder(path)
    if ours is None:
        raise Refusal("state_corrupt", what=f"{path}: {trouble or 'it is not there'}")
    if ".gitignore" not in ours.names():
        try:
            _hide(ours)
        except OSError:
            ours.close()
            if made:
                os.rmdir(path)
            raise
    return ours


def _hide(ours: Folder) -> None:
    """Hide our folder from git. Two processes may do so at once: each under a name of its own."""
    temporary = f".gitignore.{os.getpid()}"
    try:
        ours.write(temporary, b"*\n")
        ours.replace(temporary, ".gitignore")
    except OSError:
        unlink(ours, temporary)
        raise


def clear_way(path: str) -> str:
    """Move what lies in the place of our folder aside: a link, a file. Returns its new name."""
    if os.path.isdir(path) and not os.path.islink(path):
        return ""
    if not os.path.lexists(path):
        return ""
    aside = f"{path}.stray-{time.time_ns()}"
    with reported(path):
        os.rename(path, aside)
    return aside


def unlink(folder: Folder, name: str) -> None:
    """Take a file away that may be gone already; what cannot be taken away stays."""
    try:
        folder.unlink(name)
    except OSError:
        pass
