"""The file system below us: some kinds cannot be trusted to lock; what it refuses is told as ours."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Final

from stickhooks.errors import Refusal

VARIABLE: Final = "STICK_ALLOW_NETWORK_FS"
#: Locks on these may be granted twice, or a rename may not be seen by others at once.
DOUBTFUL: Final = (
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.sshfs",
    "davfs", "webdav", "lustre", "beegfs", "afpfs", "prl_fs", "vboxsf",
)  # fmt: skip


def kind_of(folder: str) -> str:
    """Return the type of the file system that holds a folder, ``""`` where it is not known."""
    import psutil

    real = os.path.realpath(folder)
    best, kind = "", ""
    for part in psutil.disk_partitions(all=True):
        point = part.mountpoint
        inside = real == point or real.startswith(point.rstrip(os.sep) + os.sep)
        if inside and len(point) >= len(best):
            best, kind = point, part.fstype
    return kind


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


@contextlib.contextmanager
def reported(folder: str) -> Iterator[None]:
    """Turn what the system refuses into our refusal, with what to do about it."""
    try:
        yield
    except OSError as error:
        raise Refusal(
            "io",
            f"{error.filename or folder}: {error.strerror}; nothing was changed",
            ["stick status", "stick doctor"],
        ) from error
