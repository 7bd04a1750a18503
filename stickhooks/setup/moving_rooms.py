"""``stick engine --move`` and ``--delete``: rooms go to an engine and come back, whole. What is the truth at
each step, and what a killed move finds, stands in ``store.engine.moving``."""

from __future__ import annotations

from stickhooks.errors import UNCHANGED, Next, Refusal
from stickhooks.fast.records import replace
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.protocol import phases, rules
from stickhooks.setup import engine_gone, fence_left, git_hooks, shared_rooms
from stickhooks.setup.report import Report
from stickhooks.store import opening
from stickhooks.store.engine import kinds, moving, setting
from stickhooks.store.engine.homecoming import Homecoming
from stickhooks.store.engine.moving import FILES
from stickhooks.store.engine.setting import Setting
from stickhooks.store.engine.store import EngineStore
from stickhooks.store.snapshot import Conflict, snapshots
from stickhooks.system import fresh
from stickhooks.text import plain, word
from stickhooks.workspace import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from stickhooks.store.engine.interface import Engine

AGAIN: Final = f"others changed the rooms at the same time; {UNCHANGED}: do it again"
ADOPT: Final = "adopt"  # of a move: the engine has rooms, and those of the files were closed


def move(desk: Desk, to: str, reason: str = "") -> Reply:
    """Move the rooms of this workspace to an engine, or with ``files`` from there to this clone's files. A
    move that was begun is finished first. With a ``reason`` they come back from an engine that is gone.

    Raises ``config`` for what cannot be moved so, ``held`` and its like while somebody else holds or
    waits, and ``engine``.
    """
    git_dir = shared_rooms.git_dir_of(desk)
    entry = setting.of(git_dir)
    if reason:
        return engine_gone.come_back(desk, git_dir, entry and entry[0], to, reason)
    if entry and entry[0].move and setting.is_here(entry, desk.workspace.root):
        reply = _finished(desk, git_dir, entry[0])
        entry, desk = setting.of(git_dir), desk.moved(desk.place)
        if (entry[0].name if entry else FILES) == to:
            return reply
    if entry is None:
        return _stays(desk, FILES) if to == FILES else _to_engine(desk, git_dir, to)
    if to == entry[0].name:
        return _stays(desk, to)
    if to != FILES:
        told = f"the rooms are on {plain(entry[0].name)}: they go to another engine by the files of a clone"
        raise Refusal("config", told, [Next("engine", "--move", FILES)])
    return _from_engine(desk, git_dir, entry[0], FILES)


def delete(desk: Desk, *, force: bool) -> Reply:
    """Delete the rooms on the engine for all clones, while nobody holds: a person, with ``force``; else say
    what that would be."""
    git_dir = shared_rooms.git_dir_of(desk)
    entry = setting.of(git_dir)
    if entry is None:
        told = "the rooms are of this machine alone: there is nothing to delete on an engine"
        raise Refusal("config", told, [Next("uninit")])
    if entry[0].move and setting.is_here(entry, desk.workspace.root):
        return _finished(desk, git_dir, entry[0])
    found = snapshots(desk.store)
    members = sorted({member.agent_id for one in found for member in one.room.members})
    name = plain(entry[0].name)
    if not desk.caller(found[0].room if found else None).person:
        told = (
            f"a person deletes the rooms on {name}: it ends them for {', '.join(members) or 'all'}"
        )
        raise Refusal("config", told, [Next("leave")])
    _check_free(desk, "deleted", mine=False)
    if not force:
        lines = [f"would delete on {name}, for all clones: {desk.rooms.shown(one.room.path)},"
                 f" turn {one.room.turn_id}" for one in found]  # fmt: skip
        lines.append(
            f"its members: {', '.join(map(plain, members)) or 'none'}; logs of clones stay"
        )
        return Reply(lines, next=[Next("engine", "--delete", "--force")])
    return _from_engine(desk, git_dir, entry[0], "")


def _stays(desk: Desk, to: str) -> Reply:
    where = "in the files of this clone" if to == FILES else f"on {plain(to)}"
    return Reply([f"the rooms are {where} already"], next=[Next("engine")])


def _finished(desk: Desk, git_dir: str, known: Setting) -> Reply:
    """Finish a move that was begun, by whomever, and cut short."""
    to = (known.move or {})["to"]
    engine = kinds.engine_named(known.name, desk.workspace.root, git_dir)
    if to in (FILES, ""):
        return _out(desk, git_dir, engine, known)
    if (known.move or {}).get(ADOPT):
        return _adopted(desk, git_dir, engine, known)
    return _in(desk, git_dir, engine, known)


