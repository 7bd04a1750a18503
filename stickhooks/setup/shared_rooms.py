"""``stick init --engine``: the rooms of this workspace lie on an engine, shared with other clones.

The setting stands in the anchor, and in git's configuration for people and for a lost anchor: where the two
differ nothing is opened. No tracked file makes us open a connection.
"""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.operations.context import Desk
from stickhooks.setup import fence_left
from stickhooks.setup.report import Report
from stickhooks.store import opening
from stickhooks.store.engine import kinds, setting, views
from stickhooks.store.engine.git_remote import GitRemote
from stickhooks.store.engine.store import EngineStore
from stickhooks.text import command, plain, word
from stickhooks.workspace import git, paths


def choose(desk: Desk, name: str, report: Report) -> Desk:
    """Have an engine keep the rooms of this workspace, and return a desk there.

    Raises ``config`` where another engine has them, or files do: two truths are none; ``engine`` where
    it cannot be asked.
    """
    workspace, git_dir = desk.workspace, git_dir_of(desk)
    known = setting.of(git_dir)
    if known and known[0].name != name:
        told = f"the rooms of this workspace are on {known[0].name}"
        raise Refusal(
            "config", told, [Next("init", "--engine", word(known[0].name)), Next("uninit")]
        )
    again = opening.configured(git_dir) == name
    if known is None and not again and desk.store.paths():
        told = f"{plain(workspace.root)} has a room of its own: it would be two rooms"
        steps = [Next("engine", "--move", word(name)), Next("uninit")]
        raise Refusal("config", f"{told}; move it there, or take it away first", steps)
    if known is None:
        check_name(desk, name, "init", "--engine")
    engine = kinds.engine_named(name, workspace.root, git_dir)
    engine.check()
    there = engine.load() is not None
    if not report.dry and known is None:
        setting.enter(git_dir, workspace.root, setting.drawn(name))
    if not report.dry and not again:
        configure(desk, name)
    report.did(
        known is None, f"rooms on {plain(name)}, {'as they are there' if there else 'made there'}"
    )
    return desk if report.dry else desk.moved(desk.place)


def configure(desk: Desk, name: str) -> None:
    """Have git's configuration name the engine of this working tree, none with ``""``."""
    place = opening.configuration_of(git_dir_of(desk))
    git.configure(desk.workspace.root, f"file={place}", setting.KEY, name)


def git_dir_of(desk: Desk) -> str:
    """Return the git dir of the workspace. Raises ``config`` where there is no git."""
    if desk.workspace.git_dir is None:
        step = f"git init {word(desk.workspace.root)}"
        raise Refusal("config", "rooms on an engine need git here", [step])
    return desk.workspace.git_dir


def check_name(desk: Desk, name: str, *verb: str) -> None:
    """Raise ``config`` for a linked worktree that would have those of the main one; ``verb`` takes names."""
    git_dir = git_dir_of(desk)
    if "#" not in name and git_dir != paths.common_dir_of(git_dir):
        told = "a linked worktree names its rooms: they are not those of the main one"
        raise Refusal("config", told, [Next(*verb, word(f"{name}#NAME"))])


def leave(desk: Desk) -> list[str]:
    """Have the members of this clone leave the rooms on an engine, before its files go. Say what stays."""
    git_dir = desk.workspace.git_dir
    known = setting.of(git_dir) if git_dir else None
    if git_dir and opening.configured(git_dir):
        configure(desk, "")
    if known is None:
        return []
    name, clone, others = known[0].name, known[0].clone, False
    try:
        for path in desk.store.paths():
            room, _ = desk.rooms.look(path)
            for member in room.members:
                others = others or views.clone_of(member) != clone
                if views.clone_of(member) == clone:
                    desk.rooms.leave(member.agent_id, room.room_id, force=True)
        now = desk.store.document if isinstance(desk.store, EngineStore) else None
    except Refusal as refusal:
        told = f"this clone's members did not leave the rooms on {plain(name)}"
        open_yet = [f"{what}: {way}" for _, what, way in fence_left.left(desk)]
        return [f"{told}: {plain(refusal.message)}", *open_yet]
    stays = f"the rooms stay on {plain(name)}, without this clone's members"
    if others or now is None:
        return [stays]
    if isinstance(desk.store, EngineStore) and isinstance(desk.store.engine, GitRemote):
        way = fence_left.way_to_delete(desk.store.engine)
        return [f"{stays}: nobody is a member any more; with our pre-receive no branch lands there before"
                f" somebody joins, or {way}"]  # fmt: skip
    lines, steps = fence_left.end_noted(desk, name, now)
    return [f"{stays}: nobody is a member any more", *lines, *map(command, steps)]
