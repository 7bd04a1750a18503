"""What happened to the tree outside of a turn, told to who holds the stick, once.

Two witnesses: what the hooks noted (``handlers.git_after``), and HEAD itself. The transaction hook
writes down where HEAD went; where HEAD is now and was not led by it, it was moved past the
hooks (``core.hooksPath``, a program that runs none), and git's own log of HEAD says by whom.
"""

# bundle: verbs
from __future__ import annotations

import os

from stickhooks.errors import Refusal
from stickhooks.fast import bundle
from stickhooks.operations import head_log, own_moves
from stickhooks.operations.context import Desk
from stickhooks.store import activity, layout
from stickhooks.store.activity import OUTSIDE
from stickhooks.system import clock, publish
from stickhooks.system.folder import Folder, read_file
from stickhooks.text import clock_time, plain
from stickhooks.workspace import head, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from stickhooks.identity.resolver import Caller
    from stickhooks.protocol.model import Room
    from stickhooks.store.interface import Store

TOLD = "told"
MOVES = 20
PATHS = 5
DEED = 400  # characters
TAIL = 1 << 16
ABORTED = head_log.ABORTED
NOWHERE = head_log.NOWHERE


def meanwhile(desk: Desk, *, settle: bool) -> list[str]:
    """Return what a holder, or a closer, has not been told yet; ``settle`` writes down that it was.

    Empty for everybody else, and where anything cannot be read: this is a courtesy.
    """
    try:
        snapshot = desk.snapshot()
        room, lease = snapshot.room, snapshot.room.lease
        me = desk.caller(room)
        opened = _opened(desk, room, me, settle=settle)
        if lease is None or me.agent_id != lease.holder or not me.proof:
            return opened if lease else [*opened, *_lost(desk, settle=settle)]
        room_id, desk.told_as_holder = room.room_id, True
        found = unread(desk.store, room_id, lease.holder)
        told = [*opened, *(_line(s) for s in _with_changes(desk, room.path, found))]
        passed = head_moves(desk.workspace)
        told += [f"meanwhile: {move_line(move)}" for move in passed]
        told += _lost(desk, settle=settle)
        if settle:
            if told:
                desk.store.note(room_id, TOLD, agent_id=lease.holder, moves=passed)
            record_head(desk.workspace)
        return told
    except (Refusal, OSError, ValueError):
        return []


def _lost(desk: Desk, *, settle: bool) -> list[str]:
    """Return what of uncommitted work is in the tree no more: what takes it need not run a hook of git's."""
    bundle.more("losses")
    from stickhooks.operations import losses_told

    try:
        lost = losses_told.untold(desk.workspace, settle=settle)
    except (Refusal, OSError, ValueError):
        return []
    return [f"meanwhile: {lost}"] if lost else []


def _opened(desk: Desk, room: Room, me: Caller, *, settle: bool) -> list[str]:
    """Return what a closer is told of an agent that opened the room; ``settle`` as for a holder."""
    closing = room.closing
    if closing is None or closing.opened_by is None or closing.by != me.agent_id or not me.proof:
        return []
    if settle:
        desk.rooms.heard(closing.by, room.room_id)
    shown, agent = plain(desk.rooms.shown(room.path)), plain(closing.opened_by)
    return [f"meanwhile: {agent} opened {shown}, which you had closed: {plain(closing.reason)}"]


def unread(store: Store, room_id: str, me: str) -> list[dict[str, Any]]:
    """Return what others did outside of a turn since ``me`` was last told."""
    found: list[dict[str, Any]] = []
    for sighting in store.notes(room_id, TAIL):
        if sighting.get("what") == TOLD:
            found = []
        elif sighting.get("what") == OUTSIDE and sighting.get("agent_id") != me:
            found.append(sighting)
    return found


