"""Rooms as files, read: one JSON state a room, believed where ``store.reader`` believes it.

Nothing here takes a lock or writes.
"""

from __future__ import annotations

import os

from stickhooks.errors import Refusal
from stickhooks.protocol.model import Event
from stickhooks.store import activity, codec, event_log, layout, reader
from stickhooks.store.anchor import Anchor
from stickhooks.store.snapshot import Snapshot
from stickhooks.system.filesystem import reported
from stickhooks.system.folder import Folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from stickhooks.system.watch import Watch


class FilesRead:
    """The rooms under one folder, by default ``.talking-stick`` in the workspace; see ``Store``.

    ``root`` is the workspace as it is named in answers; ``git_dir`` the folder that keeps the
    anchor, None where there is no git.
    """

    clone = ""

    def __init__(
        self,
        root: str,
        git_dir: str | None = None,
        *,
        folder: str | None = None,
        waiting: Callable[[str, Sequence[str]], frozenset[str]] | None = None,
    ) -> None:
        self.root = root
        self.git_dir = git_dir
        self.folder = folder or os.path.join(root, layout.FOLDER)
        self._anchor = Anchor(git_dir, root)
        self._waiting = waiting
        self._known: dict[str, tuple[dict[str, object], Snapshot]] = {}  # as last read

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
            return layout.rooms_among(ours.names())

    def load(self, path: str) -> Snapshot | None:
        """Return a room as it is now, or None. Raises the refusals of ``reader.Survey.load``."""
        with self._survey() as survey:
            self._anchor.seen, self._anchor.engine = survey.anchor or {}, survey.engine
            if path not in survey.rooms:
                return None
            result = self._tried(path, survey)
            if _may_come_back(result) and self._brought_back([path], survey):
                return self._load_once(path)
        if isinstance(result, Refusal):
            raise result
        return result

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
                result = self._tried(path, survey)
                if _may_come_back(result):
                    lost.append(path)
                else:
                    yield path, result
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
        state = survey.load(path, (known[0], known[1].data) if known else None)
        if state is None:
            return None
        raw, data = state
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
        """Tell whether lost rooms are worth another look: who only reads brings none back."""
        return False

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

    def history(self, snapshot: Snapshot) -> Iterator[object]:
        """Yield all events of a room as plain values, the oldest first. Raises OSError, ValueError."""
        with Folder.open(self.folder) as ours, ours.sub(layout.LOGS, snapshot.room.room_id) as log:
            yield from event_log.every(log, snapshot.record.log_bytes)

    def marks(self) -> tuple[object, ...]:
        """Return what differs after every change of a room: a look at the folder, nothing read."""
        try:
            with os.scandir(self.folder) as entries:
                states = [e for e in entries if layout.room_of_name(e.name) is not None]
                files = [(e.name, e.stat(follow_symlinks=False)) for e in states]
        except OSError:
            return ()
        return tuple(sorted((n, s.st_ino, s.st_size, s.st_mtime_ns) for n, s in files))

    def notes(self, room_id: str, tail: int = activity.ALL) -> list[dict[str, Any]]:
        return activity.read(self.root, room_id, tail)

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


def _may_come_back(result: Snapshot | Refusal | None) -> bool:
    return result.code == "state_lost" if isinstance(result, Refusal) else result is None
