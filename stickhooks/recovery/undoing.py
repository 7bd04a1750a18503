"""`stick undo`: take back what a turn did, where the file is byte for byte what the turn left.

From the snapshot of its begin to that of its end, or to now while it runs. Nothing is removed: what a
turn made new is named. What it committed is taken back by git, and the line for that is named. What others
changed in it past the gate is only named; so is what nobody was seen to change, if its edits were seen.
"""

from __future__ import annotations

import os

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import Frozen, dataclass, replace
from stickhooks.protocol import phases
from stickhooks.recovery import entries, lists, loose
from stickhooks.recovery.entries import Entry, Listed
from stickhooks.recovery.plan import Item, Plan, Source, covers, of_commit, sound
from stickhooks.recovery.restoring import EDITED, beside
from stickhooks.recovery.witnesses import UNSEEN, Witnesses, is_as
from stickhooks.system import clock
from stickhooks.workspace import git, git_found

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stickhooks.recovery.lists import Place
    from stickhooks.recovery.present import Present


@dataclass(frozen=True)
class Turn(Frozen):
    """A turn between two snapshots; ``end`` None while it runs."""

    number: int
    holder: str
    room: str
    begin: Listed
    end: Listed | None


def find(place: Place, room: str, room_id: str, number: int | None, caller: str) -> Turn:
    """Return a turn of a room, or the caller's newest. Raises Refusal ``invalid_input``."""
    snapshots = list(lists.every(place))[::-1]
    begins = [
        listed for listed in snapshots
        if listed.why in entries.BEGINS and listed.of and listed.of.room_id == room_id
        and (listed.of.turn == number if number is not None else listed.of.holder == caller)
    ]  # fmt: skip
    if not begins:
        what = f"turn {number}" if number is not None else f"a turn of {caller}"
        message = f"no snapshot was made when {what} began, so nothing is known of it"
        raise Refusal("invalid_input", message, [Next("snapshots")], field="turn")
    begin = begins[-1] if number is None else begins[0]
    of = begin.of
    assert of
    later = snapshots[snapshots.index(begin) + 1 :]
    return Turn(of.turn, of.holder, room, begin, next((it for it in later if ends(it, of)), None))


def ends(listed: Listed, of: entries.Turn) -> bool:
    """Tell whether a snapshot was made when a turn ended, or after that."""
    if listed.of and listed.of.room_id == of.room_id:
        if listed.of.turn == of.turn:
            return listed.why == "release"
        if listed.of.turn > of.turn and listed.of.room == of.room:
            return True
    running = (it for it in listed.rooms.values() if it.holder and it.room_id == of.room_id)
    if any(it.turn == of.turn for it in running):
        return False  # beside others: turns for paths
    now = listed.rooms.get(of.room)
    return now is not None and now.room_id == of.room_id and now.turn > of.turn


def inner(rooms: Iterable[str], own: frozenset[str]) -> list[str]:
    """Return the places of others inside those that a turn was for."""
    return [one for one in rooms if one not in own and phases.governing(own, one) is not None]


def plan(place: Place, present: Present, turn: Turn, paths: Sequence[str]) -> Plan:
    """Return what would be taken back. Raises Refusal ``io`` where git cannot tell."""
    span = _Span(place, present, turn)
    items = [
        span.by_turn(item, named=bool(paths))
        for path in sorted(span.touched())
        if span.governs(path)
        and (not paths or any(covers(named, path) for named in paths))
        and (item := span.item(path))
    ]
    known = {item.path for item in items}
    for named in paths:
        if not any(covers(named, path) for path in known):
            why = span.unknown(named) or "the turn left it as it was"
            items.append(Item(named, "name", why))
    if paths:
        items = [beside(item) if item.why == EDITED else item for item in items]
    whole = sound(place, items)
    lines = [*span.lines(), *_unseen(turn, span, whole)]
    return Plan(str(turn.number), whole, tuple(lines), turn.begin)


def _unseen(turn: Turn, span: _Span, items: Sequence[Item]) -> list[str]:
    """Say what is not known of who changed what."""
    unseen = [item for item in items if item.why == UNSEEN]
    if unseen:
        what = "1 path" if len(unseen) == 1 else f"{len(unseen)} paths"
        return [
            f"{what} may be others' work: named, they are taken back: stick undo {turn.number} PATH"
        ]
    if span.seen.by_hooks or not any(item.act == "write" for item in items):
        return []
    return [
        "no hook saw who changed what in this turn: what others changed in it goes back as well"
    ]