def _with_changes(desk: Desk, room: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what was done, with what changed since a command of ``policy reads`` began.

    Who else wrote meanwhile, the holder too, is not known apart. Where nothing changed nothing is told.
    """
    runs = [one for one in found if one.get("kind") == activity.READS]
    if not runs:
        return found
    from stickhooks.workspace import git

    root = desk.workspace.root
    files = git.uncommitted(root, room, [])
    told = []
    for one in found:
        if one not in runs or files is None:
            told.append(one)
            continue
        changed = [
            path for path in files if _changed_at(os.path.join(root, path)) >= _time(one.get("at"))
        ]
        if changed:
            told.append(
                {**one, "did": f"{one.get('did')} (policy reads); changed since", "paths": changed}
            )
    return told


def _changed_at(path: str) -> int:
    """Return when a file, or the folder that it is gone from, changed last: milliseconds."""
    while path and not os.path.lexists(path):
        path = os.path.dirname(path)
    return os.lstat(path).st_mtime_ns // 1_000_000 if path else 0


def head_moves(workspace: paths.Workspace) -> list[tuple[str, int, str, str]]:
    """Return HEAD's moves that no hook of ours saw, the oldest first: commit, ms, who, what."""
    if workspace.git_dir is None:
        return []
    return own_moves.without(workspace.git_dir, _past_the_hooks(workspace, workspace.git_dir))


def _past_the_hooks(workspace: paths.Workspace, git_dir: str) -> list[head_log.Move]:
    recorded = _recorded(git_dir)
    now = _head(workspace)
    missed = head_log.unseen(git_dir)
    if not recorded or now is None or recorded == now or {now or NOWHERE, recorded} == {NOWHERE}:
        return missed
    if not now:
        return [*missed, ("", clock.read()[0], head_log.NOBODY, "HEAD names no commit now")]
    if missed and missed[-1][0] == now:
        return missed
    from stickhooks.workspace import git

    history = git.head_history(workspace.root, MOVES)
    seen = next((i for i, move in enumerate(history) if move[0] == recorded), 1)
    found = [(move[0], move[1] * 1000, *move[2:]) for move in history[:seen]]
    if not found or found[0][0] != now:  # moved from another worktree, or where git keeps no log
        found.insert(0, (now, clock.read()[0], head_log.NOBODY, head_log.SILENT))
    known = {move[0] for move in missed}
    found = [m for m in found[::-1] if ABORTED not in m[3] and m[0] not in known]
    return sorted([*missed, *found], key=lambda move: move[1])


def _recorded(git_dir: str) -> str:
    try:
        data = read_file(os.path.join(git_dir, layout.GIT_FOLDER, layout.HEAD), 1 << 10)
    except ValueError:
        return ""
    return (data or b"").decode("ascii", "replace").strip()


def _head(workspace: paths.Workspace) -> str | None:
    """Return the commit that HEAD names; git is asked only where its files do not tell."""
    assert workspace.git_dir is not None
    found = head.of(workspace.git_dir)
    if found is not None:
        return found
    from stickhooks.workspace import git

    return git.value_of(workspace.root, "HEAD", git.clean(os.environ))


def record_head(workspace: paths.Workspace) -> None:
    """Write down where HEAD is: what moves it past the hooks is seen from there on."""
    if workspace.git_dir is None:
        return
    now = _head(workspace)
    folder = os.path.join(workspace.git_dir, layout.GIT_FOLDER)
    if now is None or not os.path.isdir(folder):
        return
    if (now or NOWHERE) != _recorded(workspace.git_dir):
        with Folder.open(folder) as opened:
            publish.publish(opened, layout.HEAD, f"{now or NOWHERE}\n".encode(), durable=False)
    head_log.settle(workspace.git_dir)
    own_moves.settle(workspace.git_dir)


def _line(sighting: Mapping[str, Any]) -> str:
    return f"meanwhile: {deed(sighting)}"


def seen_at(store: Store, room_id: str) -> list[tuple[int, str]]:
    """Return all that was ever noted to have happened outside of a turn, with its time, for the log."""
    told: list[tuple[int, str]] = []
    for sighting in store.notes(room_id):
        if sighting.get("what") == OUTSIDE:
            told.append((_time(sighting.get("at")), f"without the stick: {deed(sighting)}"))
        elif sighting.get("what") == activity.PROGRAM:
            told.append((_time(sighting.get("at")), _by_program(sighting)))
        elif sighting.get("what") == activity.BACK:
            told.append((_time(sighting.get("at")), brought_back(sighting)))
        elif sighting.get("what") == activity.NOT_KEPT:
            told.append((_time(sighting.get("at")), _not_kept(sighting)))
        elif sighting.get("what") == TOLD:
            told += [(move[1], move_line(move)) for move in _moves(sighting.get("moves"))]
    return told


def brought_back(sighting: Mapping[str, Any], *, whole: bool = True) -> str:
    """Say what somebody brought back; without ``whole``, only what and of which turn."""
    turn = f" of turn {plain(sighting['of'], 20)}" if sighting.get("of") else ""
    told = f"stick {plain(sighting.get('kind'), 20)}{turn}{paths_of(sighting)}"
    at, who = sighting.get("at"), plain(sighting.get("agent_id"))
    when = clock_time(at) if type(at) is int else "?"
    return f"{who} at {when} brought work back: {told}" if whole else told


def _not_kept(sighting: Mapping[str, Any]) -> str:
    before = f" before {plain(sighting.get('did'), 80)}" if sighting.get("did") else ""
    return f"no snapshot could be made{before}: {plain(sighting.get('why'), 200)}"


def _time(at: object) -> int:
    return at if type(at) is int else 0


def _moves(raw: object) -> list[Any]:
    """Return the moves of HEAD that a note tells of; what is none is passed over."""
    given = raw if isinstance(raw, list) else []
    return [
        move
        for move in given
        if isinstance(move, list) and len(move) == 4 and isinstance(move[0], str)
        if type(move[1]) is int
    ]


def _by_program(sighting: Mapping[str, Any]) -> str:
    at, owner = sighting.get("at"), plain(sighting.get("owner") or "somebody")
    when = clock_time(at) if type(at) is int else "?"
    kind = plain(sighting.get("kind") or "write", 20)
    return f"by a program of {owner} (join --programs) at {when}: {kind}"


def move_line(move: Sequence[Any]) -> str:
    commit, at, who, what = move
    if not commit:
        return f"HEAD names a branch that is not there, set past the hooks before {clock_time(at)}"
    return (
        f"HEAD went to {commit[:10]} past the hooks at {clock_time(at)}:"
        f" {plain(what, 80)} ({plain(who, 60)})"
    )


def deed(sighting: Mapping[str, Any]) -> str:
    """Say what somebody did outside of a turn: who, when, what, which files."""
    at = sighting.get("at")
    when = clock_time(at) if type(at) is int else "?"
    who = plain(sighting.get("agent_id") or "somebody")
    did = plain(sighting.get("did"), DEED)
    told = did if sighting.get("kind") == activity.FREE else f"{who} at {when}: {did}"
    return told + paths_of(sighting)


def paths_of(sighting: Mapping[str, Any]) -> str:
    found = sighting.get("paths")
    if not isinstance(found, list) or not found:
        return ""
    more = f" and {len(found) - PATHS} more" if len(found) > PATHS else ""
    return f" ({', '.join(plain(path, 60) for path in found[:PATHS])}{more})"
