"""Rooms moved from the files of a clone to an engine, or back, in steps that can be done again.

What is the truth the anchor says, and it changes by one rename:

    files to engine                                 the truth
    1  anchor: the engine, with ``move``            the files; with it, nobody may write
    2  swap: the rooms, where there was none
    3  their mirrors
    4  git's configuration
    5  anchor: the engine, without ``move``         the engine

    engine to files
    1  what is moved, kept in the git dir
    2  anchor: the engine, with ``move``            the engine; who holds by an open mirror writes on
    3  delete: a farewell in the place of the rooms
    4  states
    5  git's configuration
    6  anchor: no engine                            the files

While ``move`` stands there, every verb refuses with the command that goes on. A move bears an operation
id, so that one whose answer was lost, or that was killed, finds out what it did. Room ids, turns, policy
and the log stay as they are; a place that was left never opens at its old turns: the engine has no
rooms then, and the copies of the files are dropped.
"""

from __future__ import annotations

import os

from stickhooks.errors import Next, Refusal
from stickhooks.fast import json
from stickhooks.fast.records import Frozen, dataclass, replace
from stickhooks.store import event_log, layout, reader, room_copy
from stickhooks.store.engine import document, farewells, openness, views
from stickhooks.store.engine.commit import busy, commit, doubted
from stickhooks.store.engine.document import Document
from stickhooks.store.engine.interface import Moved, NoAnswer, Version
from stickhooks.store.reading import FilesRead
from stickhooks.store.snapshot import Conflict, Snapshot, snapshots
from stickhooks.system import publish
from stickhooks.system.folder import Folder, read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final

    from stickhooks.protocol.model import Room
    from stickhooks.store.engine.interface import Engine
    from stickhooks.store.engine.setting import Setting
    from stickhooks.store.engine.store import EngineStore
    from stickhooks.store.snapshot import Reading

FILES: Final = "files"
ARRIVED: Final = "arrived"  # of a document: the operation that brought its rooms from files
KEPT_LIMIT: Final = 1 << 30
ATTEMPTS: Final = 4


def begun(to: str, operation: str, by: str, reading: Reading) -> dict[str, Any]:
    """Return what an anchor says of a move; ``reading`` is from before anything is sent (R1, R5)."""
    return {"to": to, "operation": operation, "by": by, "reading": list(reading)}


# --- from files to an engine


@dataclass(frozen=True)
class Load(Frozen):
    """The rooms of a clone's files as the engine is to have them, with all lines of their logs, and the
    ids of leases by path."""

    document: Document
    lines: Mapping[str, Sequence[bytes]]
    leases: Mapping[str, str]


def loaded(root: str, git_dir: str, setting: Setting) -> Load:
    """Return what a move takes along: it reads the files, which nobody writes while it is under way.

    A lease is renewed by the move: there is one clock for all rooms on an engine. Raises what reading
    raises, and ``io`` for what an engine does not take.
    """
    found = snapshots(FilesRead(root, git_dir))  # type: ignore[arg-type]
    operation, reading = _operation(setting), _reading(setting)
    now = max((one.now(reading) for one in found), default=reading[0])
    rooms, lines, leases = {}, {}, {}
    for one in found:
        room = _renewed(one.room, now)
        told = views.to_engine(room, None, setting.clone, operation, now)
        rooms[room.path] = document.plain(told)
        lines[room.room_id] = _lines(root, one)
        if room.lease:
            leases[room.path] = room.lease.lease_id
    made = Document(0, now, extra={ARRIVED: operation}).after(operation, now, rooms)
    document.write(made)
    return Load(made, lines, leases)


def _operation(setting: Setting) -> str:
    return str((setting.move or {})["operation"])


def _reading(setting: Setting) -> Reading:
    wall, monotonic, boot = (setting.move or {})["reading"]
    return wall, monotonic, boot


def _renewed(room: Room, now: int) -> Room:
    if room.lease is None:
        return room
    until = now + room.policy.owner_lease_ttl
    return replace(room, lease=replace(room.lease, expires_at=until))


def _lines(root: str, one: Snapshot) -> list[bytes]:
    path = os.path.join(root, layout.FOLDER, layout.LOGS, one.room.room_id, layout.EVENTS)
    data = read_file(path, KEPT_LIMIT) or b""
    lines = data[: one.record.log_bytes].splitlines(keepends=True)
    if len(data) < one.record.log_bytes or (one.room.event_seq and not lines):
        raise Refusal("io", f"{path} lost its end: nothing was moved", [Next("doctor", "--fix")])
    return lines


def has_arrived(root: str) -> bool:
    """Tell whether a move to an engine had got as far as its mirrors: the engine has had the rooms."""
    ours, _ = reader.open_folder(os.path.join(root, layout.FOLDER))
    if ours is None:
        return False
    with ours:
        states = (reader.lying_here(ours, room) for room in layout.rooms_among(ours.names()))
        return any(raw and "mirror" in raw for raw in states)


def arrive(engine: Engine, setting: Setting, load: Load) -> tuple[Version, Document]:
    """Put rooms on an engine that has none, or find that this was done. Raises Conflict where others
    made rooms there, and ``engine`` as ``commit`` does."""
    version = engine.load()
    if version is not None:
        there = document.read(version.data, engine.name)
        if there.extra.get(ARRIVED) != _operation(setting):
            raise Conflict
        return version, there

    def change(old: Document | None) -> tuple[Document, Mapping[str, Sequence[bytes]]]:
        if old is not None:
            raise Conflict
        return load.document, load.lines

    return commit(engine, None, _operation(setting), change)


