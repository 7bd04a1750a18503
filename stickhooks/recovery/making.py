"""A snapshot is made: listed by git, read by us, the blobs first and the list last.

It takes no lock: any number of processes may make one at once. A failure is told, and never
an empty snapshot: an empty one would say that nothing differed from HEAD.
"""

from __future__ import annotations

import os
import time

from stickhooks.errors import Refusal
from stickhooks.fast.records import Frozen, dataclass, field
from stickhooks.recovery import entries, files, listing, lists
from stickhooks.recovery.blobs import Writer
from stickhooks.recovery.entries import Entry, Listed, Turn, Why
from stickhooks.recovery.lists import Place
from stickhooks.store.opening import open_store
from stickhooks.store.snapshot import Snapshot
from stickhooks.system import clock
from stickhooks.system.folder import write_file
from stickhooks.text import plain
from stickhooks.workspace import begun_operations, git_kept, head
from stickhooks.workspace.git_pipes import TooLate
from stickhooks.workspace.paths import Workspace, matches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from typing import Final

    from stickhooks.protocol.model import Room

__all__ = ["Made", "NotMade", "Turn", "make"]

SECONDS: Final = 1.0
PATHS: Final = 5000
NAMED: Final = 50_000  # of those that are not kept
COMMAND: Final = 300  # characters
CHUNK: Final = 50  # staged blobs that are asked for at once
#: A file may change within one tick of its file system's clock (two seconds on FAT) and look the same.
TICK_NS: Final = 2_000_000_000
WORK_S: Final = 30.0
SHARE: Final = 50  # one part in so many of a holder's time


class NotMade(Exception):  # noqa: N818 - an answer that says why
    """There is no snapshot, and why."""


@dataclass(frozen=True)
class Made(Frozen):
    """What came of it. ``left`` says of each path that is named and not kept why that is so, ``news``
    are those of them that the snapshot before did not name."""

    id: str
    at: int
    kept: int
    left: Mapping[str, str] = field(default_factory=dict)
    partial: str = ""
    took_ms: int = 0
    unnamed: int = 0
    news: Sequence[str] = ()

    @property
    def mark(self) -> str:
        return self.id.rpartition("-")[2]


def make(
    workspace: Workspace,
    why: Why,
    *,
    command: str = "",
    seconds: float = SECONDS,
    of: Turn | None = None,
    also: Collection[str] = (),
    ticks: Callable[[], float] = time.monotonic,
) -> Made | None:
    """Keep what differs from HEAD. None where there is no git to keep it in, or the policy of all
    rooms is to keep nothing. Raises NotMade.

    ``seconds`` bounds all of it: what is not reached is named, tracked paths come first. ``of`` is
    the turn that begins or ends here, ``also`` are paths that are kept even if git sees no change of them.
    """
    place = Place.of(workspace)
    if place is None:
        return None
    begin = ticks()
    try:
        made = _made(place, why, plain(command)[:COMMAND], of, also, begin + seconds, ticks)
    except TooLate as error:
        reason = f"{error} ({seconds:g} s)"
    except Refusal as refusal:
        reason = refusal.sentence
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        reason = f"{where}{error.strerror or error}"
    except ValueError as error:
        reason = str(error)
    else:
        _set_due(place, ticks() - begin)
        return made
    if why == "work":  # else each edit would try, and wait as long
        _set_due(place, ticks() - begin)
    raise NotMade(reason)


def _made(
    place: Place,
    why: Why,
    command: str,
    of: Turn | None,
    also: Collection[str],
    until: float,
    ticks: Callable[[], float],
) -> Made | None:
    rooms = open_rooms(place)
    if rooms and not any(room.policy.keep_turns for room in rooms):
        return None
    return _Making(place, why, rooms, until, ticks).run(command, of, also)


def _set_due(place: Place, took: float) -> None:
    """Say when the next snapshot of a holder's work is due: so rarely that it costs 2 % at the most."""
    due = time.time() + max(WORK_S, SHARE * took)
    try:
        write_file(place.due, b"")
        os.utime(place.due, (due, due))
    except OSError:
        pass


