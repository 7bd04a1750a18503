"""What can be seen of processes: who we are, who our ancestors are. Imported by the gate.

A process is told from another by machine, boot, pid namespace, pid and start, never by its
pid alone and never by a host name. On Linux this reads ``/proc``; elsewhere it asks psutil.
"""

import sys

from stickhooks.fast.os import os
from stickhooks.system import clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

#: The namespaces that the machine booted into have these numbers on every Linux.
INITIAL_PIDNS = "4026531836"
ZOMBIE = frozenset("ZXx")
LINUX = sys.platform == "linux"
_DEPTH = 64
_ARGUMENTS = 6


class Seen:
    """One process as seen now: ``start`` in ticks since boot on Linux, else in milliseconds."""

    __slots__ = ("name", "parent", "pid", "session", "start", "state")

    def __init__(
        self, pid: int, parent: int, start: int | None, name: str, state: str, session: int
    ) -> None:
        self.pid = pid
        self.parent = parent
        self.start = start
        self.name = name
        self.state = state
        self.session = session


_here: "tuple[int, tuple[str, str, str]] | None" = None  # of which process, and its place


def where() -> "tuple[str, str, str]":
    """Return machine id, boot id and pid namespace, each ``""`` where it cannot be known.

    A namespace that ``/proc`` does not show (it belongs to another one) counts as unknown. A
    process never leaves its place (a child may be born into another): it is found out once.
    """
    global _here
    if _here is None or _here[0] != os.getpid():
        _here = os.getpid(), _place()
    return _here[1]


def _place() -> "tuple[str, str, str]":
    if not LINUX:
        return _machine_elsewhere(), "", ""
    try:
        pidns = os.readlink("/proc/self/ns/pid").strip("pid:[]")
        if int(os.readlink("/proc/self")) != os.getpid():
            pidns = ""
        if pidns != INITIAL_PIDNS:
            first = see(1)  # their numbers are used again: name the one by its first process
            pidns = f"{pidns}:{first.start}" if first else ""
        if clock.time_namespace() != clock.MACHINE_TIME:
            pidns = ""  # starts are counted from another moment here
    except (OSError, ValueError):
        pidns = ""
    return _line("/etc/machine-id") or _line("/var/lib/dbus/machine-id"), clock.boot_id(), pidns


def see(pid: int) -> Seen | None:
    """Return what can be seen of a process, or None: absent, or not to be read."""
    if not LINUX:
        return _see_by_psutil(pid)
    try:
        head, field = _stat(pid)
        name = head.partition(b"(")[2].decode("utf-8", "replace")
        return Seen(pid, int(field[1]), int(field[19]), name, field[0].decode(), int(field[3]))
    except (OSError, IndexError, ValueError):
        return None


def _stat(pid: int) -> "tuple[bytes, list[bytes]]":
    """Return pid and name of a process, and the fields behind them: proc_pid_stat(5). Raises OSError."""
    with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
        head, _, tail = file.read(4096).rpartition(b")")
    return head, tail.split()


def words_of(pid: int) -> "frozenset[str]":
    """Return the names of the files, and of the folders above them, in the first arguments of a process.

    A client that is a script runs under its interpreter's name: ``node …/gemini-cli/….js``.
    """
    files = (one for one in command_of(pid)[:_ARGUMENTS] if os.sep in one)
    return frozenset(word for one in files for word in one.split(os.sep))


def executable_of(pid: int) -> str:
    """Return the file that a process runs, ``""`` where that cannot be seen."""
    return _place_of(pid, "exe")


def is_fork(pid: int, parent: int) -> bool:
    """Tell whether a process still runs what its parent runs: a subshell. A program that was
    started anew, be it the same, has its arguments elsewhere in memory."""
    if command_of(pid) != command_of(parent):
        return False
    return not LINUX or _arguments_at(pid) == _arguments_at(parent) != b""


def _arguments_at(pid: int) -> bytes:
    try:
        return _stat(pid)[1][45]
    except (OSError, IndexError):
        return b""


