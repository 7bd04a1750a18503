"""Refs that all linked worktrees share: the list of stashes, and objects replaced by others.

A worktree without a room is free, but not to take away what the holder of another one's room has put
on the list, nor to change what that holder sees. Each room keeps, in its own git dir, which entries
were made there. ``git stash drop`` and ``pop`` of one entry among more ask nobody.
"""

from __future__ import annotations

import os

from stickhooks.gate import decision, messages
from stickhooks.handlers import common
from stickhooks.handlers.git_hook import GitHook, every_room
from stickhooks.identity import resolver
from stickhooks.store import layout, reader
from stickhooks.system.folder import read_file, write_file
from stickhooks.workspace import git, paths
from stickhooks.workspace.refs import REPLACED, STASH, Refs, Update

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LIMIT = 1 << 20
KEPT = 1000


def refused(
    hook: GitHook, workspace: paths.Workspace, updates: list[Update], *, here: bool
) -> bool:
    """Refuse, and say why, what takes something of another worktree's room away; note what is made
    here. ``here`` tells that this worktree has a room, which was asked already."""
    stash = [u for u in updates if u.ref == STASH]
    replaced = not here and any(u.ref.startswith(REPLACED) for u in updates)
    assert workspace.git_dir is not None
    lost = _lost(workspace.git_dir, hook.env) if any(u.deletes for u in stash) else set()
    for other in _elsewhere(workspace.git_dir):
        mine = _made(other.git_dir or "")
        verdict = decision.judge(
            every_room(other), decision.PUSH, resolver.look(hook.env), hook.env
        )
        if verdict.ok or not (replaced or mine):
            continue
        if lost & mine or (replaced and verdict.code == "held"):
            what = "this entry was made" if lost & mine else "what is replaced is replaced"
            verdict.because = f"{what} there too: all linked worktrees share it"
            common.say(messages.text(verdict, head=messages.HEADS[decision.REFS]))
            return True
        if stash and mine:
            hook.verdict = verdict
            hook.tell_holders(_moved(workspace.root))
    made = [u.new for u in stash if not u.deletes] if here else []
    if made:
        _note(workspace.git_dir, made)
    return False


def _moved(root: str) -> str:
    return (
        f"from {root}: the list of stashes, which all worktrees share, changed; look before you pop"
    )


def _lost(git_dir: str, env: Mapping[str, str]) -> set[str]:
    """Return the entries that a deletion of the list takes away."""
    shared = paths.common_dir_of(git_dir)
    log = _read(os.path.join(shared, "logs", *STASH.split("/")))
    top = Refs(git_dir, shared, lambda ref: git.value_of(git_dir, ref, env)).value(STASH)
    return {top, *(line.split(" ", 2)[1] for line in log.splitlines() if line.count(" ") > 1)}


def _elsewhere(git_dir: str) -> Iterator[paths.Workspace]:
    """Yield the other worktrees of the repository that have a room."""
    for other in paths.worktree_git_dirs(paths.common_dir_of(git_dir)):
        if os.path.realpath(other) != os.path.realpath(git_dir) and os.path.lexists(
            layout.anchor_of(other)
        ):
            root = paths.tree_of(other) or reader.tree_of(other)
            if root:
                yield paths.Workspace(root, other)


def _made(git_dir: str) -> set[str]:
    return set(_read(os.path.join(git_dir, layout.GIT_FOLDER, layout.STASHES)).split())


def _note(git_dir: str, entries: list[str]) -> None:
    path = os.path.join(git_dir, layout.GIT_FOLDER, layout.STASHES)
    known = [*_read(path).split(), *entries][-KEPT:]
    try:
        write_file(path, "".join(f"{entry}\n" for entry in known).encode())
    except OSError:
        pass  # as where the git dir may not be written: nobody is told of these


def _read(path: str) -> str:
    try:
        return (read_file(path, LIMIT) or b"").decode("utf-8", "replace")
    except ValueError:
        return ""
