"""Rooms on an engine: the document there is the truth, the files of this clone are its mirror.

Reading asks the engine and publishes what it says; a swap goes to the engine first and is published
when it is confirmed. The lock of the workspace is held meanwhile, so the members of one clone come
one after the other; that nobody else was faster is what the engine's compare-and-swap says.
"""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import Frozen, dataclass, replace
from stickhooks.protocol.model import Event, Room
from stickhooks.store import codec, layout, limits
from stickhooks.store.engine import document, mirrors, openness, views
from stickhooks.store.engine.commit import commit
from stickhooks.store.engine.document import Document
from stickhooks.store.engine.mirrors import Mirror
from stickhooks.store.engine.reading import EngineRead
from stickhooks.store.snapshot import Conflict, Reading, Snapshot, Unconfirmed
from stickhooks.system import fresh
from stickhooks.system.filesystem import reported
from stickhooks.text import age

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from stickhooks.store.engine.commit import Change
    from stickhooks.store.engine.interface import Version
    from stickhooks.store.engine.vouching import Vouched
    from stickhooks.system.folder import Folder


@dataclass(frozen=True)
class Sending(Frozen):
    """A change that is about to be sent, and what this clone's files say once it is confirmed: the
    mirror's fields by path, the events' lines by room id, lease ids by path."""

    operation: str
    change: Change
    fields: Mapping[str, Mapping[str, Any]] = {}
    given: Mapping[str, Sequence[bytes]] = {}
    leases: Mapping[str, str] = {}