def is_ours(pid: int) -> bool:
    """Tell whether a process runs under our account."""
    try:
        if LINUX:
            return os.stat(f"/proc/{pid}").st_uid == os.geteuid()
        mine = _psutil().Process().username()
        return bool(_psutil().Process(pid).username() == mine)
    except Exception:
        return False


def none_of(uid: int) -> bool:
    """Tell whether an account runs no process here. Where the first one is hidden (``hidepid``,
    proc(5)), so are those of others: that is no yes."""
    if see(1) is None:
        return False
    accounts = (one.info["uids"] for one in _psutil().process_iter(["uids"]))
    return not any(uids and uid in (uids.real, uids.effective) for uids in accounts)


def pids() -> "list[int]":
    """Return the ids of all processes that can be seen from here."""
    if not LINUX:
        return list(_psutil().pids())
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def folder_of(pid: int) -> str:
    """Return the folder that a process stands in, ``""`` where that cannot be seen."""
    return _place_of(pid, "cwd")


def _place_of(pid: int, name: str) -> str:
    """Return what ``/proc`` and psutil have under one name."""
    try:
        if LINUX:
            return os.readlink(f"/proc/{pid}/{name}")
        return str(getattr(_psutil().Process(pid), name)())
    except Exception:  # psutil has errors of its own
        return ""


def environment_of(pid: int) -> str:
    """Return the environment that a process began with, as one text, ``""`` where it cannot be seen."""
    try:
        if LINUX:
            with open(f"/proc/{pid}/environ", "rb", buffering=0) as file:
                return file.read(1 << 17).decode("utf-8", "replace")
        return "\0".join(_psutil().Process(pid).environ().values())
    except Exception:  # psutil has errors of its own
        return ""


def exists(pid: int) -> bool | None:
    """Tell whether a pid is in use; None where that cannot be known."""
    if not LINUX:
        return _see_by_psutil(pid) is not None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return None
    return True


def command_of(pid: int) -> "list[str]":
    """Return the command line of a process, ``[]`` where it cannot be seen. For words, not for proof."""
    try:
        if not LINUX:
            return list(_psutil().Process(pid).cmdline())
        with open(f"/proc/{pid}/cmdline", "rb", buffering=0) as file:
            line = file.read(4096).decode("utf-8", "replace").removesuffix("\0")
        return line.split("\0") if line else []
    except Exception:  # psutil has errors of its own
        return []


def ancestors() -> "list[Seen]":
    """Return our ancestors, the parent first."""
    above: list[Seen] = []
    pid = os.getppid()
    while pid > 0 and len(above) < _DEPTH:
        one = see(pid)
        if one is None:
            break
        above.append(one)
        pid = one.parent
    return above


def session_leader(above: "list[Seen]") -> Seen | None:
    """Return the process that leads our terminal session: a person's login shell.

    Most often it is among those above us, and was looked at already.
    """
    if not hasattr(os, "getsid"):
        return None
    try:
        leader = os.getsid(0)
    except OSError:
        return None
    if leader <= 0:
        return None
    return next((one for one in above if one.pid == leader), None) or see(leader)


def _line(path: str) -> str:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(128).decode("ascii", "replace").strip()
    except OSError:
        return ""


def _machine_elsewhere() -> str:
    """Return the network card's number: stable, and unlike a host name not given twice."""
    import uuid

    node = uuid.getnode()
    return "" if node >> 40 & 1 else f"{node:012x}"


def _psutil() -> "ModuleType":
    try:
        import psutil
    except ImportError:  # the gate runs without site-packages
        import site

        site.main()
        import psutil
    return psutil


def _see_by_psutil(pid: int) -> Seen | None:
    psutil = _psutil()
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            state = "Z" if process.status() == psutil.STATUS_ZOMBIE else "R"
            start = int(process.create_time() * 1000)
            return Seen(pid, process.ppid(), start, process.name(), state, 0)
    except psutil.Error:
        return None
