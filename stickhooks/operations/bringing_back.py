"""What `stick restore` and `stick undo` share: the gate is asked, the tree kept, the plan carried out."""

from __future__ import annotations

import os

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import Frozen, dataclass
from stickhooks.gate import decision, messages
from stickhooks.operations import losses_told, obligations
from stickhooks.recovery import files, making, present
from stickhooks.recovery.lists import Place
from stickhooks.recovery.writing import Done, InTheWay, Target
from stickhooks.store import activity, layout
from stickhooks.system.filesystem import reported
from stickhooks.system.folder import Folder
from stickhooks.text import word
from stickhooks.workspace import git_found, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from stickhooks.operations.context import Desk
    from stickhooks.recovery.entries import Listed
    from stickhooks.recovery.plan import Item, Plan
    from stickhooks.recovery.present import Present

SECONDS = 60.0  # of the snapshot before: somebody waits for it, and it must be whole


@dataclass(frozen=True)
class Outcome(Frozen):
    """What was done, by which plan; ``before`` is the snapshot that was made first, ``""`` for none.

    ``replaced`` are the paths, as they are typed here, where something lay before: the others cannot be
    taken back, for nothing is ever removed.
    """

    plan: Plan
    done: Done
    before: str = ""
    replaced: Sequence[str] = ()
    staged: Sequence[str] = ()


def place_of(desk: Desk) -> Place:
    """Return where the snapshots of this working tree lie. Raises ``no_room`` and ``io``."""
    desk.path()
    found = Place.of(desk.workspace)
    if found is None:
        message = f"{desk.workspace.root} is no git repository: nothing is kept without one"
        raise Refusal("io", message, [Next("status")])
    return found


def named(desk: Desk, given: Sequence[str]) -> list[str]:
    """Return paths as they were typed, below the working tree. Refuses those outside, and git's own."""
    return [_named(desk, path) for path in given]


def _named(desk: Desk, given: str) -> str:
    root = desk.workspace.root
    if not given or "\0" in given:
        raise Refusal(
            "invalid_input", f"{given!r} is not a path", [Next("snapshots")], field="path"
        )
    whole = os.path.normpath(os.path.join(os.getcwd(), given))
    above = os.path.realpath(os.path.dirname(whole))
    real = os.path.join(above, os.path.basename(whole)) if whole != os.sep else whole
    if os.path.realpath(whole) == root:
        return ""
    if not real.startswith(root + os.sep) and whole.startswith(root + os.sep):
        real = whole  # through a link that leads out: what was kept is the path as it was written
    if not real.startswith(root + os.sep):
        message = f"{given} is not in the working tree {root}"
        raise Refusal("invalid_input", message, [Next("snapshots")], field="path")
    relative = real[len(root) + 1 :].replace(os.sep, "/")
    if paths.is_ours(root, relative):
        message = f"{given} belongs to git or to stickhooks: no snapshot has it"
        raise Refusal("invalid_input", message, [Next("snapshots")], field="path")
    return relative


def _from_here(root: str, path: str) -> str:
    """Return a path of the tree as it is typed where the command was typed."""
    here, whole = os.path.realpath(os.getcwd()), os.path.join(root, path)
    inside = here == root or here.startswith(root + os.sep)
    return os.path.relpath(whole, here) if inside else whole


def ask_gate(desk: Desk, plan: Plan, verb: str) -> None:
    """Refuse with the gate's own words what the caller may not write; what is due is written down."""
    written = dict.fromkeys((*(item.path for item in plan.writes), *plan.staged))
    targets = [paths.Target(desk.workspace, path) for path in written]
    verdict = decision.judge(targets, decision.EDIT, desk.sighting, desk.env, desk.said)
    if verdict.ok:
        obligations.settle(verdict)
    if verdict.refused is None:
        return
    (first, *more), follow = messages.words(verdict, verdict.refused)
    beside = Next(verb, "--to", word(f"{desk.workspace.root}-restored"), note="outside the tree")
    steps = [*follow, beside] if verb == "restore" else follow
    raise Refusal(verdict.code, first, steps, more=more, path=verdict.path)


