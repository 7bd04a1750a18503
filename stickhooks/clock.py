"""The one place that looks at a clock. A reading is three plain values; ``derive.room_time`` maps it."""

import sys
import time

_boot: "str | None" = None


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


def read() -> "tuple[int, int, str]":
    """Return wall time and monotonic time in milliseconds, and the boot the latter belongs to.

    The monotonic clock counts time asleep where the system can (a lease runs while a laptop
    sleeps: its holder sleeps as well, but its room-mates elsewhere may not).
    """
    ticking = getattr(time, "CLOCK_BOOTTIME", None)
    monotonic = time.monotonic_ns() if ticking is None else time.clock_gettime_ns(ticking)
    return time.time_ns() // 1_000_000, monotonic // 1_000_000, boot_id()
