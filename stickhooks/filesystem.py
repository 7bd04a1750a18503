"""The file system below us: some kinds cannot be trusted to lock; what it refuses is told as ours."""

from __future__ import annotations

import os
import sys

from stickhooks.errors import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

VARIABLE: Final = "STICK_ALLOW_NETWORK_FS"
#: Locks on these may be granted twice, or a rename may not be seen by others at once.
DOUBTFUL: Final = (
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.sshfs",
    "davfs", "webdav", "lustre", "beegfs", "afpfs", "prl_fs", "vboxsf",
)  # fmt: skip


def kind_of(folder: str) -> str:
    """Return the type of the file system that holds a folder, ``""`` where it is not known."""
    real = os.path.realpath(folder)
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

    return [(part.mountpoint, part.fstype) for part in psutil.disk_partitions(all=True)]


def _unescaped(name: bytes) -> bytes:
    for code, char in ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\")):
        name = name.replace(code, char)
    return name


def check(folder: str, env: "os._Environ[str] | dict[str, str]" = os.environ) -> None:
    """Refuse ``io`` for a file system whose locks may lie, unless told otherwise."""
    kind = kind_of(folder)
    if kind.lower() in DOUBTFUL and env.get(VARIABLE) != "1":
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
                f"{where}: {error.strerror}; nothing was changed",
                ["stick status", "stick doctor"],
            ) from error
