"""``stick guard --chmod``: tracked files are read-only while nobody holds their room. Off by default.

For tools without hooks. File modes are the same for everybody of one account, so this stops
a save while the stick lies there for the taking, not one while somebody holds it. Modes are
given back exactly; what git or anybody put there anew meanwhile is taken as it is.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from pathlib import Path

from filelock import FileLock

from stickhooks.errors import Next, Refusal
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.protocol import phases
from stickhooks.store import layout
from stickhooks.store.opening import open_store
from stickhooks.store.snapshot import snapshots
from stickhooks.system import text_files
from stickhooks.workspace import git, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

WRITE: Final = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
NOT_STOPPED: Final = (
    "not stopped: root; `sed -i`, `mv`, `:w!` and whatever else replaces a file; git; new files;"
    " and anything while somebody holds the stick"
)
Modes = dict[str, int]


def turn_on(desk: Desk) -> Reply:
    """Switch it on, and shut what nobody holds. Raises Refusal where there is no git or no room."""
    if desk.workspace.git_dir is None:
        raise Refusal(
            "usage", "the guard goes by the files that git tracks: there is no git here", []
        )
    desk.snapshot()  # there has to be a room
    if not _file(desk.workspace).exists():
        _save(desk.workspace, {})
    follow(desk.workspace)
    return show(desk)


def turn_off(desk: Desk) -> Reply:
    """Switch it off, and give every file its mode back."""
    return Reply(off(desk.workspace) or ["the guard was off"])


def show(desk: Desk) -> Reply:
    """Say whether it is on, and what it does not stop."""
    if desk.workspace.git_dir is None or not _file(desk.workspace).exists():
        return Reply(["the guard is off"], next=[Next("guard", "--chmod")], data={"on": False})
    shut = len(_load(desk.workspace))
    lines = [f"the guard is on: {shut} tracked files are read-only now", NOT_STOPPED]
    return Reply(lines, data={"on": True, "shut": shut})


def off(workspace: paths.Workspace) -> list[str]:
    """Give every file its mode back and forget them. Returns what there is to say about it."""
    if workspace.git_dir is None or not _file(workspace).exists():
        return []
    with _alone(workspace):
        modes = _load(workspace)
        for path, mode in modes.items():
            _open(workspace, path, mode)
        _file(workspace).unlink()
    Path(str(workspace.git_dir), layout.GIT_FOLDER, layout.FILE_MODES_LOCK).unlink(missing_ok=True)
    return [f"gave {len(modes)} files their modes back"]


def follow(workspace: paths.Workspace) -> None:
    """Have file modes follow the stick, where the guard is on. A state that cannot be read changes nothing.

    Called after whatever may have moved a stick; the last one to run sees the last state.
    """
    if workspace.git_dir is None or not os.path.exists(_file(workspace)):
        return
    with contextlib.suppress(Refusal, OSError), _alone(workspace):
        store = open_store(workspace.root, workspace.git_dir)
        rooms = frozenset(store.paths())
        every = [one.room for one in snapshots(store)]
        held = {room.path for room in every if room.lease}
        held |= {path for room in every for part in room.parts if part.lease for path in part.paths}
        kept = {path for room in every for part in room.parts for path in part.paths}
        tracked = git.tracked_files(workspace.root)
        open_ = {None, *held}
        _apply(workspace, {p for p in tracked if phases.governing(rooms | kept, p) not in open_})


def _apply(workspace: paths.Workspace, shut: set[str]) -> None:
    """Shut these files and open all others that we had shut. Written down first: a crash loses no mode."""
    before = _load(workspace)
    modes = dict(before)
    for path in shut:
        mode = _mode(workspace, path)
        if mode is not None and mode & WRITE:
            modes[path] = mode
    _save(workspace, modes)
    for path in shut & modes.keys():
        _chmod(workspace, path, modes[path] & ~WRITE)
    for path in before.keys() - shut:
        _open(workspace, path, modes.pop(path))
    _save(workspace, modes)


def _open(workspace: paths.Workspace, path: str, mode: int) -> None:
    """Give a file its mode back, unless somebody has changed it since."""
    if _mode(workspace, path) == mode & ~WRITE:
        _chmod(workspace, path, mode)


def _mode(workspace: paths.Workspace, path: str) -> int | None:
    try:
        found = os.lstat(os.path.join(workspace.root, path))
    except OSError:
        return None
    return stat.S_IMODE(found.st_mode) if stat.S_ISREG(found.st_mode) else None


def _chmod(workspace: paths.Workspace, path: str, mode: int) -> None:
    with contextlib.suppress(OSError):  # another user's file
        os.chmod(os.path.join(workspace.root, path), mode)


def _file(workspace: paths.Workspace) -> Path:
    return Path(str(workspace.git_dir), layout.GIT_FOLDER, layout.FILE_MODES)


def _load(workspace: paths.Workspace) -> Modes:
    """Return the modes written down. Raises OSError for a file that is there and cannot be read."""
    try:
        raw = json.loads(text_files.read(_file(workspace)) or "{}")
    except ValueError:
        return {}
    modes = raw.get("modes") if isinstance(raw, dict) else None
    found = modes.items() if isinstance(modes, dict) else ()
    return {path: mode for path, mode in found if type(mode) is int and 0 <= mode <= 0o7777}


def _save(workspace: paths.Workspace, modes: Modes) -> None:
    text = json.dumps({"schema": 1, "modes": modes}, indent=0)
    text_files.make_folders(_file(workspace).parent)
    text_files.write(_file(workspace), text + "\n")


@contextlib.contextmanager
def _alone(workspace: paths.Workspace) -> Iterator[None]:
    lock = Path(str(workspace.git_dir), layout.GIT_FOLDER, layout.FILE_MODES_LOCK)
    with FileLock(lock, timeout=10, preserve_lock_file=True):
        yield
