"""A copy of each room in the git dir, from which a deleted folder is brought back exactly.

``git clean -fdx`` and ``rm -r`` take our folder along, but not the git dir. The log is a hard
link: it costs nothing and grows with the original. What is not certain stays lost.
"""

from __future__ import annotations

import os

from stickhooks import disk, publishing
from stickhooks.errors import Refusal
from stickhooks.eventlog import EVENTS
from stickhooks.folder import Folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from stickhooks.anchor import Marks

COPIES: Final = "copies"
STATE: Final = "state.json"


def keep(git_dir: str | None, ours: Folder, room_id: str, data: bytes) -> None:
    """Copy a state just published, and link its log. Where that cannot be, the old copy is inexact."""
    if git_dir is None:
        return
    try:
        with (
            Folder.open(git_dir) as top,
            top.sub(disk.ANCHOR_FOLDER, COPIES, room_id, make=True) as copy,
        ):
            _link(os.path.join(ours.path, "log", room_id), copy.path)
            publishing.clear(copy)
            publishing.publish(copy, STATE, data)
    except OSError:
        pass


def _link(source: str, target: str) -> None:
    """Link a log into a folder, unless it is that file already."""
    old, new = os.path.join(source, EVENTS), os.path.join(target, EVENTS)
    if not os.path.exists(old) or (os.path.exists(new) and os.path.samefile(old, new)):
        return
    if os.path.lexists(new):
        os.unlink(new)
    os.link(old, new, follow_symlinks=False)


def is_of(tree: str, git_dir: str | None) -> bool:
    """Tell whether a git dir's copies are of this very tree: not so in a copied one."""
    return git_dir is not None and disk.tree_of(git_dir) == tree


def exact(git_dir: str | None, path: str, marks: Marks) -> bytes | None:
    """Return the copy of a room's state if it is certainly the newest; ``is_of`` was asked before."""
    mark = marks.get(path)
    if git_dir is None or not mark or "event" not in mark:
        return None
    try:
        with Folder.open(_folder(git_dir, str(mark["id"]))) as copy:
            data = copy.read(STATE, disk.STATE_LIMIT)
            raw: Any = disk.parsed(data, copy.path) if data else None
            log = os.path.join(copy.path, EVENTS)
            size = os.stat(log).st_size if os.path.exists(log) else 0
    except (OSError, ValueError, Refusal):
        return None
    same = raw and (raw["path"], raw["room_id"], raw["turn_id"], raw["event_seq"]) == (
        path, mark["id"], mark["turn"], mark["event"],
    )  # fmt: skip
    known = same and size >= raw["log_bytes"] and raw["members"]
    return data if known and all(map(_seen, raw["members"])) else None


def _seen(member: Any) -> bool:
    """Tell whether a member is known by a process outside every sandbox: one inside cannot write here."""
    known = [one for one in (member["process"], *member["beside"]) if one]
    return any(one["start"] is not None for one in known)


def bring_back(git_dir: str | None, root: str, ours: Folder, look: Callable[[], object]) -> None:
    """Put back each room whose state is not there and whose copy is exact. Needs the lock.

    ``look`` is called right before each rename: see ``exclusion``.
    """
    try:
        marks = disk.read_anchor(git_dir) if git_dir else None
    except Refusal:
        return
    gone = [path for path, mark in (marks or {}).items() if mark["turn"] and _is_gone(ours, path)]
    for path in gone if gone and is_of(root, git_dir) else ():
        name, mark = disk.state_name(path), (marks or {})[path]
        data = exact(git_dir, path, marks or {})
        if data is not None:
            room_id = str(mark["id"])
            ours.sub("log", room_id, make=True).close()
            _link(_folder(str(git_dir), room_id), os.path.join(ours.path, "log", room_id))
            publishing.publish(ours, name, data, look)
            ours.sync()


def _is_gone(ours: Folder, path: str) -> bool:
    return not os.path.lexists(os.path.join(ours.path, disk.state_name(path)))


def _folder(git_dir: str, room_id: str) -> str:
    return os.path.join(git_dir, disk.ANCHOR_FOLDER, COPIES, room_id)