# --- to an engine


def _to_engine(desk: Desk, git_dir: str, name: str) -> Reply:
    root = desk.workspace.root
    shared_rooms.check_name(desk, name, "engine", "--move")
    engine = kinds.engine_named(name, root, git_dir)
    engine.check()
    if not desk.store.paths():
        raise Refusal(
            "config", "there is no room here to be moved", [Next("init", "--engine", word(name))]
        )
    _check_leases(desk, engine)
    has_rooms = engine.load() is not None
    with desk.store.exclusive():
        _check_free(desk, "moved", mine=not has_rooms)
        begun = moving.begun(name, fresh.uuid(), _caller(desk), desk.rooms.clock())
        if has_rooms:
            known = replace(setting.drawn(name), move={**begun, ADOPT: True})
            _close(desk, name)
            setting.enter(git_dir, root, known, {})
        else:
            known = replace(setting.drawn(name), move=begun)
            moving.loaded(root, git_dir, known)  # what cannot be taken along is refused before
            setting.enter(git_dir, root, known)
    if has_rooms:
        return _adopted(desk, git_dir, engine, known)
    return _in(desk, git_dir, engine, known)


def _check_leases(desk: Desk, engine: Engine) -> None:
    for one in snapshots(desk.store):
        if one.room.policy.owner_lease_ttl < engine.least_ttl:
            minutes = engine.least_ttl // 60_000
            told = f"on {plain(engine.name)} a lease lasts {minutes} min at least"
            room = desk.aside(one.room.path)
            raise Refusal(
                "config", told, [Next("policy", "owner_lease_ttl", f"{minutes}m", room=room)]
            )


def _in(desk: Desk, git_dir: str, engine: Engine, known: Setting) -> Reply:
    root, name = desk.workspace.root, known.name
    if not moving.has_arrived(root):
        load = moving.loaded(root, git_dir, known)
        try:
            version, there = moving.arrive(engine, known, load)
        except Conflict:
            setting.enter(git_dir, root, None)
            raise Refusal("engine", AGAIN, [setting.way_to(name)]) from None
        except Refusal as refusal:
            if not refusal.details.get("doubt") and refusal.code == "engine" and _answered(engine):
                setting.enter(git_dir, root, None)
            raise
        store = EngineStore(root, git_dir, engine, known.clone, lock_timeout=desk.lock_timeout)
        moving.settle_there(store, known, load, version, there)
    hooks = _entered(desk, git_dir, known)
    lines = [f"the rooms are on {plain(name)} now, with their members, turns and logs", *hooks]
    lines.append(f"in each other clone: stick init --engine {word(name)}")
    return Reply(lines, next=[Next("engine")])


def _answered(engine: Engine) -> bool:
    """Tell whether an engine that refused can be asked: what it refuses has not been done, then."""
    try:
        return engine.load() is None
    except Refusal:
        return False


def _entered(desk: Desk, git_dir: str, known: Setting) -> list[str]:
    """Have the engine be the truth, and git ask before a push where it asks before a commit. Say what came
    of the hooks."""
    shared_rooms.configure(desk, known.name)
    setting.enter(git_dir, desk.workspace.root, replace(known, move=None))
    if not git_hooks.hooks_manifest(paths.common_dir_of(git_dir)).placed:
        return []
    report = Report(dry=False)
    try:
        git_hooks.install(desk.workspace, report, required=True)
    except (OSError, Refusal) as error:
        report.troubles.append(f"git asks nothing before a push yet ({error}): see `stick doctor`")
    return [plain(line) for line in (*report.troubles, *report.brief())]


def _close(desk: Desk, name: str) -> None:
    """Close the rooms of the files, for those of an engine come in their place. Under the lock."""
    for one in snapshots(desk.store):
        closed = replace(one.room, closed=True, extra={**one.room.extra, "moved_to": name})
        desk.store.swap(one, closed, (), desk.rooms.clock())


def _adopted(desk: Desk, git_dir: str, engine: Engine, known: Setting) -> Reply:
    """Have the rooms that an engine has in the place of this clone's, which were closed."""
    root = desk.workspace.root
    store = EngineStore(root, git_dir, engine, known.clone, lock_timeout=desk.lock_timeout)
    there = store.paths()
    with store.exclusive(anywhere=True):
        store.tidy(there)
    hooks = _entered(desk, git_dir, known)
    line = f"the rooms of {plain(known.name)} are those of this tree now; what was here was closed,"
    lines = [f"{line} and its log stays in {plain(desk.store.folder)}", *hooks]
    return Reply(lines, next=[Next("join")])


# --- from an engine


