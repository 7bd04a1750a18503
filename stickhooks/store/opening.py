"""Where a store is opened: the one place that knows which kind of store a workspace has."""

# bundle: write
from __future__ import annotations

from stickhooks.fast.os import os
from stickhooks.store import reader
from stickhooks.store.files import LOCK_TIMEOUT, FileStore
from stickhooks.system.folder import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.store.interface import Store

__all__ = ["LOCK_TIMEOUT", "open_store"]


def open_store(root: str, git_dir: str | None, lock_timeout: float = LOCK_TIMEOUT) -> Store:
    """Return the store of the workspace at ``root``; of its rooms nothing is read or written yet."""
    if git_dir is not None and (reader.names_engine(git_dir) or configured(git_dir)):
        from stickhooks.store.engine import setting

        return setting.opened(root, git_dir, lock_timeout, configured(git_dir))
    return FileStore(root, git_dir, lock_timeout=lock_timeout)


def configuration_of(git_dir: str) -> str:
    """Return the file that says it. What all worktrees of a repository share is the main one's alone, for
    its rooms are not theirs: a linked one has it in its own, as git-worktree(1) calls it."""
    linked = os.path.lexists(os.path.join(git_dir, "commondir"))
    return os.path.join(git_dir, "config.worktree" if linked else "config")


def configured(git_dir: str) -> str:
    """Return the engine that git's configuration names for this working tree, ``""`` for none. The file is
    looked at as ``git config`` writes it: git itself takes a start of its own."""
    try:
        data = read_file(configuration_of(git_dir), 1 << 20) or b""
    except (OSError, ValueError):
        return ""
    section = data.partition(b"[stickhooks]")[2].partition(b"\n[")[0]
    for line in section.splitlines():
        key, _, value = line.partition(b"=")
        if key.strip().lower() == b"engine":
            return os.fsdecode(value.strip()).strip('"')
    return ""
