"""The store: rooms as files, one JSON state a room, under one lock a workspace.

A write is: cut the log to the length the state names, append the events and fsync, write
the new state beside the old and fsync, rename it over, fsync the folder, raise the anchor.
The rename is the moment it happened. What came before it leaves no trace that counts; what
comes after it may be missing, and the next writer makes it good.

Everything is done by the descriptor of a folder opened before the lock was taken: where
somebody wiped the folder meanwhile, a write fails instead of landing in the new one.
"""

from __future__ import annotations

import os
import time

from stickhooks.errors import Refusal
from stickhooks.fast.records import dataclass, replace
from stickhooks.protocol import phases
from stickhooks.protocol.model import Event, Json, Room
from stickhooks.store import (
    codec,
    event_log,
    exclusion,
    layout,
    limits,
    reader,
    room_copy,
    sides,
    young_git,
)
from stickhooks.store.anchor import GROWTH, Anchor
from stickhooks.system import clock, filesystem, lock, publish
from stickhooks.system.filesystem import reported
from stickhooks.system.folder import Folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Final, TypeAlias

    from stickhooks.store.repair import Remains
    from stickhooks.system.watch import Watch

Reading: TypeAlias = tuple[int, int, str]
LOCK_TIMEOUT: Final = 10.0
SLACK_MS: Final = 1000  # no step: two clocks are never read at once, and one is slewed


class Conflict(Exception):  # noqa: N818 - not a fault: somebody was faster
    """The room changed between the look at it and the write."""


class Unconfirmed(Exception):  # noqa: N818 - it happened; only its durability is in doubt
    """The new state is in place, but the system would not confirm that it is on disk."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A room as it was read, with what is needed to write it back if it is still so."""

    room: Room
    record: codec.Record
    data: bytes
    device: int = 0  # of the file that it was read from

    def now(self, reading: Reading) -> int:
        """Return room time in milliseconds at a clock reading."""
        record = self.record
        return phases.room_time(
            *reading, record.clock_boot, record.clock_offset, record.clock_shift
        )


