"""Where a store is opened: the one place that knows which kind of store a workspace has."""

# bundle: write
from __future__ import annotations

from stickhooks.store import reader
from stickhooks.store.files import LOCK_TIMEOUT, FileStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.store.interface import Store

__all__ = ["LOCK_TIMEOUT", "open_store"]


def open_store(root: str, git_dir: str | None, lock_timeout: float = LOCK_TIMEOUT) -> Store:
    """Return the store of the workspace at ``root``; of its rooms nothing is read or written yet."""
    if git_dir is not None and reader.names_engine(git_dir):
        from stickhooks.store.engine import setting

        return setting.opened(root, git_dir, lock_timeout)
    return FileStore(root, git_dir, lock_timeout=lock_timeout)
