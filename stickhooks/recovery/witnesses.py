"""Who was seen to change what in a span of a room's time: by the hooks after an edit, and by what was noted.

Not all is seen: a program in a terminal, a shell command of a client, a hook that a client does not call.
"""

from __future__ import annotations

from stickhooks.fast.records import Frozen, dataclass
from stickhooks.recovery import entries, lists
from stickhooks.store import activity
from stickhooks.text import clock_time, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from stickhooks.recovery.entries import Entry, Turn, Written
    from stickhooks.recovery.lists import Place

UNSEEN = "no hook saw who changed it"


@dataclass(frozen=True)
class Deed(Frozen):
    """That a member changed a path, ``at`` in milliseconds; ``entry`` is what it left, if that is known."""

    by: str
    at: int
    entry: Entry | None = None

    def __str__(self) -> str:
        return f"by {plain(self.by) or 'somebody'} at {clock_time(self.at)}, without the stick"


class Witnesses:
    """What was seen in a turn, or (``holder`` ``""``) while nobody held. Times are milliseconds.

    ``by_hooks`` tells whether hooks saw edits of the turn's own: what they did not see may be others' then.
    """

    def __init__(self, place: Place, turn: Turn, since: int, until: int) -> None:
        self.own: dict[str, Deed] = {}
        self.others: dict[str, Deed] = {}
        for path, deed, holds in sorted(_edits(place, turn, since, until), key=lambda it: it[1].at):
            (self.own if holds else self.others)[path] = deed
        self.by_hooks = bool(self.own)  # what is brought back is noted by the verb itself
        for note in activity.read(place.root, turn.room_id):
            self._take(note, turn.holder, since, until)

    def _take(self, note: dict[str, object], holder: str, since: int, until: int) -> None:
        """Take in a note of what was done past the gate, or brought back: it names paths."""
        at, by, paths = note.get("at"), note.get("agent_id"), note.get("paths")
        if type(at) is not int or not since <= at <= until:
            return
        if not isinstance(by, str) or not by or not isinstance(paths, list):
            return
        if note.get("what") == activity.BACK and by == holder:
            seen = self.own
        elif note.get("what") == activity.OUTSIDE and by != holder:
            seen = self.others
        else:
            return
        for path in paths:
            last = seen.get(path)
            if isinstance(path, str) and (last is None or last.at < at):
                seen[path] = Deed(by, at)

    def other(self, path: str) -> Deed | None:
        """Return who else changed a path, None where nobody was seen to, or its holder did later."""
        other, own = self.others.get(path), self.own.get(path)
        return other if other and not (own and own.at > other.at) else None

    def said(self, path: str) -> str:
        """Say who changed a path, ``""`` where its holder did, or nothing at all was seen in the turn."""
        other = self.other(path)
        if other:
            return str(other)
        return UNSEEN if self.by_hooks and path not in self.own else ""


def _edits(place: Place, turn: Turn, since: int, until: int) -> Iterator[tuple[str, Deed, bool]]:
    for listed in lists.every(place, edits=True):
        if listed.at < since and not listed.written:
            return  # older ones are of before that
        for path, written in listed.written.items():
            if since <= written.at <= until and _is_of(written, turn):
                yield path, Deed(written.by, written.at, listed.paths[path]), written.holds


def _is_of(written: Written, turn: Turn) -> bool:
    return (written.turn.room_id, written.turn.turn) == (turn.room_id, turn.turn)


def is_as(entry: entries.Entry, other: entries.Entry) -> bool:
    """Tell whether two entries are of the same bytes, by the blob, or where one is not kept by the stat."""
    if entry.kind != other.kind:
        return False
    if entry.blob and other.blob:
        return entry.blob == other.blob
    return entry.stat == other.stat
