"""The store: rooms as files, one JSON state a room, under one lock a workspace.

A write is: cut the log to the length the state names, append the events and fsync, write
the new state beside the old and fsync, rename it over, fsync the folder, raise the anchor.
The rename is the moment it happened. What came before it leaves no trace that counts; what
comes after it may be missing, and the next writer makes it good.

Everything is done by the descriptor of a folder opened before the lock was taken: where
somebody wiped the folder meanwhile, a write fails instead of landing in the new one.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeAlias

from filelock import lock_descriptor

from stickhooks import derive, disk, eventlog, filesystem, jsontext, wire
from stickhooks.errors import Refusal
from stickhooks.model import Event, Room

Reading: TypeAlias = tuple[int, int, str]
LOCK_TIMEOUT: Final = 10.0


class Conflict(Exception):  # noqa: N818 - not a fault: somebody was faster
    """The room changed between the look at it and the write."""


class Unconfirmed(Exception):  # noqa: N818 - it happened; only its durability is in doubt
    """The new state is in place, but the system would not confirm that it is on disk."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A room as it was read, with what is needed to write it back if it is still so."""

    room: Room
    record: wire.Record
    data: bytes

    def now(self, reading: Reading) -> int:
        """Return room time in milliseconds at a clock reading."""
        return derive.room_time(*reading, self.record.clock_boot, self.record.clock_offset)


