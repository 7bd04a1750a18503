"""The store: rooms as files, one JSON state a room, under one lock a workspace.

A write is: cut the log to the length the state names, append the events and fsync, copy the new
state into the git dir, write it beside the old one and fsync, rename it over, fsync the folder,
raise the anchor.
The rename is the moment it happened. What came before it leaves no trace that counts; what
comes after it may be missing, and the next writer makes it good.

Everything is done by the descriptor of a folder opened before the lock was taken: where
somebody wiped the folder meanwhile, a write fails instead of landing in the new one.
"""

# bundle: write
from __future__ import annotations

import os

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import replace
from stickhooks.protocol.model import Event, Json, Room
from stickhooks.store import (
    activity,
    codec,
    event_log,
    exclusion,
    layout,
    limits,
    publishing,
    reader,
    room_copy,
    sides,
    young_git,
)
from stickhooks.store.anchor import GROWTH, Anchor
from stickhooks.store.reading import FilesRead
from stickhooks.store.snapshot import Conflict, Reading, Snapshot, Unconfirmed
from stickhooks.system import clock, filesystem, lock
from stickhooks.system.filesystem import reported
from stickhooks.system.folder import Folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Final

    from stickhooks.store import wait_queue
    from stickhooks.store.repair import Remains

LOCK_TIMEOUT: Final = 10.0  # seconds
SLACK_MS: Final = 1000  # no step: two clocks are never read at once, and one is slewed


class FileStore(FilesRead):
    """Rooms as files that can be written. Reading takes no lock and writes nothing, but brings back
    a room whose state went and whose copy in the git dir is exact."""

    def __init__(
        self,
        root: str,
        git_dir: str | None = None,
        *,
        folder: str | None = None,
        lock_timeout: float = LOCK_TIMEOUT,
        waiting: Callable[[str, Sequence[str]], frozenset[str]] | None = None,
    ) -> None:
        super().__init__(root, git_dir, folder=folder, waiting=waiting)
        self.lock_timeout = lock_timeout
        self._held: exclusion.Exclusive | None = None

    def load(self, path: str) -> Snapshot | None:
        """Return a room as it is now, or None. Raises the refusals of ``reader.Survey.load``; under the
        lock, when it is read to be written, ``io`` for a room of another side."""
        snapshot = super().load(path)
        if self._held is not None and self._anchor.engine is not None:
            told = (
                "the rooms of this workspace were moved to an engine meanwhile; nothing was changed"
            )
            raise Refusal("engine", told, [Next("status")])
        if snapshot is not None and self._held is not None:
            self._check_side(snapshot)
        return snapshot

    def trouble(self, snapshot: Snapshot) -> Refusal | None:
        """Return why nothing may be written to a room from here, None where its locks are ours."""
        side, device = snapshot.record.side, snapshot.device
        if side is None or sides.is_here(side, device, clock.boot_id()):
            return None
        raw = reader.parsed(snapshot.data, self.folder)
        with reported(self.folder), Folder.open(self.folder) as folder:
            return sides.trouble(raw, folder, device, self.root)

    def _check_side(self, snapshot: Snapshot) -> None:
        trouble = self.trouble(snapshot)
        if trouble is not None:
            raise trouble

    # --- beside the rooms

    def note(self, room_id: str, what: str, **details: object) -> bool:
        return activity.note(self.root, room_id, what, sparing=False, **details)

    def is_first_reminder(self, snapshot: Snapshot) -> bool:
        return activity.is_first_reminder(self.root, snapshot.room.room_id, snapshot.room.turn_id)

    def reach(self, agent: str) -> dict[str, object] | None:
        from stickhooks.store import reach

        return reach.read(self.folder, agent)

    def keep_reach(self, agent: str, facts: Mapping[str, object] | None) -> None:
        from stickhooks.store import reach

        reach.keep(self.folder, agent, facts) if facts else reach.drop(self.folder, agent)

    def wait_place(self, agent: str) -> wait_queue.place:
        from stickhooks.store import wait_queue

        return wait_queue.place(self.folder, agent)

    # --- brought back

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
            for path in lost:
                self._put_back(path)
        return True

    def _put_back(self, path: str) -> bool:
        mark = self._anchor.marks().get(path)
        return mark is not None and room_copy.put_back(
            self.git_dir, self._open, path, mark, self._lock.look
        )

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
            self.git_dir = layout.git_dir_of(self.root)
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

    def _written_side(self, before: Json | None) -> Json | None:
        """Return the side to be written, which is as it was where that is ours."""
        device = os.fstat(self._lock.fd).st_dev
        if before is not None and sides.is_here(before, device, clock.boot_id()):
            return before
        return sides.written(sides.here(self._open, device, self.root), before)

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
        side, place = self._written_side(None), young_git.place(self.root)
        record = codec.Record(1, history[1], boot, wall - monotonic, side=side, place=place)
        _, data = limits.state(room, record)
        before = self._anchor.marks()
        mark: dict[str, object] = {"id": room.room_id, "turn": room.latest_turn}
        after = {**before, room.path: {**mark, "before": anew} if anew else mark}
        with reported(self.folder):
            self._lock.look()
            publishing.move_stray_aside(self._open, room.path)
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
        with self.exclusive():
            return room_copy.is_of(self.root, self.git_dir) and self._put_back(path)

    def anchor_hindrance(self) -> str:
        from stickhooks.store import anchor_rebuild

        return anchor_rebuild.hindrance(self)

    def rebuild_anchor(self) -> list[str]:
        """Make an anchor that cannot be read again; return its rooms. See ``anchor_rebuild``."""
        from stickhooks.store import anchor_rebuild

        return anchor_rebuild.rebuild(self)

    def swap(
        self,
        before: Snapshot,
        room: Room,
        events: Sequence[Event],
        reading: Reading,
        *,
        first: Callable[[], object] | None = None,
    ) -> Snapshot:
        """Replace the room by ``room``, if it is still as it was in ``before``; else Conflict."""
        assert before.record.mirror is None, "a mirror is written by its engine's store alone"
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
            self._publish(before, room, record, data, lines, first)
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
            side=self._written_side(old.side),
            place=young_git.place(self.root),
        )
        if any(lease in before.room.leases for lease in room.leases):
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

    def _publish(
        self,
        before: Snapshot,
        room: Room,
        record: codec.Record,
        data: bytes,
        lines: bytes,
        first: Callable[[], object] | None,
    ) -> None:
        """Copy a state, put it in place, and bring the anchor to its turn, in doubt as well."""
        room_copy.keep(
            self.git_dir, self._open, room.room_id, data, record.log_bytes, lines
        )  # first: a copy that is ahead of the anchor is not exact
        try:
            self._replace(layout.state_name(room.path), data, first)
        except Unconfirmed:
            self._anchor.raise_to(room)
            raise
        except BaseException as error:
            room_copy.disown(self.git_dir, room.room_id)
            if isinstance(error, (OSError, Refusal)):  # not published: the copy is of what is there
                end = before.record.log_bytes
                room_copy.keep(self.git_dir, self._open, room.room_id, before.data, end, b"")
            raise
        self._look_for_git()
        if not self._anchor.raise_to(room):  # the git dir was made meanwhile
            try:
                young_git.adopt(self._anchor, self._open, room.path)
            except Refusal:
                pass  # as where an anchor cannot be raised: it happened

    def _replace(self, name: str, data: bytes, first: Callable[[], object] | None = None) -> None:
        publishing.replace(self._lock, self._open, name, data, first)
