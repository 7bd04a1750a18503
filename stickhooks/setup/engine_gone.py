"""``stick engine --move files --reason WHY``: rooms come back to the files of a clone from its mirror, for
their engine is gone for good.

A person says that, and nobody can check it: the rooms may be somewhere that this clone does not reach. So the
engine is asked once more, and one that answers keeps them; and who holds in another clone keeps the turn
until its lease is over. From then on this clone has rooms of its own. Turns go on from where the mirror was,
policy, handoff and the log that lies here stay, and the log says who did it and why.
"""

from __future__ import annotations

import os

from stickhooks.errors import UNCHANGED, Next, Refusal
from stickhooks.fast.records import replace
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.setup import fence_left, shared_rooms
from stickhooks.store import activity, layout, opening, reader
from stickhooks.store.engine import document, kinds, mirrors, moving, setting, views
from stickhooks.store.engine.document import Document
from stickhooks.store.engine.homecoming import Homecoming
from stickhooks.store.engine.moving import FILES, Kept
from stickhooks.store.engine.setting import Setting
from stickhooks.store.snapshot import snapshots
from stickhooks.system import fresh
from stickhooks.system.folder import Folder
from stickhooks.text import clock_time, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from stickhooks.store.engine.mirrors import Mirror, Seen
    from stickhooks.store.snapshot import Reading

PLAINLY: Final = [Next("engine", "--move", FILES)]


def come_back(desk: Desk, git_dir: str, known: Setting | None, to: str, reason: str) -> Reply:
    """Have the files of this clone be the truth again, without the engine.

    Raises ``config`` for whoever is no person, where the engine answers, or where there is no mirror;
    ``held`` while somebody of another clone holds.
    """
    if known is None or to != FILES:
        raise Refusal(
            "config", "the rooms are in the files of this clone already", [Next("engine")]
        )
    if not desk.caller(None).person:
        told = f"a person says that {plain(known.name)} is gone for good"
        raise Refusal("config", told, [Next("status")])
    why = _silence(desk, git_dir, known)
    if (
        known.move
        and known.move["to"] not in (FILES, "")
        and not moving.has_arrived(desk.workspace.root)
    ):
        return _stay(desk, git_dir, known, reason)
    home = Homecoming(desk.workspace.root, git_dir, lock_timeout=desk.lock_timeout)
    with home.exclusive(anywhere=True):
        taken = _taken(desk, git_dir, known)
        _begin(desk, git_dir, known, taken)
    marks = home.settle(taken, known.clone, desk.rooms.clock())
    ids = [raw["room_id"] for raw in taken.document.rooms.values()]
    fences, steps = fence_left.end(desk, known.name, ids)
    _note(desk, ids, known, reason)
    _leave(desk, git_dir, marks)
    moving.forget(git_dir)
    lines = [
        f"the rooms are in the files of this clone, as they were seen last, at revision"
        f" {taken.document.revision}, with the members that joined here",
        f"{plain(known.name)} was not asked: {why}",
        *fences,
    ]
    return Reply(lines, next=[*steps, Next("status")])


def _silence(desk: Desk, git_dir: str, known: Setting) -> str:
    """Return why an engine cannot be asked. Raises ``config`` for one that answers."""
    try:
        engine = kinds.engine_named(known.name, desk.workspace.root, git_dir)
        engine.check()
        version = engine.load()
    except Refusal as refusal:
        return plain(refusal.sentence.removesuffix(f"; {UNCHANGED}"))
    if version is None and known.move is None and engine.farewell() is None:
        return "it has none of the rooms"
    told = f"{plain(known.name)} answers: it is not gone"
    raise Refusal("config", told, PLAINLY)


def _stay(desk: Desk, git_dir: str, known: Setting, reason: str) -> Reply:
    """Have a move to an engine be off, whose rooms may have got there: the files were the truth all along."""
    setting.enter(git_dir, desk.workspace.root, None)
    moved = desk.moved(desk.place)
    _note(moved, [one.room.room_id for one in snapshots(moved.store)], known, reason)
    line = f"the rooms stay in the files of this clone; the move to {plain(known.name)} is off"
    return Reply(
        [line, "should it come back with them, those there are others than these"],
        next=[Next("status")],
    )


