"""What is kept: shown, compared with what lies there now, and forgotten for good."""

from __future__ import annotations

import difflib

from stickhooks.errors import Next, Refusal
from stickhooks.operations import bringing_back
from stickhooks.operations.reply import Reply
from stickhooks.recovery import blobs, files, lists, pruning
from stickhooks.recovery.plan import covers
from stickhooks.text import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stickhooks.operations.context import Desk
    from stickhooks.recovery.entries import Listed
    from stickhooks.recovery.lists import Place


def find(desk: Desk, place: Place, paths: Sequence[str], turn: int | None) -> list[Listed]:
    """Return the snapshots, those of a turn or those that have some paths; the newest first."""
    room = desk.snapshot().room
    found = [
        listed
        for listed in lists.every(place, edits=True)
        if (turn is None or _is_of(listed, room.path, room.room_id, turn))
        and (not paths or any(_has(listed, path) for path in paths))
    ]
    if turn is not None and not found:
        message = f"no snapshot of turn {turn} is kept"
        raise Refusal("invalid_input", message, [Next("snapshots")], field="turn")
    return found


def _is_of(listed: Listed, room: str, room_id: str, turn: int) -> bool:
    if listed.of and listed.of.room_id == room_id:
        return listed.of.turn == turn
    now = listed.rooms.get(room)
    return now is not None and (now.room_id, now.turn) == (room_id, turn)


def _has(listed: Listed, named: str) -> bool:
    return any(covers(named, path) for path in (*listed.paths, *listed.left))


def compared(place: Place, listed: Listed, paths: Sequence[str]) -> Iterator[str]:
    """Yield how what lies there now differs from what one snapshot has, line by line."""
    for path, entry in listed.paths.items():
        if not entry.blob or (paths and not any(covers(named, path) for named in paths)):
            continue
        try:
            old = blobs.read(place, entry.blob)
        except KeyError:
            yield f"{plain(path)}: the kept bytes are damaged or gone"
            continue
        try:
            with files.Tree(place.root) as tree:
                new = tree.read(path)[1]
        except (files.Gone, files.NotKept):
            new = b""
        if old != new:
            yield from _lines(path, listed.mark, old, new)


def _lines(path: str, mark: str, old: bytes, new: bytes) -> Iterator[str]:
    if b"\0" in old or b"\0" in new:
        yield f"{plain(path)}: binary, {len(old)} bytes kept, {len(new)} now"
        return
    before, after = (data.decode("utf-8", "replace").split("\n") for data in (old, new))
    names = f"{plain(path)} ({mark})", f"{plain(path)} (now)"
    yield from (plain(line) for line in difflib.unified_diff(before, after, *names, lineterm=""))


def forget(desk: Desk, what: str | None, *, everything: bool) -> Reply:
    """Take a path, a snapshot or everything out of lists, blobs and packs, for good.

    A person may, whoever holds; an agent only as the holder: what is kept may be another's work.
    """
    place = bringing_back.place_of(desk)
    if not desk.caller(desk.snapshot().room).person:
        desk.lease(desk.seat())
    if everything and what is not None:
        message = "--forget takes a path or a snapshot; --forget-all stands alone"
        raise Refusal("usage", message, [Next("snapshots")])
    if what is None:
        count = len(lists.names(place))
        pruning.forget_all(place)
        return _forgotten(f"{count} snapshots" if count != 1 else "1 snapshot")
    ids = [
        name for name in lists.names(place, edits=True) if what == name or name.endswith(f"-{what}")
    ]
    if ids:  # also one that cannot be read any more
        pruning.forget_list(place, ids[0])
        return _forgotten(f"the snapshot {plain(what)}")
    [path] = bringing_back.named(desk, [what])
    count = pruning.forget_path(place, path)
    if not count:
        message = f"no snapshot has {plain(what)}"
        raise Refusal("invalid_input", message, [Next("snapshots")], field="forget")
    return _forgotten(f"{plain(what)}, in {count} snapshot{'' if count == 1 else 's'}")


def _forgotten(what: str) -> Reply:
    return Reply([f"forgotten: {what}"], data={"forgotten": what})
