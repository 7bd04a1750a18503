"""Whether there is a room at all: a few looks at the disk, and nothing is read."""

from stickhooks.fast.os import os
from stickhooks.store import layout
from stickhooks.workspace import paths


def has_room(workspace: paths.Workspace) -> bool:
    """Tell whether a workspace has a room, or ever had one. Two looks at the disk, nothing read."""
    return os.path.lexists(os.path.join(workspace.root, layout.FOLDER)) or (
        workspace.git_dir is not None and os.path.lexists(layout.anchor_of(workspace.git_dir))
    )


def knows_rooms(git_dir: str) -> bool:
    """Tell whether a git dir, or the one it shares with other worktrees, has anything of ours."""
    dirs = (git_dir, paths.common_dir_of(git_dir))
    return any(os.path.lexists(os.path.join(d, layout.GIT_FOLDER)) for d in dirs)
