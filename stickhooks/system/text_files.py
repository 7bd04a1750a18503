"""Files of other people, read and replaced whole: every byte is kept, and a mode stays."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from stickhooks.system import publish
from stickhooks.system.folder import Folder


def read(path: Path) -> str | None:
    """Return a file's text, every byte of it kept, or None where there is none. Links are followed.

    Raises OSError, also for a folder, a pipe or a device: nobody waits for what comes out of one.
    """
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (FileNotFoundError, NotADirectoryError):
        return None
    with open(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(None, "it is not a regular file", str(path))
        return file.read().decode("utf-8", "surrogateescape")


def write(path: Path, text: str, mode: int | None = None) -> None:
    """Replace a file in one step; its mode stays unless another is named. A link is written through."""
    target = Path(os.path.realpath(path))
    if mode is None:
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o644
    replace_file(target, text, mode)


def replace_file(target: Path, text: str, mode: int) -> None:
    """Replace a file in one step. One that is mounted cannot be (EBUSY): nothing is left beside it."""
    with Folder.open(os.path.realpath(target.parent)) as folder:
        publish.publish(folder, target.name, text.encode("utf-8", "surrogateescape"), mode=mode)


def new_mode(most: int = 0o666) -> int:
    """Return the mode that a new file has, as the umask says; ``most`` is what a program asks for."""
    mask = os.umask(0o077)
    os.umask(mask)
    return most & ~mask


def make_folders(folder: Path) -> list[str]:
    """Make a folder with those above it, and return the ones that were not there."""
    missing: list[str] = []
    while not folder.exists():
        missing.insert(0, str(folder))
        folder = folder.parent
    for name in missing:
        os.mkdir(name)
    return missing


def all_in(folder: str) -> Iterator[str]:
    """Yield a folder and everything in it, as far as it can be listed; links are not followed."""
    yield folder
    for top, folders, files in os.walk(folder):
        yield from (os.path.join(top, name) for name in (*folders, *files))


def remove_folders(folders: list[str]) -> None:
    """Remove folders that were made, innermost first, where nothing else came into them."""
    for folder in sorted(folders, key=len, reverse=True):
        with contextlib.suppress(OSError):
            os.rmdir(folder)