def apply(desk: Desk, place: Place, planned: Callable[[Present], Plan], verb: str) -> Outcome:
    """Carry out a plan, after all that is in the tree was kept.

    Raises Refusal where the gate says no, or nothing could be kept: then nothing was changed.
    """
    there = present.Present(place.root)
    plan = planned(there)
    seen = {item.path: _seen(place.root, item.path) for item in plan.writes}
    ask_gate(desk, plan, verb)
    # What git only says that it has is kept, too, and a mode that it does not know: see ``Present``.
    gits = [p for p in seen if there.state(p) == "git's"]
    unproven = [p for p in gits if not there.is_gits(p) or there.has_own_mode(p)]
    before = _kept(desk, place, verb, unproven)
    now = present.Present(place.root)
    ask_gate(desk, plan, verb)
    done = Done()
    with reported(place.root):
        top = Folder.open(place.root)
        ours = top.sub(layout.FOLDER, layout.RESTORED, make=True)
    with top, ours:
        tree = Target(top, ours, 0o777)
        for item in plan.writes:
            _one(
                done, item, lambda it: _write(place, now, before, seen, tree, it), place, ours, plan
            )
        for item in plan.asides:
            _one(done, item, _in_the_way, place, ours, plan)
    staged = _stage(place, now, plan)
    losses_told.known(place, done.written)
    _note(desk, plan, done, verb)
    if done.written:
        _keep_together(desk)
    replaced = [_from_here(place.root, path) for path in done.written if seen[path]]
    return Outcome(plan, done, before.mark if before else "", replaced, staged)


def _keep_together(desk: Desk) -> None:
    """Keep what was brought back as one with what lies beside it: lost again, it comes back at once."""
    try:
        making.make(desk.workspace, "work", seconds=SECONDS)
    except making.NotMade:
        pass  # it lies in older snapshots as well


def _note(desk: Desk, plan: Plan, done: Done, verb: str) -> None:
    """Note in the room's log what was brought back, by whom; of an undo ``of`` is the turn."""
    if done.written:
        snapshot = desk.snapshot()
        caller = desk.caller(snapshot.room)
        desk.store.note(
            snapshot.room.room_id, activity.BACK, agent_id=caller.agent_id or caller.name,
            kind=verb, of=plan.label if verb == "undo" else "", paths=list(done.written),
        )  # fmt: skip


def _kept(desk: Desk, place: Place, verb: str, also: Sequence[str]) -> Listed | None:
    from stickhooks.recovery import lists

    try:
        command = f"stick {verb}"
        made = making.make(desk.workspace, "undo", command=command, seconds=SECONDS, also=also)
    except making.NotMade as error:
        message = f"what lies in the tree now cannot be kept first: {error}"
        raise Refusal("io", message, [Next("doctor")], ends=True) from None
    return lists.read(place, made.id) if made else None


def _one(
    done: Done,
    item: Item,
    write: Callable[[Item], None],
    place: Place,
    ours: Folder,
    plan: Plan,
) -> None:
    try:
        try:
            write(item)
            done.written.append(item.path)
        except InTheWay:
            done.beside[item.path] = _put_beside(place, ours, plan.label, item)
    except (OSError, Refusal) as error:
        done.failed[item.path] = _why(error)


def _why(error: OSError | Refusal) -> str:
    return error.sentence if isinstance(error, Refusal) else str(error.strerror or error)


def _in_the_way(item: Item) -> None:
    raise InTheWay(item.why)


