"""Where the snapshots of a working tree lie, and the list of each: one file, put in place at once.

In the common git dir, for a linked worktree's own goes with `git worktree remove`. Private: the folder
has mode 0700, whatever `core.sharedRepository` says, for what is kept may be anybody's secret.
"""

# bundle: losses
from __future__ import annotations

import time

from stickhooks.fast import json
from stickhooks.fast.os import os
from stickhooks.recovery import entries
from stickhooks.store import layout
from stickhooks.system.folder import Folder, foreign_owner
from stickhooks.workspace import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from stickhooks.recovery.entries import Listed

LIMIT: Final = 64 << 20  # bytes of one list
ENDING: Final = ".json"
EDITS: Final = ".edits"  # of single edits: see ``recovery.edits``


class Place:
    """The folder of one working tree's snapshots. Nothing is made before something is kept."""

    __slots__ = ("common", "folder", "git_dir", "root")

    def __init__(self, root: str, git_dir: str) -> None:
        self.root = root
        self.git_dir = git_dir
        self.common = paths.common_dir_of(git_dir)
        top = os.path.join(self.common, layout.GIT_FOLDER, layout.SNAPSHOTS)
        self.folder = os.path.join(top, _name_of(git_dir, self.common))

    @staticmethod
    def of(workspace: paths.Workspace) -> Place | None:
        """Return the place for a workspace, None where there is no git to keep anything in."""
        return Place(workspace.root, workspace.git_dir) if workspace.git_dir else None

    @property
    def objects(self) -> str:
        return os.path.join(self.folder, layout.SNAPSHOT_OBJECTS)

    @property
    def lists(self) -> str:
        return os.path.join(self.folder, layout.SNAPSHOT_LISTS)

    @property
    def due(self) -> str:
        """The file whose mtime says when the next snapshot of a holder's work is due."""
        return os.path.join(self.git_dir, layout.GIT_FOLDER, layout.SNAPSHOT_DUE)

    def make(self) -> None:
        """Make the folders. Raises OSError; PermissionError where they would be another account's."""
        owner = foreign_owner(os.stat(self.common).st_uid)
        if owner is not None and os.geteuid() == 0:
            # What root writes there its owner could neither read nor take away.
            raise PermissionError(None, f"the repository belongs to uid {owner}", self.common)
        with Folder.open(self.common) as top:
            inner = os.path.relpath(self.folder, self.common).split(os.sep)
            for name in (layout.SNAPSHOT_LISTS, layout.SNAPSHOT_OBJECTS):
                top.sub(*inner, name, make=True).close()


def _name_of(git_dir: str, common: str) -> str:
    """Return the name of a working tree's folder: of the main one, or of a linked one."""
    if git_dir == common:
        return "main"
    return f"linked.{os.path.basename(git_dir)}"


def fresh_id(at: int) -> str:
    """Return a name for a snapshot of that time in milliseconds: names sort as times do."""
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(at // 1000))
    return f"{stamp}{at % 1000:03d}-{os.urandom(3).hex()}"


def write(place: Place, listed: Listed) -> None:
    """Put a list in place, durably: from then on the snapshot is there. Raises OSError."""
    lines = entries.to_edits(listed) if listed.written else [entries.to_raw(listed)]
    from stickhooks.system import publish  # a hook that only appends an edit has no need of it

    data = "\n".join(map(json.write, lines)).encode("ascii")
    with Folder.open(place.lists) as folder:
        publish.publish(folder, listed.id + (EDITS if listed.written else ENDING), data)
        folder.sync()


def remove(place: Place, id: str) -> None:
    """Remove one snapshot's list. Raises OSError."""
    with Folder.open(place.lists) as folder:
        for ending in (ENDING, EDITS):
            try:
                folder.unlink(id + ending)
            except FileNotFoundError:
                continue


def names(place: Place, *, edits: bool = False) -> list[str]:
    """Return the names of all snapshots, the newest first; with those of single ``edits`` on request."""
    try:
        with Folder.open(place.lists) as folder:
            found = folder.names()
    except OSError:
        return []
    endings = (ENDING, EDITS) if edits else (ENDING,)
    return sorted((n.rpartition(".")[0] for n in found if n.endswith(endings)), reverse=True)


def read(place: Place, id: str) -> Listed | None:
    """Return one snapshot, None where its list is gone or torn."""
    try:
        with Folder.open(place.lists) as folder:
            data = folder.read(id + ENDING, LIMIT)
            edits = folder.read(id + EDITS, LIMIT) if data is None else None
        if edits is not None:
            return entries.from_edits(id, edits.decode("ascii", "replace"))
        return None if data is None else entries.from_raw(id, json.read(data.decode("ascii")))
    except (OSError, ValueError):
        return None


def every(place: Place, *, edits: bool = False) -> Iterator[Listed]:
    """Yield all snapshots that can be read, the newest first; with those of single ``edits`` on request."""
    for name in names(place, edits=edits):
        found = read(place, name)
        if found is not None:
            yield found


def newest(place: Place) -> Listed | None:
    return next(every(place), None)
