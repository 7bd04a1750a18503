"""What was lost: the last kept bytes of a path that are in no tree, index or commit any more.

Those of one moment are one loss: `git checkout .` takes all that the snapshot before it has.
"""

from __future__ import annotations

import os

from stickhooks.fast.records import Frozen, dataclass, field, replace
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
MOVES: Final = 200  # of git's log of HEAD, the newest


@dataclass(frozen=True)
class Loss(Frozen):
    """One path whose last kept bytes are nowhere else. ``state`` is how the path stands now.

    ``base`` is the snapshot of the whole tree that they belong to: the same, or the one before single edits.
    """

    path: str
    listed: Listed
    entry: Entry
    state: str
    base: Listed
    damaged_at: int = 0  # when newer bytes were kept, of which none are whole

    @property
    def at(self) -> int:
        """When the bytes were kept, in milliseconds."""
        return self.listed.kept_at(self.path)


@dataclass(frozen=True)
class Search(Frozen):
    """All losses of a working tree, the newest first. ``stashed`` are paths whose last kept bytes lie
    in a stash, ``unsure`` those of which git did not say in time whether a commit has them.

    ``superseded`` are those that a commit changed since: whoever went on working and committed has
    lost nothing, though what was kept on the way is nowhere. Of the ``damaged`` no kept bytes are whole.
    """

    found: Sequence[Loss] = ()
    stashed: Sequence[Loss] = ()
    unsure: Sequence[Loss] = ()
    superseded: Sequence[Loss] = ()
    damaged: Sequence[Loss] = ()

    @property
    def newest(self) -> list[Loss]:
        """Those of the newest loss."""
        return [loss for loss in self.found if loss.base.id == self.found[0].base.id]


def kept(snapshots: Iterable[Listed]) -> dict[str, list[tuple[Listed, Entry, Listed]]]:
    """Return for each path the snapshots, of snapshots newest first, that name its bytes: each with its
    entry, and with that of the whole tree that it belongs to."""
    found: dict[str, list[tuple[Listed, Entry, Listed]]] = {}
    edits: list[Listed] = []
    for listed in snapshots:
        edits.append(listed)
        if listed.written:
            continue
        _sort_in(found, edits, listed)
        edits = []
    _sort_in(found, edits, None)
    return found


def _sort_in(
    found: dict[str, list[tuple[Listed, Entry, Listed]]],
    some: Sequence[Listed],
    base: Listed | None,
) -> None:
    for listed in some:
        for path, entry in listed.paths.items():
            if entry.blob:
                found.setdefault(path, []).append((listed, entry, base or listed))


def search(place: Place, present: Present, *, taken: bool = False) -> Search:
    """Look for what was lost; with ``taken`` not among files that were edited since, as most of a
    holder's are: git is not asked about those. Raises Refusal ``io`` where git cannot tell."""
    candidates, damaged = _candidates(place, present)
    if taken:
        candidates = [it for it in candidates if it.state in TAKEN]
    if not candidates:
        return Search(damaged=damaged)
    candidates = _nowhere_in_tree(present, candidates)
    names = _names(place, candidates)
    here = {blob for _, blob in present.index.values()}
    candidates = [it for it in candidates if not names[it.path] & here]
    known = git_found.known_objects(
        place.root, sorted({n for it in candidates for n in names[it.path]})
    )
    committed = git_found.committed(place.root, known, ("--exclude=refs/stash", "--all"))
    stashed = git_found.stashed(place.root, place.git_dir, known)
    result, grown = _Sorted(), _Grown(place)
    for it in sorted(candidates, key=lambda it: it.listed.id, reverse=True):
        own = names[it.path] & known
        if own & stashed:
            result.stashed.append(it)
        elif committed is None and own:
            result.unsure.append(it)
        elif not own & (committed or set()):
            (result.superseded if grown.since(it) else result.found).append(it)
    return Search(result.found, result.stashed, result.unsure, result.superseded, damaged)


def _candidates(place: Place, present: Present) -> tuple[list[Loss], list[Loss]]:
    """Return the paths that lie there otherwise than they were last kept, and those of which no kept bytes
    are whole: a blob that a machine's stop cut short was not kept, what was before it may be."""
    reader = blobs.Reader(place)
    candidates, damaged = [], []
    for path, those in kept(lists.every(place, edits=True)).items():
        if present.is_as(path, those[0][1], None):
            continue
        state = present.state(path)
        newest, *older = (Loss(path, listed, entry, state, base) for listed, entry, base in those)
        whole = next((it for it in (newest, *older) if reader.is_whole(it.entry.blob)), None)
        if whole is None:
            damaged.append(newest)
        elif not present.is_as(path, whole.entry, None):
            at = newest.at if whole.entry.blob != newest.entry.blob else 0
            candidates.append(replace(whole, damaged_at=at))
    return candidates, damaged


@dataclass(frozen=True)
class _Sorted(Frozen):
    """Losses while they are sorted."""

    found: list[Loss] = field(default_factory=list)
    stashed: list[Loss] = field(default_factory=list)
    unsure: list[Loss] = field(default_factory=list)
    superseded: list[Loss] = field(default_factory=list)


class _Grown:
    """Which paths were committed on, since a snapshot: whose work went on there has lost nothing."""

    def __init__(self, place: Place) -> None:
        self._root = place.root
        self._paths: dict[str, frozenset[str]] = {}
        self._history: list[tuple[str, int, str, str]] | None = None

    def since(self, loss: Loss) -> bool:
        """Tell whether a path differs between the commit that it was kept at and HEAD, by somebody's work.

        `reset` and `checkout` lead away from a commit, and finish nothing. Nor does the command that a
        snapshot was made before, unless HEAD stayed where it was until a commit was made.
        """
        head = loss.listed.head
        if head not in self._paths:
            self._paths[head] = self._between(head)
        if loss.path not in self._paths[head]:
            return False
        left_by = self._left_by(head)
        if loss.listed.why == "before":
            return left_by.startswith("commit")
        return not left_by.startswith(("reset", "checkout"))

    def _between(self, head: str) -> frozenset[str]:
        env = git.clean(os.environ)
        found = (
            git.between(self._root, head, "HEAD", env)
            if head
            else git.files_of(self._root, "HEAD", env)
        )
        return frozenset(found)

    def _left_by(self, head: str) -> str:
        """Return by what HEAD left a commit last, ``""`` where git's log of HEAD does not tell."""
        if self._history is None:
            self._history = git.head_history(self._root, MOVES)
        for later, move in zip(self._history, self._history[1:], strict=False):
            if move[0] == head:
                return later[3]
        return "" if head else "commit"


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
