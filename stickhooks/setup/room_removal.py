"""The room's folder and our part of the git dir, taken away. What cannot be deleted is put aside."""

from __future__ import annotations

import os
import shutil

from stickhooks.errors import Refusal
from stickhooks.store import accounts, layout
from stickhooks.system import publish, text_files
from stickhooks.text import plain, word
from stickhooks.workspace import paths


def check_may_move(workspace: paths.Workspace) -> None:
    """Raise ``io`` where our folders cannot be moved out of the way by this account."""
    for folder in (workspace.root, workspace.git_dir):
        if folder and not os.access(folder, os.W_OK | os.X_OK):
            raise _immovable(folder, "Permission denied")


def put_aside(workspace: paths.Workspace) -> list[str]:
    """Put the folder out of the way, then remove the anchor, or put its folder out of the way as well.

    A folder that cannot be removed must not look like one that came with a clone, and an anchor
    without a folder would be a lost room: both go, or none. Returns what is to be removed.
    """
    room = os.path.join(workspace.root, layout.FOLDER)
    asides = [_aside(room)] if os.path.lexists(room) else []
    if workspace.git_dir:
        ours = os.path.join(workspace.git_dir, layout.GIT_FOLDER)
        try:
            asides += [] if _forgotten(ours) else [_aside(ours)]
        except BaseException:
            for aside in asides:
                os.rename(aside, room)
            raise
        common = os.path.join(paths.common_dir_of(workspace.git_dir), layout.GIT_FOLDER)
        text_files.remove_folders([ours, common])
    return asides


def _forgotten(ours: str) -> bool:
    """Remove what we keep in a git dir. Tell whether it could be."""
    try:
        names = os.listdir(ours) if os.path.isdir(ours) else []
    except OSError:
        return False
    strays = [name for name in names if name.startswith(layout.ANCHOR_STRAY)]
    notes = [name for name in layout.NOTES if name != layout.ANCHOR]
    # The anchor last: where something can be neither removed nor moved, the room is to be as it was.
    files = [layout.COPIES, *strays, *notes, layout.ANCHOR]
    if any(_not_removed(os.path.join(ours, name)) for name in files):
        return False
    return os.path.isdir(ours) or not os.path.lexists(ours)


def _aside(place: str) -> str:
    aside = f"{place}.removed-{publish.own_mark()}"
    try:
        os.rename(place, aside)
    except OSError as error:
        raise _immovable(place, str(error.strerror)) from None
    return aside


def _immovable(place: str, why: str) -> Refusal:
    step = "sudo stick uninit --force"
    if accounts.owner_of(place) is None and accounts.owner_of(os.path.dirname(place)) is None:
        step = f"ls -ld {word(os.path.dirname(place))}"
    what = f"{plain(place)} cannot be moved out of the way ({plain(why)})"
    return Refusal("io", f"{what}: the room is as it was", [step])


def remove(asides: list[str]) -> None:
    """Remove what was put aside. Raises ``io`` that names what could not be, and the commands that can."""
    left = {aside: why for aside in asides if (why := _not_removed(aside))}
    if left:
        what = "; ".join(f"{aside} could not be removed ({why})" for aside, why in left.items())
        steps = [way_to_remove(aside) for aside in left]
        raise Refusal("io", f"{what}; all else of stickhooks is gone", steps)


def way_to_remove(place: str) -> str:
    """Return the command that removes what this account could not, for the account that can."""
    named = word(place)
    if hasattr(os, "geteuid") and os.geteuid() != 0 and _has_anothers(place):
        return f"sudo rm -r {named}"
    return f"chmod -R u+rwX {named} && rm -r {named}"


def _has_anothers(place: str) -> bool:
    """Tell whether another account owns a folder or anything in it, as far as it can be listed."""
    return any(accounts.owner_of(one) is not None for one in text_files.all_in(place))


def _not_removed(place: str) -> str:
    """Remove a file or folder. Return why it could not be, ``""`` where it is gone."""
    try:
        if os.path.isdir(place) and not os.path.islink(place):
            shutil.rmtree(place)
        elif os.path.lexists(place):
            os.unlink(place)
    except OSError as error:
        return str(error.strerror)
    return ""
