"""``stick engine``: where the rooms of this workspace lie, what this clone has seen of them, and until when
its holder writes without asking. What needs the engine says so where that does not answer."""

from __future__ import annotations

import os

from stickhooks.errors import Next, Refusal
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.store import layout, reader
from stickhooks.store.engine import mirrors, openness, remote_fence, views
from stickhooks.store.engine.reading import EngineRead
from stickhooks.system.folder import Folder
from stickhooks.text import age, clock_time, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def show(desk: Desk) -> Reply:
    """Return what ``stick engine`` says."""
    store = desk.store
    if not isinstance(store, EngineRead):
        line = (
            f"the rooms of {plain(store.root)} are of this machine alone: their files are the truth"
        )
        return Reply([line], next=[Next("engine", "--move", "git:origin")], data={"engine": None})
    trouble = _asked(store)
    seen = _Seen(desk, store)
    data: dict[str, Any] = {
        "engine": store.engine.name,
        "room_name": store.engine.room,
        "clone": store.clone,
        "reached": trouble is None,
        "revision": seen.revision,
        "mirror_age_ms": seen.age,
        "open": [{"room": path, "for_ms": left} for path, left, _ in seen.open],
        "members": {"here": seen.members(here=True), "elsewhere": seen.members(here=False)},
        "can": _can(store),
    }
    lines = list(_lines(store, seen, trouble))
    if trouble is None:
        return Reply(lines, data=data)
    code = "ok" if trouble.code == "engine" else trouble.code
    return Reply(lines, code, trouble.next, data)


def _asked(store: EngineRead) -> Refusal | None:
    """Bring the mirror up to date, and return why that could not be, None where it was."""
    try:
        store.paths()
    except Refusal as refusal:
        return refusal
    return None


def _can(store: EngineRead) -> dict[str, object]:
    engine = store.engine
    poll = None if engine.tells else engine.poll
    return {"poll_s": poll, "least_lease_ms": engine.least_ttl, "fence": _fence(store)}


def _fence(store: EngineRead) -> str:
    """Return what keeps a push from landing once the turn is over, ``""`` for nothing as yet."""
    told = remote_fence.noted(store.document)
    return remote_fence.LANDS if told else store.engine.fence


def _lines(store: EngineRead, seen: _Seen, trouble: Refusal | None) -> Iterator[str]:
    engine = store.engine
    reached = "it answers" if trouble is None else f"NOT REACHED: {plain(trouble.sentence)}"
    yield f"engine   {plain(engine.name)}: {reached}"
    if engine.room:
        yield f"room     {plain(engine.room)}, as it is called there"
    if store.clone:
        yield f"clone    {store.clone}: {plain(store.root)}; members from here: {seen.names(here=True)}"
        yield f"         from other clones: {seen.names(here=False)}"
    yield f"mirror   {seen.told()}"
    yield f"open     {seen.told_open()}"
    if engine.least_ttl:
        fence = _fence(store) or remote_fence.NOT_YET
        waits = "is told at once" if engine.tells else f"looks every {engine.poll:g} s"
        yield f"can      a lease lasts {age(engine.least_ttl)} at least; a waiter {waits}; {fence}"


class _Seen:
    """What the files of this clone say of the engine, whether it was reached or not."""

    def __init__(self, desk: Desk, store: EngineRead) -> None:
        self.wall, self.monotonic, _ = reading = desk.rooms.clock()
        self.revision: int | None = None
        self.age: int | None = None
        self.rooms: list[mirrors.Mirror] = []
        self.open: list[tuple[str, int, str]] = []  # path, milliseconds left, holder
        self.clone = store.clone
        marks = _marks(store)
        try:
            with Folder.open(store.folder) as folder:
                self._read(folder, marks)
        except (OSError, ValueError):
            return
        for mirror in self.rooms:
            lease, over = mirror.room.lease, marks.get(mirror.room.path, {}).get("over", -1)
            own = lease is not None and views.operation_of(mirror.room) == mirror.fields.get("own")
            revision = mirror.record.revision
            if (
                lease
                and own
                and openness.is_open(mirror.fields, revision, over, reading, self.clone)
            ):
                left = mirror.fields["until"] - self.monotonic
                self.open.append((mirror.room.path, left, lease.holder))

    def _read(self, folder: Folder, marks: dict[str, Any]) -> None:
        last = mirrors.seen_of(folder)
        if last is None:
            return
        self.revision = last.revision
        changed = os.stat(os.path.join(folder.path, layout.ENGINE_SEEN)).st_mtime_ns
        self.age = max(0, self.wall - changed // 1_000_000)
        found = (mirrors.mirror_of(folder, path) for path in sorted(marks))
        self.rooms = [mirror for mirror in found if mirror]

    def members(self, *, here: bool) -> list[str]:
        every = (member for mirror in self.rooms for member in mirror.room.members)
        own = (m.agent_id for m in every if (views.clone_of(m) == self.clone) == here)
        return list(dict.fromkeys(own))

    def names(self, *, here: bool) -> str:
        return ", ".join(map(plain, self.members(here=here))) or "none"

    def told(self) -> str:
        if self.revision is None or self.age is None:
            return "none yet: the first command that reaches the engine makes it"
        return f"revision {self.revision}, published {age(self.age)} ago"

    def told_open(self) -> str:
        if not self.open:
            return "no: nobody of this clone writes before the engine was asked"
        told = (
            f"{plain(holder)} writes until {clock_time(self.wall + left)} without asking"
            + (f" ({plain(path)})" if path else "")
            for path, left, holder in self.open
        )
        return "; ".join(told)


def _marks(store: EngineRead) -> dict[str, Any]:
    try:
        return dict(reader.read_anchor(store.git_dir) or {}) if store.git_dir else {}
    except Refusal:
        return {}
