"""Is a process alive, gone, or is that unknown? With the evidence in words. Imported by the gate.

Gone needs proof. Everything that cannot be seen for certain (another machine, another pid
namespace, no start recorded, not to be read) is unknown, and unknown only ever loses by time.
"""

from stickhooks.system import processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from stickhooks.protocol.model import Process

ALIVE = "alive"
GONE = "gone"
UNKNOWN = "unknown"

#: psutil's start times are rounded differently by some systems; two starts this close are one.
_SAME_START_MS = 1500


def proven_dead(candidates: "Iterable[Process]") -> "frozenset[Process]":
    """Return those of some processes that are proven dead."""
    here = processes.where()
    return frozenset(p for p in candidates if judge(p, here)[0] == GONE)


def judge(process: "Process", here: "tuple[str, str, str] | None" = None) -> "tuple[str, str]":
    """Say whether a process lives, as far as it can be proven from here, and by what evidence."""
    machine, boot, pidns = here or processes.where()
    if process.dead:
        return GONE, f"pid {process.pid} was proven dead"
    if process.start is None or not process.machine:
        return UNKNOWN, f"pid {process.pid} was not recorded exactly"
    if process.machine != machine:
        return UNKNOWN, f"pid {process.pid} is on another machine"
    if process.boot != boot:
        if process.boot and boot and process.pidns == pidns == processes.INITIAL_PIDNS:
            return GONE, f"pid {process.pid} ended with an earlier boot of this machine"
        return UNKNOWN, f"pid {process.pid} is of another boot, perhaps a container's"
    if process.pidns != pidns or (processes.LINUX and not pidns):
        return UNKNOWN, f"pid {process.pid} is in another pid namespace"
    return _look_at(process)


def _look_at(process: "Process") -> "tuple[str, str]":
    seen = processes.see(process.pid)
    if seen is None:
        if processes.exists(process.pid) is False:
            return GONE, f"pid {process.pid} is not there any more"
        return UNKNOWN, f"pid {process.pid} cannot be read"
    if not _same_start(process, seen):
        return GONE, f"pid {process.pid} is another process now"
    if seen.state in processes.ZOMBIE:
        return GONE, f"pid {process.pid} has ended and waits for its parent"
    return ALIVE, f"pid {process.pid} runs"


def _same_start(process: "Process", seen: processes.Seen) -> bool:
    if process.start is None or seen.start is None:
        return False
    if processes.LINUX:
        return process.start == seen.start
    return abs(process.start - seen.start) <= _SAME_START_MS
