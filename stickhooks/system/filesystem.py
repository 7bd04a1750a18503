"""The file system below us, known by its type: on some kinds a lock does not reach everybody.

To try a lock finds only file systems without locks. On those below it is granted, and granted again
to a process that sees the same files through another mount, in another container or on the host
(docker/for-mac#7004, kata-containers#3408): from inside, nothing looks wrong. What the file system
refuses is told as ours.
"""

from __future__ import annotations

import os
import sys

from stickhooks.errors import Next, Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

VARIABLE: Final = "STICK_ALLOW_NETWORK_FS"
#: Of servers: their locks may be granted twice, or a rename may not be seen by others at once.
NETWORK: Final = (
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "davfs", "webdav", "lustre",
    "beegfs", "afpfs",
)  # fmt: skip
#: Shared between kernels, or stacked upon another view of the same files; all of FUSE besides.
SHARED: Final = (
    "virtiofs", "9p", "drvfs", "fakeowner", "osxfs", "vboxsf", "prl_fs", "vmhgfs", "hgfs", "shiftfs",
    "sshfs", "s3fs", "bindfs", "rclone", "gofer", "hostfs",
)  # fmt: skip


def is_shared(kind: str) -> bool:
    """Tell whether a lock on this type is seen only through the same mount of the same kernel."""
    name = kind.lower().partition(".")[0]
    return "fuse" in name or name in SHARED


def is_network(kind: str) -> bool:
    return kind.lower() in NETWORK


def kind_at(folder: str, fd: int | None) -> str:
    """Return the type of the file system of an open folder, ``""`` where it cannot be known.

    On Linux by the number of its mount: of two mounts at one path, the path shows the upper alone.
    """
    if sys.platform != "linux" or fd is None:
        return kind_of(folder)
    try:
        number = _mount_number(fd)
        with open("/proc/self/mountinfo", "rb") as file:  # proc_pid_mountinfo(5)
            rows = [line.split(b" ") for line in file]
        kinds = [row[row.index(b"-") + 1] for row in rows if row[0] == number]
        return os.fsdecode(kinds[0]) if kinds else kind_of(folder)
    except (OSError, ValueError, IndexError):
        return ""


def _mount_number(fd: int) -> bytes:
    with open(f"/proc/self/fdinfo/{fd}", "rb") as file:
        return next((line.split()[1] for line in file if line.startswith(b"mnt_id:")), b"")


def kind_of(folder: str) -> str:
    """Return the type of the file system that holds a folder, ``""`` where it is not known."""
    real = os.path.realpath(folder)
    if real.startswith("\\\\"):  # Windows lists drives alone
        return "9p" if real.lower().startswith("\\\\wsl") else "smbfs"
    best, kind = "", ""
    for point, fstype in _mounts():
        inside = real == point or real.startswith(point.rstrip(os.sep) + os.sep)
        if inside and len(point) >= len(best):
            best, kind = point, fstype
    return kind


def _mounts() -> list[tuple[str, str]]:
    """Return where file systems are mounted, and their types."""
    if sys.platform == "linux":  # what psutil reads as well, without its start
        with open("/proc/self/mounts", "rb") as file:
            rows = [line.split(b" ") for line in file]
        return [(os.fsdecode(_unescaped(row[1])), os.fsdecode(row[2])) for row in rows]
    import psutil

    parts = psutil.disk_partitions(all=True)
    return [(part.mountpoint, _kind_of_drive(part.fstype, part.opts)) for part in parts]


def _kind_of_drive(fstype: str, options: str) -> str:
    """Return a type as psutil tells it; that of a server's disk on Windows is the server's own."""
    return "smbfs" if "remote" in options.split(",") else fstype


def _unescaped(name: bytes) -> bytes:
    for code, char in ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\")):
        name = name.replace(code, char)
    return name


def check(folder: str, env: "os._Environ[str] | dict[str, str]" = os.environ) -> None:
    """Refuse ``io`` for a file system whose locks may lie, unless told otherwise."""
    kind = kind_of(folder)
    if is_network(kind) and env.get(VARIABLE) != "1":
        raise Refusal(
            "io",
            f"{folder} is on a {kind} file system, whose locks may be given twice;"
            f" {VARIABLE}=1 makes a room there all the same",
            [f"{VARIABLE}=1 stick init"],
        )


class reported:  # noqa: N801 - used like a function
    """Within this, what the system refuses becomes our refusal, with what to do about it."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, OSError):
            where = str(error.filename or self.folder)
            if not os.path.isabs(where):  # it was named in an open folder
                where = f"{self.folder}: {where}"
            raise Refusal(
                "io",
                f"{where}: {error.strerror}",
                [Next("doctor"), Next("status")],
                ends=True,
            ) from error