def _write(
    place: Place,
    now: Present,
    before: Listed | None,
    planned: Mapping[str, files.Seen | None],
    tree: Target,
    item: Item,
) -> None:
    """Write a path into the tree: where nothing is, or over what git or the snapshot before has.

    What lies there is what was there when it was ``planned``: who is faster keeps what is theirs.
    """
    assert item.source
    data = item.source.data(place, item.path)
    state, seen = now.state(item.path), planned[item.path]
    if state == "missing" and seen is None:
        tree.put(item.path, item.source.entry, data, None)
        return
    kept = before.paths.get(item.path) if before else None
    if state == "blocked" or seen is None:
        raise InTheWay("something else lies there now")
    is_kept = kept is not None and kept.blob and kept.stat == seen.stat
    if not is_kept and (state == "changed" or not now.is_gits(item.path)):
        raise InTheWay("what lies there is kept nowhere")
    tree.put(item.path, item.source.entry, data, lambda: _seen(place.root, item.path) == seen)


def _seen(root: str, path: str) -> files.Seen | None:
    try:
        with files.Tree(root) as tree:
            return tree.look(path)
    except (files.Gone, files.NotKept):
        return None


def _put_beside(place: Place, ours: Folder, label: str, item: Item) -> str:
    """Write a path below our own folder, under a number of its own where it was put there before."""
    assert item.source
    data, number = item.source.data(place, item.path), 1
    while True:
        folder = label if number == 1 else f"{label}.{number}"
        with ours.sub(folder, make=True) as below:
            try:
                Target(below, ours, 0o700).put(item.path, item.source.entry, data, None)
                return f"{layout.FOLDER}/{layout.RESTORED}/{folder}/{item.path}"
            except InTheWay:
                if number == 100:
                    raise OSError(None, "it was put there a hundred times") from None
        number += 1


def _stage(place: Place, now: Present, plan: Plan) -> list[str]:
    """Set the index to what the plan says, but where somebody staged meanwhile."""
    from stickhooks.recovery import blobs

    entries = {path: it for path, it in plan.staged.items() if not now.staged(path)}
    for _, name in entries.values():
        try:
            git_found.add_blob(place.root, blobs.read(place, name))
        except KeyError:
            continue  # git has it
    if entries:
        git_found.stage(place.root, entries)
    return list(entries)


def put_outside(desk: Desk, place: Place, plan: Plan, folder: str) -> Outcome:
    """Write all of a plan below a folder outside the tree; nobody's stick is asked for there."""
    top = os.path.realpath(folder)
    if top == place.root or top.startswith(place.root + os.sep):
        message = f"{folder} is in the working tree: --to takes a folder outside it"
        step = Next("restore", "--to", word(f"{place.root}-restored"))
        raise Refusal("invalid_input", message, [step], field="to")
    items = [item for item in plan.items if item.source]
    _ask_there(desk, top, items)
    done = Done()
    with reported(top):
        os.makedirs(top, exist_ok=True)
        opened = Folder.open(top)
    with opened as there:
        target = Target(there, there, 0o777)
        for item in items:
            assert item.source
            try:
                target.put(item.path, item.source.entry, item.source.data(place, item.path), None)
                done.written.append(os.path.join(top, item.path))
            except InTheWay as error:
                done.failed[item.path] = str(error)
            except (OSError, Refusal) as error:
                done.failed[item.path] = _why(error)
    return Outcome(plan, done)


def _ask_there(desk: Desk, top: str, items: Sequence[Item]) -> None:
    """Another tree may have a room, too: its gate is asked."""
    targets = [one for item in items for one in paths.targets(os.path.join(top, item.path))]
    verdict = decision.judge(targets, decision.EDIT, desk.sighting, desk.env, desk.said)
    if verdict.refused is not None:
        (first, *more), follow = messages.words(verdict, verdict.refused)
        raise Refusal(verdict.code, first, follow, more=more, path=verdict.path)


def previewed(plan: Plan) -> Mapping[str, object]:
    """Return a plan for programs: paths, what would be done with each, and why not. No contents."""
    return {
        "snapshot": plan.label,
        "paths": [
            {"path": item.path, "act": item.act, "why": item.why, "kept_at": item.at or None}
            for item in plan.items
        ],
        "stages": list(plan.staged),
        "notes": list(plan.lines),
    }
