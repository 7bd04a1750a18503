"""What a holder's own commands account for where no git hook runs is read again however much was kept."""

from __future__ import annotations

from pathlib import Path

from stickhooks.operations import own_moves
from stickhooks.operations.head_log import Move
from stickhooks.store import layout
from stickhooks.system import clock


def test_the_newest_command_is_kept_where_the_older_ones_fill_the_file(tmp_path: Path) -> None:
    git_dir = str(tmp_path)
    (tmp_path / layout.GIT_FOLDER).mkdir()
    for number in range(own_moves.LIMIT // own_moves.TEXT + 2):
        own_moves.note(git_dir, f"git log {number} {'x' * own_moves.TEXT}")
    own_moves.note(git_dir, "git commit -m mine")
    move: Move = ("abc", clock.read()[0], "ada", "commit: mine")
    assert own_moves.without(git_dir, [move]) == []
    assert own_moves.without(git_dir, [move, move]) == [move]
