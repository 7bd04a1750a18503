"""Uncommitted work that is in the tree no more, told once, with the line that brings it back.

A hook of git's tells it after the command that took it; where none runs (``clean``, ``rm``, a program),
the next verb does. What was kept is as old as its snapshot: that is always said.
"""

# bundle: losses
from __future__ import annotations

import os
import time

from stickhooks.errors import Next, Refusal
from stickhooks.store import layout
from stickhooks.system import clock
from stickhooks.system.folder import read_file, write_file
from stickhooks.text import age, command, plain
from stickhooks.workspace.paths import Workspace, common_dir_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from stickhooks.recovery.entries import Entry, Listed
    from stickhooks.recovery.lists import Place
    from stickhooks.recovery.losses import Loss

NAMES: Final = 3
NEWEST: Final = 4  # snapshots whose files are looked at
LIMIT: Final = 1 << 20  # bytes of the mark
BACK: Final = Next("restore")
OFFER: Final = (
    "; `stick init --before-hook` has git ask, so that the next such command's is kept as it was"
)


def after(workspace: Workspace, done: str) -> str:
    """Return what a git command that is ``done`` took, ``""`` for nothing; it is not told again.

    Where a snapshot was made before that very command, what it took is known; else all that is in the tree no
    more may have been taken before. Raises Refusal where git cannot tell.
    """
    place = _place(workspace)
    if place is None:
        return ""
    from stickhooks.recovery import lists

    newest = lists.newest(place)
    if newest is None:
        return ""
    found = _found(place)
    mine = [it for it in found if it.listed.id == newest.id] if _is_before(newest, done) else []
    told = _told(place)
    told_now = [it for it in mine or found if _key(it) not in told]
    if told_now:
        _mark(place, found)
    return _line(place, told_now, done if mine else "") if told_now else ""


def untold(workspace: Workspace, *, settle: bool) -> str:
    """Return what is in the tree no more and was not told yet, ``""`` for nothing; ``settle`` has it told.

    git is asked only where a kept file is another than as it was kept.
    """
    place = _place(workspace)
    if place is None or not _is_touched(place):
        return ""
    found = _found(place)
    told = _told(place)
    new = [it for it in found if _key(it) not in told]
    if settle and new:
        _mark(place, found)
    return _line(place, new, "") if new else ""


def known(place: Place, paths: Sequence[str]) -> None:
    """Have it told nobody that what lay at some paths is there no more: who replaced it was told how to
    take that back."""
    found = _found(place)
    told = _told(place)
    if any(it.path in paths for it in found):
        _mark(place, [it for it in found if it.path in paths or _key(it) in told])


def _is_touched(place: Place) -> bool:
    """Tell whether a file of the newest snapshots is gone, or another, by its stat alone."""
    from stickhooks.recovery import lists

    seen: set[str] = set()
    for id in lists.names(place, edits=True)[:NEWEST]:
        listed = lists.read(place, id)
        for path, entry in listed.paths.items() if listed else ():
            if entry.blob and path not in seen and not _is_as_kept(place, path, entry):
                return True
            seen.add(path)
    return False


def _is_as_kept(place: Place, path: str, entry: Entry) -> bool:
    try:
        now = os.lstat(os.path.join(place.root, path))
    except OSError:
        return False
    return (now.st_size, now.st_dev, now.st_ino, now.st_mtime_ns, now.st_ctime_ns) == (
        entry.size, *entry.stat,
    )  # fmt: skip


def _place(workspace: Workspace) -> Place | None:
    """Return where a working tree's snapshots lie, None where there can be none: nothing is loaded then."""
    if workspace.git_dir is None:
        return None
    top = os.path.join(common_dir_of(workspace.git_dir), layout.GIT_FOLDER, layout.SNAPSHOTS)
    if not os.path.isdir(top):
        return None
    from stickhooks.recovery.lists import Place

    return Place.of(workspace)


def _is_before(listed: Listed, done: str) -> bool:
    return listed.why == "before" and bool(done) and done in listed.command


def _found(place: Place) -> list[Loss]:
    """Return what is missing now, or as git has it, the newest first."""
    from stickhooks.recovery import losses
    from stickhooks.recovery.present import Present

    return list(losses.search(place, Present(place.root), taken=True).found)


def _line(place: Place, found: Sequence[Loss], taken_by: str) -> str:
    """Say what of the newest loss is kept, as of when (the oldest of it), and what brings it back."""
    listed = found[0].base
    those = [it for it in found if it.base.id == listed.id]
    own, kept_at = [it.path for it in those], min(it.at for it in those)
    names = ", ".join(plain(path, 60) for path in own[:NAMES])
    more = f" and {len(own) - NAMES} more" if len(own) > NAMES else ""
    files = f"{len(own)} file{'s' if len(own) > 1 else ''} ({names}{more})"
    at = time.strftime("%H:%M:%S", time.localtime(kept_at / 1000))
    if taken_by:
        return f"{plain(taken_by, 80)} took uncommitted work from {files}, kept {at}. back: {command(BACK)}"
    before = f" before {plain(listed.command, 80)}" if listed.why == "before" else ""
    old = age(clock.read()[0] - kept_at)
    return (
        f"uncommitted work in {files} is in the tree no more; kept {at}{before} ({old} ago), as it was then."
        f" back: {command(BACK)}{'' if before or _is_asked(place) else OFFER}"
    )


def _is_asked(place: Place) -> bool:
    """Tell whether git's before-hook is put in: then it is not offered."""
    return os.path.lexists(os.path.join(place.common, layout.GIT_FOLDER, layout.BEFORE_HOOK))


# --- the mark of what was told


def _key(loss: Loss) -> str:
    return f"{loss.listed.id} {plain(loss.path)}"


def _told(place: Place) -> set[str]:
    """Return the losses that were told."""
    try:
        data = read_file(_mark_of(place), LIMIT) or b""
    except ValueError:
        data = b""
    return set(data.decode("utf-8", "replace").split("\n"))


def _mark(place: Place, found: Sequence[Loss]) -> None:
    """Write down that losses were told; those of before that are none any more are forgotten."""
    try:
        write_file(_mark_of(place), "\n".join(map(_key, found)).encode("utf-8", "replace")[:LIMIT])
    except (OSError, Refusal):
        pass  # it is told once more


def _mark_of(place: Place) -> str:
    return os.path.join(place.git_dir, layout.GIT_FOLDER, layout.LOSSES_TOLD)
