"""The snapshots of a working tree as `stick doctor` and `stick uninit` see them: size, health, taken away."""

from __future__ import annotations

import os
import shutil

from stickhooks.errors import Next
from stickhooks.recovery import blobs, lists, pruning
from stickhooks.recovery.lists import Place
from stickhooks.system import text_files
from stickhooks.text import clock_time, plain, word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from stickhooks.errors import Step
    from stickhooks.workspace.paths import Workspace

LOOKED_AT = 500  # blobs of the newest snapshot


def summary(workspace: Workspace) -> str:
    """Return how much is kept and how old the newest is, ``""`` where nothing is."""
    place = Place.of(workspace)
    newest = lists.newest(place) if place else None
    if place is None or newest is None:
        return ""
    size = pruning.size(place)
    count = f"{size.snapshots} snapshot{'' if size.snapshots == 1 else 's'}"
    return f"kept of uncommitted work: {count}, {shown(size.bytes)}, the newest {clock_time(newest.at)}"


def shown(size: int) -> str:
    """Return a size as people read it."""
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"


def wrongs(workspace: Workspace) -> Iterator[tuple[str, Step]]:
    """Yield what is wrong with what is kept, each with the step that mends it."""
    place = Place.of(workspace)
    if place is None or not os.path.lexists(place.folder):
        return
    for folder in (place.folder, place.lists, place.objects):
        there = os.path.isdir(folder)
        if there and os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            continue
        if os.path.lexists(folder):
            why = "Permission denied" if there else "Not a directory"
            yield f"{folder}: {why}: uncommitted work is not kept", f"ls -ld {word(folder)}"
            return
    whole = None
    for name in lists.names(place, edits=True):
        found = lists.read(place, name)
        whole = whole or found
        if found is None:
            what = f"the snapshot {plain(name)} cannot be read: damaged, or of another version"
            yield what, Next("snapshots", "--forget", word(name))
    names = [entry.blob for entry in whole.paths.values() if entry.blob] if whole else []
    reader = blobs.Reader(place)
    lost = sum(1 for blob in names[:LOOKED_AT] if not reader.is_whole(blob))
    if lost and whole:
        what = f"{lost} of the files that the snapshot {whole.mark} kept are damaged or gone"
        outside = word(f"{workspace.root}-{whole.mark}")
        others = Next("restore", "--from", whole.mark, "--to", outside)
        yield what, Next("snapshots", "--forget", whole.mark, after=others)


def take_away(workspace: Workspace, *, dry_run: bool, keep: bool) -> list[str]:
    """Remove all that is kept, unless it is to stay, and say how much that is. Raises nothing."""
    place = Place.of(workspace)
    if place is None or not os.path.isdir(place.folder):
        return []
    told = summary(workspace)
    if keep:
        return [f"left: {told}"] if told else []
    if not dry_run:
        try:
            shutil.rmtree(place.folder)
        except OSError as error:
            return [f"left as it is: {place.folder}: {error.strerror}"]
        text_files.remove_folders([os.path.dirname(place.folder)])
    removed = "would remove what was " if dry_run else "removed what was "
    return [f"{removed}{told}"] if told else []
