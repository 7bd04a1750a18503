"""Which rooms a push concerns: those of the paths that differ between a remote branch and what it becomes."""

from __future__ import annotations

import os

from stickhooks.fast.records import Frozen, dataclass
from stickhooks.protocol import phases
from stickhooks.workspace import git, git_pushed, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from stickhooks.store.interface import Store
    from stickhooks.workspace.paths import Workspace


@dataclass(frozen=True)
class Update(Frozen):
    """A remote ref, and the commits that it names before and after; ``""`` where it is not there."""

    ref: str
    old: str
    new: str


def of(workspace: Workspace, update: Update, remote: str) -> list[str] | None:
    """Return the paths that an update of a remote branch changes; None where no path tells: of a branch that
    is deleted or rewritten, or whose commit is not here."""
    if not update.new:
        return None
    if not update.old:
        return git_pushed.introduced(workspace.root, update.new, remote)
    if not git_pushed.commit_of(workspace.root, update.old):
        return None
    return git.changed(workspace.root, update.old, update.new, git.clean(os.environ))


def rooms_of(store: Store, names: Sequence[str] | None) -> list[str]:
    """Return the rooms that some paths lie in, all for None; what a policy exempts is left out."""
    rooms = store.paths()
    if names is None:
        return rooms
    governing = ((phases.governing(rooms, name), name) for name in names)
    found = {room for room, name in governing if room is not None and _asks(store, room, name)}
    return sorted(found)


def _asks(store: Store, room: str, name: str) -> bool:
    snapshot = store.load(room)
    exempt = snapshot.room.policy.exempt if snapshot else ()
    return not any(paths.matches(glob, name) for glob in exempt)
