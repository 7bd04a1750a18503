"""How the parts of a room stand, each as a room does: in words and as data."""

from __future__ import annotations

from stickhooks.gate.standing import Standing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from stickhooks.operations.context import Desk
    from stickhooks.store.snapshot import Snapshot


def standings(desk: Desk, snapshot: Snapshot) -> list[Standing]:
    """Return how each part of a room stands, the oldest turn first."""
    if not snapshot.room.parts:
        return []
    from stickhooks.gate import parts
    from stickhooks.store import reader

    shown, reading = desk.rooms.shown(snapshot.room.path), desk.rooms.clock()
    raw: Any = reader.parsed(snapshot.data, shown)
    views = [parts.view_of(raw, part) for part in raw["parts"]]
    now = snapshot.now(reading)
    found = [Standing(view, shown, now, reading[0]) for view in views]
    return sorted(found, key=lambda standing: int(standing.raw["turn_id"]))


def all_standings(desk: Desk, snapshot: Snapshot) -> list[Standing]:
    """Return how the rest of a room stands, and then each of its parts."""
    return [desk.standing(snapshot), *standings(desk, snapshot)]
