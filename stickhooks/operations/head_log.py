"""HEAD's moves that no hook of ours saw, by git's own log of HEAD.

The hooks add every value that they saw HEAD take to ``heads``: the transaction's, and after a
switch of branches, which older gits show to no transaction, post-checkout's. How far git's log and
``heads`` had come when the holder was last told stands in ``reflog``, two numbers of bytes. What
is in the log since and not among the values since, in the same order, was done past the hooks:
also where the holder has committed on top, where HEAD went there and back, or back to where it once was.

Where git keeps no log, the transaction's own old value tells: where it is not the one that we saw
last, ``past`` and that value come before the new one in ``heads``.
"""

from __future__ import annotations

import os

from stickhooks.store import layout
from stickhooks.system import clock, publish
from stickhooks.system.folder import Folder, read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

LIMIT = 16 << 20
LONG = 1 << 18  # bytes of values seen: then the file begins anew
MANY = 1 << 20  # pairs of moves and values: more are not brought into an order, only looked up
ABORTED = "(abort)"  # back to where it began: what the hooks let anybody do
NO_MOVE = ("clone: ", "Branch: ", "branch: ")  # written where HEAD is named anew, or begins
SILENT = "the reflog of HEAD has no entry for it"
UNSAID = "the reflog does not say how"
NOBODY = "by whom is not recorded"
PAST = "past"
NOWHERE = "nowhere"  # HEAD names a branch that is not there
Move = tuple[str, int, str, str]


def unseen(git_dir: str) -> list[Move]:
    """Return the moves since ``settle`` that were not seen, the oldest first: commit, ms, who, what.

    The commit is ``""`` where HEAD named a branch that was not there.
    """
    offset, heads, log = _offset(git_dir), _file(git_dir, layout.HEADS), _log(git_dir)
    if offset is None or heads is None:
        return []  # hooks of an older version
    in_log, in_heads = offset
    if len(log) < in_log:  # it was cut, or made anew
        in_log = 0
    values = heads[in_heads if in_heads <= len(heads) else 0 :].decode("ascii", "replace").split()
    lines = log[in_log:].decode("utf-8", "replace").splitlines()
    seen, past = _split(values)
    before = _last(log[:in_log])
    moves = _moves(lines, before, orphaned=NOWHERE in seen)
    known = {before, *(move[0] for move in moves)}
    silent = [(old, clock.read()[0], NOBODY, SILENT) for old in past if old not in known]
    return [*silent, *(move for move in _unmatched(moves, seen) if ABORTED not in move[3])]


def settle(git_dir: str) -> None:
    """Begin anew: what stands in git's log and in ``heads`` now has been told."""
    heads = _file(git_dir, layout.HEADS)
    if heads is None or len(heads) > LONG:
        _put(git_dir, layout.HEADS, "")
        heads = b""
    now = (len(_log(git_dir)), len(heads))
    if _offset(git_dir) != now:
        _put(git_dir, layout.REFLOG, f"{now[0]} {now[1]}\n")


def _put(git_dir: str, name: str, text: str) -> None:
    with Folder.open(os.path.join(git_dir, layout.GIT_FOLDER)) as folder:
        publish.publish(folder, name, text.encode(), durable=False)


def _split(values: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the values that hooks saw HEAD take, without repetition, and those it had taken past them."""
    seen: list[str] = []
    past: list[str] = []
    words = iter(values)
    for word in words:
        if word == PAST:
            past.append(next(words, ""))
        elif not seen or seen[-1] != word:
            seen.append(word)
    return seen, [old for old in dict.fromkeys(past) if old]


def _moves(lines: Sequence[str], before: str, *, orphaned: bool) -> list[Move]:
    """Return what log lines tell of moves. A line that does not begin where the one before ended
    tells of one that git did not log."""
    found: list[Move] = []
    for line in lines:
        parsed = _parsed(line)
        if parsed is None:
            continue
        old, new, at, who, what = parsed
        first = not old.strip("0")
        if before and old != before and not (first and orphaned):
            found.append(("" if first else old, at, NOBODY, SILENT))
        before = new
        if old != new and not what.startswith(NO_MOVE):
            found.append((new, at, who, what))
    return found


def _unmatched(moves: Sequence[Move], seen: Sequence[str]) -> list[Move]:
    """Return the moves that are left when as many as can be are matched with values, in order."""
    begin = 0
    while begin < min(len(moves), len(seen)) and moves[begin][0] == seen[begin]:
        begin += 1
    moves, seen = moves[begin:], seen[begin:]
    if len(moves) * len(seen) > MANY:
        return [move for move in moves if move[0] not in set(seen)]
    return _by_longest_match(moves, seen)


def _by_longest_match(moves: Sequence[Move], seen: Sequence[str]) -> list[Move]:
    lengths = [
        [0] * (len(seen) + 1) for _ in range(len(moves) + 1)
    ]  # of what is common from there on
    for i in range(len(moves) - 1, -1, -1):
        for j in range(len(seen) - 1, -1, -1):
            same = moves[i][0] == seen[j]
            lengths[i][j] = (
                lengths[i + 1][j + 1] + 1 if same else max(lengths[i + 1][j], lengths[i][j + 1])
            )
    left, j = [], 0
    for i, move in enumerate(moves):
        while j < len(seen) and lengths[i][j] == lengths[i][j + 1]:
            j += 1
        if j < len(seen) and move[0] == seen[j] and lengths[i][j] == lengths[i + 1][j + 1] + 1:
            j += 1
        else:
            left.append(move)
    return left


def _offset(git_dir: str) -> tuple[int, int] | None:
    words = (_file(git_dir, layout.REFLOG) or b"").split()
    if not 1 <= len(words) <= 2 or not all(word.isdigit() and len(word) < 20 for word in words):
        return None
    return int(words[0]), int(words[1]) if len(words) == 2 else 0


def _log(git_dir: str) -> bytes:
    return _read(os.path.join(git_dir, "logs", "HEAD")) or b""


def _last(log: bytes) -> str:
    """Return where HEAD was at the end of a log, ``""`` where it does not say."""
    parsed = _parsed(log[log.rfind(b"\n", 0, -1) + 1 :].decode("utf-8", "replace"))
    return parsed[1] if parsed else ""


def _file(git_dir: str, name: str) -> bytes | None:
    return _read(os.path.join(git_dir, layout.GIT_FOLDER, name))


def _read(path: str) -> bytes | None:
    try:
        return read_file(path, LIMIT)
    except ValueError:
        return None


def _parsed(line: str) -> tuple[str, str, int, str, str] | None:
    """Return a line of git's log: old, new, ms, who, what; None where it is none."""
    head, _, what = line.partition("\t")
    words = head.split(" ")
    if len(words) < 5 or not words[-2].isdigit():
        return None
    return words[0], words[1], int(words[-2]) * 1000, " ".join(words[2:-2]), what or UNSAID
