"""``stick log``: the events of a room, with what was seen beside them, in the order of time."""

from __future__ import annotations

from stickhooks import audit, render, sightings, views
from stickhooks.desk import Desk
from stickhooks.errors import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from stickhooks.protocol import Answer

#: So many sightings of a kind are shown beside the events.
BESIDE = 100
MOST = 500


def log(
    desk: Desk, *, after: int, limit: int | None, follow: bool, since: str | None = None
) -> render.Reply:
    """Tell the events; with ``follow``, one a line as they come, until interrupted.

    ``since`` is a duration: nothing that is older is told.
    """
    if limit is not None and limit < 1:
        raise Refusal("invalid_input", "--limit must be 1 or more", field="limit")
    snapshot = desk.snapshot()
    room_id, shift = snapshot.room.room_id, desk.standing(snapshot).shift
    newest, begin = snapshot.room.event_seq, _begin(desk, since)
    seen = after or max(0, newest - (limit or views.PAGE))
    if begin is not None:
        first = _first_at(desk, room_id, newest, begin - shift)
        seen = max(after, first, newest - (limit or MOST))
    found = desk.rooms.events(room_id, seen, limit or (views.PAGE if begin is None else MOST))
    if follow:
        _follow(desk, room_id, shift, seen, found, begin)
    beside, passed, outside = _beside(desk, room_id)
    rows = [(int(str(e["created_at"])) + shift, views.event_line(e, shift)) for e in found]
    rows += [(at, line) for at, line in beside if begin is None or at >= begin]
    told = [line for _, line in sorted(rows, key=lambda row: row[0])] or ["nothing happened yet"]
    if seen and not after and begin is None:
        told.insert(0, f"({seen} earlier: stick log --after 1)")
    events = [views.event_data(e, shift) for e in found]
    both: dict[str, object] = {"events": events, "bypasses": passed, "outside": outside}
    return render.Reply(told, data=both, standing=desk.standing(snapshot))


def _begin(desk: Desk, since: str | None) -> int | None:
    """Return the wall time that ``--since`` names, in milliseconds."""
    if since is None:
        return None
    from stickhooks.durations import milliseconds

    try:
        return desk.rooms.clock()[0] - milliseconds(since)
    except Refusal as refusal:
        told = f"--since: {refusal.message}"
        raise Refusal("usage", told, ["stick log --since 24h"]) from None


def _first_at(desk: Desk, room_id: str, newest: int, at: int) -> int:
    """Return the number of the last event before a room time, by bisection."""
    low, high = 0, newest
    while low < high:
        middle = (low + high) // 2
        event = next(iter(desk.rooms.events(room_id, middle, 1)), None)
        if event is not None and int(str(event["created_at"])) < at:
            low = middle + 1
        else:
            high = middle
    return low


def _beside(
    desk: Desk, room_id: str
) -> tuple[list[tuple[int, str]], list[dict[str, Any]], list[str]]:
    """Return what was seen beside the events, with its time; the bypasses; and what went outside."""
    root = desk.workspace.root
    passed = [s for s in sightings.read(root, room_id) if s.get("what") == sightings.BYPASS]
    outside = audit.seen_at(root, room_id)
    outside += [(int(move[1]), audit.move_line(move)) for move in audit.head_moves(desk.workspace)]
    rows = [(views.when(sighting), views.bypass_line(sighting)) for sighting in passed[-BESIDE:]]
    rows += [(at, f"   -  {line}") for at, line in outside[-BESIDE:]]
    return rows, passed, [line for _, line in outside]


def _follow(
    desk: Desk, room_id: str, shift: int, seen: int, found: list[Answer], begin: int | None
) -> None:
    """Tell what happens as it comes, until interrupted; programs get the events alone."""
    path = desk.path()
    told: set[tuple[int, str]] = set()
    first = begin
    with desk.store.watch(path) as watch:
        while True:
            rows = [(int(str(e["created_at"])) + shift, _event(desk, e, shift)) for e in found]
            if first is None:
                first = min((at for at, _ in rows), default=desk.rooms.clock()[0])
            rows += [row for row in _unseen(desk, room_id, told) if row[0] >= first]
            for _, line in sorted(rows, key=lambda row: row[0]):
                render.write(1, line)
            if found:
                seen = int(str(found[-1]["event_seq"]))
            if desk.snapshot().room.event_seq <= seen:
                watch.wait(1.0)
            found = desk.rooms.events(room_id, seen, views.PAGE)


def _event(desk: Desk, event: Mapping[str, Any], shift: int) -> str:
    if desk.as_json:
        return render.json_line(views.event_data(dict(event), shift))
    return views.event_line(event, shift)


def _unseen(desk: Desk, room_id: str, told: set[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    if desk.as_json:
        return
    for row in _beside(desk, room_id)[0]:
        if row not in told:
            told.add(row)
            yield row
