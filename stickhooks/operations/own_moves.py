"""What a holder's own git commands may do to HEAD where the client's shell runs no git hooks.

Gemini CLI leads git past all hooks in its shell; its own hook judges the command instead. Of a holder's
command that it let through, time and text are kept, so that the commit that follows is not taken
for one of somebody who went past the hooks. A move is the command's own if it names what git's log says
was done, and followed it in time: as much as can be known, for all here commit under one name.
"""

from __future__ import annotations

import os

from stickhooks.store import layout
from stickhooks.system import clock
from stickhooks.system.folder import Folder, read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from stickhooks.operations.head_log import Move

LIMIT = 1 << 18
TEXT = 4000  # characters of a command
LASTS_MS = 30 * 60_000  # a command that tests before it commits
EARLY_MS = 1000  # git's log tells seconds


def note(git_dir: str | None, command: str) -> None:
    """Keep a command that was let through. Raises nothing: it is a courtesy."""
    if git_dir is None or "git" not in command:
        return
    line = f"{clock.read()[0]} {' '.join(command.split())[:TEXT]}\n"
    try:
        with (
            Folder.open(os.path.join(git_dir, layout.GIT_FOLDER)) as folder,
            folder.opened(layout.OWN_MOVES, os.O_WRONLY | os.O_APPEND | os.O_CREAT) as fd,
        ):
            data = line.encode("utf-8", "replace")
            if os.fstat(fd).st_size + len(data) > LIMIT:  # what is read is bounded: the oldest go
                os.ftruncate(fd, 0)
            os.write(fd, data)
    except OSError:
        pass


def without(git_dir: str, moves: Sequence[Move]) -> list[Move]:
    """Return the moves that no kept command accounts for; each of its words accounts for one."""
    commands = _kept(git_dir)
    return [move for move in moves if not _claimed(move, commands)] if commands else list(moves)


def settle(git_dir: str) -> None:
    """Begin anew, as soon as the holder was told of all that happened."""
    try:
        os.unlink(os.path.join(git_dir, layout.GIT_FOLDER, layout.OWN_MOVES))
    except OSError:
        pass


def _claimed(move: Move, commands: list[tuple[int, list[str]]]) -> bool:
    _, at, _, what = move
    verb = what.partition(":")[0].partition(" ")[0]
    for since, words in commands:
        if since - EARLY_MS <= at <= since + LASTS_MS and verb in words:
            words.remove(verb)
            return True
    return False


def _kept(git_dir: str) -> list[tuple[int, list[str]]]:
    try:
        data = read_file(os.path.join(git_dir, layout.GIT_FOLDER, layout.OWN_MOVES), LIMIT)
    except ValueError:
        return []
    lines = [line.split() for line in (data or b"").decode("utf-8", "replace").splitlines()]
    return [(int(line[0]), line[1:]) for line in lines if line and line[0].isdigit()]
