"""Where a room is made, and where none is: where it would be a slip, not a wish."""

from __future__ import annotations

import os

from stickhooks.errors import Next, Refusal
from stickhooks.store import accounts
from stickhooks.system import homes
from stickhooks.text import plain
from stickhooks.workspace import paths

STEP = Next("init", after="cd YOUR-PROJECT")


def named(workspace: paths.Workspace, place: str) -> str:
    """Return the ``--room`` without which a join goes to the room of another workspace, or ``""``."""
    folder = os.path.realpath(os.getcwd())
    around = paths.workspace_of(folder) or paths.new_workspace_of(folder)
    return "" if around.root == workspace.root else place


def check(workspace: paths.Workspace, place: str) -> None:
    """Raise Refusal for a room of a bare repository, which has no tree to keep, of the whole
    machine, of all that somebody has, or at a path that settings of clients (JSON) cannot name."""
    root = workspace.root
    if root != root.encode("utf-8", "replace").decode():
        told = (
            f"the path {plain(root)} is not UTF-8: hooks of coding clients would not be found there"
        )
        raise Refusal("invalid_input", told, ["rename the folder, then: stick init"])
    if workspace.git_dir is not None:
        return
    if paths.git_dir_above(place):
        told = f"{plain(place)} is inside a bare repository: there is no working tree to keep"
        raise Refusal("usage", told, [STEP])
    if os.path.dirname(root) == root:
        told = f"a room at {plain(root)} would govern every folder of this machine"
        raise Refusal("usage", told, [STEP])
    if whose := _is_of_homes(root):
        told = f"{plain(root)} is {whose}: a room there would govern every file below it"
        raise Refusal("usage", told, [STEP])


def check_account(root: str, *, left: bool) -> None:
    """Raise Refusal ``io`` for root in the tree of another account; ``left``: a room of root's is there."""
    try:
        accounts.check_may_make_in(root)
    except Refusal as refusal:
        refusal.next = [*([Next("uninit")] if left else []), *refusal.next]
        raise


def _is_of_homes(root: str) -> str:
    """Tell whether this is the caller's home folder, or the one with everybody's (``/home``)."""
    folder = homes.folder()
    if not folder:
        return ""
    home = os.path.realpath(folder)
    if root == home:
        return "your home folder"
    top = os.path.dirname(os.path.dirname(root)) == os.path.dirname(root)
    return "where the home folders are" if top and root == os.path.dirname(home) else ""
