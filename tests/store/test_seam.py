"""The seam: nothing above the store knows which store it is.

Each scenario is one of the command line, run in process on rooms in files and on rooms in memory.
"""

from __future__ import annotations

import ast
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import stickhooks
from stickhooks.cli import turn_commands as verbs
from stickhooks.cli import view_commands as views
from stickhooks.cli.command import VERBS
from stickhooks.clients import CLIENTS
from stickhooks.identity import resolver
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.store.interface import Store
from stickhooks.store.opening import open_store
from stickhooks.system import clock
from stickhooks.timeline import source
from stickhooks.views import board
from tests.stress.memory_store import MemoryStore
from tests.support.world import HOUR, refused

PACKAGE = Path(stickhooks.__file__).parent
DONE = {"status": "half of it", "next_action": "the other half"}


class Folder:
    """A folder with rooms in some store, and its members: each a client's session of its own."""

    def __init__(self, root: Path, opened: Callable[[str, str | None, float], Store]) -> None:
        self.root, self.opened = root, opened
        self.later = 0  # ms

    def desk(self, name: str) -> Desk:
        desk = Desk(str(self.root), name, env={}, opened=self.opened)
        desk.see(resolver.look({}, (CLIENTS["claude-code"], f"session-of-{name}")))
        desk.rooms.clock = self.clock
        return desk

    def clock(self) -> tuple[int, int, str]:
        wall, monotonic, boot = clock.read()
        return wall + self.later, monotonic + self.later, boot

    def run(self, name: str, verb: Callable[..., Reply], **given: Any) -> Reply:
        """Run a verb as a member, with nothing but what is given."""
        entry = next(entry for entry in VERBS.values() if entry.function is verb)
        defaults = {key: option.default for key, option in entry.options.items()}
        return verb(self.desk(name), **{**defaults, **given})

    def headline(self) -> str:
        return self.run("ada", views.status).lines[0]


@pytest.fixture(params=["files", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Folder:
    root = tmp_path / "tree"
    root.mkdir()
    memory = MemoryStore(str(root.resolve()))
    opened = open_store if request.param == "files" else lambda *_: memory
    here = Folder(root, opened)
    for name in ("ada", "bob"):
        here.run(name, verbs.join)
    assert (root / ".talking-stick").exists() is (request.param == "files")
    return here


def test_one_takes_and_the_other_is_told_by_whom_it_is_held(folder: Folder) -> None:
    assert folder.run("ada", verbs.take, why="to test").status == 0
    assert "ada" in folder.headline() or "you" in folder.headline()
    refusal = folder.run("bob", verbs.take)
    assert refusal.status != 0
    assert any("ada" in line for line in refusal.lines)


def test_a_wait_gets_the_stick_that_is_released_with_its_handoff(folder: Folder) -> None:
    folder.run("ada", verbs.take)
    answers: list[Reply] = []
    waiter = threading.Thread(
        target=lambda: answers.append(folder.run("bob", verbs.wait, timeout="60s"))
    )
    waiter.start()
    while not folder.desk("ada").store.waiting(["bob"]):
        assert waiter.is_alive()
    folder.run("ada", verbs.release, **DONE)
    waiter.join()
    [answer] = answers
    assert answer.status == 0
    assert any(DONE["status"] in line for line in answer.lines)


def test_a_wait_that_ends_without_the_stick_is_noted(folder: Folder) -> None:
    folder.run("ada", verbs.take)
    refused(lambda: folder.run("bob", verbs.wait, timeout="0s"), "timeout")
    desk = folder.desk("ada")
    noted = desk.store.notes(desk.snapshot().room.room_id)
    assert [note["what"] for note in noted] == ["wait", "stop"]
    assert not desk.store.waiting(["bob"])


def test_the_stick_is_handed_to_one_member(folder: Folder) -> None:
    folder.run("ada", verbs.take)
    folder.run("ada", verbs.handoff, to="bob", **DONE)
    assert "bob" in folder.headline()
    assert folder.run("bob", verbs.take).status == 0


def test_a_turn_whose_lease_ran_out_is_taken_over(folder: Folder) -> None:
    folder.run("ada", verbs.take)
    refused(
        lambda: folder.run("bob", verbs.takeover, reason="it is urgent"), "takeover_not_available"
    )
    folder.later = 24 * HOUR
    assert folder.run("bob", verbs.takeover, reason="it is urgent").status == 0
    refused(lambda: folder.run("ada", verbs.release, **DONE), "stale_lease")


def test_a_closed_room_gives_no_turn_until_it_is_open_again(folder: Folder) -> None:
    folder.run("ada", verbs.take)
    folder.run("ada", verbs.close, **DONE)
    assert folder.run("bob", verbs.take).status != 0
    folder.run("bob", verbs.reopen)
    assert folder.run("bob", verbs.take).status == 0


def test_a_member_that_leaves_is_no_member(folder: Folder) -> None:
    folder.run("bob", verbs.leave)
    refused(lambda: folder.run("bob", verbs.take), "unknown_member")
    assert "bob" not in str(folder.run("ada", views.status, everybody=True).data["members"])


def test_what_happened_is_shown_in_order(folder: Folder) -> None:
    folder.run("ada", verbs.take)
    folder.run("ada", verbs.release, **DONE)
    folder.run("bob", verbs.take)
    events = folder.run("bob", views.log).data["events"]
    assert isinstance(events, list)
    assert [event["event_type"] for event in events] == ["claim", "release", "claim"]
    assert [it.what for it in source.events_of(*history(folder))] == ["claim", "release", "claim"]


def history(folder: Folder) -> Any:
    desk = folder.desk("ada")
    return desk.store.history(desk.snapshot()), 0


def test_a_board_sees_a_change_by_the_marks(folder: Folder) -> None:
    desk = folder.desk("ada")
    before = desk.store.marks()
    assert before == desk.store.marks()
    folder.run("ada", verbs.take)
    assert before != desk.store.marks()
    assert len(board.rooms(desk)) == 1


def test_a_reminder_is_the_first_once_a_turn(folder: Folder) -> None:
    folder.run("ada", verbs.take)
    desk = folder.desk("ada")
    assert [desk.store.is_first_reminder(desk.snapshot()) for _ in range(2)] == [True, False]
    folder.run("ada", verbs.release, **DONE)
    folder.run("bob", verbs.take)
    assert desk.store.is_first_reminder(desk.snapshot())


# --- who names a store of files

#: What only a store of files has: these may be named in ``store/`` alone.
FILES = {"stickhooks.store.files", "stickhooks.store.reading", "stickhooks.store.publishing",
         "stickhooks.store.exclusion", "stickhooks.store.wait_queue", "stickhooks.store.event_log",
         "stickhooks.store.anchor", "stickhooks.store.room_copy"}  # fmt: skip
ABOVE = sorted(
    path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] != "store"
)


def imported(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name for node in froms for alias in node.names
            for name in (str(node.module), f"{node.module}.{alias.name}")}  # fmt: skip


@pytest.mark.parametrize("path", ABOVE, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_above_names_the_store_of_files(path: Path) -> None:
    assert not imported(path) & FILES


def test_a_store_of_files_that_is_named_is_seen() -> None:
    assert imported(PACKAGE / "store/opening.py") & FILES
