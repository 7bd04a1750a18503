"""Put a state in place, under the lock: what came before the rename leaves no trace that counts."""

from __future__ import annotations

import os
import time

from stickhooks.store import layout, reader
from stickhooks.store.snapshot import Unconfirmed
from stickhooks.system import publish
from stickhooks.system.folder import Folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from stickhooks.store.exclusion import Exclusive


def replace(
    held: Exclusive,
    ours: Folder,
    name: str,
    data: bytes,
    first: Callable[[], object] | None = None,
) -> None:
    """Replace a file durably, if lock file and folder are still what we hold; ``first`` may stop it yet.

    Raises Unconfirmed where the rename was done and what came after it failed.
    """

    def look() -> None:
        held.look()
        if first is not None:
            first()

    try:
        publish.publish(ours, name, data, look)
    except OSError as error:
        if _holds(ours, name, data):
            raise Unconfirmed(error.strerror) from error
        raise
    held.confirm()
    try:
        ours.sync()
    except OSError as error:
        raise Unconfirmed(error.strerror) from error


def _holds(ours: Folder, name: str, data: bytes) -> bool:
    try:
        return ours.read(name, reader.STATE_LIMIT) == data
    except ValueError:
        return False


def move_stray_aside(ours: Folder, path: str) -> None:
    """Keep a state that came with a clone, or was damaged, out of the way, not thrown away."""
    name = layout.state_name(path)
    if name not in ours.names():
        return
    kept = os.path.join(layout.STRAYS, f"{time.time_ns()}-{name}")
    ours.sub(layout.STRAYS, make=True).close()
    try:
        ours.link(name, kept)  # it stays in its place until the new state takes that
    except OSError:
        ours.replace(name, kept)
