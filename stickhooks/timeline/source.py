"""What happened in a room, read from its log and its sightings, in order; and its timeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from stickhooks.operations import audit
from stickhooks.operations.context import Desk
from stickhooks.protocol import phases
from stickhooks.store import activity
from stickhooks.store.activity import OUTSIDE
from stickhooks.timeline import model, part_spans
from stickhooks.timeline.happenings import Happening, Now
from stickhooks.timeline.model import Timeline
from stickhooks.workspace import git

COMMITS: Final = 2000  # of git's log of HEAD, the newest
ARTIFACTS: Final = 20  # of a handoff
TEXT: Final = 400  # characters of a reason or a handoff that any picture shows
NAME: Final = 80  # characters of a name; members have 64 at the most
GIVEN: Final = ("claim", "takeover")
EVENTS: Final = (*GIVEN, "release", "pass", "leave", "close", "reopen", "note", "ask", "add")
SEEN: Final = (
    activity.WAIT, activity.STOP, activity.REFUSED, activity.BYPASS, activity.BACK, OUTSIDE,
)  # fmt: skip
HOOKS: Final = {"commit": "git", "refs": "git", "push": "git", "send": "git"}


def of(desk: Desk, since: int | None = None) -> Timeline:
    """Return the timeline of the room here, until now; ``since`` is milliseconds before now.

    Reads all of the log, whatever the window: the holder at its start stands in a line before it.
    """
    snapshot = desk.snapshot()
    room, wall = snapshot.room, desk.rooms.clock()[0]
    shift = desk.standing(snapshot).shift
    reserved = room.reservation.recipient if room.reservation else ""
    now = Now(wall, desk.store.waiting([w.agent_id for w in room.waiters]), reserved)
    events = events_of(desk.store.history(snapshot), shift)
    began = room.created_at + shift
    noted = [*seen(desk, room.room_id), *commits(desk, wall)]
    beside = sorted((it for it in noted if began <= it.at <= wall), key=lambda it: it.at)
    return model.of(merged(beside, events), now, None if since is None else wall - since)


def commits(desk: Desk, wall: int) -> list[Happening]:
    """Return the commits that were made in the room's part of the tree, as late as git's times allow."""
    if desk.workspace.git_dir is None:
        return []
    room = desk.path()
    inner = [it for it in desk.store.paths() if it != room and phases.covers(room, it)]
    made = git.commits_made(desk.workspace.root, COMMITS, room, inner)
    ends = [(at * 1000, min(at * 1000 + model.COMMIT_MS - 1, wall), text) for at, text in made]
    return [
        Happening(max(first, last), model.COMMIT, "", told=text[:TEXT])
        for first, last, text in ends
    ]


def merged(beside: Sequence[Happening], events: Iterable[Happening]) -> Iterator[Happening]:
    """Yield sightings and events by time, both sorted. At the same time sightings come first.

    A member waits before it gets the stick.
    """
    i = 0
    for event in events:
        while i < len(beside) and beside[i].at <= event.at:
            yield beside[i]
            i += 1
        yield event
    yield from beside[i:]


def events_of(history: Iterator[object], shift: int) -> Iterator[Happening]:
    """Yield the events of a history; a line that is none ends them.

    ``shift`` leads from room time to the wall clock. Nothing is yielded where there is no log.
    """
    try:
        for raw in history:
            yield of_event(raw, shift)
    except (OSError, ValueError):
        return


def of_event(raw: Any, shift: int) -> Happening:
    """Return an event as a happening. Raises ValueError where it is none."""
    try:
        what, by, to = raw["event_type"], raw["from_agent_id"] or "", raw["to_agent_id"] or ""
        if what not in EVENTS:
            raise TypeError
        letter = raw["handoff"] or {}
        text, next_ = letter.get("status") or raw["reason"] or "", letter.get("next_action") or ""
        at = int(raw["created_at"]) + shift
        who, other = (to, by) if what in GIVEN else (by, to)
        files = ", ".join((letter.get("artifacts") or [])[:ARTIFACTS])[:TEXT]
        text, next_ = (text + "")[:TEXT], (next_ + "")[:TEXT]
        it = Happening(at, what, (who + "")[:NAME], (other + "")[:NAME], "", text, next_, files)
        paths = tuple(str(path) for path in raw.get("paths") or ())
        if not paths or what not in part_spans.SAID:
            return it
        it = it._replace(what=model.PART, kind=what, turn=int(raw["turn_id"]), paths=paths)
        if what == model.ASK:
            said = f"{phases.named(paths)} (turn {it.turn})" + (f": {text}" if text else "")
            return it._replace(what=model.ASK, kind="", told=said[:TEXT])
        return it
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("it is not an event") from error


def seen(desk: Desk, room_id: str) -> list[Happening]:
    """Return the sightings of a room, and what went past its hooks, by time."""
    happenings = []
    for sighting in desk.store.notes(room_id):
        happenings += of_sighting(sighting)
    happenings += [_move(move) for move in audit.head_moves(desk.workspace)]
    return sorted(happenings, key=lambda it: it.at)


def of_sighting(raw: Mapping[str, Any]) -> list[Happening]:
    """Return what a sighting tells; of what cannot be made out, nothing."""
    at, what, who = raw.get("at"), raw.get("what"), raw.get("agent_id")
    if type(at) is not int or not isinstance(who, str):
        return []
    if what == audit.TOLD:
        moves = raw.get("moves")
        return [_move(move) for move in moves if _is_move(move)] if isinstance(moves, list) else []
    if what not in SEEN:
        return []
    kind = str(raw.get("how") if what == activity.STOP else raw.get("kind"))
    key = {activity.REFUSED: "path", activity.BYPASS: "why", OUTSIDE: "did"}.get(str(what))
    words = raw.get(key) if key else ""
    kind = HOOKS.get(kind, kind)
    text = words[:TEXT] if isinstance(words, str) else ""
    if what == OUTSIDE and text:
        text = f"{text}{audit.paths_of(raw)}"[:TEXT]
    if what == activity.BACK:
        kind, text = "", audit.brought_back(raw, whole=False)[:TEXT]
    if isinstance(raw.get("below"), str):
        text = f"{text} (by {raw['below'][:NAME]})".strip()
    return [Happening(at, str(what), who[:NAME] or "somebody", "", kind[:NAME], text)]


def _is_move(move: object) -> bool:
    if not isinstance(move, list) or len(move) != 4 or type(move[1]) is not int:
        return False
    return all(isinstance(move[i], str) for i in (0, 2, 3))


def _move(move: Any) -> Happening:
    """Return a move of HEAD that no hook of ours saw; git says by whom."""
    commit, at, who, what = move
    name = who.partition(" <")[0] or "somebody"
    return Happening(at, OUTSIDE, name[:NAME], "", "git", f"{what[:TEXT]} ({commit[:10]})")
