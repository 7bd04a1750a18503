"""The verbs that bring work back: what was kept, what was lost, what a turn did."""

from __future__ import annotations

from stickhooks.cli.command import argument, arguments, flag, number, option, verb
from stickhooks.errors import Next, Refusal
from stickhooks.operations import bringing_back, kept_beforehand
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.system import clock
from stickhooks.text import path_word
from stickhooks.views import recovery as views_recovery

APPLY = flag("--apply", "Do it; without this it is only shown.")
PATHS = arguments("Files or folders.", required=False, offers="files")


@verb("snapshots", aloof=True, keeps=True)
def snapshots(
    desk: Desk,
    path: list[str] | None = PATHS,
    turn: int | None = number("--turn", "Those of this turn."),
    diff: bool = flag("--diff", "What differs now from the newest of them; for people alone."),
    forget: str | None = option("--forget", "A path or a snapshot: taken out for good."),
    everything: bool = flag("--forget-all", "All of them, taken out for good."),
) -> Reply:
    """List what was kept of uncommitted work. Example: stick snapshots src/a.py --diff"""
    from stickhooks.operations import kept

    if forget is not None or everything:
        return kept.forget(desk, forget, everything=everything)
    if diff and desk.as_json:
        raise Refusal("usage", "--diff shows contents, and --json never does", [Next("snapshots")])
    place = bringing_back.place_of(desk)
    named = bringing_back.named(desk, path or [])
    found = kept.find(desk, place, named, turn)
    lines = kept.compared(place, found[0], named) if diff and found else ()
    return views_recovery.snapshots(found, named, clock.read()[0], lines)


@verb("restore", aloof=True, keeps=True)
def restore(
    desk: Desk,
    path: list[str] | None = PATHS,
    mark: str = option("--from", "From this snapshot.", ""),
    to: str | None = option("--to", "Into this folder outside the tree.", offers="folders"),
    index: bool = flag("--index", "What was staged, too."),
    apply: bool = APPLY,
) -> Reply:
    """Bring back work that was lost. Shows it first. Example: stick restore --apply"""
    from stickhooks.recovery import restoring
    from stickhooks.recovery.present import Present

    place = bringing_back.place_of(desk)
    named = bringing_back.named(desk, path or [])
    if to is not None:
        plan = restoring.plan(place, Present(place.root), named, mark)
        return views_recovery.applied(bringing_back.put_outside(desk, place, plan, to))
    if not apply:
        plan = restoring.plan(place, Present(place.root), named, mark, index=index)
        from_ = ("--from", mark) if mark else ()
        also = ("--index",) if index else ()
        again = Next("restore", *from_, *map(path_word, path or ()), *also, "--apply")
        kept = [] if named or mark else kept_beforehand.lines(desk.workspace)
        return views_recovery.preview(plan, again, clock.read()[0], kept)
    outcome = bringing_back.apply(
        desk, place, lambda now: restoring.plan(place, now, named, mark, index=index), "restore"
    )
    return views_recovery.applied(outcome)


@verb("undo", aloof=True, keeps=True)
def undo(
    desk: Desk,
    what: list[str] | None = arguments("A turn, then files.", required=False, offers="files"),
    apply: bool = APPLY,
) -> Reply:
    """Take back what a turn did. Shows it first. Example: stick undo 7 src/a.py --apply"""
    from stickhooks.recovery import undoing
    from stickhooks.recovery.present import Present

    words = list(what or ())
    turn = int(words.pop(0)) if words and words[0].isascii() and words[0].isdigit() else None
    place = bringing_back.place_of(desk)
    room = desk.snapshot().room
    caller = desk.caller(room).agent_id or ""
    if turn is None and not caller:
        told = "you have no turn in this room: name the turn"
        raise Refusal("unknown_member", told, [Next("snapshots")], agent_id=caller)
    named = bringing_back.named(desk, words)
    found = undoing.find(place, room.path, room.room_id, turn, caller)
    if not apply:
        plan = undoing.plan(place, Present(place.root), found, named)
        again = Next("undo", str(found.number), *map(path_word, words), "--apply")
        return views_recovery.preview(plan, again)
    outcome = bringing_back.apply(
        desk, place, lambda now: undoing.plan(place, now, found, named), "undo"
    )
    return views_recovery.applied(outcome)


@verb("blame", reads=True, aloof=True, keeps=True)
def blame(
    desk: Desk, path: str = argument("A file or folder.", required=True, offers="files")
) -> Reply:
    """Tell which turns touched a path, the newest first. Example: stick blame src/a.py"""
    from stickhooks.views import deeds

    return deeds.blame(desk, path)
