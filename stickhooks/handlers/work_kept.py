"""What a holder has not committed is kept before the hook allows what may replace or take it.

Loaded when that is due. It refuses nothing: that it could not be kept is noted in the room's log.
"""

import sys

from stickhooks.fast.os import os
from stickhooks.gate import decision
from stickhooks.handlers import common
from stickhooks.store import activity, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal


def keep(ruling: decision.Ruling, why: "Literal['work', 'before']", command: str = "") -> None:
    """Make a snapshot of the ruling's working tree. Raises nothing."""
    workspace = ruling.workspace
    folder = os.path.join(workspace.git_dir or "", layout.GIT_FOLDER)
    if why == "work" and not os.access(folder, os.W_OK):
        return  # when the next one is due could not be written down: every edit would try
    if sys.platform == "win32":
        from stickhooks.operations import obligations

        obligations.load_library()
    try:
        from stickhooks.recovery import making

        making.make(workspace, why, command=command)
    except Exception as error:
        common.note(ruling, activity.NOT_KEPT, sparing=True, why=str(error)[:200], did=command)


def keep_before(verdict: decision.Verdict, command: str) -> None:
    """Make a snapshot of every working tree that a command may take something from."""
    trees = {
        r.workspace.root: r for r in verdict.allowed if r.workspace.git_dir and r.raw is not None
    }
    for ruling in trees.values():
        keep(ruling, "before", command)
