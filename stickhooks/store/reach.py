"""What reaches a member's session, in a file of its own (0600) below ours: told to nobody, and no part of
any state, log, report or answer. Dropped as the session ends.
"""

from __future__ import annotations

from stickhooks.fast import json
from stickhooks.store import layout, wait_queue
from stickhooks.system import publish
from stickhooks.system.folder import Folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

LIMIT: Final = 1 << 14  # bytes


def read(folder: str, agent: str) -> dict[str, object] | None:
    """Return what was kept for a member, None where there is nothing that can be used."""
    try:
        with Folder.open(folder) as ours, ours.sub(layout.REACH) as there:
            data = there.read(wait_queue.file_name(agent), LIMIT)
        facts = json.read(data.decode()) if data else None
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) else None


def keep(folder: str, agent: str, facts: Mapping[str, object]) -> None:
    """Keep it, in the place of what there was. As well as can be: without it nobody is woken."""
    try:
        data = json.write(dict(facts)).encode()
        with Folder.open(folder) as ours, ours.sub(layout.REACH, make=True) as there:
            publish.publish(there, wait_queue.file_name(agent), data, durable=False)
    except (OSError, TypeError):
        return


def drop(folder: str, agent: str) -> None:
    try:
        with Folder.open(folder) as ours, ours.sub(layout.REACH) as there:
            there.unlink(wait_queue.file_name(agent))
    except OSError:
        return