class _Span:
    """The tree at both ends of a turn, and now."""

    def __init__(self, place: Place, present: Present, turn: Turn) -> None:
        self.place = place
        self.present = present
        self.turn = turn
        self.begin, self.end = turn.begin, turn.end
        own, later = self.begin.places(), self.end.rooms if self.end else {}
        self.rooms: Mapping[str, object] = {**self.begin.rooms, **later, **dict.fromkeys(own)}
        self.old = git_found.tree(place.root, self.begin.head)
        now = git.value_of(place.root, "HEAD", git.clean(os.environ)) or ""
        self.head = self.end.head if self.end else now
        moved = self.head != self.begin.head
        self.new = git_found.tree(place.root, self.head) if moved else self.old
        before, after = self.old or {}, self.new or {}
        both = {*before, *after} if moved and self.old is not None else set()
        changed = {path for path in both if before.get(path) != after.get(path)}
        self.committed = {path for path in changed if self.governs(path)}
        of = turn.begin.of
        assert of
        self.seen = Witnesses(
            place, of, turn.begin.at, turn.end.at if turn.end else clock.read()[0]
        )

    def lines(self) -> list[str]:
        """Say of the turn as a whole what matters to who takes it back."""
        found = [f"turn {self.turn.number} of {self.turn.holder}"]
        for listed, which in ((self.begin, "begin"), (self.end, "end")):
            if listed and listed.partial:
                found.append(f"the snapshot of its {which} is incomplete: {listed.partial}")
        if self.old is None:
            found.append(
                f"the commit that it began at ({self.begin.head[:10]}) is gone: what only that"
                " commit had cannot be brought back"
            )
        if self.committed:
            count = len(self.committed)
            what = f"{count} path{'' if count == 1 else 's'}"
            found.append(f"it committed {what}: git revert {self._commits()}")
        return found

    def _commits(self) -> str:
        """Return the turn's commits as `git revert` takes them: by name where others' lie among them."""
        old, new = self.begin.head, self.head
        own = self.begin.places()
        made = git.commits_between(self.place.root, old, new, own, inner(self.rooms, own))
        if len(made) < len(git.commits_between(self.place.root, old, new, [""])):
            return " ".join(commit[:10] for commit, _ in made)
        return f"{old[:10]}..{new[:10]}" if old else new[:10]

    def touched(self) -> set[str]:
        last = self.end.paths if self.end else self.present.listed
        return {path for path in (*self.begin.paths, *last, *self.committed) if path[-1:] != "/"}

    def governs(self, path: str) -> bool:
        """Tell whether a path belonged to the turn's room, and to no room inside it."""
        return phases.governing(self.rooms, path) in self.begin.places()

    def item(self, path: str) -> Item | None:
        """Return what becomes of a path, None where the turn left it as it was."""
        try:
            return self._item(path)
        except Refusal as refusal:  # a filter fails, or what it needs is gone
            return Item(path, "name", refusal.message)

    def _item(self, path: str) -> Item | None:
        if path in self.committed:
            return Item(path, "name", "committed in the turn")
        was = self._at(self.begin, self.old, path)
        left = self._at(self.end, self.new, path) if self.end else None
        if isinstance(was, str) or isinstance(left, str):
            return None if self._is_there(was, path) else Item(path, "name", _first(was, left))
        if (left and self._is_same(was, left, path)) or self._is_there(was, path):
            return None
        if left and not self._is_there(left, path):
            return Item(path, "name", EDITED, _kept(was), self.begin.at)
        if was.entry.kind == entries.GONE:
            return Item(path, "name", "new in the turn")
        if self.present.state(path) == "blocked":
            why = "a folder lies there, or it cannot be read"
            return Item(path, "beside", why, was, self.begin.at)
        return Item(path, "write", source=was, at=self.begin.at)

    def by_turn(self, item: Item, *, named: bool) -> Item:
        """Return an item as it is where its path is the turn's own work, as far as was seen; else it is
        only named. One that was ``named`` is put beside where it is another's, and taken back where
        nobody was seen."""
        if item.act == "name" or not (self.seen.own or self.seen.others):
            return item
        other, own = self.seen.other(item.path), self.seen.own.get(item.path)
        if other:
            return replace(item, act="beside" if named else "name", why=f"outside: {other}")
        if not self.seen.by_hooks or (
            own and (own.entry is None or self._left(item.path, own.entry))
        ):
            return item
        return item if named else replace(item, act="name", why=UNSEEN)

    def _left(self, path: str, entry: Entry) -> bool:
        """Tell whether the turn left at a path what an edit of it was seen to."""
        if self.end is None:
            there = self.present.is_as(path, entry, None, whole_mode=True)
            return there or self.present.has_stat(path, entry)
        left = self.end.paths.get(path)
        return left is not None and is_as(left, entry)

    def unknown(self, path: str) -> str:
        """Return why nothing is known of a path at the turn's begin, ``""`` where it is."""
        was = self._at(self.begin, self.old, path)
        return was if isinstance(was, str) else ""

    def _at(
        self, listed: Listed, tree: Mapping[str, tuple[int, str]] | None, path: str
    ) -> Source | str:
        """Return what a path was at a snapshot, or why that is not known."""
        entry = listed.paths.get(path)
        if entry is not None:
            return Source(entry)
        if path in listed.left:
            return f"its bytes were not kept: {listed.left[path]}"
        if tree is None:
            return "what was there is not known: the commit is gone"
        if path not in tree:
            if listed.partial or listed.unnamed:
                return "what was there is not known: the snapshot is incomplete"
            return Source(Entry(entries.GONE, ""))
        return of_commit(tree[path][0], listed.head) or "a submodule"

    def _is_same(self, was: Source, left: Source, path: str) -> bool:
        if was.entry.kind != left.entry.kind or was.entry.kind == entries.GONE:
            return was.entry.kind == left.entry.kind
        if bool(was.entry.mode & 0o100) != bool(left.entry.mode & 0o100):
            return False
        if was.commit and left.commit:
            return True  # else it would be among what was committed
        if not was.commit and not left.commit:
            return was.entry.blob == left.entry.blob
        kept, other = (left, was) if was.commit else (was, left)
        make = loose.hasher_of(kept.entry.blob)
        return loose.name_of(other.data(self.place, path), make) == kept.entry.blob

    def _is_there(self, source: Source | str | None, path: str) -> bool:
        """Tell whether what a source has lies in the tree now, byte for byte."""
        if not isinstance(source, Source):
            return False
        if source.commit:
            return self.present.is_as(path, source.entry, source.data(self.place, path))
        return self.present.is_as(path, source.entry, None, whole_mode=True)


def _first(*reasons: Source | str | None) -> str:
    return next(why for why in reasons if isinstance(why, str))


def _kept(source: Source) -> Source | None:
    return None if source.entry.kind == entries.GONE else source