def settle_there(
    store: EngineStore, setting: Setting, load: Load, version: Version, there: Document
) -> None:
    """Make the files here a mirror of what is on the engine. A lease that is still the one of the move is
    open, from before the move was sent."""
    fields = {}
    for path, raw in there.rooms.items():
        lease = raw.get("lease")
        if lease and lease.get(document.OPERATION) == _operation(setting):
            ttl = document.room_of(raw).policy.owner_lease_ttl
            opening = openness.opened({}, _operation(setting), _reading(setting), ttl)
            fields[path] = {**opening, "engine": store.engine.name, "clone": store.clone}
    with store.exclusive(anywhere=True):
        store.mirror(version, there, fields, load.leases)
        for raw in there.rooms.values():
            room_copy.drop(store.git_dir, store.ours, raw["room_id"], carried=True)


# --- from an engine to files


@dataclass(frozen=True)
class Kept(Frozen):
    """What a move from an engine takes along: the document, by its token, and whole logs by room id of
    the rooms whose mirror has not all events."""

    token: str
    document: Document
    logs: Mapping[str, bytes]


def keep(store: EngineStore, version: Version) -> None:
    """Keep what is about to be taken from the engine in the git dir, where no ``git clean`` reaches it."""
    now = document.read(version.data, store.engine.name)
    logs = {}
    for raw in now.rooms.values():
        path = os.path.join(store.folder, layout.LOGS, raw["room_id"], layout.EVENTS)
        if _last_of(path) < raw["event_seq"]:
            logs[raw["room_id"]] = _all(store.engine, raw["room_id"], raw["event_seq"])
    note(store.git_dir, Kept(version.token, now, logs), version.data)


def note(git_dir: str | None, told: Kept, data: bytes) -> None:
    """Write down what a move takes along, with the bytes of its document."""
    logs = {room_id: lines.decode() for room_id, lines in told.logs.items()}
    raw = {"token": told.token, "document": data.decode(), "logs": logs}
    with _git_folder(git_dir) as folder:
        publish.publish(folder, layout.MOVING, json.write(raw).encode())


def _git_folder(git_dir: str | None) -> Folder:
    with Folder.open(git_dir or "") as top:
        return top.sub(layout.GIT_FOLDER, make=True)


def _last_of(path: str) -> int:
    try:
        return event_log.sound(path, KEPT_LIMIT)[1]
    except OSError:
        return 0


def _all(engine: Engine, room_id: str, last: int) -> bytes:
    lines: list[bytes] = []
    while len(lines) < last and (more := engine.events(room_id, len(lines), 500)):
        lines += more
    return b"".join(lines)


def kept(git_dir: str, name: str) -> Kept | None:
    """Return what is kept for a move, None where that is not there any more."""
    data = read_file(os.path.join(git_dir, layout.GIT_FOLDER, layout.MOVING), KEPT_LIMIT)
    if data is None:
        return None
    raw: Any = json.read(data.decode())
    logs = {room_id: text.encode() for room_id, text in raw["logs"].items()}
    return Kept(raw["token"], document.read(raw["document"].encode(), name), logs)


def forget(git_dir: str) -> None:
    with _git_folder(git_dir) as folder:
        publish.unlink(folder, layout.MOVING)


def depart(engine: Engine, setting: Setting, told: Kept, wall: int) -> None:
    """Delete the rooms on an engine as they are kept, or find that this was done. Raises Conflict where
    others changed them since, and ``engine``: with the detail ``doubt`` where it may be done yet."""
    doubt = False
    for _ in range(ATTEMPTS):
        try:
            _delete(engine, setting, told, wall)
            return
        except NoAnswer:
            doubt = True
        except Moved:
            pass
        except Refusal as refusal:  # of this look or sending: one before it may be done yet
            raise doubted(engine.name, refusal, doubt=doubt) from None
    raise busy(engine.name, doubt=doubt)


def _delete(engine: Engine, setting: Setting, told: Kept, wall: int) -> None:
    move, operation, version = setting.move or {}, _operation(setting), engine.load()
    last = farewells.read(engine.farewell())
    if last and last.operation == operation:
        return
    if version is None or version.token != told.token:
        raise Conflict
    ids = [raw["room_id"] for raw in told.document.rooms.values()]
    note = farewells.made(last, move["to"], move["by"], operation, wall, ids)
    engine.delete(version, farewells.write(note))


def local(raw: Mapping[str, Any], clone: str, lease_id: str) -> Room:
    """Return a room of an engine as files have it: with this clone's members alone, as they are proven
    here and nowhere else."""
    room = document.room_of(raw)
    own = {m.agent_id for m in room.members if views.clone_of(m) == clone}
    members = tuple(_plain(m) for m in room.members if m.agent_id in own)
    waiters = tuple(_plain(w) for w in room.waiters if w.agent_id in own)
    lease = room.lease and _plain(replace(room.lease, lease_id=lease_id))
    return replace(room, members=members, waiters=waiters, lease=lease)


def _plain(thing: Any) -> Any:
    marks = (document.CLONE, document.OPERATION, views.SEEN)
    extra = {key: value for key, value in thing.extra.items() if key not in marks}
    return replace(thing, extra=extra)
