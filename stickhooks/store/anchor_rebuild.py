"""An anchor that can no longer be read, made again from the states and their copies in the git dir.

A pipe, a folder or a link in the anchor's place says nothing of the turns that it knew. They are
known all the same where each state that lies here is not older than its own copy: the witness in the
git dir vouches for that, and no clone, backup or other program can write it. See ``room_copy``.
"""

from __future__ import annotations

import os
import stat

from stickhooks.errors import Refusal
from stickhooks.store import layout, reader, room_copy
from stickhooks.store.anchor import mark_of
from stickhooks.system import publish

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from stickhooks.store.anchor import Marks
    from stickhooks.store.files import FileStore
    from stickhooks.system.folder import Folder


def hindrance(store: FileStore) -> str:
    """Return why the anchor cannot be made again, ``""`` where it can. Only reads."""
    try:
        ours, trouble = reader.open_folder(store.folder)
    except ValueError as error:
        ours, trouble = None, str(error)
    try:
        if trouble:
            return f"{store.folder}: {trouble}"
        _marks(store.git_dir or "", ours)
    except Refusal as refusal:
        return refusal.message
    finally:
        if ours is not None:
            ours.close()
    return ""


def rebuild(store: FileStore) -> list[str]:
    """Put an anchor made of the states and copies in the place of what lies there; return its rooms.

    Raises Refusal ``io`` where a state and its copy disagree; nothing is changed then.
    """
    with store.exclusive():
        git_dir, ours = store.git_dir or "", store._open
        try:
            marks = reader.read_anchor(git_dir)
        except Refusal:
            marks = None
        if marks is None:  # else somebody was faster
            marks = _marks(git_dir, ours)
            _clear_way(layout.anchor_of(git_dir))
            store._anchor.write(marks)
            for path, mark in marks.items():
                room_copy.put_back(git_dir, ours, path, mark, store._lock.look)
        return sorted(marks)


def is_replaced(place: str) -> bool:
    """Tell whether what lies in the place of the anchor cannot be one: no regular file, or too large."""
    try:
        there = os.lstat(place)
    except OSError:
        return False
    return not stat.S_ISREG(there.st_mode) or there.st_size > reader.ANCHOR_LIMIT


def _marks(git_dir: str, ours: Folder | None) -> Marks:
    """Return the marks of all rooms that states and copies tell of, together. Raises ``io``."""
    copies = _copies(git_dir)
    marks: Marks = {}
    for path in layout.rooms_among([] if ours is None else ours.names()):
        raw = reader.state_here(ours, path)
        if raw is None:
            continue  # it is damaged: its newest copy speaks
        copy = copies.get(path, {}).get(str(raw["room_id"]))
        if copy is None or room_copy.age(raw) < room_copy.age(copy):
            raise _disagreement(path, "older than its copy" if copy else "without a copy")
        _check_side(raw, ours)
        marks[path] = mark_of(raw)
    for path, copies_of_room in copies.items():
        if path not in marks:
            newest = max(copies_of_room.values(), key=room_copy.age)
            _check_side(newest, ours)
            marks[path] = mark_of(newest)
    if not marks:
        raise Refusal(
            "io", f"{git_dir} has no copy of a room from which it could be made again", []
        )
    return marks


def _copies(git_dir: str) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Return the copies that the witness vouches for, by path and room id."""
    copies: dict[str, dict[str, Mapping[str, Any]]] = {}
    for copy in room_copy.every(git_dir):
        if copy.vouched:
            copies.setdefault(copy.raw["path"], {})[copy.raw["room_id"]] = copy.raw
    return copies


def _check_side(raw: Mapping[str, Any], ours: Folder | None) -> None:
    trouble = None if ours is None else room_copy.side_trouble(raw, ours)
    if trouble is not None:
        raise trouble


def _disagreement(path: str, what: str) -> Refusal:
    return Refusal("io", f"the state {layout.state_name(path)} is {what} in the git dir", [])


def _clear_way(place: str) -> None:
    """Move a folder aside. Anything else stays until the new anchor takes its place in one step."""
    if os.path.isdir(place) and not os.path.islink(place):
        os.rename(
            place,
            os.path.join(os.path.dirname(place), f"{layout.ANCHOR_STRAY}{publish.own_mark()}"),
        )
