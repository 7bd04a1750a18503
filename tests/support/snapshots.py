"""Snapshots of a repository, made in this process and read back."""

from __future__ import annotations

from pathlib import Path

from stickhooks.recovery import blobs, entries, lists, making
from stickhooks.recovery.entries import Listed
from tests.support.places import place, workspace
from tests.support.world import git, git_repo


def snapshot(root: Path, why: entries.Why = "before", **options: object) -> Listed:
    made = making.make(workspace(root), why, seconds=60, **options)  # type: ignore[arg-type]
    assert made
    listed = lists.read(place(root), made.id)
    assert listed
    assert (listed.left, listed.partial) == (made.left, made.partial)
    return listed


def kept(root: Path, listed: Listed) -> dict[str, bytes]:
    return {
        path: blobs.read(place(root), entry.blob)
        for path, entry in listed.paths.items()
        if entry.blob
    }


def committed(top: Path) -> Path:
    """Make a repository with a first commit."""
    git_repo(top)
    for name in ("a", "b", "dir/c", "gone", "both", "hidden"):
        (top / name).parent.mkdir(exist_ok=True)
        (top / name).write_text(f"{name} as committed\n")
    git(top, "add", "-A")
    git(top, "commit", "-qm", "first")
    return top
