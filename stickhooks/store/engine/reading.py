"""Rooms on an engine, read: each look asks it, and brings the files of this clone to what it says."""

from __future__ import annotations

import time

from stickhooks.errors import UNCHANGED, Next, Refusal
from stickhooks.fast.records import replace
from stickhooks.protocol.model import Event, Room
from stickhooks.store import codec, layout, reader
from stickhooks.store.engine import document, farewells, holders, mirrors, views
from stickhooks.store.engine.document import Document
from stickhooks.store.engine.mirrors import Mirror, Seen
from stickhooks.store.engine.places import SeenPlace
from stickhooks.store.files import LOCK_TIMEOUT, FileStore
from stickhooks.store.snapshot import Reading, Snapshot
from stickhooks.system import clock, fresh
from stickhooks.system.filesystem import reported
from stickhooks.system.folder import Folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import Any

    from stickhooks.store.anchor import Marks
    from stickhooks.store.engine.interface import Engine, Version
    from stickhooks.store.engine.watching import EngineWatch


class EngineRead(FileStore):
    """The rooms of a workspace whose truth is on an engine. ``clone`` is the id of this working tree
    there, ``place`` what people know it by. See ``Store``; ``EngineStore`` adds the writing."""

    def __init__(
        self,
        root: str,
        git_dir: str | None,
        engine: Engine,
        clone: str,
        *,
        place: str = "",
        folder: str | None = None,
        lock_timeout: float = LOCK_TIMEOUT,
        clock: Callable[[], Reading] = clock.read,
        waiting: Callable[[str, Sequence[str]], frozenset[str]] | None = None,
    ) -> None:
        super().__init__(root, git_dir, folder=folder, lock_timeout=lock_timeout, waiting=waiting)
        self.engine = engine
        self.clone = clone
        self.place = place
        self.clock = clock
        self._version: Version | None = None
        self._document: Document | None = None
        self._seen: Seen | None = None
        self._mirrors: dict[str, Mirror] = {}
        self._until = 0.0  # monotonic seconds; until then what was loaded is good
        self._silent: Refusal | None = None  # or this refusal to load

    # --- reading

    def paths(self) -> list[str]:
        self._refresh()
        return sorted(self._mirrors)

    def foreign(self) -> list[str]:
        return []

    def load(self, path: str) -> Snapshot | None:
        """Return a room as the engine has it, or None. Raises ``engine`` where it cannot be asked."""
        self._refresh()
        mirror = self._mirrors.get(path)
        return self._shown(mirror) if mirror else None

    def every(self, room_id: str = "") -> Iterator[tuple[str, Snapshot | Refusal | None]]:
        self._refresh()
        for path, mirror in sorted(self._mirrors.items()):
            yield path, self._shown(mirror)

    def _shown(self, mirror: Mirror) -> Snapshot:
        return mirror.snapshot(self._known_seen, self.clone, self._vouched)

    @property
    def _vouched(self) -> frozenset[str] | None:
        """The operations whose leases are in time by the engine, None for one that keeps no time."""
        return self._version.held if self._version else None

    def events(self, snapshot: Snapshot, after: int, limit: int) -> list[Event]:
        """Return events as ``Store`` says; those before the mirror's come from the engine."""
        events = super().events(snapshot, after, limit)
        if snapshot.room.event_seq > after and not (events and events[0].event_seq == after + 1):
            lines = self.engine.events(snapshot.room.room_id, after, limit)
            return [codec.event_of(line) for line in lines]
        return events

    def waiting(self, agents: Sequence[str]) -> frozenset[str]:
        own = super().waiting(agents)
        if not self._mirrors or self._seen is None:
            return own
        if self._version and self._version.waiting is not None:
            return own.union(self._version.waiting.intersection(agents))
        now = self._seen.now(self.clock())
        rooms = [mirror.room for mirror in self._mirrors.values()]
        there = [views.waiting_elsewhere(room, self.clone, now) for room in rooms]
        return own.union(*there).intersection(agents)

    def known_paths(self) -> list[str]:
        """Return the rooms as they were loaded last; nobody is asked."""
        return sorted(self._mirrors)

    def known(self, path: str) -> Snapshot | None:
        """Return a room as it was loaded last, None where it was not."""
        mirror = self._mirrors.get(path)
        return mirror.snapshot(self._seen, self.clone) if mirror and self._seen else None

    def watch(self, path: str) -> EngineWatch:  # type: ignore[override]
        from stickhooks.store.engine.watching import EngineWatch

        return EngineWatch(self, super().watch(path), path)

    def wait_place(  # type: ignore[override]
        self, agent: str
    ) -> AbstractContextManager[Callable[[], bool]]:
        here, there = super().wait_place(agent), self.engine.place(agent)
        return here if there is None else SeenPlace(here, there)

    @property
    def token(self) -> tuple[object, ...]:
        """What differs between any two looks after which something else is to be answered."""
        return (self._version.token, self._version.held) if self._version else ()

    @property
    def version(self) -> Version | None:
        """The document that was loaded last, as the engine has it; None for none."""
        return self._version

    @property
    def document(self) -> Document | None:
        """What that document says."""
        return self._document

    def stale(self) -> None:
        """Have the next look ask the engine."""
        self._until, self._silent = 0.0, None

    def _reread(self) -> None:
        """Have the next look read the files of this clone as well, whatever the engine says."""
        self.stale()
        self._version = None

    @property
    def _known_seen(self) -> Seen:
        assert self._seen is not None
        return self._seen

    def _refresh(self) -> None:
        """Ask the engine, unless it was asked just now, and publish what it says."""
        if time.monotonic() < self._until:
            if self._silent:
                raise self._silent
            return
        self._silent = None
        try:
            version = self.engine.load()
        except Refusal as refusal:
            self._silent, self._until = refusal, time.monotonic() + self.engine.reuse
            raise
        loaded = time.monotonic()
        if version is None:
            self._nothing_there()
        elif self._version is None or version.token != self._version.token or self._rebooted():
            with self._locked():
                self._mirror(*self._newest(version), {}, {})
        elif version != self._version:
            self._version = version
            self._keep_time()
        self._until = loaded + self.engine.reuse

    def _newest(self, version: Version) -> tuple[Version, Document]:
        """Return what was loaded, or what the engine has now where others of this clone were faster: they
        had the lock meanwhile."""
        now, seen = document.read(version.data, self.engine.name), mirrors.seen_of(self._open)
        if seen is None or seen.revision <= now.revision:
            return version, now
        newer = self.engine.load() or version
        return newer, document.read(newer.data, self.engine.name)

    def _rebooted(self) -> bool:
        return self._seen is None or self._seen.boot != self.clock()[2]

    def _nothing_there(self) -> None:
        """Note that the engine has no document. Raises ``state_lost`` where it had one, and ``config`` where
        somebody deleted it."""
        marks = self._anchor.marks()
        if marks:
            self._check_farewell(marks)
            raise self._lost("it has none of the rooms of this workspace any more")
        self._version = self._document = None
        self._mirrors = {}

    def _check_farewell(self, marks: Marks) -> None:
        found = farewells.of_any(self.engine.farewell(), (mark["id"] for mark in marks.values()))
        if found:
            raise found.refusal(self.engine.name)

    def _locked(self) -> _Nothing | Any:
        return _Nothing() if self._held is not None else self.exclusive(anywhere=True)

    # --- publishing, under the lock

    def _mirror(
        self,
        version: Version,
        now: Document,
        fields: Mapping[str, Mapping[str, Any]],
        given: Mapping[str, Sequence[bytes]],
        leases: Mapping[str, str] = {},
    ) -> None:
        """Bring the files of this clone to a document. ``fields`` are the mirror's of rooms that this
        clone swapped, ``given`` lines of events by room id, ``leases`` lease ids by path."""
        ours = self._open
        self._check_here()
        with reported(self.folder):
            old = mirrors.seen_of(ours)
            if old and old.revision > now.revision:
                raise self._older(old, now)
            self._check_turns(now)
            self._drop_removed(now)
            seen = mirrors.next_seen(old, now.revision, version.token, now.clock, self.clock())
            seen = replace(seen, at=self.engine.address_mark)
            for path, raw in now.rooms.items():
                self._mirrors[path] = self._put(
                    path, raw, now, seen, fields.get(path), given, leases.get(path)
                )
            if seen != old:
                mirrors.write_seen(ours, seen)
        self._version, self._document, self._seen = version, now, seen
        self._keep_time()

    def _keep_time(self) -> None:
        """Have room time be at the end of leases that are over by the engine."""
        if self._document and self._vouched is not None:
            rooms = self._document.rooms
            self._seen = holders.timed(self._known_seen, rooms, self._vouched, self.clock())

    def _check_here(self) -> None:
        """Raise ``engine`` where the rooms were moved to the files meanwhile: no mirror goes over them."""
        if self.git_dir and reader.whole_anchor(self.git_dir)[2] is None:
            told = (
                f"the rooms were moved from {self.engine.name} to the files of this clone meanwhile"
            )
            raise Refusal("engine", f"{told}; {UNCHANGED}", [Next("status")])

    def _put(
        self,
        path: str,
        raw: Mapping[str, Any],
        now: Document,
        seen: Seen,
        fields: Mapping[str, Any] | None,
        given: Mapping[str, Sequence[bytes]],
        lease_id: str | None,
    ) -> Mirror:
        old = mirrors.mirror_of(self._open, path)
        room = mirrors.viewed(raw, old, self.clone, fresh.uuid)
        if lease_id and room.lease and document.hidden(lease_id) == raw["lease"]["lease_id"]:
            room = replace(room, lease=replace(room.lease, lease_id=lease_id))
        told = fields or mirrors.fields_after_load(room, old, self.engine.name, self.clone)
        if old and self._is_told(old, raw, room, told, seen):
            return old
        length, last = mirrors.log_length(self._open, old, room)
        lines = mirrors.missing_lines(room, last, given.get(room.room_id, ()), self.engine.events)
        record = codec.Record(
            now.revision, length, seen.boot, seen.offset,
            side=self._written_side(old.record.side if old else None), mirror=told,
        )  # fmt: skip
        self._enter(room)
        mirror = mirrors.put(self._open, room, record, lines, self._replace)
        self._anchor.raise_to(room)
        return mirror

    def _is_told(
        self, old: Mirror, raw: Mapping[str, Any], room: Room, fields: Mapping[str, Any], seen: Seen
    ) -> bool:
        """Tell whether a mirror says all that there is to say."""
        same = dict(old.fields) == dict(fields) and old.record.clock_boot == seen.boot
        return same and bool(codec.plain(old.room) == codec.plain(room))

    def _enter(self, room: Room) -> None:
        """Enter a new room in the anchor before its state is there, as where files are the truth."""
        marks = self._anchor.marks()
        known = marks.get(room.path, {})
        if known.get("id") != room.room_id:
            mark = {"id": room.room_id, "turn": 0}
            self._anchor.write({**marks, room.path: mark})

    def _drop_removed(self, now: Document) -> None:
        marks = self._anchor.marks()
        gone = [path for path in {*marks, *self._mirrors} if path not in now.rooms]
        if not gone:
            return
        self._anchor.write({path: mark for path, mark in marks.items() if path in now.rooms})
        for path in gone:
            self._mirrors.pop(path, None)
            name = layout.state_name(path)
            if name in self._open.names():
                self._open.unlink(name)

    def _check_turns(self, now: Document) -> None:
        """Raise ``state_lost`` for a document that is not what this clone knows to have been."""
        for path, mark in self._anchor.marks().items():
            raw = now.rooms.get(path)
            if raw is None:
                if path == "" and mark.get("turn"):
                    raise self._lost("it has not the workspace's own room")
                continue
            if raw["room_id"] != mark["id"] and mark["id"] not in raw.get("replaces", ()):
                self._check_farewell({path: mark})
                raise self._lost("it has another room in the place of this one")
            if reader.is_older(raw, mark):
                raise self._lost(f"it has turn {raw['turn_id']}, and {mark['turn']} was given")

    def _lost(self, what: str) -> Refusal:
        """Return what is said where an engine has not what this clone knows to have been there: at another
        address than the rooms were seen at last it is no loss, and nothing is to be mended."""
        at = self._seen_at()
        if not at or at == self.engine.address_mark:
            return Refusal("state_lost", what=f"{self.engine.name}: {what}")
        told = (
            f"the address of {self.engine.name} was changed since this clone saw its rooms last, and"
            f" at the new one: {what}; {UNCHANGED}"
        )
        return Refusal("config", told, [*self.engine.address_steps, Next("engine")])

    def _seen_at(self) -> str:
        if self._held is not None:
            seen = mirrors.seen_of(self._open)
        else:
            try:
                with Folder.open(self.folder) as folder:
                    seen = mirrors.seen_of(folder)
            except OSError:
                seen = None
        return seen.at if seen else ""

    def _older(self, old: Seen, now: Document) -> Refusal:
        self.stale()
        return Refusal(
            "engine",
            f"{self.engine.name} answered with revision {now.revision}, and this clone has seen"
            f" {old.revision}; {UNCHANGED}",
            [Next("status")],
        )


class _Nothing:
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...
