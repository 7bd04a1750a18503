"""What changed in a room's files since its turn began, or since the last handoff: for who looks."""

from __future__ import annotations

from stickhooks.fast.records import Frozen, dataclass
from stickhooks.protocol import phases
from stickhooks.text import plain
from stickhooks.workspace import git
from stickhooks.workspace.paths import Workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

NAMES: Final = 3
TEXT: Final = 80


@dataclass(frozen=True)
class Changes(Frozen):
    """The files of a room that are not committed, and its commits since ``at`` (wall time, ms).

    ``since`` names that moment; without one, ``commits`` is empty. Both None: git cannot tell.
    """

    since: str
    at: int | None
    files: list[str] | None
    commits: list[str] | None

    def lines(self) -> list[str]:
        """Tell both in a line each; what git cannot tell is left out."""
        told = [] if self.files is None else [_files(self.files)]
        if self.commits:
            count = f"{len(self.commits)} commit{'s' if len(self.commits) > 1 else ''}"
            told.append(f"{count} since {self.since}, the newest: {plain(self.commits[0], TEXT)}")
        elif self.commits is not None and self.at is not None:
            told.append(f"no commit since {self.since}")
        return told

    def data(self) -> dict[str, object] | None:
        if self.files is None and self.commits is None:
            return None
        return {
            "since": self.since or None,
            "since_at": self.at,
            "uncommitted": None if self.files is None else len(self.files),
            "files": (self.files or [])[:NAMES],
            "commits": None if self.commits is None else len(self.commits),
            "newest_commit": self.commits[0] if self.commits else None,
        }


def _files(files: list[str]) -> str:
    if not files:
        return "everything is committed"
    names = ", ".join(plain(name, TEXT) for name in files[:NAMES])
    more = f" and {len(files) - NAMES} more" if len(files) > NAMES else ""
    return f"{len(files)} file{'s' if len(files) > 1 else ''} not committed: {names}{more}"


def of_room(
    workspace: Workspace,
    room: str,
    rooms: Sequence[str],
    since: str,
    at: int | None,
    head: str | None = None,
) -> Changes | None:
    """Return what changed in a room, without the rooms within it; None where there is no git.

    ``head`` is the commit that HEAD named at that time, ``""`` before the first one, None where that
    is not known.
    """
    if workspace.git_dir is None:
        return None
    inner = [r for r in rooms if r != room and phases.covers(room, r)]
    commits = None if at is None else _commits(workspace.root, at, head, room, inner)
    return Changes(since, at, git.uncommitted(workspace.root, room, inner), commits)


def _commits(
    root: str, at: int, head: str | None, room: str, inner: Sequence[str]
) -> list[str] | None:
    """Return the commits since a moment. Git's times are whole seconds: of those of its own second,
    what is not in the history of the HEAD of then came later. None where that cannot be told."""
    if head is not None:
        found = git.commits_since(root, at // 1000, room, inner, head)
        if found is not None:
            return found
    found = git.commits_since(root, at // 1000 + 1, room, inner)
    doubtful = found == [] and git.commits_since(root, at // 1000, room, inner)
    return None if doubtful else found
