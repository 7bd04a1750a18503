"""The one place that looks at a clock. A reading is three plain values, see ``protocol.phases``."""

import sys
import time

from stickhooks.fast.os import os

MACHINE_TIME = "time:[4026531834]"  # the kernel's PROC_TIME_INIT_INO
_BOOTTIME = (b"boottime", b"7")  # its name, and before that CLOCK_BOOTTIME's number
_boot: "str | None" = None
_space: "tuple[int, str] | None" = None


def boot_id() -> str:
    """Return the id of this boot of the machine, or ``""`` where the system has none to give.

    No process outlives its boot: it is read once.
    """
    global _boot
    if _boot is None:
        _boot = _read_boot_id()
    return _boot


def _read_boot_id() -> str:
    if sys.platform != "linux":
        return ""
    try:
        with open("/proc/sys/kernel/random/boot_id", "rb", buffering=0) as file:
            return file.read(64).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def time_namespace() -> str:
    """Return the name of our time namespace, that of the machine where the system has no others."""
    try:
        return os.readlink("/proc/self/ns/time") if sys.platform == "linux" else MACHINE_TIME
    except OSError:
        return MACHINE_TIME


def read() -> "tuple[int, int, str]":
    """Return wall time and monotonic time in milliseconds, and the boot the latter belongs to.

    The monotonic clock counts time asleep where the system can (a lease runs while a laptop
    sleeps: its holder sleeps as well, but its room-mates elsewhere may not).
    """
    ticking = getattr(time, "CLOCK_BOOTTIME", None)
    monotonic = time.monotonic_ns() if ticking is None else time.clock_gettime_ns(ticking)
    ahead, boot = _own_time()
    return time.time_ns() // 1_000_000, (monotonic - ahead) // 1_000_000, boot


def _own_time() -> "tuple[int, str]":
    """Return by how many nanoseconds our monotonic clock is ahead of the machine's, and its boot.

    In a time namespace of its own (``unshare -T``, some containers) a process sees another
    clock under the same boot id: a lease that was just given would have run out there. Where
    the difference cannot be read it is another clock, so another boot.
    """
    global _space
    if _space is None:
        _space = _find_own_time()
    return _space


def _find_own_time() -> "tuple[int, str]":
    boot, space = boot_id(), time_namespace()
    if space == MACHINE_TIME:
        return 0, boot
    try:
        with open("/proc/self/timens_offsets", "rb", buffering=0) as file:
            rows = [line.split() for line in file.read(512).splitlines()]
        [ahead] = [int(row[1]) * 10**9 + int(row[2]) for row in rows if row[0] in _BOOTTIME]
    except (OSError, ValueError, IndexError):
        return 0, boot and f"{boot}/{space}"
    return ahead, boot
