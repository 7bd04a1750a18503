"""Whether git tracks a path, read from its index: a hook after an edit starts no git.

See gitformat-index(5). What cannot be told this way counts as not tracked: then the bytes of a
file are not kept after an edit, for git may ignore it, and the next snapshot keeps them.
"""

from stickhooks.fast.os import os
from stickhooks.system.folder import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

LIMIT: "Final" = 4 << 20  # bytes of an index that is read: some 40,000 paths
_LENGTH: "Final" = 0xFFF  # of a path, in the flags before it
_EXTENDED: "Final" = 0x4000  # two more bytes of flags follow


def is_tracked(git_dir: str, path: str) -> bool:
    """Tell whether a path has an entry in the index of a working tree. Raises nothing."""
    try:
        data = read_file(os.path.join(git_dir, "index"), LIMIT) or b""
    except ValueError:
        return False
    if data[:4] != b"DIRC" or int.from_bytes(data[4:8], "big") not in (2, 3):
        return False
    name = os.fsencode(path)
    at = data.find(name + b"\0")
    while at > 0:
        if _begins(data, at, min(len(name), _LENGTH)):
            return True
        at = data.find(name + b"\0", at + 1)
    return False


def _begins(data: bytes, at: int, length: int) -> bool:
    """Tell whether a path of that length begins here: its flags stand before it."""
    flags = int.from_bytes(data[at - 2 : at], "big")
    if flags & _LENGTH == length and not flags & _EXTENDED:
        return True
    flags = int.from_bytes(data[at - 4 : at - 2], "big")
    return flags & _LENGTH == length and bool(flags & _EXTENDED)
