"""What differs from HEAD, by git's own account: `git status` in its second format for programs."""

from __future__ import annotations

import os

from stickhooks.fast.records import Frozen, dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

UNTRACKED: Final = "??"
HIDDEN: Final = "h"  # git was told to take it for unchanged, so status says nothing of it


@dataclass(frozen=True)
class Found(Frozen):
    """One path as git lists it. ``deleted`` is what git says of the file, ``submodule`` of the entry."""

    path: str
    state: str
    deleted: bool = False
    submodule: bool = False
    index: tuple[int, str] | None = None


def parse(status: bytes, flags: bytes = b"") -> list[Found]:
    """Return what `git status --porcelain=v2 -z` and `git ls-files -v -z` printed, tracked paths first.

    Raises ValueError for lines of another form: a listing that is half understood is none.
    """
    found = list(_entries(status))
    found.sort(key=lambda it: (it.state == UNTRACKED, it.path))
    known = {it.path for it in found}
    hidden = (os.fsdecode(line[2:]) for line in flags.split(b"\0") if line[:2] == b"h ")
    return [*(Found(path, HIDDEN) for path in hidden if path not in known), *found]


def skipped(flags: bytes) -> list[str]:
    """Return the paths that git looks away from: it was told that they need not be in the tree.

    Most are not there (a sparse checkout). One that is may have been edited, and status says nothing of it.
    """
    return [os.fsdecode(line[2:]) for line in flags.split(b"\0") if line[:2] in (b"S ", b"s ")]


def _entries(status: bytes) -> Iterator[Found]:
    for line in status.split(b"\0"):
        if not line or line[:2] in (b"# ", b"! "):
            continue
        kind, _, rest = os.fsdecode(line).partition(" ")
        if kind == "1":
            yield _changed(rest)
        elif kind == "u":
            state, sub, _, _, _, work, _, _, _, path = rest.split(" ", 9)
            yield Found(path, state, not int(work, 8), sub[0] == "S")
        elif kind == "?":
            yield Found(rest, UNTRACKED)
        else:
            raise ValueError("git listed a path in an unknown form")


def _changed(rest: str) -> Found:
    state, sub, _, index, work, _, blob, path = rest.split(" ", 7)
    staged = (int(index, 8), blob) if state[0] not in ".D" and blob.strip("0") else None
    return Found(path, state, not int(work, 8), sub[0] == "S", staged)
