"""A git dir younger than the room: ``git init`` afterwards, or a ``.git`` that was made anew.

There is no anchor then, and a state without one may have come with a clone or a copy. It is ours
where it names this machine and this path, and was last changed before everything in the git dir: a
clone lays its files down after its git dir, an archive or a copy names another place. Protocol, 7.
"""

from stickhooks.fast.os import os
from stickhooks.store import layout, reader
from stickhooks.system import processes
from stickhooks.system.folder import Folder, Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.store.anchor import Anchor


def place(root: str) -> "dict[str, str]":
    """Return where a room lies, as its state names it: machine and path."""
    return {"machine": processes.where()[0], "path": root}


def is_of(root: str) -> bool:
    """Tell whether the state in a folder was made in that very folder, on this machine."""
    try:
        ours, _ = reader.open_folder(os.path.join(root, layout.FOLDER))
    except Unreadable:
        return False
    if ours is None:
        return False
    with ours:
        raw = reader.lying_here(ours, "")
    here = place(root)
    return bool(here["machine"]) and raw is not None and raw.get("place") == here


def rooms(ours: "Folder | None", git_dir: str, root: str) -> "list[str]":
    """Return the rooms in our folder that were made here, before the git dir was. Only reads."""
    here = place(root)
    if ours is None or not here["machine"]:
        return []
    changed = {}
    for name in ours.names():
        room = layout.room_of_name(name)
        raw = None if room is None else reader.lying_here(ours, room)
        if room is not None and raw and raw.get("place") == here:
            changed[room] = _changed(os.path.join(ours.path, name))
    if not changed:
        return []
    oldest = _oldest(git_dir, min(changed.values()))
    return [room for room, when in changed.items() if 0 < when < oldest]


def _oldest(git_dir: str, enough: int) -> int:
    """Return when the oldest thing in a git dir was changed, in nanoseconds; as old as ``enough`` will do."""
    oldest = _changed(git_dir) or 1 << 63
    folders = [git_dir]
    while folders and oldest > enough:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    oldest = min(oldest, entry.stat(follow_symlinks=False).st_ctime_ns)
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
        except FileNotFoundError:
            pass  # packed or replaced just now
        except OSError:
            return 0  # what cannot be read may be older
    return oldest


def _changed(path: str) -> int:
    """Return when a file was last changed, 0 where that cannot be seen. On Windows it is when it was
    made, which comes to the same: each write of a state makes a file."""
    try:
        return os.stat(path, follow_symlinks=False).st_ctime_ns
    except OSError:
        return 0


def adopt(anchor: "Anchor", ours: Folder, sure: "str | None" = None) -> None:
    """Enter the rooms that are ours in a git dir that has no anchor yet, and copy them. Needs the lock.

    ``sure`` is a room that we have just written. Raises Refusal ``io`` where it cannot be written.
    """
    from stickhooks.store import room_copy
    from stickhooks.store.anchor import mark_of

    git_dir = anchor.git_dir or ""
    names = dict.fromkeys([*rooms(ours, git_dir, anchor.tree), *([] if sure is None else [sure])])
    states = {room: raw for room in names if (raw := reader.lying_here(ours, room))}
    if not states:
        return
    anchor.write({room: mark_of(raw) for room, raw in states.items()})
    for room, raw in states.items():
        data, end = reader.read_state(ours, room) or b"", raw["log_bytes"]
        room_copy.keep(git_dir, ours, str(raw["room_id"]), data, end, b"")  # type: ignore[arg-type]
