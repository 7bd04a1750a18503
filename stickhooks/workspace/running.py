"""The processes that stand in a working tree, and which of them are below others."""

from __future__ import annotations

from stickhooks.system import processes
from stickhooks.workspace import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

DEPTH = 64


def standing_in(root: str) -> list[processes.Seen]:
    """Return the processes of our account that stand in a folder. What cannot be seen is not among them."""
    return [one for pid in processes.pids() if (one := _seen_in(pid, root))]


def _seen_in(pid: int, root: str) -> processes.Seen | None:
    folder = processes.folder_of(pid)
    if not folder or not paths.is_inside(folder, root) or not processes.is_ours(pid):
        return None
    seen = processes.see(pid)
    return None if seen is None or seen.state in processes.ZOMBIE else seen


def is_below(pid: int, above: Container[int], parents: dict[int, int]) -> bool:
    """Tell whether a process, or one above it, is one of ``above``; ``parents`` are those known so far."""
    for _ in range(DEPTH):
        if pid in above:
            return True
        if pid not in parents:
            seen = processes.see(pid)
            if seen is None or pid <= 1:
                return False
            parents[pid] = seen.parent
        pid = parents[pid]
    return False