class FileStore:
    """Rooms under one folder, by default ``.talking-stick`` in the workspace.

    ``root`` is the workspace as it is named in answers; ``git_dir`` the folder that keeps the
    anchor, None where there is no git. Reading takes no lock and writes nothing.
    """

    def __init__(
        self,
        root: str,
        git_dir: str | None = None,
        *,
        folder: str | None = None,
        lock_timeout: float = LOCK_TIMEOUT,
        waiting: Callable[[str, Sequence[str]], frozenset[str]] | None = None,
    ) -> None:
        self.root = root
        self.git_dir = git_dir
        self._anchor = Anchor(git_dir, root)
        self.folder = folder or os.path.join(root, layout.FOLDER)
        self.lock_timeout = lock_timeout
        self._waiting = waiting
        self._held: exclusion.Exclusive | None = None
        self._side: sides.Side | None = None  # ours, where it had to be looked for
        self._known: dict[str, tuple[dict[str, object], Snapshot]] = {}  # as last read

    # --- reading

    def paths(self) -> list[str]:
        """Return the rooms of the workspace, the one of the workspace itself first."""
        with self._survey() as survey:
            return sorted(survey.rooms)

    def foreign(self) -> list[str]:
        """Return the rooms whose state was copied from another checkout, and is ignored."""
        with self._survey() as survey:
            return sorted(survey.foreign)

    def places(self) -> list[str]:
        """Return the files and folders that show whose rooms these are, there or not."""
        anchor = layout.anchor_of(self.git_dir) if self.git_dir else self.folder
        return [
            self.folder,
            os.path.join(self.folder, layout.state_name("")),
            os.path.dirname(anchor),
            anchor,
        ]

    def lying_here(self) -> list[str]:
        """Return the rooms that our folder has a file of, whatever the anchor says."""
        try:
            ours, _ = reader.open_folder(self.folder)
        except ValueError:
            return []
        if ours is None:
            return []
        with ours:
            return [
                room for name in ours.names() if (room := layout.room_of_name(name)) is not None
            ]

    def load(self, path: str) -> Snapshot | None:
        """Return a room as it is now, or None. Raises the refusals of ``disk.Survey.load``; under the
        lock, when it is read to be written, ``io`` for a room of another side."""
        snapshot = self._look(path)
        if snapshot is not None and self._held is not None:
            self._check_side(snapshot)
        return snapshot

    def _look(self, path: str) -> Snapshot | None:
        """Return a room as it is now, whatever side it belongs to."""
        with self._survey() as survey:
            self._anchor.seen = survey.anchor or {}
            if path not in survey.rooms:
                return None
            found = self._tried(path, survey)
            if _may_come_back(found) and self._brought_back([path], survey):
                return self._load_once(path)
        if isinstance(found, Refusal):
            raise found
        return found

    def _load_once(self, path: str) -> Snapshot | None:
        """Return a room as ``load`` does, and bring nothing back."""
        with self._survey() as survey:
            return self._loaded(path, survey) if path in survey.rooms else None

    def every(self, room_id: str = "") -> Iterator[tuple[str, Snapshot | Refusal | None]]:
        """Yield each room, by its path, as it is now: damage in one hides no other.

        All are found by one look at anchor and folder, so that a thousand cost a thousand times
        one. First comes the room that the anchor knows by ``room_id``; last, those that seem
        lost: they are looked at anew, for they may be brought back, or were removed meanwhile.
        """
        lost = []
        with self._survey() as survey:
            marks = survey.anchor or {}
            first = [path for path, mark in marks.items() if mark["id"] == room_id]
            for path in dict.fromkeys([*first, *sorted(survey.rooms)]):
                found = self._tried(path, survey)
                if _may_come_back(found):
                    lost.append(path)
                else:
                    yield path, found
            self._brought_back(lost, survey)
        if lost:
            with self._survey() as survey:
                left = set(survey.rooms)
                for path in lost:
                    if path in left:
                        yield path, self._tried(path, survey)

    def _tried(self, path: str, survey: reader.Survey) -> Snapshot | Refusal | None:
        try:
            return self._loaded(path, survey)
        except Refusal as refusal:
            return refusal

    def _loaded(self, path: str, survey: reader.Survey) -> Snapshot | None:
        known = self._known.get(path)
        found = survey.load(path, (known[0], known[1].data) if known else None)
        if found is None:
            return None
        raw, data = found
        if known and raw is known[0]:
            return known[1]
        try:
            snapshot = Snapshot(*codec.decode(raw), data, survey.device)
        except ValueError as error:
            where = os.path.join(self.folder, layout.state_name(path))
            raise Refusal("state_corrupt", what=f"{where}: {error}") from None
        self._known[path] = raw, snapshot
        return snapshot

    def _brought_back(self, lost: Sequence[str], survey: reader.Survey) -> bool:
        """Bring rooms back from exact copies whose state is not there, or an older one than was given.

        Tell whether it is worth another look.
        """
        if self._held is not None or not lost or not room_copy.is_of(self.root, self.git_dir):
            return False
        marks = survey.anchor or {}
        if not any(room_copy.exact(self.git_dir, path, marks.get(path)) for path in lost):
            return False
        with self.exclusive():  # brings back what is not there
            marks = self._anchor.marks()
            for path in lost:
                self._replace_older(path, marks.get(path))
        return True

    def _replace_older(self, path: str, mark: dict[str, object] | None) -> None:
        from stickhooks.store import repair

        raw = repair.state_of(self._open, path)
        if mark and raw and reader.is_older(raw, mark):
            self._move_stray_aside(path)
            room_copy.put_back(self.git_dir, self._open, path, mark, self._lock.look)

    def events(self, snapshot: Snapshot, after: int, limit: int) -> list[Event]:
        """Return up to ``limit`` events of a room numbered above ``after``, by bisection."""
        try:
            with reported(self.folder), Folder.open(self.folder) as ours:
                log = ours.sub(layout.LOGS, snapshot.room.room_id)
                with log:
                    return event_log.read(log, after, limit, snapshot.record.log_bytes)
        except Refusal as refusal:
            if isinstance(refusal.__cause__, FileNotFoundError):
                return []  # nothing happened yet
            raise

    def waiting(self, agents: Sequence[str]) -> frozenset[str]:
        if not agents:
            return frozenset()
        from stickhooks.store import wait_queue

        return (self._waiting or wait_queue.waiting)(self.folder, agents)

    def watch(self, path: str) -> Watch:
        from stickhooks.system.watch import Watch

        return Watch(os.path.join(self.folder, layout.state_name(path)))

    def _survey(self) -> reader.Survey:
        return reader.Survey(self.root, self.git_dir, self.folder)

    # --- the side

    def trouble(self, snapshot: Snapshot) -> Refusal | None:
        """Return why nothing may be written to a room from here, None where its locks are ours."""
        side = snapshot.record.side
        if side is None or sides.is_here(side, snapshot.device, clock.boot_id()):
            return None
        ours = self._side
        if ours is None or ours.device != snapshot.device:  # looked for once, not for each room
            with reported(self.folder), Folder.open(self.folder) as folder:
                ours = self._side = sides.here(folder, snapshot.device, self.root)
        if not sides.differ(side, ours):
            return None
        return sides.refusal(reader.parsed(snapshot.data, self.folder), ours)

    def _check_side(self, snapshot: Snapshot) -> None:
        trouble = self.trouble(snapshot)
        if trouble is not None:
            raise trouble

    def _our_side(self, before: Json | None) -> Json | None:
        """Return the side to be written, which is as it was where that is ours."""
        device = os.fstat(self._lock.fd).st_dev
        if before is not None and sides.is_here(before, device, clock.boot_id()):
            return before
        return sides.written(sides.here(self._open, device, self.root), before)

    # --- the git dir

    def settle_in(self, ours: Folder) -> None:
        """Make anchor and folder agree, now that we have the lock: rooms that a younger git dir does
        not know are entered in it, and rooms whose folder went are brought back."""
        self._look_for_git()
        if self.git_dir and not os.path.lexists(layout.anchor_of(self.git_dir)):
            young_git.adopt(self._anchor, ours)

    def _look_for_git(self) -> None:
        """See whether there is a git dir by now: a wait and a run outlive a ``git init``."""
        if self.git_dir is None and self.folder == os.path.join(self.root, layout.FOLDER):
            self.git_dir = young_git.git_dir_of(self.root)
            self._anchor = Anchor(self.git_dir, self.root)

    # --- the lock

    def exclusive(self, *, anywhere: bool = False) -> exclusion.Exclusive:
        """Return a context that holds the workspace's lock. Raises Refusal ``io`` when it cannot be had,
        and, but for ``anywhere``, for a room of another side: there the lock would be ours alone."""
        for _, snapshot in () if anywhere else self._known.values():
            self._check_side(snapshot)
        return exclusion.Exclusive(self)

    def _wait_for_lock(self, lock_fd: int) -> None:
        if not lock.within(lock_fd, self.lock_timeout):
            raise exclusion.kept(os.path.join(self.folder, layout.LOCK), self.lock_timeout)

    @property
    def _lock(self) -> exclusion.Exclusive:
        assert self._held is not None, "writing needs the lock"
        return self._held

    @property
    def _open(self) -> Folder:
        """Our folder, as it was when the lock was taken."""
        ours = self._lock.ours
        assert ours is not None
        return ours

    # --- writing, under the lock

    def create(
        self,
        room: Room,
        reading: Reading,
        *,
        anew: str | None = None,
        history: tuple[str, int] = ("", 0),
    ) -> Snapshot:
        """Publish a new room, with ``anew`` in the place of a lost or damaged one.

        It is entered in the anchor before its state exists, or a crash in between would
        leave a state that looks like one from a clone. What lay there is kept among the strays,
        and ``anew``, the id that it had (``""``: it is not known), in the anchor. ``history`` is a
        log file, with its length, that becomes the new room's.
        """
        if anew is None and self.load(room.path) is not None:
            raise Conflict
        filesystem.check(self.folder)
        wall, monotonic, boot = reading
        side, place = self._our_side(None), young_git.place(self.root)
        record = codec.Record(1, history[1], boot, wall - monotonic, side=side, place=place)
        _, data = limits.state(room, record)
        before = self._anchor.marks()
        mark: dict[str, object] = {"id": room.room_id, "turn": room.turn_id}
        after = {**before, room.path: {**mark, "before": anew} if anew else mark}
        with reported(self.folder):
            self._lock.look()
            self._move_stray_aside(room.path)
            if history[1]:
                with self._open.sub(layout.LOGS, room.room_id, make=True) as log:
                    room_copy.carry(history[0], log, history[1])
        try:
            self._anchor.write(after, GROWTH if anew is None else 0)
            room_copy.keep(self.git_dir, self._open, room.room_id, data, history[1], b"")
            with reported(self.folder):
                self._replace(layout.state_name(room.path), data)
        except Refusal as refusal:
            self._anchor.undo(before, refusal)
            raise
        whole = anew and os.path.basename(os.path.dirname(history[0])) == anew
        if anew and whole and room_copy.state_of(self.git_dir or "", room.room_id):
            room_copy.drop(self.git_dir, self._open, anew, carried=True)
        return Snapshot(room, record, data, os.fstat(self._lock.fd).st_dev)

    def remains(self, path: str) -> Remains:
        """Return what is still known of a room whose state cannot be used. Raises ``io`` where another
        side holds it."""
        from stickhooks.store import repair

        mark = self._anchor.marks().get(path, {})
        room_copy.check_not_held_elsewhere(self.git_dir, self._open, mark, clock.read())
        return repair.gather(self._open, self.git_dir, path, mark)

    def put_back(self, path: str) -> bool:
        """Put an exact copy in the place of a state that is damaged. Tell whether that was done."""
        from stickhooks.store import repair

        with self.exclusive():
            mark = self._anchor.marks().get(path)
            damaged = layout.state_name(path) in self._open.names() and not repair.state_of(
                self._open, path
            )
            if not damaged or not mark or not room_copy.is_of(self.root, self.git_dir):
                return False
            if room_copy.exact(self.git_dir, path, mark) is None:
                return False
            self._move_stray_aside(path)
            return room_copy.put_back(self.git_dir, self._open, path, mark, self._lock.look)

    def swap(
        self, before: Snapshot, room: Room, events: Sequence[Event], reading: Reading
    ) -> Snapshot:
        """Replace the room by ``room``, if it is still as it was in ``before``; else Conflict."""
        lines = limits.lines(events)
        with reported(self.folder):
            if reader.read_state(self._open, before.room.path) != before.data:
                raise Conflict
            record = self._next_record(before, room, reading, len(lines))
            raw, data = limits.state(room, record, before.room, len(before.data))
            if lines:
                length = self._append(room.room_id, before.record.log_bytes, lines)
                if length != record.log_bytes:  # the log had lost its end: go on from there
                    record = replace(record, log_bytes=length)
                    raw, data = limits.state(room, record, before.room, len(before.data))
            self._publish(room, record, data, lines)
        self._known[room.path] = raw, Snapshot(room, record, data, os.fstat(self._lock.fd).st_dev)
        return self._known[room.path][1]

    def remove(self, before: Snapshot) -> None:
        """Take a room away. Its log stays. The anchor forgets it first: a state that the anchor
        does not know counts for nothing, so a crash in between leaves no lost room."""
        with reported(self.folder):
            if reader.read_state(self._open, before.room.path) != before.data:
                raise Conflict
        self._lock.look()
        marks = self._anchor.marks()
        rest = {path: mark for path, mark in marks.items() if path != before.room.path}
        try:
            self._anchor.write(rest)
            with reported(self.folder):
                self._lock.look()
                self._open.unlink(layout.state_name(before.room.path))
        except Refusal as refusal:
            self._anchor.undo(marks, refusal)
            raise
        room_copy.drop(self.git_dir, self._open, before.room.room_id)
        try:
            self._open.sync()
        except OSError as error:
            raise Unconfirmed(error.strerror) from error

    def _next_record(
        self, before: Snapshot, room: Room, reading: Reading, added: int
    ) -> codec.Record:
        """Set the room's clock to this boot, where no other boot's lease depends on it, and note how
        far the wall clock is from it: by that other boots go."""
        old = before.record
        record = replace(
            old,
            revision=old.revision + 1,
            log_bytes=old.log_bytes + added,
            side=self._our_side(old.side),
            place=young_git.place(self.root),
        )
        if room.lease is not None and room.lease == before.room.lease:
            return record
        wall, monotonic, boot = reading
        now = before.now(reading)
        if boot != record.clock_boot:
            record = replace(record, clock_boot=boot, clock_offset=now - monotonic)
        shift = wall - now
        return replace(record, clock_shift=shift if abs(shift) >= SLACK_MS else 0)

    def _append(self, room_id: str, length: int, lines: bytes) -> int:
        with self._open.sub(layout.LOGS, room_id, make=True) as log:
            if event_log.size(log) < length:
                room_copy.mend_log(self.git_dir, self._open, room_id, length)
            return event_log.append(log, length, lines)

    def _publish(self, room: Room, record: codec.Record, data: bytes, lines: bytes) -> None:
        """Copy a state, put it in place, and bring the anchor to its turn, in doubt as well."""
        room_copy.keep(
            self.git_dir, self._open, room.room_id, data, record.log_bytes, lines
        )  # first: a copy that is ahead of the anchor is not exact
        try:
            self._replace(layout.state_name(room.path), data)
        except Unconfirmed:
            self._anchor.raise_to(room)
            raise
        except BaseException:
            room_copy.disown(self.git_dir, room.room_id)
            raise
        self._look_for_git()
        if not self._anchor.raise_to(room):  # the git dir was made meanwhile
            try:
                young_git.adopt(self._anchor, self._open, room.path)
            except Refusal:
                pass  # as where an anchor cannot be raised: it happened

    def _replace(self, name: str, data: bytes) -> None:
        """Replace a file durably, if lock file and folder are still what we hold.

        Raises Unconfirmed where the rename was done and what came after it failed.
        """
        ours = self._open
        try:
            publish.publish(ours, name, data, self._lock.look)
        except OSError as error:
            if self._holds(name, data):
                raise Unconfirmed(error.strerror) from error
            raise
        self._lock.confirm()
        try:
            ours.sync()
        except OSError as error:
            raise Unconfirmed(error.strerror) from error

    def _holds(self, name: str, data: bytes) -> bool:
        try:
            return self._open.read(name, reader.STATE_LIMIT) == data
        except ValueError:
            return False

    def _move_stray_aside(self, path: str) -> None:
        """Keep a state that came with a clone, or was damaged, out of the way, not thrown away."""
        name = layout.state_name(path)
        if name not in self._open.names():
            return
        kept = os.path.join(layout.STRAYS, f"{time.time_ns()}-{name}")
        self._open.sub(layout.STRAYS, make=True).close()
        try:
            self._open.link(name, kept)  # it stays in its place until the new state takes that
        except OSError:
            self._open.replace(name, kept)


def _may_come_back(found: Snapshot | Refusal | None) -> bool:
    return found.code == "state_lost" if isinstance(found, Refusal) else found is None