class _Making:
    """One snapshot while it is made. ``until`` is a time of ``ticks``."""

    def __init__(
        self,
        place: Place,
        why: Why,
        rooms: Sequence[Room],
        until: float,
        ticks: Callable[[], float],
    ) -> None:
        self.place = place
        self.rooms = {turn.room: turn for room in rooms for turn in turns_of(room)}
        self.spared = [glob for room in rooms for glob in room.policy.keep_not]
        self.why = why
        self.until = until
        self.ticks = ticks
        self.begin = ticks()
        self.at, _, self.boot = clock.read()
        self.paths: dict[str, Entry] = {}
        self.left: dict[str, str] = {}
        self.unnamed = 0
        self.last: Listed | None = None
        self.known: dict[str, tuple[Entry, int]] = {}  # as kept last, and when

    def run(self, command: str, of: Turn | None, also: Collection[str]) -> Made:
        status, flags, complaint = git_kept.listing(
            self.place.root, self.until, flags=self.why in ("take", "before", "undo")
        )
        found = listing.parse(status, flags)
        listed_by_git = {it.path for it in found}
        unseen = dict.fromkeys((*also, *self._lying(listing.skipped(flags))))
        found += [listing.Found(it, listing.HIDDEN) for it in unseen if it not in listed_by_git]
        commit = head.of(self.place.git_dir)
        self.place.make()
        self.last = self._know()
        if self.why == "work" and (late := self._unbegun()):
            self.why, of = "take", late
        algorithm = self._algorithm(commit, found)
        writer = Writer(self.place, algorithm, self._sure())
        try:
            self._keep_files(writer, found)
            unreached = self._keep_staged(writer, found)
            writer.finish()
        finally:
            writer.drop()
        listed = Listed(
            lists.fresh_id(self.at), self.why, self.at, self.place.root, commit or "", algorithm,
            command, _doing(self.place.git_dir), _first_line(complaint or unreached), self._took(), of,
            self.rooms, self.paths, self.left, self.unnamed, self.boot,
        )  # fmt: skip
        lists.write(self.place, listed)
        kept = sum(1 for it in self.paths.values() if it.blob)
        before = self.last.left if self.last else {}
        news = [path for path in self.left if path not in before]
        return Made(
            listed.id, self.at, kept, self.left, listed.partial, listed.took, self.unnamed, news
        )

    def _lying(self, paths: Sequence[str]) -> Iterator[str]:
        """Yield those of some paths that are there, though git was told that they need not be."""
        folders: dict[str, bool] = {}  # in a sparse checkout most are missing, with all in them
        with files.Tree(self.place.root) as tree:
            for path in paths:
                folder = os.path.dirname(path)
                if folder not in folders:
                    folders[folder] = os.path.isdir(os.path.join(self.place.root, folder))
                try:
                    if folders[folder] and tree.look(path):
                        yield path
                except (files.Gone, files.NotKept):
                    continue

    def _know(self) -> Listed | None:
        """Return the newest list, with what single edits left since: those files need not be read again."""
        edits = []
        for listed in lists.every(self.place, edits=True):
            if not listed.written:
                self.known = {path: (entry, listed.at) for path, entry in listed.paths.items()}
                break
            edits.append(listed)
        else:
            return None
        for listed in reversed(edits):
            self.known |= {path: (it, listed.kept_at(path)) for path, it in listed.paths.items()}
        return listed

    def _sure(self) -> frozenset[str]:
        """Return the blobs that the last list names, if it was made since the machine started."""
        if self.last is None or not self.boot or self.last.boot != self.boot:
            return frozenset()
        return frozenset(it.blob for it in self.last.paths.values())

    def _unbegun(self) -> Turn | None:
        """Return a turn that has no snapshot yet: a client's sandbox could not write the git dir when
        it was taken, so the next hook outside makes that of its begin."""
        before = self.last.rooms if self.last else {}
        return next(
            (it for it in self.rooms.values() if it.holder and before.get(it.room) != it), None
        )

    def _took(self) -> int:
        return int((self.ticks() - self.begin) * 1000)

    def _algorithm(self, commit: str | None, found: Sequence[listing.Found]) -> str:
        """Return how the repository names objects; asked of git where nothing shows it."""
        if self.last:
            return self.last.algorithm
        name = commit or next((it.index[1] for it in found if it.index), "")
        if name:
            return "sha1" if len(name) == 40 else "sha256"
        return git_kept.object_format(self.place.root)

    # --- the index

    def _keep_staged(self, writer: Writer, found: Sequence[listing.Found]) -> str:
        """Keep the blobs that are only staged: where they are unstaged, `git gc` takes them away.

        After the files: those that are staged as they lie there are kept by then. Returns why some were
        not reached, ``""`` where all were: the files are kept all the same.
        """
        asked = [it.index[1] for it in found if it.index and not it.submodule]
        new = list(dict.fromkeys(name for name in asked if not writer.has(name)))[:PATHS]
        try:
            self._keep_blobs(writer, new)
        except TooLate as error:
            return f"what is only staged is not kept: {error}"
        except Refusal as refusal:
            return f"what is only staged is not kept: {refusal.sentence}"
        return ""

    def _keep_blobs(self, writer: Writer, names: Sequence[str]) -> None:
        known = git_kept.sizes(self.place.root, names, self.until) if names else {}
        small = [name for name, size in known.items() if size <= files.SIZE_LIMIT]
        for i in range(0, len(small), CHUNK):
            for data in git_kept.contents(
                self.place.root, small[i : i + CHUNK], self.until
            ).values():
                writer.add(data)

    # --- the files

    def _keep_files(
        self,
        writer: Writer,
        found: Sequence[listing.Found],
    ) -> None:
        with files.Tree(self.place.root) as tree:
            for it in found:
                why = self._bar(it)
                try:
                    if why:
                        raise files.NotKept(why)
                    self.paths[it.path] = self._entry(writer, tree, it)
                except files.Gone:
                    self.paths[it.path] = Entry(entries.GONE, it.state, index=it.index)
                except files.NotKept as error:
                    self._leave(it.path, str(error))

    def _bar(self, it: listing.Found) -> str:
        """Return why the bytes of a path are not even looked at, ``""`` where they are."""
        if it.submodule:
            return "submodule"
        if it.path.endswith("/"):
            return "nested repository"
        if it.deleted:
            return ""
        if len(self.paths) >= PATHS:
            return f"more than {PATHS} paths"
        if any(matches(glob, it.path) for glob in self.spared):
            return "keep_not"
        return "" if self.ticks() < self.until else "out of time"

    def _leave(self, path: str, why: str) -> None:
        if len(self.left) >= NAMED:
            self.unnamed += 1
        else:
            self.left[path.rstrip("/")] = why

    def _entry(self, writer: Writer, tree: files.Tree, it: listing.Found) -> Entry:
        seen = tree.look(it.path)
        last, at = self.known.get(it.path, (None, 0))
        if last and self._is_same(seen, last, at) and writer.has(last.blob):
            blob = last.blob
        else:
            seen, data = tree.read(it.path)
            blob = writer.add(data)
        return Entry(seen.kind, it.state, seen.mode, seen.size, seen.stat, blob, it.index)

    def _is_same(self, seen: files.Seen, last: Entry, at: int) -> bool:
        """Tell whether a file is what was read last, at a time: then its bytes are kept already."""
        if not last.blob or (seen.kind, seen.size, seen.stat) != (last.kind, last.size, last.stat):
            return False
        return max(seen.stat[2:]) + TICK_NS < at * 1_000_000


def open_rooms(place: Place) -> list[Room]:
    """Return all rooms of a working tree that can be read."""
    every = open_store(place.root, place.git_dir).every()
    return [found.room for _, found in every if isinstance(found, Snapshot)]


def turns_of(room: Room) -> list[Turn]:
    """Return the turn of a room, and those of its parts: one for each of their paths."""
    rest = Turn(room.path, room.room_id, room.turn_id, room.lease.holder if room.lease else "")
    held = [(part, part.lease.holder) for part in room.parts if part.lease]
    return [rest, *(Turn(p, room.room_id, it.turn_id, who) for it, who in held for p in it.paths)]


def _doing(git_dir: str) -> str:
    """Return what git is in the middle of, ``""`` for nothing."""
    there = [
        command or "git cherry-pick"
        for mark, (_, command) in begun_operations.MARKS.items()
        if os.path.lexists(os.path.join(git_dir, mark))
    ]
    return there[0].removeprefix("git ") if there else ""


def _first_line(complaint: str) -> str:
    return plain(complaint.splitlines()[0])[:COMMAND] if complaint else ""
