"""A turn that a first write began: at the end of its client's reply it is put down where that is due."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stickhooks.operations import auto_release
from stickhooks.protocol import commands
from stickhooks.protocol.model import Handoff, Letter, Room
from tests.support.sessions import Session, state
from tests.support.shells import Shell, Shells, eventually
from tests.support.world import MINUTE, Table

pytestmark = pytest.mark.sampled(3)

COMMIT = "echo more >> app.py && git commit -qam"

#: What clients send as a reply ends, besides session and folder: by their runs and documents.
STOPS: dict[str, dict[str, Any]] = {
    "claude-code": {
        "transcript_path": "/home/u/.claude/projects/p/c5e961b0.jsonl",
        "permission_mode": "acceptEdits",
        "hook_event_name": "Stop",
        "stop_hook_active": False,
        "last_assistant_message": "The login is fixed.",
        "background_tasks": [],
        "session_crons": [],
    },
    "codex": {
        "turn_id": "01a20323-97b9-7000-8000-000000000000",
        "transcript_path": "/home/u/.codex/sessions/2026/11/22/rollout.jsonl",
        "hook_event_name": "Stop",
        "model": "gpt-5.5",
        "permission_mode": "bypassPermissions",
        "stop_hook_active": False,
        "last_assistant_message": "Done.",
    },
    "gemini": {
        "transcript_path": "/home/u/.gemini/tmp/repo/chats/session.jsonl",
        "hook_event_name": "AfterAgent",
        "timestamp": "2026-11-22T12:06:50.074Z",
        "prompt": "fix the login",
        "prompt_response": "Done.",
        "stop_hook_active": False,
    },
    "copilot": {"timestamp": 1795349246855, "stopReason": "end_turn"},
    "cursor": {"hook_event_name": "stop", "status": "completed", "loop_count": 0},
}


@pytest.fixture
def free(ada: Shell, room: Path) -> Path:
    """Return a room in which a first write takes a free stick, everything in it committed."""
    ada.stick("policy on_idle claim").ok()
    return room


def begun(shells: Shells, room: Path, client: str = "claude-code") -> Session:
    """Return a session whose first edit has taken the stick."""
    session = Session(shells, room, client)
    session.call("session-start").ok()
    session.edit().ok()
    assert state(room)["lease"]["holder"] == name_of(session)
    return session


def name_of(session: Session) -> str:
    return f"{session.client.short}:{session.id[-8:]}"


@pytest.fixture
def waiting(free: Path, bob: Shell) -> Callable[[], None]:
    """Return a function after which bob waits."""

    def wait() -> None:
        bob.begin("stick wait")
        eventually(lambda: [w for w in state(free)["waiters"] if w["agent_id"] == "bob"])

    return wait


def holder(room: Path) -> str | None:
    lease = state(room)["lease"]
    return lease and str(lease["holder"])


@pytest.mark.parametrize("client", STOPS)
def test_a_turn_that_a_first_edit_began_goes_to_who_waits_when_all_is_committed(
    client: str, shells: Shells, free: Path, bob: Shell, waiting: Callable[[], None]
) -> None:
    session = begun(shells, free, client)
    session.run(f"{COMMIT} 'fix the login' && {COMMIT} 'test it'").ok()
    waiting()
    assert session.call("stop", **STOPS[client]).ok().out == ""
    eventually(lambda: holder(free) == "bob")
    letter = state(free)["letter"]
    assert letter["author"] == name_of(session)
    status = letter["handoff"]["status"]
    for words in (
        "stopped with nothing uncommitted",
        "bob waited",
        "2 commits",
        "test it; fix the",
    ):
        assert words in status, status
    assert letter["handoff"]["artifacts"] == ["app.py"]
    session.edit().fails(2, "bob holds")


def test_a_commit_that_took_the_stick_is_named_in_its_handoff(
    shells: Shells, free: Path, waiting: Callable[[], None]
) -> None:
    """Though it was made in the second in which its turn began."""
    session = Session(shells, free, "codex")
    session.call("session-start").ok()
    session.run(f"{COMMIT} 'in one go'").ok()
    waiting()
    session.call("stop", **STOPS["codex"]).ok()
    eventually(lambda: holder(free) == "bob")
    assert "1 commit, the newest first: in one go" in state(free)["letter"]["handoff"]["status"]


def test_after_a_reminder_the_commit_it_asked_for_is_enough(
    shells: Shells, free: Path, waiting: Callable[[], None]
) -> None:
    session = begun(shells, free)
    (free / "app.py").write_text("new\n")
    waiting()
    assert "1 waiting" in session.call("stop", **STOPS["claude-code"]).ok().out
    session.run(f"{COMMIT} done").ok()
    session.call("stop", **{**STOPS["claude-code"], "stop_hook_active": True}).ok()
    eventually(lambda: holder(free) == "bob")


@pytest.mark.parametrize("act", ["take", "wait", "takeover", "recovered"])
def test_a_turn_that_somebody_took_is_never_put_down_by_itself(
    act: str, shells: Shells, free: Path, ada: Shell, waiting: Callable[[], None]
) -> None:
    if act in ("take", "wait"):  # also after the first edit: they asked for it then
        session = begun(shells, free)
        session.stick(f"{act} --why 'the whole login'").ok()
        assert state(free)["lease"]["why"] == "the whole login"
    elif act == "takeover":
        ada.stick("take").ok()
        late = state(free)
        late["lease"]["expires_at"] -= 45 * MINUTE  # as it will be in three quarters of an hour
        (free / ".talking-stick/room.json").write_text(json.dumps(late))
        session = Session(shells, free, "claude-code")
        session.call("session-start").ok()
        session.stick("takeover --reason gone").ok()
    else:
        session = begun(shells, free)
        session.run("STICK_LEASE=00000000-0000-4000-8000-000000000000 stick take").ok()
    waiting()
    session.call("stop", **STOPS["claude-code"]).ok()
    assert holder(free) == name_of(session)


def test_what_is_not_committed_keeps_the_turn(
    shells: Shells, free: Path, waiting: Callable[[], None]
) -> None:
    session = begun(shells, free)
    waiting()
    dirty = {
        "changed": ("echo x >> app.py", "git checkout -q app.py"),
        "staged": ("echo x >> app.py; git add app.py", "git reset -q --hard"),
        "new": ("echo x > new.txt", "rm new.txt"),
        "merging": ("cp .git/HEAD .git/MERGE_HEAD", "rm .git/MERGE_HEAD"),
        "rebasing": ("mkdir .git/rebase-merge", "rmdir .git/rebase-merge"),
        "bisecting": ("echo > .git/BISECT_LOG", "rm .git/BISECT_LOG"),
    }
    for what, (make, mend) in dirty.items():
        session.run(make).ok()
        session.call("stop", **STOPS["claude-code"]).ok()
        assert holder(free) == name_of(session), what
        session.run(mend).ok()
    still = {"background_tasks": [{"id": "b1", "type": "shell", "status": "running"}]}
    session.call("stop", **{**STOPS["claude-code"], **still}).ok()
    assert holder(free) == name_of(session)
    session.call("stop", **STOPS["claude-code"]).ok()
    eventually(lambda: holder(free) == "bob")


def test_where_nobody_waits_or_the_waiter_has_died_the_turn_stays(
    shells: Shells, free: Path, bob: Shell, waiting: Callable[[], None]
) -> None:
    session = begun(shells, free)
    session.call("stop", **STOPS["claude-code"]).ok()
    assert holder(free) == name_of(session)
    waiting()
    bob.kill()
    session.call("stop", **STOPS["claude-code"]).ok()
    assert holder(free) == name_of(session)


def test_where_git_cannot_tell_the_turn_stays(
    shells: Shells, free: Path, waiting: Callable[[], None]
) -> None:
    session = begun(shells, free)
    waiting()
    index = (free / ".git/index").read_bytes()
    (free / ".git/index").write_bytes(b"damaged")
    session.call("stop", **STOPS["claude-code"]).ok()
    assert holder(free) == name_of(session)
    (free / ".git/index").write_bytes(index)


def test_each_room_is_judged_by_its_own_files(
    shells: Shells, free: Path, ada: Shell, waiting: Callable[[], None]
) -> None:
    ada.stick("join --new services/web").ok()
    session = begun(shells, free)
    (free / "services/web/site.css").write_text("b {}\n")  # another room's, and not committed
    waiting()
    session.call("stop", **STOPS["claude-code"]).ok()
    eventually(lambda: holder(free) == "bob")


def test_a_session_that_ends_in_such_a_turn_tells_what_git_knows(
    shells: Shells, free: Path
) -> None:
    session = begun(shells, free)
    session.run(f"{COMMIT} 'fix the login'").ok()
    session.call("session-end", reason="other").ok()
    handoff = state(free)["letter"]["handoff"]
    assert "ended while it held the stick" in handoff["status"]
    assert "1 commit, the newest first: fix the login" in handoff["status"]
    assert "git status" in handoff["next_action"]


def test_the_next_step_that_somebody_wrote_is_kept_through_turns_that_ended_by_themselves() -> None:
    room = Room("R", "", 0, letter=Letter(Handoff("half", "write the tests"), "ada", 4, "release"))
    first = auto_release._next(room)
    assert first == "continue; ada's handoff (event 4) named this: write the tests"
    again = Letter(Handoff("auto", first), "bot", 6, "release")
    assert auto_release._next(Room("R", "", 0, letter=again)) == first
    assert auto_release._next(Room("R", "", 0)) == "continue"


def test_a_first_write_leaves_its_mark_in_the_lease_until_somebody_asks() -> None:
    table = Table("ada")
    table.ask(commands.Wait("ada", "R", None, "first edit", "c0ffee"))
    marks = [auto_from(table)]
    _, _, lease_id, turn = table.held()
    table.now += MINUTE
    table.ask(commands.Heartbeat("ada", "R", lease_id, turn))
    marks.append(auto_from(table))
    table.ask(commands.Wait("ada", "R", lease_id, None))
    marks.append(auto_from(table))
    assert marks == ["c0ffee", "c0ffee", None]
    assert table.room.lease
    assert table.room.lease.why == "first edit"


def auto_from(table: Table) -> str | None:
    assert table.room.lease
    return table.room.lease.auto_from
