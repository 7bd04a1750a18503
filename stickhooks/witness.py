"""HEAD's moves that no hook of ours saw, by git's own log of HEAD.

The transaction hook adds every value that it saw HEAD take to ``heads``; from where on git's log
is to be compared stands in ``reflog``, a number of bytes. A commit made past the hooks is in the
log and not among these values, also where the holder has committed on top since, or where HEAD went
there and back.
"""

from __future__ import annotations

import os

from stickhooks import disk
from stickhooks.folder import read_file

HEADS = "heads"
OFFSET = "reflog"
LIMIT = 16 << 20
LONG = 1 << 18  # bytes of values seen: then the file begins anew
ABORTED = "(abort)"  # back to where it began: what the hooks let anybody do
#: Moves that no transaction of older gits shows; post-checkout notes them with who made them.
SWITCHES = ("checkout: ", "rebase", "clone: ", "Branch: ", "branch: ", "am: ", "bisect: ")


def unseen(git_dir: str) -> list[tuple[str, int, str, str]]:
    """Return the moves since ``settle`` that were not seen, the oldest first: commit, ms, who, what."""
    offset, values, log = _offset(git_dir), _file(git_dir, HEADS), _log(git_dir)
    if offset is None or values is None or len(log) < offset:
        return []  # hooks of an older version, or a log that was cut
    seen = set(values.decode("ascii", "replace").split())
    moves = map(_parsed, log[offset:].decode("utf-8", "replace").splitlines())
    return [
        move
        for move in moves
        if move
        and move[0] not in seen
        and not move[3].startswith(SWITCHES)
        and ABORTED not in move[3]
    ]


def settle(git_dir: str) -> None:
    """Begin anew: what stands in git's log now has been told."""
    folder = os.path.join(git_dir, disk.ANCHOR_FOLDER)
    size = len(_log(git_dir))
    if _offset(git_dir) != size:
        _write(os.path.join(folder, OFFSET), f"{size}\n")
    values = _file(git_dir, HEADS)
    if values is None or len(values) > LONG:
        _write(os.path.join(folder, HEADS), "")


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def _offset(git_dir: str) -> int | None:
    digits = (_file(git_dir, OFFSET) or b"").strip()
    return int(digits) if digits.isdigit() and len(digits) < 20 else None


def _log(git_dir: str) -> bytes:
    return _read(os.path.join(git_dir, "logs", "HEAD")) or b""


def _file(git_dir: str, name: str) -> bytes | None:
    return _read(os.path.join(git_dir, disk.ANCHOR_FOLDER, name))


def _read(path: str) -> bytes | None:
    try:
        return read_file(path, LIMIT)
    except ValueError:
        return None


def _parsed(line: str) -> tuple[str, int, str, str] | None:
    """Return a line of git's log: commit, ms, who, what; None where it is none or moves nothing."""
    head, _, what = line.partition("\t")
    words = head.split(" ")
    if len(words) < 5 or words[0] == words[1] or not words[-2].isdigit():
        return None
    return words[1], int(words[-2]) * 1000, " ".join(words[2:-2]), what
