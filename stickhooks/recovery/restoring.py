"""`stick restore`: bring back what was lost, or what one snapshot has.

Nothing is replaced that neither git nor we have: only what is missing, or lies there as git has it.
"""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import replace
from stickhooks.recovery import blobs, lists, losses
from stickhooks.recovery.entries import Listed
from stickhooks.recovery.plan import DAMAGED, Item, Plan, Source, covers, of_commit, sound
from stickhooks.text import clock_time, plain
from stickhooks.workspace import git_found

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from stickhooks.recovery.lists import Place
    from stickhooks.recovery.losses import Loss
    from stickhooks.recovery.present import Present


EDITED = "edited since"


def plan(
    place: Place, present: Present, paths: Sequence[str], mark: str = "", *, index: bool = False
) -> Plan:
    """Return what would be brought back: of one snapshot, of some paths, or the newest loss.

    With ``index`` also what the snapshot had staged.
    Raises Refusal ``invalid_input`` for a snapshot or a path that nothing is known of.
    """
    if mark:
        found = _of_snapshot(place, present, paths, find(place, mark))
    else:
        found = _of_paths(place, present, paths) if paths else _of_loss(place, present)
    found = replace(found, items=sound(place, found.items))
    if index:
        found = _with_index(place, present, found, paths, whole=bool(mark))
    if not present.complaint:
        return found
    return replace(found, lines=(*found.lines, f"git could not list all: {present.complaint}"))


def find(place: Place, mark: str) -> Listed:
    """Return the snapshot that a mark or name means. Raises Refusal ``invalid_input``."""
    every = lists.names(place, edits=True)
    names = [name for name in every if name == mark or name.endswith(f"-{mark}")]
    found = lists.read(place, names[0]) if len(names) == 1 else None
    if found is None:
        message = f"there is no snapshot {plain(mark)!r} of this working tree"
        raise Refusal("invalid_input", message, [Next("snapshots")], field="from")
    return found


def _of_loss(place: Place, present: Present) -> Plan:
    search = losses.search(place, present)
    newest = search.newest if search.found else []
    label = newest[0].base.mark if newest else "nothing"
    lines = [
        *_damaged(newest),
        *_older([it for it in search.found if it not in newest]),
        *_elsewhere(search),
    ]
    listed = newest[0].base if newest else None
    return Plan(label, tuple(_item(loss) for loss in newest), tuple(lines), listed)


def _damaged(those: Sequence[Loss]) -> list[str]:
    """Say of which paths newer bytes are damaged than those that come back."""
    return [
        f"{plain(it.path)}: what was kept {clock_time(it.damaged_at)} is damaged; the last whole bytes are"
        f" of {clock_time(it.at)}"
        for it in those
        if it.damaged_at
    ]


def _older(older: Sequence[Loss]) -> list[str]:
    by_mark: dict[str, list[Loss]] = {}
    for loss in older:
        by_mark.setdefault(loss.listed.mark, []).append(loss)
    return [
        f"older: {len(found)} {'path' if len(found) == 1 else 'paths'} last kept"
        f" {clock_time(found[0].at)}: stick restore --from {mark}"
        for mark, found in by_mark.items()
    ]


def _elsewhere(search: losses.Search) -> list[str]:
    lines = [
        f"{loss.path}: what was last kept lies in a stash: git stash list"
        for loss in search.stashed
    ]
    if search.superseded:
        count = len(search.superseded)
        what = "1 path was" if count == 1 else f"{count} paths were"
        first = plain(search.superseded[0].path)
        lines.append(f"{what} committed since in another form ({first}): named, it is brought back")
    lines += [f"{plain(loss.path)}: {DAMAGED}" for loss in search.damaged]
    return lines + [
        f"{loss.path}: git did not say in time whether a commit has what was last kept;"
        " name the path to bring it back"
        for loss in search.unsure
    ]


def _item(loss: Loss) -> Item:
    source, at = Source(loss.entry), loss.at
    if loss.state in losses.TAKEN:
        return Item(loss.path, "write", source=source, at=at)
    why = EDITED if loss.state == "changed" else "a folder lies there, or it cannot be read"
    return Item(loss.path, "name", why, source, at)


def _of_paths(place: Place, present: Present, paths: Sequence[str]) -> Plan:
    """Bring back what was last kept of some paths, wherever else it may lie."""
    kept, damaged = _kept(place, present, paths)
    items = [beside(_item(loss)) for loss in kept]
    items += [Item(path, "name", DAMAGED) for path in damaged]
    for named in paths:
        if not any(covers(named, item.path) for item in items):
            items.append(Item(named, "name", _why_not(place, named)))
    label = kept[0].listed.mark if kept else "nothing"
    return Plan(label, tuple(items), tuple(_damaged(kept)))