class Store(Protocol):
    """What operations need of a place where rooms live. Nothing above may know which place.

    ``exclusive`` only makes conflicts rare (a store on another engine may do nothing there):
    what is promised is that ``swap`` raises Conflict unless the room is still as it was read.
    """

    @property
    def root(self) -> str: ...
    def paths(self) -> list[str]: ...
    def load(self, path: str) -> Snapshot | None: ...
    def exclusive(self) -> AbstractContextManager[None]: ...
    def create(self, room: Room, reading: Reading, *, anew: bool = False) -> Snapshot: ...
    def last_turn(self, path: str) -> int: ...
    def swap(
        self, before: Snapshot, room: Room, events: Sequence[Event], reading: Reading
    ) -> Snapshot: ...
    def remove(self, before: Snapshot) -> None: ...
    def events(self, room_id: str, after: int, limit: int) -> list[Event]: ...
    def waiting(self, agents: Sequence[str]) -> frozenset[str]: ...
    def watch(self, path: str, before: Snapshot | None, seconds: float) -> None: ...


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
        self.folder = folder or os.path.join(root, disk.FOLDER)
        self.lock_timeout = lock_timeout
        self._waiting = waiting
        self._fd: int | None = None

    # --- reading

    def paths(self) -> list[str]:
        """Return the rooms of the workspace, the one of the workspace itself first."""
        with self._survey() as survey:
            return sorted(survey.rooms)

    def foreign(self) -> list[str]:
        """Return the rooms whose state came with a clone or a copy, and counts for nothing."""
        with self._survey() as survey:
            return sorted(survey.foreign)

    def load(self, path: str) -> Snapshot | None:
        """Return a room as it is now, or None. Raises the refusals of ``disk.Survey.load``."""
        with self._survey() as survey:
            if path not in survey.rooms:
                return None
            found = survey.load(path)
        if found is None:
            return None
        raw, data = found
        return Snapshot(*wire.decode(raw), data)

    def events(self, room_id: str, after: int, limit: int) -> list[Event]:
        """Return up to ``limit`` events numbered above ``after``, by bisection."""
        return eventlog.read(os.path.join(self._log_folder(room_id), eventlog.EVENTS), after, limit)

    def waiting(self, agents: Sequence[str]) -> frozenset[str]:
        from stickhooks import line

        return (self._waiting or line.waiting)(self.folder, agents)

    def watch(self, path: str, before: Snapshot | None, seconds: float) -> None:
        """Return when the room's state file was replaced, or after ``seconds``. Writes nothing."""
        from stickhooks import watch

        name = os.path.join(self.folder, disk.state_name(path))
        watch.until_changed(name, before.data if before else None, seconds)

    @contextlib.contextmanager
    def _survey(self) -> Iterator[disk.Survey]:
        survey = disk.Survey(self.root, self.git_dir, self.folder)
        try:
            yield survey
        finally:
            survey.close()

    def _log_folder(self, room_id: str) -> str:
        return os.path.join(self.folder, "log", room_id)

    # --- the lock

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the workspace's lock. Raises Refusal ``io`` when it cannot be had in time."""
        with reported(self.folder):
            self._make_folder()
            folder_fd, trouble = disk.open_folder(self.folder)
        if folder_fd is None:
            raise Refusal("state_corrupt", what=f"{self.folder}: {trouble or 'it is not there'}")
        try:
            with reported(self.folder):
                lock_fd = self._open_lock(folder_fd)
            try:
                self._wait_for_lock(lock_fd)
                self._check_still_there(folder_fd, lock_fd)
                self._fd = folder_fd
                yield
            finally:
                self._fd = None
                os.close(lock_fd)  # closing lets go of the lock
        finally:
            if folder_fd >= 0:
                os.close(folder_fd)

    def _make_folder(self) -> None:
        """Make the folder, with a ``.gitignore`` as the first file in it."""
        with contextlib.suppress(FileExistsError):
            os.mkdir(self.folder, 0o700)
        ignore = os.path.join(self.folder, ".gitignore")
        with contextlib.suppress(FileExistsError):
            fd = os.open(ignore, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.write(fd, b"*\n")
            finally:
                os.close(fd)

    def _open_lock(self, folder_fd: int) -> int:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        flags |= getattr(os, "O_NONBLOCK", 0)
        return os.open(self._at("lock", folder_fd), flags, 0o600, **_dir(folder_fd))

    def _wait_for_lock(self, lock_fd: int) -> None:
        """Try the lock until it is ours: often at first, for most holders need a millisecond."""
        until = time.monotonic() + self.lock_timeout
        pause = 0.0005
        while not lock_descriptor(lock_fd, blocking=False):
            if time.monotonic() >= until:
                raise Refusal(
                    "io",
                    f"somebody has kept the lock {os.path.join(self.folder, 'lock')} for"
                    f" {self.lock_timeout:g} s; nothing was changed",
                    ["stick status", "stick doctor"],
                )
            time.sleep(pause)
            pause = min(pause * 1.5, 0.005)

    def _check_still_there(self, folder_fd: int, lock_fd: int) -> None:
        """Make sure that the file we locked is the one that others would lock."""
        with reported(self.folder):
            ours, shown = os.fstat(lock_fd), os.stat(os.path.join(self.folder, "lock"))
        if (ours.st_dev, ours.st_ino) != (shown.st_dev, shown.st_ino):
            raise Refusal(
                "io", f"{self.folder} was replaced just now; nothing was changed", ["stick status"]
            )

    # --- writing, under the lock

    def create(self, room: Room, reading: Reading, *, anew: bool = False) -> Snapshot:
        """Publish a new room, with ``anew`` in the place of a lost or damaged one.

        It is entered in the anchor before its state exists, or a crash in between would
        leave a state that looks like one from a clone. What lay there is kept among the strays.
        """
        if not anew and self.load(room.path) is not None:
            raise Conflict
        filesystem.check(self.folder)
        marks = self._marks()
        marks[room.path] = {"id": room.room_id, "turn": 0 if anew else room.turn_id}
        with reported(self.folder):
            self._move_stray_aside(room.path)
        self._write_new_anchor(marks)
        wall, monotonic, boot = reading
        record = wire.Record(1, 0, boot, wall - monotonic)
        with reported(self.folder):
            snapshot = self._publish(room, record)
        self._raise_anchor(room)
        return snapshot

    def last_turn(self, path: str) -> int:
        """Return the highest turn known to have been given at ``path``: by anchor or state."""
        mark = self._marks().get(path, {}).get("turn", 0)
        found = 0
        with contextlib.suppress(Refusal):
            data = disk.read_state(self.folder, self._fd, path)
            raw = disk.parsed(data, self.folder) if data else {}
            found = int(str(raw.get("turn_id", 0)))
        return max(found, mark if isinstance(mark, int) else 0)

    def _marks(self) -> dict[str, dict[str, object]]:
        """Return the anchor's rooms; one that cannot be read knows none."""
        if self.git_dir is None:
            return {}
        try:
            return dict(disk.read_anchor(self.git_dir) or {})
        except Refusal:
            return {}

    def swap(
        self, before: Snapshot, room: Room, events: Sequence[Event], reading: Reading
    ) -> Snapshot:
        """Replace the room by ``room``, if it is still as it was in ``before``; else Conflict."""
        with reported(self.folder):
            if disk.read_state(self.folder, self._fd, before.room.path) != before.data:
                raise Conflict
            length = before.record.log_bytes
            if events:
                length = self._append(room.room_id, length, events)
            try:
                snapshot = self._publish(room, self._next_record(before, room, length, reading))
            except Unconfirmed:
                self._raise_anchor(room)
                raise
        self._raise_anchor(room)
        return snapshot

    def remove(self, before: Snapshot) -> None:
        """Take a room away. Its log stays. The anchor forgets it first: a state that the anchor
        does not know counts for nothing, so a crash in between leaves no lost room."""
        marks = self._marks()
        marks.pop(before.room.path, None)
        self._write_new_anchor(marks)
        with reported(self.folder):
            os.unlink(self._at(disk.state_name(before.room.path), self._fd), **_dir(self._fd))
            self._sync_folder()

    def _next_record(
        self, before: Snapshot, room: Room, log_bytes: int, reading: Reading
    ) -> wire.Record:
        """Set the room's clock to this boot, where no other boot's lease depends on it."""
        record = replace(
            before.record, revision=before.record.revision + 1, log_bytes=log_bytes
        )  # fmt: skip
        _, monotonic, boot = reading
        if boot != record.clock_boot and (room.lease is None or room.lease != before.room.lease):
            record = replace(
                record, clock_boot=boot, clock_offset=before.now(reading) - monotonic
            )  # fmt: skip
        return record

    def _append(self, room_id: str, length: int, events: Sequence[Event]) -> int:
        at, log = _dir(self._fd), os.path.join("log", room_id)
        for folder in ("log", log):
            with contextlib.suppress(FileExistsError):
                os.mkdir(self._at(folder, self._fd), 0o700, **at)
        lines = b"".join(wire.event_line(event) for event in events)
        name = self._at(os.path.join(log, eventlog.EVENTS), self._fd)
        return eventlog.append(name, length, lines, **at)

    def _publish(self, room: Room, record: wire.Record) -> Snapshot:
        data = wire.encode(room, record)
        if len(data) > disk.STATE_LIMIT:
            raise Refusal(
                "io",
                f"the room's state would outgrow {disk.STATE_LIMIT} bytes; nothing was changed",
                ["stick status --all", "stick leave"],
            )
        self._replace(disk.state_name(room.path), data)
        return Snapshot(room, record, data)

    def _replace(self, name: str, data: bytes) -> None:
        """Write a file under another name, make it durable, and rename it over.

        Raises Unconfirmed where the rename was done and what came after it failed.
        """
        fd, temporary = self._fd, f"{name}.tmp"  # one name for all: they hold the lock
        try:
            _write_durably(self._at(temporary, fd), data, _dir(fd))
            both = {"src_dir_fd": fd, "dst_dir_fd": fd} if _dir(fd) else {}
            os.replace(self._at(temporary, fd), self._at(name, fd), **both)
        except OSError as error:
            if self._holds(name, data):
                raise Unconfirmed(error.strerror) from error
            with contextlib.suppress(OSError):
                os.unlink(self._at(temporary, fd), **_dir(fd))
            raise
        try:
            self._sync_folder()
        except OSError as error:
            raise Unconfirmed(error.strerror) from error

    def _holds(self, name: str, data: bytes) -> bool:
        try:
            return (
                disk.read_file(self._at(name, self._fd), disk.STATE_LIMIT, **_dir(self._fd)) == data
            )
        except ValueError:
            return False

    def _sync_folder(self) -> None:
        if self._fd is not None and self._fd >= 0:
            os.fsync(self._fd)

    def _move_stray_aside(self, path: str) -> None:
        """Keep a state that came with a clone, or was damaged, out of the way, not thrown away."""
        name = disk.state_name(path)
        if not os.path.lexists(os.path.join(self.folder, name)):
            return
        strays = os.path.join(self.folder, "strays")
        os.makedirs(strays, 0o700, exist_ok=True)
        os.replace(
            os.path.join(self.folder, name), os.path.join(strays, f"{time.time_ns()}-{name}")
        )

    def _at(self, name: str, fd: int | None) -> str:
        """Return the name to use for a file of our folder: relative to its descriptor where that works."""
        return name if fd is not None and fd >= 0 else os.path.join(self.folder, name)

    # --- the anchor

    def _raise_anchor(self, room: Room) -> None:
        """Bring the anchor to the turn just published. Where it cannot be written (a sandbox), the
        next call from outside does it: a turn higher than the anchor's is no loss."""
        if self.git_dir is None:
            return
        mark: dict[str, object] = {"id": room.room_id, "turn": room.turn_id}
        with contextlib.suppress(OSError, Refusal):
            marks = dict(disk.read_anchor(self.git_dir) or {})
            if marks.get(room.path) != mark:
                self._write_anchor({**marks, room.path: mark})

    def _write_new_anchor(self, marks: dict[str, dict[str, object]]) -> None:
        if self.git_dir is None:
            return
        try:
            self._write_anchor(marks)
        except OSError as error:
            raise Refusal(
                "io",
                f"{self.git_dir} cannot be written ({error.strerror}), so no room can be made or"
                " removed from here: run `stick init` in a shell outside this sandbox",
                ["stick init"],
            ) from None

    def _write_anchor(self, marks: dict[str, dict[str, object]]) -> None:
        assert self.git_dir is not None
        folder = os.path.join(self.git_dir, disk.ANCHOR_FOLDER)
        os.makedirs(folder, 0o700, exist_ok=True)
        target = os.path.join(folder, disk.ANCHOR)
        data = (jsontext.write({"schema": 1, "rooms": marks}) + "\n").encode()
        temporary = f"{target}.tmp"
        _write_durably(temporary, data, {})
        os.replace(temporary, target)


def _dir(fd: int | None) -> dict[str, int]:
    return {"dir_fd": fd} if fd is not None and fd >= 0 else {}


def _write_durably(path: str, data: bytes, at: dict[str, int]) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    fd = os.open(path, flags | getattr(os, "O_CLOEXEC", 0), 0o600, **at)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(fd, rest) :]
        os.fsync(fd)
    finally:
        os.close(fd)


@contextlib.contextmanager
def reported(folder: str) -> Iterator[None]:
    """Turn what the system refuses into our refusal, with what to do about it."""
    try:
        yield
    except OSError as error:
        raise Refusal(
            "io",
            f"{error.filename or folder}: {error.strerror}; nothing was changed",
            ["stick status", "stick doctor"],
        ) from error