def _begin(desk: Desk, git_dir: str, known: Setting, taken: Kept) -> None:
    """Have a return that is killed go on when it is done again: what comes back is kept, for its mirror goes
    away, and the anchor says that it is on its way. A deletion that was sent before keeps its operation."""
    moving.note(git_dir, taken, document.write(taken.document))
    caller = desk.caller(None)
    who, reading = caller.agent_id or caller.name, desk.rooms.clock()
    begun = moving.begun(FILES, fresh.uuid(), who, reading)
    move = {**begun, **(known.move or {}), "to": FILES}
    setting.enter(git_dir, desk.workspace.root, replace(known, move=move))


def _leave(desk: Desk, git_dir: str, marks: Any) -> None:
    if opening.configured(git_dir):
        shared_rooms.configure(desk, "")
    setting.enter(git_dir, desk.workspace.root, None, marks)


def _note(desk: Desk, room_ids: list[str], known: Setting, reason: str) -> None:
    """Have the log say it as what it is: somebody went past a rule, and why."""
    caller = desk.caller(None)
    who, why = caller.agent_id or caller.name, f"{known.name} is gone for good: {reason}"
    for room_id in room_ids:
        activity.note(
            desk.workspace.root, room_id, activity.BYPASS, agent_id=who, kind="engine", why=why
        )


def _taken(desk: Desk, git_dir: str, known: Setting) -> Kept:
    """Return the rooms as the files of this clone mirror them, as a move takes them along; or as a move kept
    them that was begun."""
    folder = desk.store.folder
    on_its_way = known.move and known.move["to"] in (FILES, "")
    if on_its_way and (kept := moving.kept(git_dir, known.name)):
        return kept
    try:
        with Folder.open(folder) as ours:
            seen = mirrors.seen_of(ours)
            paths = sorted(reader.read_anchor(git_dir) or {})
            found = [mirror for path in paths if (mirror := mirrors.mirror_of(ours, path))]
    except OSError:
        seen, found = None, []
    if seen is None or not found:
        told = f"no mirror of the rooms on {plain(known.name)} lies here"
        raise Refusal("config", told, [Next("uninit", "--force")])
    reading = desk.rooms.clock()
    for mirror in found:
        _check_over(mirror, seen, known.clone, reading, os.path.join(folder, layout.ENGINE_SEEN))
    rooms = {mirror.room.path: document.plain(_hidden(mirror, known.clone)) for mirror in found}
    return Kept("", Document(seen.revision, seen.now(reading), (), rooms), {})


def _hidden(mirror: Mirror, clone: str) -> Any:
    """Return a room as an engine has it, which of a lease id has the hash."""
    room, lease = mirror.room, mirror.room.lease
    if lease is None:
        return room
    if views.clone_of(lease) != clone:  # it is over: see ``_check_over``
        return replace(room, lease=None)
    return replace(room, lease=replace(lease, lease_id=document.hidden(lease.lease_id)))


def _check_over(mirror: Mirror, seen: Seen, clone: str, reading: Reading, file: str) -> None:
    """Raise ``held`` while another clone's lease runs, by what this clone counted: its holder may be writing.
    After a reboot that is counted from when ``file`` was written, or nobody would ever get in."""
    lease = mirror.room.lease
    if lease is None or views.clone_of(lease) == clone:
        return
    left = lease.expires_at - seen.now(reading)
    if seen.boot != reading[2]:
        ttl = mirror.room.policy.owner_lease_ttl
        left = ttl - (reading[0] - os.stat(file).st_mtime_ns // 1_000_000)
    if left > 0:
        until = clock_time(reading[0] + left)
        told = (
            f"{plain(lease.holder)} holds in another clone, until {until} as far as is known here"
        )
        raise Refusal("held", f"{told}; after that the rooms come back", [Next("status")])
