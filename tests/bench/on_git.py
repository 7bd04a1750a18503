"""Rooms on a git remote: a bare repository in a folder of this machine."""

from __future__ import annotations

from collections.abc import Iterator

from stickhooks.store.engine.git_remote import GitRemote
from tests.support.origin import Origin

from .engines import Clone, asked, handed
from .figures import Row
from .ground import Ground

FEW = 5  # a handoff takes as long as the waiter lets pass between two looks


def rows(ground: Ground, rounds: int) -> Iterator[Row]:
    folder = ground.folder / "on git"
    folder.mkdir()
    origin = Origin(folder)
    yield from asked("git remote", origin.clone("#asked"), rounds)
    ada, bob = (Clone(folder, origin.clone(), who) for who in ("ada", "bob"))
    goal = (GitRemote.poll + 1) * 1000
    yield handed("git remote", ada, bob, min(rounds, FEW), goal)