def _kept(place: Place, present: Present, paths: Sequence[str]) -> tuple[list[Loss], list[str]]:
    """Return for each path the newest whole bytes that are others than those that lie there now, and the
    paths of which no kept bytes are whole."""
    reader, found, damaged = blobs.Reader(place), dict[str, losses.Loss](), dict[str, Listed]()
    for path, those in losses.kept(lists.every(place, edits=True)).items():
        if not any(covers(named, path) for named in paths):
            continue
        for listed, entry, base in those:
            if present.is_as(path, entry, None):
                continue
            if reader.is_whole(entry.blob):
                at = damaged[path].kept_at(path) if path in damaged else 0
                found[path] = losses.Loss(path, listed, entry, present.state(path), base, at)
                break
            damaged.setdefault(path, listed)
    return list(found.values()), [path for path in damaged if path not in found]


def _why_not(place: Place, named: str) -> str:
    for listed in lists.every(place, edits=True):
        for path in listed.paths:
            if covers(named, path):
                return "it lies there as it was last kept"
        for path, why in listed.left.items():
            if covers(named, path):
                return f"its bytes were not kept: {why}"
    return "no snapshot has it"


def _of_snapshot(place: Place, present: Present, paths: Sequence[str], listed: Listed) -> Plan:
    items = []
    for path, entry in listed.paths.items():
        if not entry.blob or (paths and not any(covers(named, path) for named in paths)):
            continue
        if not present.is_as(path, entry, None):
            item = _item(losses.Loss(path, listed, entry, present.state(path), listed))
            items.append(_over_what_is_kept(place, present, item) if paths else item)
    for path, why in listed.left.items():
        if not paths or any(covers(named, path) for named in paths):
            items.append(Item(path, "name", f"its bytes were not kept: {why}"))
    items += [
        _as_head(place, present, named, listed) for named in paths
        if not any(covers(named, path) for path in (*listed.paths, *listed.left))
    ]  # fmt: skip
    return Plan(listed.mark, tuple(items), _partial(listed), listed)


def _as_head(place: Place, present: Present, path: str, listed: Listed) -> Item:
    """Bring back a path that a snapshot does not list: it was then as the snapshot's HEAD has it."""
    whole = listed.head and not listed.partial and not listed.unnamed and not listed.written
    tree = git_found.tree(place.root, listed.head) if whole else None
    source = of_commit(tree[path][0], listed.head) if tree and path in tree else None
    if source is None:
        return Item(path, "name", "that snapshot does not have it")
    try:
        data = source.data(place, path)
    except Refusal as refusal:  # a filter fails, or what it needs is gone
        return Item(path, "name", refusal.message)
    if present.is_as(path, source.entry, data):
        return Item(path, "name", "it lies there as it was then")
    item = _item(losses.Loss(path, listed, source.entry, present.state(path), listed))
    return _over_what_is_kept(place, present, replace(item, source=source))


def _over_what_is_kept(place: Place, present: Present, item: Item) -> Item:
    """Have a path of a snapshot that both were named be written over what another snapshot has.

    Over what no snapshot had before this command it is not: somebody edits it just now.
    """
    if item.act != "name" or item.why != EDITED:
        return beside(item)
    for listed in lists.every(place, edits=True):
        entry = listed.paths.get(item.path)
        if entry and entry.blob and present.is_as(item.path, entry, None):
            return replace(item, act="write", why="")
    return beside(item)


def _partial(listed: Listed) -> tuple[str, ...]:
    return (f"that snapshot is incomplete: {listed.partial}",) if listed.partial else ()


def beside(item: Item) -> Item:
    """Have a path that was named, and may not be replaced, be written beside the tree."""
    return replace(item, act="beside") if item.act == "name" and item.source else item


def _with_index(
    place: Place, present: Present, plan: Plan, paths: Sequence[str], *, whole: bool
) -> Plan:
    """Add the entries of the index that snapshots had, where the index has HEAD's now: of paths that were
    named, of the ``whole`` snapshot of the plan, or of what comes back."""
    own = {item.path for item in plan.items}
    due: dict[str, tuple[int, str]] = {}
    for listed in [plan.listed] if plan.listed else lists.every(place):
        for path, entry in listed.paths.items():
            named = any(covers(it, path) for it in paths) if paths else whole or path in own
            if entry.index and named and not present.staged(path):
                due.setdefault(path, entry.index)
    reader = blobs.Reader(place)
    torn = [name for _, name in due.values() if not reader.is_whole(name)]
    gone = set(torn) - git_found.known_objects(place.root, torn)
    lines = [
        f"{plain(path)}: what was staged is damaged or gone"
        for path, (_, name) in due.items()
        if name in gone
    ]
    staged = {path: it for path, it in due.items() if it[1] not in gone}
    return replace(plan, lines=(*plan.lines, *lines), staged=staged)
