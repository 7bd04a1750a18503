"""File systems mounted for a test, and taken away after it; a test that may not mount is skipped by name."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest


def _may_have_its_own() -> bool:
    command = ["unshare", "-rm", "true"]
    return (
        bool(shutil.which("unshare"))
        and not subprocess.run(command, capture_output=True, check=False).returncode
    )


#: For a test whose shell mounts in a namespace of its own, gone with that shell.
own_mounts = pytest.mark.skipif(not _may_have_its_own(), reason="needs a mount namespace")


class Mounts:
    """Mounts below a folder of the test's own. Each method returns where it mounted."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.made: list[Path] = []

    def bindfs(self, source: Path, over: Path | None = None) -> Path:
        """Return another view of a folder: a FUSE mount, whose locks are its own."""
        if shutil.which("bindfs") is None:
            pytest.skip("not installed: bindfs")
        if not os.access("/dev/fuse", os.W_OK):
            pytest.skip("/dev/fuse may not be used here")
        return self._mounted(
            lambda place: ["bindfs", "-o", "nonempty", str(source), str(place)], over
        )

    def bind(self, source: Path) -> Path:
        """Return the same file system at another path: its locks are shared."""
        return self._mounted(lambda place: ["mount", "--bind", str(source), str(place)])

    def tmpfs(self) -> Path:
        return self._mounted(lambda place: ["mount", "-t", "tmpfs", "tmpfs", str(place)])

    def overlay(self, layers: Path, lower: Path) -> Path:
        """Return a writable view of a folder whose changes go to ``layers``, a tmpfs say."""
        (layers / "upper").mkdir(exist_ok=True)
        (layers / "work").mkdir(exist_ok=True)
        options = f"lowerdir={lower},upperdir={layers}/upper,workdir={layers}/work"
        return self._mounted(
            lambda place: ["mount", "-t", "overlay", "overlay", "-o", options, str(place)]
        )

    def away(self, place: Path) -> None:
        subprocess.run(["umount", str(place)], capture_output=True, check=True)
        self.made.remove(place)

    def close(self) -> None:
        for place in reversed(self.made):
            subprocess.run(["umount", "-l", str(place)], capture_output=True, check=False)

    def _mounted(self, command: Callable[[Path], list[str]], over: Path | None = None) -> Path:
        place = over or self.base / f"mount{len(list(self.base.glob('mount*')))}"
        place.mkdir(exist_ok=True)
        words = command(place)
        if shutil.which("umount") is None or shutil.which(words[0]) is None:
            pytest.skip(f"not installed: {words[0]} and umount")
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"this may not be mounted here: {' '.join(words[:3])}: {done.stderr}")
        self.made.append(place)
        return place
