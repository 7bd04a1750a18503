"""Where HEAD is, read from git's own files: the look that every command takes, without a git."""

from __future__ import annotations

from stickhooks.fast.os import os
from stickhooks.system.folder import read_file
from stickhooks.workspace import paths

LIMIT = 1 << 12
PACKED_LIMIT = 64 << 20


def of(git_dir: str) -> str | None:
    """Return the commit that HEAD names, ``""`` before the first one.

    None where these files do not tell: other ways of keeping refs, a link, anything odd.
    """
    head = _line(os.path.join(git_dir, "HEAD"))
    if head is None or not head.startswith("ref: "):
        return head if head and is_id(head) else None
    common, ref = paths.common_dir_of(git_dir), head[len("ref: ") :].strip()
    if os.path.lexists(os.path.join(common, "reftable")) or not ref.startswith("refs/heads/"):
        return None
    found = _line(os.path.join(common, *ref.split("/")))
    if found is None:
        return _packed(os.path.join(common, "packed-refs"), ref)
    return found if is_id(found) else None


def _packed(path: str, ref: str) -> str | None:
    try:
        lines = (
            (read_file(path, PACKED_LIMIT) or b"").decode("utf-8", "surrogateescape").split("\n")
        )
    except ValueError:
        return None
    found = (line.partition(" ") for line in lines if line.endswith(f" {ref}"))
    return next((commit for commit, _, name in found if name == ref), "")


def _line(path: str) -> str | None:
    """Return a file's only line, None where there is no such file. Raises nothing."""
    try:
        data = read_file(path, LIMIT)
    except ValueError:
        return "?"  # it is there, and can be read by nobody: git has to say
    return None if data is None else data.decode("utf-8", "surrogateescape").strip("\n")


def is_id(text: str) -> bool:
    return len(text) in (40, 64) and not text.strip("0123456789abcdef")
