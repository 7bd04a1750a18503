"""`stick restore`: bring back what was lost, or what one snapshot has.

Nothing is replaced that neither git nor we have: only what is missing, or lies there as git has it.
"""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import replace
from stickhooks.recovery import lists, losses
from stickhooks.recovery.entries import Listed
from stickhooks.recovery.plan import Item, Plan, Source, covers, of_commit
from stickhooks.text import clock_time, plain
from stickhooks.workspace import git_found

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stickhooks.recovery.entries import Entry
    from stickhooks.recovery.lists import Place
    from stickhooks.recovery.losses import Loss
    from stickhooks.recovery.present import Present


EDITED = "edited since"


def plan(place: Place, present: Present, paths: Sequence[str], mark: str = "") -> Plan:
    """Return what would be brought back: of one snapshot, of some paths, or the newest loss.

    Raises Refusal ``invalid_input`` for a snapshot or a path that nothing is known of.
    """
    if mark:
        found = _of_snapshot(place, present, paths, find(place, mark))
    else:
        found = _of_paths(place, present, paths) if paths else _of_loss(place, present)
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
    lines = [*_older([it for it in search.found if it not in newest]), *_elsewhere(search)]
    listed = newest[0].base if newest else None
    return Plan(label, tuple(_item(loss) for loss in newest), tuple(lines), listed)


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
    lines += [f"{plain(loss.path)}: the kept bytes are damaged or gone" for loss in search.damaged]
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
    items, label = [], ""
    kept = _kept(place, present, paths)
    for path, (listed, entry) in kept.items():
        items.append(beside(_item(losses.Loss(path, listed, entry, present.state(path), listed))))
        label = label or listed.mark
    for named in paths:
        if not any(covers(named, path) for path in kept):
            items.append(Item(named, "name", _why_not(place, present, named)))
    return Plan(label or "nothing", tuple(items))


def _kept(
    place: Place, present: Present, paths: Sequence[str]
) -> Mapping[str, tuple[Listed, Entry]]:
    """Return for each path the newest kept bytes that are others than those that lie there now."""
    found: dict[str, tuple[Listed, Entry]] = {}
    for listed in lists.every(place, edits=True):
        for path, entry in listed.paths.items():
            if (
                entry.blob
                and path not in found
                and any(covers(named, path) for named in paths)
                and not present.is_as(path, entry, None)
            ):
                found[path] = listed, entry
    return found


def _why_not(place: Place, present: Present, named: str) -> str:
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
    if present.is_as(path, source.entry, source.data(place, path)):
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


def staged(present: Present, plan: Plan) -> dict[str, tuple[int, str]]:
    """Return the entries of the index that a plan's snapshot had, where the index has HEAD's now."""
    if plan.listed is None:
        return {}
    named = {item.path for item in plan.items}
    return {
        path: entry.index
        for path, entry in plan.listed.paths.items()
        if entry.index and not present.staged(path) and (path in named or not named)
    }
