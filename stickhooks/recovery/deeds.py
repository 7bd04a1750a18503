"""What each turn of a room did: its files and commits, by the snapshots at its two ends; and between two.

Who held the stick answers for a turn. Who else was seen to write meanwhile is told apart: see ``witnesses``.
"""

from __future__ import annotations

from stickhooks.fast.records import Frozen, dataclass, field, replace
from stickhooks.protocol import parts, phases
from stickhooks.recovery import entries, lists
from stickhooks.recovery.undoing import ends, inner
from stickhooks.recovery.witnesses import Witnesses
from stickhooks.workspace import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stickhooks.recovery.entries import Entry, Listed, Turn
    from stickhooks.recovery.lists import Place


@dataclass(frozen=True)
class Deeds(Frozen):
    """One turn. ``files`` says of each path how the turn left it; ``commits`` are names and subjects.

    ``until`` is the last snapshot of it, that of its end where it has ended. ``holder`` is ``""`` for the
    time after a turn in which nobody held. ``said`` tells of some files who changed them.
    """

    number: int
    holder: str
    begin: Listed
    until: Listed
    ended: bool
    files: Mapping[str, str]
    commits: Sequence[tuple[str, str]]
    said: Mapping[str, str] = field(default_factory=dict)


def of_room(place: Place, room: str, room_id: str) -> list[Deeds]:
    """Return the turns of which a snapshot was made when they began, and what changed between two of them
    while nobody held, the newest first."""
    snapshots = list(lists.every(place))[::-1]
    found = []
    for i, begin in enumerate(snapshots):
        of = begin.of
        if begin.why not in entries.BEGINS or of is None or of.room_id != room_id:
            continue
        later = snapshots[i + 1 :]
        end = next((it for it in later if ends(it, of)), None)
        until = end or _so_far(place, later[-1] if later else begin)
        own = begin.places()
        found.append(_span(place, of, begin, until, own, ended=end is not None))
        free = _free(place, of, end, later[later.index(end) + 1 :], own, room) if end else None
        found += [free] if free else []
    return found[::-1]


def _so_far(place: Place, last: Listed) -> Listed:
    """Return the last snapshot of a turn that runs, with what single edits left since: of those that git
    surely does not ignore."""
    found = last
    for listed in list(lists.every(place, edits=True))[::-1]:
        if listed.written and listed.id > last.id:
            kept = {path: entry for path, entry in listed.paths.items() if entry.state}
            found = replace(found, at=listed.at, paths={**found.paths, **kept})
    return found


def _span(
    place: Place, of: Turn, begin: Listed, until: Listed, own: frozenset[str], *, ended: bool
) -> Deeds:  # fmt: skip
    until = replace(until, rooms={**begin.rooms, **until.rooms})  # a part may have ended in between
    files = changed(place, own, begin, until)
    seen = Witnesses(place, of, begin.at, until.at)
    said = {path: words for path in files if (words := seen.said(path))}
    commits = _commits(place, own, begin, until)
    return Deeds(of.turn, of.holder, begin, until, ended, files, commits, said)


def _free(
    place: Place, of: Turn, end: Listed, later: Sequence[Listed], own: frozenset[str], room: str
) -> Deeds | None:  # fmt: skip
    """Return what changed after a turn until the next one there began, None where nothing did.

    Some paths that are given back are the rest's again: while that is held, they are its holder's.
    """
    if end.why != "release" or (room not in own and any(map(end.turn_of, own))):
        return None
    begin = next((it for it in later if _begins(it, of.room_id, own)), None)
    if begin is None:
        return None
    found = _span(place, replace(of, holder=""), end, begin, own, ended=True)
    return found if found.files or found.commits else None


def _begins(listed: Listed, room_id: str, own: frozenset[str]) -> bool:
    """Tell whether a turn for some of these places begins there."""
    if listed.why not in entries.BEGINS or listed.of is None or listed.of.room_id != room_id:
        return False
    return any(parts.meet(one, other) for one in own for other in listed.places())


def changed(place: Place, own: frozenset[str], old: Listed, new: Listed) -> dict[str, str]:
    """Return the paths at or below places that differ between two snapshots, with how the later has each."""
    committed = frozenset(git.committed_since(place.root, old.head, new.head))
    paths = {*old.paths, *new.paths, *committed}
    return {
        path: how
        for path in sorted(paths)
        if phases.governing({**new.rooms, **dict.fromkeys(own)}, path) in own
        and (how := _how(old.paths.get(path), new.paths.get(path), committed=path in committed))
    }


def _how(was: Entry | None, now: Entry | None, *, committed: bool) -> str:
    """Say how a path differs, ``""`` where it does not. One in neither list is as its HEAD has it."""
    if now is None:
        return "committed" if committed else "as HEAD has it" if was else ""
    if was and (was.kind, was.blob, was.mode) == (now.kind, now.blob, now.mode) and not committed:
        return ""
    if now.kind == entries.GONE:
        return "deleted"
    return "new" if now.state == "??" else "changed"


def _commits(place: Place, own: frozenset[str], old: Listed, new: Listed) -> list[tuple[str, str]]:
    if old.head == new.head:
        return []
    return git.commits_between(place.root, old.head, new.head, own, inner(new.rooms, own))