class EngineStore(EngineRead):
    """The rooms of a workspace on an engine, that can be written."""

    def wait_place(self, agent: str) -> Vouched:  # type: ignore[override]
        from stickhooks.store.engine.vouching import Vouched

        return Vouched(self, super().wait_place(agent), agent)

    # --- writing, under the lock

    def create(
        self,
        room: Room,
        reading: Reading,
        *,
        anew: str | None = None,
        history: tuple[str, int] = ("", 0),
    ) -> Snapshot:
        """Make a room on the engine. Raises Conflict where there is one by now."""
        if anew is not None:
            raise Refusal(
                "engine", f"{self.engine.name} has the room: it is not made anew from here"
            )
        self._refresh()
        operation = fresh.uuid()
        now = self._seen.now(reading) if self._seen else room.created_at

        def change(old: Document | None) -> tuple[Document, Mapping[str, Sequence[bytes]]]:
            if old and room.path in old.rooms:
                raise Conflict
            told = views.to_engine(room, None, self.clone, operation, now)
            rooms = {**(old.rooms if old else {}), room.path: document.plain(told)}
            return (old or Document(0, now)).after(operation, now, rooms), {}

        self._send(Sending(operation, change))
        return self._snapshot(room.path)

    def swap(
        self,
        before: Snapshot,
        room: Room,
        events: Sequence[Event],
        reading: Reading,
        *,
        first: Callable[[], object] | None = None,
    ) -> Snapshot:
        """Replace a room on the engine, if it is still as it was in ``before``; else Conflict.

        ``reading`` is the one that the change was decided by: from before it is sent (R5).
        """
        sending = self.prepared(before, room, events, reading)
        if first:
            first()
        self._send(sending)
        return self._snapshot(before.room.path)

    def prepared(
        self, before: Snapshot, room: Room, events: Sequence[Event], reading: Reading
    ) -> Sending:
        """Check a swap and write down what has to be so before it is sent. Raises Conflict."""
        if room.parts:
            message = "this room is on an engine: it has no leases of paths, only of all of it"
            raise Refusal("invalid_input", message, [Next("take")], field="path")
        path = before.room.path
        mirror, base_raw = self._mirrors.get(path), self._base(path)
        if mirror is None or mirror.data != before.data or not self._is_there(mirror):
            self._reread()
            raise Conflict
        self._check_ttl(before.room, room)
        limits.lines(events)  # what could not be read back is refused
        base, operation = document.room_of(base_raw), fresh.uuid()
        now = before.now(reading)
        views.check_may_end(base, room, self.clone, now, self._vouched)
        marks = {"place": self.place, "wall": reading[0]}
        told = views.to_engine(room, base, self.clone, operation, now, marks)
        writes = told.lease is not None and views.operation_of(told) == operation
        self._check_holder(base, told, mirror, now, writes=writes)
        lines = [_line(event, operation, reading[0]) for event in events]
        fields = self._before_sending(before, base, told, mirror, operation, writes=writes)

        def change(old: Document | None) -> tuple[Document, Mapping[str, Sequence[bytes]]]:
            if old is None or old.rooms.get(path) != base_raw:
                raise Conflict
            rooms = {**old.rooms, path: document.plain(told)}
            return old.after(operation, now, rooms), {room.room_id: lines}

        after = openness.carried(fields, views.operation_of(told))
        if writes:
            after = openness.opened(fields, operation, reading, room.policy.owner_lease_ttl)
        lease_ids = {path: room.lease.lease_id} if room.lease and writes else {}
        return Sending(operation, change, {path: after}, {room.room_id: lines}, lease_ids)

    def remove(self, before: Snapshot) -> None:
        path, base_raw = before.room.path, self._base(before.room.path)
        operation, now = fresh.uuid(), self._known_seen.now(self.clock())

        def change(old: Document | None) -> tuple[Document, Mapping[str, Sequence[bytes]]]:
            if old is None or old.rooms.get(path) != base_raw:
                raise Conflict
            rest = {other: raw for other, raw in old.rooms.items() if other != path}
            return old.after(operation, now, rest), {}

        self._send(Sending(operation, change))

    def mirror(
        self,
        version: Version,
        now: Document,
        fields: Mapping[str, Mapping[str, Any]],
        leases: Mapping[str, str],
    ) -> None:
        """Publish rooms that were moved here, with their mirrors' ``fields``. Under the lock."""
        self._mirror(version, now, fields, {}, leases)

    def put_beside(self, extra: Mapping[str, Any]) -> None:
        """Have the document say something beside its rooms. Under the lock."""
        self._refresh()
        operation, now = fresh.uuid(), self._known_seen.now(self.clock())

        def change(old: Document | None) -> tuple[Document, Mapping[str, Sequence[bytes]]]:
            if old is None:
                raise Conflict
            told = replace(old, extra={**old.extra, **extra})
            return told.after(operation, now, old.rooms), {}

        self._send(Sending(operation, change))

    def tidy(self, paths: Sequence[str]) -> None:
        """Remove the states that lie here of other rooms than these. Under the lock."""
        for room in layout.rooms_among(self._open.names()):
            if room not in paths:
                self._open.unlink(layout.state_name(room))

    @property
    def ours(self) -> Folder:
        """Our folder, under the lock."""
        return self._open

    def _base(self, path: str) -> Mapping[str, Any]:
        if self._document is None or path not in self._document.rooms:
            raise Conflict
        return self._document.rooms[path]

    def _is_there(self, mirror: Mirror) -> bool:
        """Tell whether a mirror is still what the file says: another process of this clone may have swapped
        since, and what it wrote down of its sending (R2, R4) must not be written over."""
        there = mirrors.mirror_of(self._open, mirror.room.path)
        return there is not None and there.data == mirror.data

    def _snapshot(self, path: str) -> Snapshot:
        return self._shown(self._mirrors[path])

    def _check_ttl(self, before: Room, room: Room) -> None:
        least = self.engine.least_ttl
        if room.policy != before.policy and room.policy.owner_lease_ttl < least:
            number, unit = age(least).split()
            raise Refusal(
                "invalid_input",
                f"on {self.engine.name} a lease lasts {age(least)} at least",
                [Next("policy", "owner_lease_ttl", f"{number}{unit[0]}")],
                field="owner_lease_ttl",
            )

    def _check_holder(
        self, base: Room, told: Room, mirror: Mirror, now: int, *, writes: bool
    ) -> None:
        """Refuse who has not the operation that wrote this clone's lease (R4)."""
        lease = base.lease
        if lease is None or views.clone_of(lease) != self.clone:
            return
        if not writes and told.lease == lease and not views.lets_others_act(base, told, self.clone):
            return
        known = openness.holding(mirror.fields, views.operation_of(base) or "")
        granted = told.turn_id > base.turn_id
        recovers = known == openness.RECOVERS or lease.expires_at <= now
        if known == openness.OURS or (granted and recovers):
            return
        if known == openness.RECOVERS:
            raise Refusal("stale_lease")
        raise Refusal(
            "unconfirmed",
            what="another machine with a copy of this clone renewed the lease",
        )

    def _before_sending(
        self,
        before: Snapshot,
        base: Room,
        told: Room,
        mirror: Mirror,
        operation: str,
        *,
        writes: bool,
    ) -> dict[str, Any]:
        """Write down what has to be so before others may act (R2), and that an answer may be lost (R4).
        Return the mirror's fields."""
        fields = dict(mirror.fields)
        others = views.lets_others_act(base, told, self.clone)
        if others:
            fields = openness.closed(fields)
            self._note_over(before.room.path)
        if writes:
            fields = {**openness.sending(fields, operation), "tried": self.clock()[1]}
        if fields != mirror.fields:
            record = replace(mirror.record, mirror=fields)
            with reported(self.folder):
                self._mirrors[before.room.path] = mirrors.put(
                    self._open, before.room, record, (), self._replace
                )
        return fields

    def _note_over(self, path: str) -> None:
        """Note in the anchor that the mirror as it is now opens nothing any more."""
        marks = self._anchor.marks()
        over = {**marks.get(path, {}), "over": self._known_seen.revision}
        try:
            self._anchor.write({**marks, path: over})
        except Refusal:
            pass  # a sandbox: the mirror alone is closed

    def raw(self, path: str) -> Mapping[str, Any] | None:
        """Return a room as the document has it that was loaded last."""
        return self._document.rooms.get(path) if self._document else None

    def publish(self, version: Version, now: Document, sending: Sending) -> None:
        """Publish a change that was sent without the lock. Another process of this clone may have loaded it
        meanwhile, and begun to let others act (R2): then nothing is opened by it."""
        seen = mirrors.seen_of(self._open)
        if seen is None or seen.revision < now.revision:
            self._confirm(version, now, sending)
        else:
            self._reread()

    def _send(self, sending: Sending) -> None:
        """Send a change, and publish what the engine has with it."""
        try:
            version, now = commit(self.engine, self._version, sending.operation, sending.change)
        except (Conflict, Refusal):
            self.stale()
            raise
        self._confirm(version, now, self._passed(version, now, sending))

    def _passed(self, version: Version, now: Document, sending: Sending) -> Sending:
        """Have a fence know of a new turn before anybody is told of it."""
        if not sending.leases or document.FENCE not in now.extra:
            return sending
        from stickhooks.store.engine import remote_fence

        return remote_fence.passed(self, version, now, sending)

    def _confirm(self, version: Version, now: Document, sending: Sending) -> None:
        try:
            self._mirror(version, now, sending.fields, sending.given, sending.leases)
        except (OSError, Refusal) as error:
            self.stale()
            raise Unconfirmed(str(error)) from error


def _line(event: Event, operation: str, wall: int) -> bytes:
    """Return the log line of an event, with what made it and when that was by this machine's clock."""
    raw = {**codec.plain(event), "operation": operation, "wall": wall}
    return codec.raw_line(raw)
