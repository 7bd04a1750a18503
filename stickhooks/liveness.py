"""Is a process alive, gone, or is that unknown? With the evidence in words.

Gone needs proof. Everything that cannot be seen for certain (another machine, another pid
namespace, no start recorded, not to be read) is unknown, and unknown only ever loses by time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from stickhooks import processes
from stickhooks.model import Process

#: psutil's start times are rounded differently by some systems; two starts this close are one.
_SAME_START_MS: Final = 1500


class Verdict(NamedTuple):
    state: Literal["alive", "gone", "unknown"]
    evidence: str


def proven_dead(candidates: Iterable[Process]) -> frozenset[Process]:
    """Return those of some processes that are proven dead."""
    here = processes.where()
    return frozenset(p for p in candidates if judge(p, here).state == "gone")


def judge(process: Process, here: tuple[str, str, str] | None = None) -> Verdict:
    """Say whether a process lives, as far as it can be proven from here."""
    machine, boot, pidns = here or processes.where()
    if process.dead:
        return Verdict("gone", f"pid {process.pid} was proven dead by another member")
    if not process.exact or not process.machine:
        return Verdict("unknown", f"pid {process.pid} was not recorded exactly")
    if process.machine != machine:
        return Verdict("unknown", f"pid {process.pid} is on another machine")
    if process.boot != boot:
        first = processes.INITIAL_PIDNS
        if process.boot and boot and process.pidns == pidns == first:
            return Verdict("gone", f"pid {process.pid} ended with an earlier boot of this machine")
        return Verdict("unknown", f"pid {process.pid} is of another boot, perhaps a container's")
    if process.pidns != pidns or (processes.LINUX and not pidns):
        return Verdict("unknown", f"pid {process.pid} is in another pid namespace")
    return _look_at(process)


def _look_at(process: Process) -> Verdict:
    seen = processes.see(process.pid)
    if seen is None:
        if processes.exists(process.pid) is False:
            return Verdict("gone", f"pid {process.pid} is not there any more")
        return Verdict("unknown", f"pid {process.pid} cannot be read")
    if not same_start(process, seen):
        return Verdict("gone", f"pid {process.pid} is another process now")
    if seen.state in processes.ZOMBIE:
        return Verdict("gone", f"pid {process.pid} has ended and waits for its parent")
    return Verdict("alive", f"pid {process.pid} runs, started when it joined")


def same_start(process: Process, seen: processes.Seen) -> bool:
    if process.start is None or seen.start is None:
        return False
    if processes.LINUX:
        return process.start == seen.start
    return abs(process.start - seen.start) <= _SAME_START_MS
