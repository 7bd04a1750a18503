"""What bringing back asks git: what lies in index, trees and commits, and what a file would be as a blob.

Only ``add_blob`` and ``stage`` write, and only what `stick restore --index` was asked for.
"""

from __future__ import annotations

import os
import subprocess
import time

from stickhooks.errors import Refusal
from stickhooks.workspace import git_kept, git_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import Final

SECONDS: Final = 20.0
WALK_SECONDS: Final = 10.0
WALKED: Final = 500  # objects that one walk through the history looks for


def _ask(root: str, arguments: Sequence[str], data: bytes = b"", seconds: float = SECONDS) -> bytes:
    """Return what git prints. Raises Refusal ``io`` with its words, also where it takes too long."""
    try:
        done = subprocess.run(
            git_process.command(arguments), cwd=root, env=git_kept.environment(), input=data,
            capture_output=True, timeout=seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Refusal("io", f"git {arguments[0]} did not end within {seconds:g} s") from None
    except OSError as error:
        raise git_process.missing(error) from None
    if done.returncode:
        raise git_process.failed(arguments[0], os.fsdecode(done.stderr), done.returncode)
    return done.stdout


def index(root: str) -> dict[str, tuple[int, str]]:
    """Return mode and blob of every path of the index; of one in conflict those of its last stage."""
    return dict(_entries(_ask(root, ("ls-files", "-s", "-z"))))


def tree(root: str, commit: str) -> dict[str, tuple[int, str]] | None:
    """Return mode and blob of every path of a commit; None where it is not there any more.

    Before the first commit (``""``) there is no path.
    """
    if not commit:
        return {}
    try:
        found = _ask(root, ("ls-tree", "-r", "-z", "--full-tree", commit))
    except Refusal:
        return None
    return dict(_entries(found))


def _entries(output: bytes) -> Iterable[tuple[str, tuple[int, str]]]:
    for line in output.split(b"\0")[:-1]:
        head, _, path = line.partition(b"\t")
        words = head.decode("ascii").split()
        name = next(word for word in words[1:] if len(word) in (40, 64))
        yield os.fsdecode(path), (int(words[0], 8), name)


def checked_out(root: str, commit: str, path: str) -> bytes | None:
    """Return what a checkout of a commit would write for a path: filters and line ends applied."""
    try:
        return _ask(root, ("cat-file", "--filters", f"{commit}:{path}"))
    except Refusal:
        return None


def as_blob(root: str, path: str, data: bytes) -> str | None:
    """Return the name of the blob that `git add` would make of some bytes at a path; none is made."""
    try:
        return _ask(root, ("hash-object", "--stdin", f"--path={path}"), data).decode().strip()
    except Refusal:
        return None


def converts(root: str, paths: Collection[str]) -> frozenset[str]:
    """Return the paths whose files differ from their blobs: filters, line ends, another encoding."""
    if not paths:
        return frozenset()
    told = _ask(
        root,
        ("check-attr", "-z", "--stdin", "text", "eol", "filter", "ident", "working-tree-encoding", "crlf"),
        b"".join(os.fsencode(path) + b"\0" for path in paths),
    ).split(b"\0")  # fmt: skip
    found = {
        os.fsdecode(path)
        for path, value in zip(told[::3], told[2::3], strict=False)
        if value not in (b"unspecified", b"unset", b"")
    }
    try:
        automatic = _ask(root, ("config", "--get", "core.autocrlf")).strip().lower()
    except Refusal:
        automatic = b"false"
    return frozenset(paths) if automatic not in (b"false", b"no", b"0", b"") else frozenset(found)


def known_objects(root: str, names: Sequence[str]) -> set[str]:
    """Return those of some names that the repository has an object of."""
    return set(git_kept.sizes(root, names, time.monotonic() + SECONDS)) if names else set()


def committed(
    root: str, names: Collection[str], tips: Sequence[str] = ("--all",)
) -> set[str] | None:
    """Return those of some blobs that a commit behind ``tips`` brought in or took away.

    None where the history is too long to be walked in time.
    """
    wanted = sorted(names)
    found: set[str] = set()
    for i in range(0, len(wanted), WALKED):
        part = wanted[i : i + WALKED]
        looked = [f"--find-object={name}" for name in part]
        how = ("-m", "--root", "--raw", "--no-abbrev", "--no-renames", "--format=")
        try:
            out = _ask(root, ("log", *how, *looked, *tips, "--"), seconds=WALK_SECONDS)
        except Refusal as refusal:
            if "did not end" in refusal.message:
                return None
            continue  # no such tip
        found |= set(out.decode("utf-8", "replace").split()) & set(part)
    return found


def stashed(root: str, git_dir: str, names: Collection[str]) -> set[str]:
    """Return those of some blobs that lie in a stash, or in what a rebase put aside."""
    tips = [b.decode() for b in _quietly(root, ("log", "-g", "--format=%H", "refs/stash", "--"))]
    for folder in ("rebase-merge", "rebase-apply"):
        try:
            with open(os.path.join(git_dir, folder, "autostash"), encoding="ascii") as file:
                tips.append(file.read().strip())
        except (OSError, ValueError):
            pass
    if not tips:
        return set()
    return committed(root, names, (*tips, "--not", "--exclude=refs/stash", "--all")) or set()


def _quietly(root: str, arguments: Sequence[str]) -> list[bytes]:
    try:
        return _ask(root, arguments).split()
    except Refusal:
        return []


def add_blob(root: str, data: bytes) -> str:
    """Put bytes into the repository as a blob, as they are."""
    return _ask(root, ("hash-object", "-w", "--stdin", "--no-filters"), data).decode().strip()


def stage(root: str, entries: Mapping[str, tuple[int, str]]) -> None:
    """Set entries of the index: mode and blob by path."""
    lines = [
        b"%06o %b\t%b\0" % (mode, blob.encode(), os.fsencode(path))
        for path, (mode, blob) in entries.items()
    ]
    _ask(root, ("update-index", "-z", "--add", "--index-info"), b"".join(lines))
