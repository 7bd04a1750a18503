"""What was lost: the last kept bytes of a path that are in no tree, index or commit any more.

Those of one moment are one loss: `git checkout .` takes all that the snapshot before it has.
"""

from __future__ import annotations

import os

from stickhooks.fast.records import dataclass, field
from stickhooks.recovery import blobs, entries, lists
from stickhooks.workspace import git, git_found

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Final

    from stickhooks.recovery.entries import Entry, Listed
    from stickhooks.recovery.lists import Place
    from stickhooks.recovery.present import Present

#: How a path stands where its bytes are in the tree no more, and nobody works on it.
TAKEN: Final = ("missing", "git's")


@dataclass(frozen=True)
class Loss:
    """One path whose last kept bytes are nowhere else. ``state`` is how the path stands now."""

    path: str
    listed: Listed
    entry: Entry
    state: str


@dataclass(frozen=True)
class Search:
    """All losses of a working tree, the newest first. ``stashed`` are paths whose last kept bytes lie
    in a stash, ``unsure`` those of which git did not say in time whether a commit has them.

    ``superseded`` are those that a commit changed since: whoever went on working and committed has
    lost nothing, though what was kept on the way is nowhere.
    """

    found: Sequence[Loss] = ()
    stashed: Sequence[Loss] = ()
    unsure: Sequence[Loss] = ()
    superseded: Sequence[Loss] = ()

    @property
    def newest(self) -> list[Loss]:
        """Those of the newest loss."""
        return [loss for loss in self.found if loss.listed.id == self.found[0].listed.id]


def last_kept(snapshots: Iterable[Listed]) -> dict[str, tuple[Listed, Entry]]:
    """Return for each path the newest snapshot that has its bytes, of snapshots newest first."""
    found: dict[str, tuple[Listed, Entry]] = {}
    for listed in snapshots:
        for path, entry in listed.paths.items():
            if entry.blob and path not in found:
                found[path] = listed, entry
    return found


def search(place: Place, present: Present, *, taken: bool = False) -> Search:
    """Look for what was lost; with ``taken`` not among files that were edited since, as most of a
    holder's are: git is not asked about those. Raises Refusal ``io`` where git cannot tell."""
    kept = last_kept(lists.every(place))
    candidates = [
        Loss(path, listed, entry, present.state(path))
        for path, (listed, entry) in kept.items()
        if not present.is_as(path, entry, None)
    ]
    if taken:
        candidates = [it for it in candidates if it.state in TAKEN]
    if not candidates:
        return Search()
    candidates = _nowhere_in_tree(present, candidates)
    names = _names(place, candidates)
    here = {blob for _, blob in present.index.values()}
    candidates = [it for it in candidates if not names[it.path] & here]
    known = git_found.known_objects(
        place.root, sorted({n for it in candidates for n in names[it.path]})
    )
    committed = git_found.committed(place.root, known, ("--exclude=refs/stash", "--all"))
    stashed = git_found.stashed(place.root, place.git_dir, known)
    result, moved = _Sorted(), _Moved(place)
    for it in sorted(candidates, key=lambda it: it.listed.id, reverse=True):
        own = names[it.path] & known
        if own & stashed:
            result.stashed.append(it)
        elif committed is None and own:
            result.unsure.append(it)
        elif not own & (committed or set()):
            (result.superseded if moved.since(it) else result.found).append(it)
    return Search(result.found, result.stashed, result.unsure, result.superseded)


@dataclass(frozen=True)
class _Sorted:
    """Losses while they are sorted."""

    found: list[Loss] = field(default_factory=list)
    stashed: list[Loss] = field(default_factory=list)
    unsure: list[Loss] = field(default_factory=list)
    superseded: list[Loss] = field(default_factory=list)


class _Moved:
    """Which paths HEAD changed since a snapshot, asked once for each commit it was at."""

    def __init__(self, place: Place) -> None:
        self._root = place.root
        self._env = git.clean(os.environ)
        self._paths: dict[str, frozenset[str]] = {}

    def since(self, loss: Loss) -> bool:
        """Tell whether a commit changed a path after it was kept. What was kept right before a command
        that takes work was not worked on further: that one moved HEAD itself, if anything did."""
        if loss.listed.why == "before":
            return False
        head = loss.listed.head
        if head not in self._paths:
            found = (
                git.between(self._root, head, "HEAD", self._env)
                if head
                else git.files_of(self._root, "HEAD", self._env)
            )
            self._paths[head] = frozenset(found)
        return loss.path in self._paths[head]


def _names(place: Place, losses: Sequence[Loss]) -> Mapping[str, set[str]]:
    """Return by which names git would know the bytes of each path: as they are, and as it adds them."""
    names = {it.path: {it.entry.blob} for it in losses}
    files = [it for it in losses if it.entry.kind == entries.FILE]
    for path in git_found.converts(place.root, [it.path for it in files]):
        try:
            data = blobs.read(place, next(it.entry.blob for it in files if it.path == path))
        except KeyError:
            continue
        added = git_found.as_blob(place.root, path, data)
        names[path] |= {added} if added else set()
    return names


def _nowhere_in_tree(present: Present, losses: Sequence[Loss]) -> list[Loss]:
    """Leave out what lies in the tree under another name: it was renamed."""
    gone = [it for it in losses if it.state == "missing"]
    elsewhere = [path for path, it in present.listed.items() if not it.deleted and not it.submodule]
    if not gone or not elsewhere:
        return list(losses)
    there = present.names_of(elsewhere, {it.entry.size for it in gone})
    return [it for it in losses if it.state != "missing" or it.entry.blob not in there]
