"""Clients that are killed and resumed, or resumed while they live: in hook, shell and git hook alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.sessions import GATE, Session, state
from tests.support.shells import Result, Shells, eventually

HANDOFF = '--status "done" --next "go on"'
COMMIT = "echo more >> app.py && git commit -qam more"


def again(shells: Shells, session: Session, *, killed: bool) -> Session:
    """Start the client of a session once more, with the same session in it."""
    if killed:
        session.kill()
    other = Session(shells, session.cwd, session.client.name, session.variables)
    other.clear(session.id)
    return other


def holder(shells: Shells, room: Path, client: str = "claude-code") -> Session:
    session = Session(shells, room, client)
    session.call("session-start").ok()
    session.stick("take").ok()
    return session


def member(room: Path, name: str) -> Any:
    return next(m for m in state(room)["members"] if m["agent_id"] == name)


@pytest.mark.parametrize("call", ["edit", "commit", "verb", "start"])
def test_the_next_call_of_a_resumed_session_writes_its_process_down(
    shells: Shells, room: Path, call: str
) -> None:
    first = holder(shells, room, "opencode" if call == "edit" else "claude-code")
    shells.person(room).run("stick join --as ada").ok()
    name = state(room)["lease"]["holder"]
    second = again(shells, first, killed=True)
    status = second.stick("status --all").ok().out
    assert "gone" not in status
    assert "(you)" in status
    calls: dict[str, Callable[[], Result]] = {
        "edit": second.edit,
        "commit": lambda: second.run(COMMIT),
        "verb": lambda: second.stick("renew"),
        "start": lambda: second.call("session-start", source="resume"),
    }
    calls[call]().ok()
    assert member(room, name)["process"]["pid"] == second.pid
    assert member(room, name)["beside"] == []
    assert [m["agent_id"] for m in state(room)["members"]] == [name, "ada"]
    second.edit().ok()


def test_also_a_refused_edit_writes_the_process_down(shells: Shells, room: Path, ada: Any) -> None:
    first = Session(shells, room, "codex")
    first.call("session-start").ok()
    ada.stick("take").ok()
    second = again(shells, first, killed=True)
    second.edit().fails(2, "ada holds")
    assert member(room, f"codex:{first.id[-8:]}")["process"]["pid"] == second.pid


def test_a_session_in_two_living_processes_is_two_members(shells: Shells, room: Path) -> None:
    first = holder(shells, room)
    name = state(room)["lease"]["holder"]
    second = again(shells, first, killed=False)
    second.edit().fails(2, f"{name} holds")
    second.run(COMMIT).fails(1, f"{name} holds")
    second.stick(f"release {HANDOFF}").fails(66, f"{name}-2")
    told = second.call("session-start", source="resume").ok().out
    assert f"you are {name}-2" in told
    assert member(room, name)["process"]["pid"] == first.pid
    assert member(room, f"{name}-2")["process"]["pid"] == second.pid
    first.edit().ok()
    first.stick(f"handoff {name}-2 {HANDOFF}").ok()
    second.stick("take").ok()
    second.edit().ok()
    first.edit().fails(2, f"{name}-2 holds")
    first.call("session-end", reason="other")
    assert state(room)["lease"]["holder"] == f"{name}-2"
    second.run(COMMIT).ok()
    second.call("session-end", reason="other")
    assert state(room)["lease"] is None
    assert state(room)["members"] == []


def test_the_end_of_the_one_beside_ends_only_itself(shells: Shells, room: Path) -> None:
    first = holder(shells, room)
    name = state(room)["lease"]["holder"]
    second = again(shells, first, killed=False)
    second.call("session-end", reason="other")  # it had not joined
    assert state(room)["lease"]["holder"] == name
    third = again(shells, first, killed=False)
    third.call("session-start").ok()
    third.call("session-end", reason="other")
    assert [m["agent_id"] for m in state(room)["members"]] == [name]
    first.edit().ok()


def test_agents_that_are_started_at_once_all_join(shells: Shells, room: Path) -> None:
    """Ids with one end: the second to come sees the first only under the lock."""
    sessions = [Session(shells, room, "codex") for _ in range(3)]
    for number, session in enumerate(sessions):
        session.clear(f"01a20323-978f-70c1-b855-{number:04}00000000")
    begun = [session.begin("stick join") for session in sessions]
    for one in begun:
        one.result().ok()
    names = {m["agent_id"] for m in state(room)["members"]}
    assert names == {"codex:00000000", "codex:00000000-2", "codex:00000000-3"}


def test_an_agent_that_names_somebody_elses_name_is_offered_one_of_its_own(
    shells: Shells, room: Path, ada: Any
) -> None:
    session = Session(shells, room, "codex")
    refused = session.stick("join --as ada").fails(77, "ada is a member already")
    step = f"stick join --as codex:{session.id[-8:]}"
    assert step in refused.text
    session.run(step).ok()
    refused = session.run("stick join", {"STICK_AGENT": "ada"}).fails(77, f"-u STICK_AGENT {step}")


def test_a_new_name_leaves_no_first_one_behind(shells: Shells, room: Path) -> None:
    session = Session(shells, room, "codex")
    session.run("stick join").ok()
    [first] = [member["agent_id"] for member in state(room)["members"]]
    session.run("stick join --as reviewer").ok()
    assert first.startswith("codex:")
    assert [member["agent_id"] for member in state(room)["members"]] == ["reviewer"]
    session.run("stick take").ok()
    session.edit().ok()
    for named in ("stick join --as other", "STICK_AGENT=other stick join"):
        session.run(named).fails(75, "you are reviewer here and hold the stick", "stick release")
    session.run("stick join --as reviewer").ok()
    session.edit().ok()
    session.run("stick release --status x --next y && stick join --as other").ok()
    session.run("stick take --why more src").ok()
    session.run("stick join --as third").fails(75, "you are other here and hold the stick")


def test_the_events_of_an_agent_below_are_no_sessions(shells: Shells, room: Path) -> None:
    """Claude Code and Codex name it by ``agent_id``; Copilot's has a session id of its own."""
    session = holder(shells, room, "copilot")
    name = state(room)["lease"]["holder"]
    main = session.id
    for number in range(3):  # no start tells of it
        session.id = f"subagent-of-copilot-{number}"
        session.edit().ok()
        session.call("session-end", reason="complete").ok()
        session.call("session-end", session_id=main, agent_id="a1b2").ok()
        assert session.call("stop", agent_id="a1b2").out == ""
    assert state(room)["lease"]["holder"] == name
    assert len(state(room)["members"]) == 1
    session.call("session-end", session_id=main, reason="complete").ok()
    assert state(room)["lease"] is None
    assert state(room)["members"] == []


def test_copilot_is_called_copilot_also_by_the_entry_of_claude_code(
    shells: Shells, room: Path
) -> None:
    session = Session(shells, room, "copilot", "COPILOT_CLI=1")
    source = session.folder / "start"
    source.write_text(json.dumps({"session_id": session.id, "cwd": str(room)}))
    session.run(f"{GATE} session-start --client claude-code", stdin=source).ok()
    assert [m["agent_id"] for m in state(room)["members"]] == [f"copilot:{session.id[-8:]}"]


def test_an_expired_lease_tells_an_agent_whom_to_ask(shells: Shells, room: Path, ada: Any) -> None:
    ada.stick("policy owner_lease_ttl 1s").ok()
    ada.stick("take").ok()
    session = Session(shells, room, "codex")
    eventually(lambda: "ran out" in session.edit().err)
    refused = session.edit().fails(2, "ada holds")
    assert "ask the person you work for" in refused.err
    assert "stick takeover" not in refused.err
