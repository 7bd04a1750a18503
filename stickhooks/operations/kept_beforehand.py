"""What of uncommitted work could be had back as of now, said before it is lost."""

from __future__ import annotations

import os

from stickhooks.store import layout
from stickhooks.system import clock
from stickhooks.text import age, clock_time, plain
from stickhooks.workspace.paths import Workspace, common_dir_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from stickhooks.recovery.entries import Listed

NAMES: Final = 3
ASKS: Final = "git keeps it again before it discards any"
ASKS_NOT: Final = "what git discards later is lost; to keep it too: stick init --before-hook"


def lines(workspace: Workspace) -> list[str]:
    """Return as of when uncommitted work is kept, what comes too late for it, and what is not kept.

    Nothing where there is no git to keep it in. Only files of ours are read.
    """
    if workspace.git_dir is None:
        return []
    folder = os.path.join(common_dir_of(workspace.git_dir), layout.GIT_FOLDER)
    newest = _newest(workspace) if os.path.isdir(os.path.join(folder, layout.SNAPSHOTS)) else None
    asks = ASKS if os.path.lexists(os.path.join(folder, layout.BEFORE_HOOK)) else ASKS_NOT
    if newest is None:
        return [f"no uncommitted work yet; {asks}"]
    kept = f"uncommitted work as of {clock_time(newest.at)} ({age(clock.read()[0] - newest.at)} ago); {asks}"
    return [kept, *_not_kept(newest)]


def _newest(workspace: Workspace) -> Listed | None:
    from stickhooks.recovery import lists

    place = lists.Place.of(workspace)
    return lists.newest(place) if place else None


def _not_kept(newest: Listed) -> list[str]:
    left = [f"{plain(path, 60)} ({why})" for path, why in newest.left.items()]
    more = f" and {len(left) - NAMES} more" if len(left) > NAMES else ""
    told = [f"not kept: {', '.join(left[:NAMES])}{more}"] if left else []
    return [f"incomplete: {plain(newest.partial, 100)}", *told] if newest.partial else told
