"""git's before-hook: git asks it while everything is still there, and what differs from HEAD is kept.

``hooks/before-hook`` comes here for the commands alone that may take uncommitted work. It never refuses:
whatever goes wrong in here is said, and git goes on.
"""

import os

from stickhooks.handlers import common, undo_hints
from stickhooks.handlers.git_hook import REFUSED, workspace_of


def answer(git_pid: str) -> int:
    """Keep what the git that asks may take; 0 when it is kept, or there is nothing to keep it for."""
    command = undo_hints.shown(undo_hints.command_of(git_pid))
    try:
        workspace = workspace_of(dict(os.environ))
        if workspace is not None and workspace.has_room():
            from stickhooks.recovery import making

            making.make(workspace, "before", command=command)
    except Exception as error:
        common.say(not_kept(command, error))
        return REFUSED
    return 0


def not_kept(command: str, error: Exception) -> str:
    """Return what is said where the snapshot before a command could not be made."""
    from stickhooks.recovery import making
    from stickhooks.text import plain

    why = plain(str(error)) if isinstance(error, making.NotMade) else common.fault(error)
    return (
        f"stick: NOT KEPT  what {command} takes now is not kept: {why}\n"
        "       next:    stick doctor"
    )
