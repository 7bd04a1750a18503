"""An anchor that can no longer be read, made again from the states and their copies in the git dir.

A pipe, a folder or a link in the anchor's place says nothing of the turns that it knew. They are
known all the same where each state that lies here is not older than its own copy: the witness in the
git dir vouches for that, and no clone, backup or other program can write it. See ``room_copy``.
"""

from __future__ import annotations

import os
import stat

from stickhooks.errors import Refusal
from stickhooks.store import layout, publishing, reader, room_copy
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
                if _state(ours, path) is None and room_copy.exact(git_dir, path, mark):
                    publishing.move_stray_aside(ours, path)
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
    names = [] if ours is None else ours.names()
    for path in (room for name in names if (room := layout.room_of_name(name)) is not None):
        raw = _state(ours, path)
        if raw is None:
            continue
        copy = copies.get(path, {}).get(str(raw["room_id"]))
        if copy is None or _event(raw) < _event(copy):
            raise _disagreement(path, "older than its copy" if copy else "without a copy")
        _check_side(raw, ours)
        marks[path] = _mark(raw)
    for path, found in copies.items():
        if path not in marks:
            newest = max(found.values(), key=_event)
            _check_side(newest, ours)
            marks[path] = _mark(newest)
    if not marks:
        raise Refusal(
            "io", f"{git_dir} has no copy of a room from which it could be made again", []
        )
    return marks


def _copies(git_dir: str) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Return the copies that the witness vouches for, by path and room id."""
    try:
        ids = os.listdir(os.path.dirname(room_copy.folder_of(git_dir, "x")))
    except OSError:
        return {}
    copies: dict[str, dict[str, Mapping[str, Any]]] = {}
    for room_id in ids:
        found = room_copy.state_of(git_dir, room_id)
        if found is not None and found[2] and found[1]["room_id"] == room_id:
            copies.setdefault(found[1]["path"], {})[room_id] = found[1]
    return copies


def _state(ours: Folder | None, path: str) -> Mapping[str, Any] | None:
    """Return the state that lies here, None where it is damaged: then its newest copy speaks."""
    try:
        data = reader.read_state(ours, path)
        raw = reader.parsed(data, path) if data else None
    except Refusal as refusal:
        if refusal.code == "state_corrupt":
            return None
        raise
    return raw if raw and raw["path"] == path else None


def _check_side(raw: Mapping[str, Any], ours: Folder | None) -> None:
    trouble = None if ours is None else room_copy.side_trouble(raw, ours)
    if trouble is not None:
        raise trouble


def _event(raw: Mapping[str, Any]) -> tuple[int, int]:
    return raw["turn_id"], raw["event_seq"]


def _mark(raw: Mapping[str, Any]) -> dict[str, object]:
    return {"id": raw["room_id"], "turn": raw["turn_id"], "event": raw["event_seq"]}


def _disagreement(path: str, what: str) -> Refusal:
    return Refusal("io", f"the state {layout.state_name(path)} is {what} in the git dir", [])


def _clear_way(place: str) -> None:
    """Move a folder aside. Anything else stays until the new anchor takes its place in one step."""
    if os.path.isdir(place) and not os.path.islink(place):
        os.rename(
            place,
            os.path.join(os.path.dirname(place), f"{layout.ANCHOR_STRAY}{publish.own_mark()}"),
        )
