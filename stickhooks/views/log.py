"""``stick log``: the events of a room, with what was seen beside them, in the order of time."""

from __future__ import annotations

from stickhooks.errors import Refusal
from stickhooks.fast.records import Frozen, dataclass
from stickhooks.operations import audit
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.store import activity
from stickhooks.text import stamp
from stickhooks.views import log_lines, output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from stickhooks.protocol.answers import LoggedEvent

#: So many sightings of a kind are shown beside the events.
BESIDE = 100
PAGE = 500


@dataclass(frozen=True)
class Seen(Frozen):
    """What was seen beside the events at a time (wall clock, ms), in words; a bypass as it was noted."""

    at: int
    what: str
    line: str
    bypass: dict[str, Any] | None = None

    def data(self) -> dict[str, object]:
        """Return it as programs get it among the events: without a number."""
        message = self.line.strip().removeprefix("-").strip()
        at = stamp(self.at) if self.at else None
        return {"event_seq": None, "event_type": self.what, "created_at": at, "message": message}


def log(
    desk: Desk, *, after: int | None, limit: int | None, follow: bool, since: str | None = None
) -> Reply:
    """Tell the events; with ``follow``, one a line as they come, until interrupted.

    ``since`` is a duration: nothing that is older is told. ``limit`` counts the events; beside
    them stands what was seen in their time.
    """
    if limit is not None and limit < 1:
        raise Refusal("invalid_input", "--limit must be 1 or more", field="limit")
    if after is not None and after < 0:
        raise Refusal("invalid_input", "--after must be 0 or more", field="after")
    snapshot = desk.snapshot()
    room_id, shift = snapshot.room.room_id, desk.standing(snapshot).shift
    newest, begin = snapshot.room.event_seq, _begin(desk, since)
    first = after or 0
    if begin is not None:
        first = max(first, _first_at(desk, room_id, newest, begin - shift))
    page = min(limit or PAGE, PAGE)
    last = first if after is not None else max(first, newest - page)
    begin = _later(begin, _time_of(desk, room_id, min(last, newest), shift))
    events = desk.rooms.events(room_id, last, page)
    if follow:
        _follow(desk, room_id, shift, last, events, begin)
    end = _time_of(desk, room_id, last + len(events) + 1, shift) if events else None
    beside = [s for s in _beside(desk, room_id) if _is_within(s.at, begin, end)]
    rows = [(_at(e, shift), log_lines.event_line(e, shift)) for e in events]
    rows += [(s.at, s.line) for s in beside]
    lines = _in_order(rows) or ["nothing happened yet"]
    if last > first:
        lines.insert(0, f"({last - first} earlier: stick log --after {first})")
    data: dict[str, object] = {
        "events": [log_lines.event_data(e, shift) for e in events],
        "bypasses": [s.bypass for s in beside if s.bypass is not None],
        "outside": [s.data()["message"] for s in beside if s.bypass is None],
        "seen": [s.data() for s in beside],
    }
    return Reply(lines, data=data, standing=desk.standing(snapshot))


def _begin(desk: Desk, since: str | None) -> int | None:
    """Return the wall time that ``--since`` names, in milliseconds."""
    if since is None:
        return None
    from stickhooks.system import durations

    return desk.rooms.clock()[0] - durations.since(since, "stick log")


def _at(event: LoggedEvent, shift: int) -> int:
    """Return the wall time of an event, in milliseconds."""
    return int(str(event["created_at"])) + shift


def _time_of(desk: Desk, room_id: str, number: int, shift: int) -> int | None:
    """Return the wall time of the event of a number, None where there is none."""
    events = desk.rooms.events(room_id, number - 1, 1) if number > 0 else []
    return _at(events[0], shift) if events else None


def _later(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else max(one, other)


def _is_within(at: int, begin: int | None, end: int | None) -> bool:
    return (begin is None or at >= begin) and (end is None or at < end)


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


def _beside(desk: Desk, room_id: str) -> list[Seen]:
    """Return what was seen beside the events, in the order of time."""
    passed = [s for s in desk.store.notes(room_id) if s.get("what") == activity.BYPASS]
    outside = audit.seen_at(desk.store, room_id)
    outside += [(int(move[1]), audit.move_line(move)) for move in audit.head_moves(desk.workspace)]
    sightings = [
        Seen(log_lines.when(sighting), activity.BYPASS, log_lines.bypass_line(sighting), sighting)
        for sighting in passed[-BESIDE:]
    ]
    sightings += [Seen(at, activity.OUTSIDE, f"   -  {line}") for at, line in outside[-BESIDE:]]
    return sorted(sightings, key=lambda seen: seen.at)


def _follow(
    desk: Desk, room_id: str, shift: int, last: int, events: list[LoggedEvent], begin: int | None
) -> None:
    """Tell what happens as it comes, until interrupted; to programs one object a line."""
    path = desk.path()
    written: set[tuple[int, str]] = set()
    first = begin
    with desk.store.watch(path) as watch:
        while True:
            rows = [(_at(e, shift), _event(desk, e, shift)) for e in events]
            if first is None:
                first = min((at for at, _ in rows), default=desk.rooms.clock()[0])
            more = len(events) >= PAGE  # a later page has its own sightings
            end = rows[-1][0] if more else None
            for seen in _beside(desk, room_id):
                if _is_within(seen.at, first, end) and (seen.at, seen.line) not in written:
                    written.add((seen.at, seen.line))
                    line = output.json_line(seen.data()) if desk.as_json else seen.line
                    rows.append((seen.at, line))
            for line in _in_order(rows):
                output.write(1, line)
            if events:
                last = int(str(events[-1]["event_seq"]))
            if desk.snapshot().room.event_seq <= last:
                watch.wait(1.0)
            events = desk.rooms.events(room_id, last, PAGE)


def _event(desk: Desk, event: LoggedEvent, shift: int) -> str:
    if desk.as_json:
        return output.json_line(log_lines.event_data(event, shift))
    return log_lines.event_line(event, shift)


def _in_order(rows: list[tuple[int, str]]) -> list[str]:
    """Return lines by their times; at the same time they stay as they came."""
    return [line for _, line in sorted(rows, key=lambda row: row[0])]
