"""A bare repository with clones whose rooms are on it, for the tests of the git remote."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

from stickhooks.store.engine.git_remote import GitRemote


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


class Origin:
    """A bare repository, and clones of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "origin.git"
        git(folder, "init", "-q", "--bare", "-b", "main", str(self.path))
        self.count = 0

    def clone(self, name: str = "") -> GitRemote:
        self.count += 1
        tree = self.folder / f"clone {self.count}"
        git(self.folder, "init", "-q", "-b", "main", str(tree))
        git(tree, "remote", "add", "origin", str(self.path))
        return GitRemote(f"origin{name}", str(tree), str(tree / ".git"), 60)

    def hook(self, name: str, text: str) -> None:
        hook = self.path / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{text}\n")
        hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
