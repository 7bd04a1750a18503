"""Who changed what: ``stick log --files``, a turn a block, and ``stick blame``, a path's turns."""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.operations import bringing_back
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.recovery import deeds
from stickhooks.recovery.deeds import Deeds
from stickhooks.recovery.plan import covers
from stickhooks.text import clock_time, plain, stamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Final

SHOWN: Final = 50  # files and commits of a turn, each
LIMIT: Final = 20  # turns
NOTHING: Final = "no turn is known: a snapshot is made when a turn begins and when it ends"


def files(desk: Desk, limit: int | None) -> Reply:
    """Tell the newest turns, each with its files, commits and snapshots; the newest last, as in the log."""
    if limit is not None and limit < 1:
        raise Refusal("invalid_input", "--limit must be 1 or more", field="limit")
    found = _turns(desk)[: limit or LIMIT][::-1]
    lines = [line for turn in found for line in [_headline(turn), *_lines(turn)]]
    return Reply(lines or [NOTHING], data=_spans((turn, turn.files) for turn in found))


def blame(desk: Desk, path: str) -> Reply:
    """Tell which turns touched a path, or anything in a folder, the newest first."""
    [named] = bringing_back.named(desk, [path])
    found = []
    for turn in _turns(desk):
        touched = {p: how for p, how in turn.files.items() if covers(named, p)}
        if touched:
            found.append((turn, touched))
    lines = [
        line
        for turn, touched in found
        for line in [_headline(turn), *_files(touched, turn.said), *_commits_of(desk, turn, named)]
    ]
    message = f"no turn that is known touched {plain(named)}"
    data = {"path": named, **_spans(found)}
    return Reply(lines or [message], next=[] if found else [Next("log", "--files")], data=data)


def _spans(found: Iterable[tuple[Deeds, Mapping[str, str]]]) -> dict[str, object]:
    """Return turns for programs, and apart from them the times between two in which something changed."""
    spans = [(turn, {**_data(turn), "files": dict(files)}) for turn, files in found]
    return {
        "turns": [data for turn, data in spans if turn.holder],
        "between": [data for turn, data in spans if not turn.holder],
    }


def _turns(desk: Desk) -> list[Deeds]:
    room = desk.snapshot().room
    return deeds.of_room(bringing_back.place_of(desk), room.path, room.room_id)


def _headline(turn: Deeds) -> str:
    when = clock_time(turn.begin.at)
    if not turn.holder:
        marks = f"{turn.begin.mark} {turn.until.mark}"
        span = f"{when} to {clock_time(turn.until.at)}"
        return f"after turn {turn.number}  nobody held  {span}  (snapshots {marks})"
    until = clock_time(turn.until.at) if turn.ended else f"{clock_time(turn.until.at)}, so far"
    marks = " ".join(dict.fromkeys((turn.begin.mark, turn.until.mark)))
    return f"turn {turn.number}  {plain(turn.holder)}  {when} to {until}  (snapshots {marks})"


def _lines(turn: Deeds) -> list[str]:
    commits = [
        f"  commit     {commit[:10]} {plain(subject, 80)}" for commit, subject in turn.commits
    ]
    return [*_files(turn.files, turn.said), *_cut(commits, "commits")] or ["  nothing"]


def _files(files: Mapping[str, str], said: Mapping[str, str]) -> list[str]:
    lines = [
        f"  {how:<10} {plain(path, 200)}{f'  ({said[path]})' if path in said else ''}"
        for path, how in files.items()
    ]
    return _cut(lines, "files")


def _commits_of(desk: Desk, turn: Deeds, path: str) -> list[str]:
    if turn.begin.head == turn.until.head:
        return []
    from stickhooks.workspace import git

    found = git.commits_between(desk.workspace.root, turn.begin.head, turn.until.head, [path])
    return [f"  commit     {commit[:10]} {plain(subject, 80)}" for commit, subject in found]


def _cut(lines: Sequence[str], what: str) -> list[str]:
    more = [f"  and {len(lines) - SHOWN} more {what}"] if len(lines) > SHOWN else []
    return [*lines[:SHOWN], *more]


def _data(turn: Deeds) -> dict[str, object]:
    return {
        "turn_id": turn.number,
        "holder": turn.holder or None,
        "began_at": stamp(turn.begin.at),
        "until": stamp(turn.until.at),
        "ended": turn.ended,
        "files": dict(turn.files),
        "said": dict(turn.said),
        "commits": [{"commit": commit, "subject": subject} for commit, subject in turn.commits],
        "snapshots": list(dict.fromkeys((turn.begin.id, turn.until.id))),
    }