def _from_engine(desk: Desk, git_dir: str, known: Setting, to: str) -> Reply:
    store, root = desk.store, desk.workspace.root
    if not isinstance(store, EngineStore) or store.engine.name != known.name:
        raise Refusal("config", f"{plain(known.name)} is not what has the rooms", [Next("engine")])
    with store.exclusive(anywhere=True):
        store.stale()
        store.paths()
        _check_free(desk, "moved" if to else "deleted", mine=to == FILES)
        version = store.version
        if version is None:
            raise Refusal("config", f"{plain(known.name)} has no rooms yet", [Next("uninit")])
        begun = moving.begun(to, fresh.uuid(), _caller(desk), desk.rooms.clock())
        known = replace(known, move=begun)
        moving.keep(store, version)
        setting.enter(git_dir, root, known)
    return _out(desk, git_dir, store.engine, known)


def _out(desk: Desk, git_dir: str, engine: Engine, known: Setting) -> Reply:
    root, to, reading = desk.workspace.root, (known.move or {})["to"], desk.rooms.clock()
    told = moving.kept(git_dir, known.name)
    if told is None:
        what = f"what was to be moved is not in {plain(git_dir)} any more"
        raise Refusal("state_lost", what=what)
    try:
        moving.depart(engine, known, told, reading[0])
    except Conflict:
        _off(desk, git_dir, known)
        raise Refusal("engine", AGAIN, [setting.way_to(to)]) from None
    except Refusal as refusal:
        if (
            refusal.code == "engine"
            and not refusal.details.get("doubt")
            and _is_as_it_was(engine, told)
        ):
            _off(desk, git_dir, known)
        raise
    fences, steps = fence_left.end_noted(desk, known.name, told.document)
    home = Homecoming(root, git_dir, lock_timeout=desk.lock_timeout)
    marks = {}
    if to:
        marks = home.settle(told, known.clone, reading)
    else:
        home.clear()
    if opening.configured(git_dir):
        shared_rooms.configure(desk, "")
    setting.enter(git_dir, root, None, marks)
    moving.forget(git_dir)
    if not to:
        line = f"the rooms on {plain(known.name)} are deleted; other clones say that {_by(known)} did it"
        return Reply(
            [line, f"the log stays in {plain(home.folder)}", *fences],
            next=[*steps, Next("uninit"), Next("init")],
        )
    line = f"the rooms are in the files of this clone, with the members that joined here; {plain(known.name)}"
    line = f"{line} has none any more, and other clones say that {_by(known)} moved them"
    return Reply([line, *fences], next=steps)


def _is_as_it_was(engine: Engine, told: moving.Kept) -> bool:
    try:
        version = engine.load()
    except Refusal:
        return False
    return version is not None and version.token == told.token


def _off(desk: Desk, git_dir: str, known: Setting) -> None:
    """Have the engine be the truth as before: the move did not happen, and cannot any more."""
    if (
        opening.configured(git_dir) != known.name
    ):  # a return from an engine that came back meanwhile
        shared_rooms.configure(desk, known.name)
    setting.enter(git_dir, desk.workspace.root, replace(known, move=None))
    moving.forget(git_dir)


def _by(known: Setting) -> str:
    return plain((known.move or {}).get("by", "somebody"))


# --- who may


def _caller(desk: Desk) -> str:
    found = snapshots(desk.store)
    caller = desk.caller(found[0].room if found else None)
    return caller.agent_id or caller.name


def _check_free(desk: Desk, done: str, *, mine: bool) -> None:
    """Raise the refusal for rooms that somebody holds, is promised, or waits for; ``done`` says what is
    about to be done to them. With ``mine`` the caller's own turn goes along."""
    for one in snapshots(desk.store):
        rules.check_all_in(one.room, "move the rooms")  # an engine has no leases of paths
        standing, caller = desk.standing(one), desk.caller(one.room)
        me = caller.agent_id if caller.proof else None
        own = mine and me is not None and me == standing.keeper
        if standing.keeper and not own:
            told = f"{standing.headline(me)}: the rooms are {done} while nobody holds"
            follow = standing.next(me, person=caller.person)
            put_down = [Next("release", "--help")] if me and standing.keeper == me else follow
            raise Refusal(standing.code, told, put_down)
        others = [m.agent_id for m in one.room.members if m.agent_id != me]
        waiting = sorted(desk.store.waiting(others))
        if waiting and standing.phase != phases.CLOSED:
            told = (
                f"{', '.join(map(plain, waiting))} waits for the stick: let it have its turn first"
            )
            raise Refusal("reserved", told, [Next("status")])
