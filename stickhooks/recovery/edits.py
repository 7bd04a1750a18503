"""What single edits wrote, and who: kept by the hooks that run after a write, file by file, without git.

A file of lines beside the lists: begun by the first edit after a snapshot, one line an edit. It is read
as a snapshot of those paths alone; of all others it says nothing. A bonus: nothing depends on it.
"""

from stickhooks.fast import json
from stickhooks.fast.os import os
from stickhooks.recovery import files, loose, tracked
from stickhooks.recovery.entries import GONE, Entry, Listed, Written, to_edits
from stickhooks.recovery.lists import EDITS, ENDING, Place, fresh_id
from stickhooks.system.folder import Folder, write_all
from stickhooks.workspace import head

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from stickhooks.recovery.files import Seen

FULL: "Final" = 256 << 10  # bytes of lines: a file that has so many is followed by another
LISTED: "Final" = 8 << 20  # bytes of a list that is searched for a path
FRESH_MS: "Final" = 30_000  # an edit that ended just now changed its file not longer ago than this


def note(place: Place, path: str, written: Written) -> bool:
    """Keep what an edit left at a path, with who wrote it and when; tell whether there was anything to keep.

    Nothing where no snapshot was made yet, or where the file was not changed just now. Raises OSError.
    """
    with Folder.open(place.lists) as folder:
        names = sorted(name for name in folder.names() if name.endswith((ENDING, EDITS)))
        newest = next((name for name in reversed(names) if name.endswith(ENDING)), "")
        if not newest:
            return False
        known = folder.read(newest, LISTED) or b""
        lines = names[-1] if names[-1].endswith(EDITS) else ""
        commit = head.of(place.git_dir) or ""
        if not lines or not _goes_on(folder, lines, commit):
            lines = fresh_id(written.at) + EDITS
        entry = _entry(place, path, known, written.at)
        if entry is None:
            return False
        first = Listed(
            "", "work", written.at, place.root, commit, _algorithm(known),
            paths={path: entry}, written={path: written},
        )  # fmt: skip
        return _append(folder, lines, *map(json.write, to_edits(first)))


def _goes_on(folder: Folder, name: str, commit: str) -> bool:
    """Tell whether a file of edits takes more of them: made at the same commit, and not full."""
    try:
        data = folder.read(name, FULL)
    except ValueError:
        return False
    return data is not None and b'"head":"%b"' % commit.encode() in data.partition(b"\n")[0]


def _entry(place: Place, path: str, known: bytes, at: int) -> "Entry | None":
    """Return what lies at a path, its bytes kept where git surely does not ignore it."""
    state = _state(place, path, known)
    try:
        with files.Tree(place.root) as tree:
            seen = tree.look(path)
            if at - max(seen.stat[2:]) // 10**6 > FRESH_MS:
                return None
            if not state:
                return _of(seen, "", "")
            seen, data = tree.read(path)
    except files.Gone:
        return Entry(GONE, state)
    except files.NotKept:
        return None
    name = loose.name_of(data, loose.hasher(_algorithm(known)))
    if loose.is_whole(place.objects, name):
        os.utime(loose.path_of(place.objects, name))  # young: pruning spares it
    else:
        loose.write(place.objects, name, data)
    return _of(seen, state, name)


def _of(seen: "Seen", state: str, blob: str) -> Entry:
    return Entry(seen.kind, state, seen.mode, seen.size, seen.stat, blob)


def _state(place: Place, path: str, known: bytes) -> str:
    """Return git's two letters for a path that it tracks, or listed as new; ``""`` where neither is known."""
    if b'%b:{"kind":"file","state":"??"' % json.write(path).encode() in known:
        return "??"
    return ".M" if tracked.is_tracked(place.git_dir, path) else ""


def _algorithm(known: bytes) -> str:
    return "sha256" if b'"algorithm":"sha256"' in known else "sha1"


def _append(folder: Folder, name: str, first: str, line: str) -> bool:
    """Append a line; a write of this size is one, whoever else writes. The same edit stands there once."""
    with folder.opened(name, os.O_RDWR | os.O_APPEND | os.O_CREAT) as fd:
        there = os.read(fd, FULL)
        told = line.rpartition(',"at":')[0].encode()
        if any(old.startswith(told) for old in there.splitlines()[-3:]):
            return False  # clients run one another's entries
        if not there:
            line = f"{first}\n{line}"
        elif not there.endswith(b"\n"):
            line = f"\n{line}"  # a full disk cut the last one
        write_all(fd, f"{line}\n".encode())
    return True
