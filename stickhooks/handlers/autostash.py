"""Uncommitted work that ``git rebase --autostash`` took out of the tree before it asked, put back.

git makes the autostash, and resets the tree, before it runs pre-rebase (git.c 2.39 to 2.55). It
names the stash in a file of the rebase's folder, which holds nothing else at that moment.
"""

from __future__ import annotations

import os

from stickhooks.errors import Refusal
from stickhooks.text import plain, word
from stickhooks.workspace import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "autostash"
FOLDERS = ("rebase-merge", "rebase-apply")


def of(git_dir: str) -> tuple[str, str]:
    """Return the folder of a rebase that has an autostash, and the stash; two ``""`` without one."""
    for name in FOLDERS:
        folder = os.path.join(git_dir, name)
        try:
            with open(os.path.join(folder, FILE), encoding="ascii", errors="replace") as file:
                stash = file.read(100).strip()
        except OSError:
            continue
        if stash.isalnum():
            return folder, stash
    return "", ""


def put_back(root: str, git_dir: str, env: Mapping[str, str]) -> tuple[list[str], str]:
    """Put the work back as it was, staged parts staged, and end the rebase that has not begun.

    Returns what to say to the caller and what to tell the holder, ``[], ""`` without an autostash.
    """
    folder, stash = of(git_dir)
    if not folder or os.listdir(folder) != [FILE]:  # a rebase under way is not ours to end
        return [], ""
    try:
        git.apply_stash(root, stash, env)
        os.unlink(os.path.join(folder, FILE))
        os.rmdir(folder)
    except (Refusal, OSError) as error:
        what = getattr(error, "message", "") or str(error)
        return [
            "already: git took the uncommitted changes out of the tree (autostash)"
            f" and restoring them failed: {plain(what, 200)}",
            f"back:    {way_back(folder, stash)}",
        ], f"took uncommitted changes out of the tree; they are in the stash {stash}"
    return [
        "the uncommitted changes that git had taken out of the tree (autostash) were put back"
    ], "the uncommitted changes that git had taken out of the tree were put back"


def way_back(folder: str, stash: str) -> str:
    """Return the command that brings the work back and ends a rebase that moved nothing."""
    return f"git stash apply --index -q {stash} && rm -r {word(folder)}"
