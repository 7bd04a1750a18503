"""The pre-edit hook of Claude Code: who may edit, and what odd payloads come to."""

from __future__ import annotations

import json
import random
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeRepository
from tests.support.shells import Agent, Result, Shell, Shells

HANDOFF = '--status "done" --next "go on"'
EDIT_TOOLS = ("Edit", "Write", "MultiEdit", "NotebookEdit")


@pytest.fixture
def ada(shells: Shells, room: Path) -> Shell:
    """Return a person who holds the room."""
    return shells.holder(room, "ada", "refactor auth")


@pytest.fixture
def bot(shells: Shells, room: Path, ada: Shell) -> Agent:
    """Return an agent that has joined and does not hold."""
    agent = shells.agent(room)
    agent.stick("join --as bot").ok()
    return agent


@pytest.fixture
def holder(shells: Shells, room: Path) -> Agent:
    """Return an agent that holds the room."""
    agent = shells.agent(room)
    agent.run("stick join --as bot && stick take").ok()
    return agent


def refused(result: Result, *words: str) -> str:
    """Hold a refusal to the form that every client honours; return its reason."""
    result.fails(2)
    assert result.err.strip()
    answer = result.json
    reason = answer["reason"]
    assert answer["decision"] == "block"
    assert answer["permissionDecision"] == "deny"
    assert answer["hookSpecificOutput"] == {
        "hookEventName": "PreToolUse",
        "permissionDecision": "deny",
        "permissionDecisionReason": reason,
    }
    assert reason in result.err
    for word in words:
        assert word in reason, reason
    assert isinstance(reason, str)
    return reason


@pytest.mark.parametrize("tool", EDIT_TOOLS)
def test_the_holder_edits_and_others_are_refused(
    holder: Agent, shells: Shells, room: Path, tool: str
) -> None:
    holder.edit("app.py", tool).ok()
    holder.hook(holder.payload(room / "new/deep/file.py", tool)).ok()
    stranger = shells.agent(room)
    reason = refused(stranger.edit("src/core.py", tool), "NOT EDITED", "bot holds", "not joined")
    assert "stick takeover" not in reason
    assert "BYPASS" not in reason
    assert (room / "src/core.py").read_text() == "core = 1\n"


def test_a_refusal_names_holder_reason_and_next_step(bot: Agent) -> None:
    refused(bot.edit("app.py"), "ada holds", "refactor auth", "process alive", "stick wait")


def test_an_agent_takes_edits_hands_over_and_is_refused_again(bot: Agent, ada: Shell) -> None:
    ada.stick(f"handoff bot {HANDOFF}").ok()
    refused(bot.edit("app.py"), "reserved for you", "stick take")
    bot.stick("take").ok()
    bot.edit("app.py").ok()
    bot.stick(f"release {HANDOFF}").ok()
    refused(bot.edit("app.py"), "nobody holds", "stick take")


def test_a_bypass_in_the_environment_opens_nothing_to_a_client(bot: Agent, room: Path) -> None:
    source = bot.folder / "bypass"
    source.write_text(json.dumps(bot.payload(room / "app.py")))
    bot.run("export STICK_BYPASS=why; " + bot.hook_command(), stdin=source).fails(2, "ada holds")


def test_an_edit_renews_a_lease_past_a_quarter(holder: Agent, room: Path) -> None:
    state = room / ".talking-stick/room.json"
    before = json.loads(state.read_text())
    before["lease"]["expires_at"] -= 20 * 60_000  # as it will be in twenty minutes
    state.write_text(json.dumps(before))
    holder.edit("app.py").ok()
    after = json.loads(state.read_text())
    assert after["lease"]["expires_at"] > before["lease"]["expires_at"] + 19 * 60_000
    assert after["turn_id"] == before["turn_id"]


def test_a_first_edit_claims_a_free_stick_where_the_policy_says_so(
    room: Path, shells: Shells
) -> None:
    one, two = shells.agent(room), shells.agent(room)
    one.run("stick join --as one && stick policy on_idle claim").ok()
    one.edit("app.py").ok()
    refused(two.edit("app.py"), "one holds")


# --- where a path leads


def paths_inside(room: Path) -> dict[str, str]:
    """Return spellings of paths that lead into the room."""
    return {
        "plain": str(room / "app.py"),
        "relative": "app.py",
        "dots": str(room / "src/../app.py"),
        "relative dots": "src/../../shop/app.py",
        "double slash": f"{room}//src///core.py",
        "not there": str(room / "no/such/folder/file.py"),
        "the room itself": str(room),
        "trailing slash": f"{room}/src/",
        "link inwards": str(room.parent / "inwards/app.py"),
        "link within": str(room / "within"),
        "space and quote": str(room / "it's a\nfile"),
        "very long": str(room / ("x" * 300) / ("y" * 300)),
        "odd bytes": str(room / "a\udcff"),
    }


@pytest.fixture
def links(room: Path, tmp_path: Path) -> Path:
    (tmp_path / "inwards").symlink_to(room)
    (tmp_path / "outside.txt").write_text("out\n")
    (room / "outwards").symlink_to(tmp_path / "outside.txt")
    (room / "within").symlink_to("src/core.py")
    (room / "round").symlink_to("round")
    return room


def test_every_spelling_of_a_path_in_the_room_is_refused_to_others_and_open_to_the_holder(
    links: Path, bot: Agent, ada: Shell
) -> None:
    for name, path in paths_inside(links).items():
        payload = bot.payload("x")
        payload["tool_input"] = {"file_path": path}
        assert refused(bot.hook(payload), "NOT EDITED"), name
    ada.stick(f"handoff bot {HANDOFF}").ok()
    bot.stick("take").ok()
    for name, path in paths_inside(links).items():
        payload = bot.payload("x")
        payload["tool_input"] = {"file_path": path}
        assert bot.hook(payload).code == 0, name


def test_paths_outside_the_room_are_open_to_everybody(
    links: Path, bot: Agent, tmp_path: Path, make_repository: MakeRepository
) -> None:
    other = make_repository("other")
    outside: list[Path | str] = [
        tmp_path / "x.py", links / "../x.py", links / "outwards", other / "app.py", "/etc/x",
        f"{links}-more/app.py", tmp_path / "inwards/../../x",
    ]  # fmt: skip
    for path in outside:
        assert bot.hook(bot.payload(path)).code == 0, path


def test_our_own_folder_and_the_git_dir_are_closed_to_the_holder_too(
    links: Path, holder: Agent, tmp_path: Path
) -> None:
    (links / "sneaky").symlink_to(".talking-stick/room.json")
    inner: tuple[Path | str, ...] = (
        ".talking-stick/room.json", ".talking-stick", ".talking-stick/new/file", ".git/config",
        ".git/hooks/pre-commit", ".git", "src/../.git/index", "sneaky",
        tmp_path / "inwards/.talking-stick/room.json",
    )  # fmt: skip
    for path in inner:
        for tool in ("Edit", "Write"):
            refused(holder.hook(holder.payload(links / path, tool)), "no edit tool may change it")
    assert holder.hook(holder.payload(links / ".gitignore")).code == 0
    assert holder.hook(holder.payload(links / ".github/workflow")).code == 0


def test_the_git_dir_of_a_linked_worktree_is_closed_too(
    room: Path, holder: Agent, shells: Shells, tmp_path: Path
) -> None:
    holder.run("git worktree add -q ../side").ok()
    side = shells.agent(tmp_path / "side")
    side.run("stick init --only claude && stick join --as side && stick take").ok()
    side.edit("app.py").ok()
    for path in (room / ".git/config", room / ".git/worktrees/side/HEAD", tmp_path / "side/.git"):
        refused(side.hook(side.payload(path)), "no edit tool may change it")


# --- payloads that are none


def odd_payloads(agent: Agent, room: Path) -> dict[str, object]:
    """Return payloads that cannot be understood, for edits in the room."""
    sample = agent.payload(room / "app.py")
    without_session = {k: v for k, v in sample.items() if k != "session_id"}
    return {
        "empty": b"",
        "blank": b" \n",
        "not json": b"hello",
        "cut": json.dumps(sample).encode()[:-20],
        "cut in a string": b'{"session_id": "c5e9',
        "two": json.dumps(sample).encode() * 2,
        "not utf-8": b'{"session_id": "\xff"}',
        "list": [sample],
        "null": None,
        "deep": b"[" * 200_000,
        "nan": b'{"session_id": NaN}',
        "no session": without_session,
        "empty session": {**sample, "session_id": ""},
        "number session": {**sample, "session_id": 7},
        "no tool": {k: v for k, v in sample.items() if k != "tool_name"},
        "list tool": {**sample, "tool_name": ["Edit"]},
        "no input": {k: v for k, v in sample.items() if k != "tool_input"},
        "list input": {**sample, "tool_input": []},
        "no path": {**sample, "tool_input": {"old_string": "a"}},
        "empty path": {**sample, "tool_input": {"file_path": ""}},
        "null path": {**sample, "tool_input": {"file_path": None}},
        "list path": {**sample, "tool_input": {"file_path": [str(room / "app.py")]}},
        "nul path": {**sample, "tool_input": {"file_path": f"{room}/a\0b"}},
        "surrogate path": {**sample, "tool_input": {"file_path": f"{room}/a\ud800"}},
        "relative cwd": {**sample, "cwd": "src"},
        "number cwd": {**sample, "cwd": 7},
        "50 MB": {**sample, "tool_input": {"file_path": str(room / "a"), "x": "y" * (50 << 20)}},
    }


def test_what_cannot_be_understood_is_refused_where_there_is_a_room(
    room: Path, holder: Agent
) -> None:
    for name, payload in odd_payloads(holder, room).items():
        result = holder.hook(payload)
        assert result.code == 2, f"{name}: {result}"
        reason = refused(result, "NOT EDITED")
        assert "stick uninit" in reason, name
        if name not in ("surrogate path",):
            assert len(reason) < 1000, name


@pytest.mark.parametrize("name", ["cut", "cut in a string"])
def test_a_payload_cut_short_is_told_as_such(room: Path, holder: Agent, name: str) -> None:
    refused(holder.hook(odd_payloads(holder, room)[name]), "payload is not understood")


def test_where_there_is_no_room_every_payload_passes(
    repo: Path, shells: Shells, tmp_path: Path
) -> None:
    """Also where a room was made and taken away again while a client keeps its settings."""
    agent = shells.agent(repo)
    agent.stick("init --only git,claude").ok()
    settings = repo / ".claude/settings.local.json"
    kept, launcher = settings.read_text(), repo / ".git/stickhooks/pre-edit"
    text = launcher.read_text()
    agent.stick("uninit").ok()
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(kept)
    samples = {"fine": agent.payload(repo / "app.py"), **odd_payloads(agent, repo)}
    for name in ("fine", "empty", "deep", "no path"):
        assert agent.hook(samples[name]) == Result(0, "", ""), name
    launcher.parent.mkdir()
    launcher.write_text(text)
    launcher.chmod(0o755)
    for name, payload in samples.items():
        assert agent.hook(payload) == Result(0, "", ""), name
    gate = text.partition("stick_gate=")[2].split("\n")[0]
    python = text.partition("stick_python=")[2].split("\n")[0]
    for name, payload in samples.items():  # and asked directly, past the launcher
        source = tmp_path / "payload"
        source.write_bytes(payload if isinstance(payload, bytes) else json.dumps(payload).encode())
        command = f"{python} -I -S {gate} pre-edit --client claude-code"
        assert agent.run(command, stdin=source) == Result(0, "", ""), name


def test_unknown_tools_and_more_fields_pass(bot: Agent, room: Path) -> None:
    for tool in ("Read", "Grep", "mcp__files__read_file", "", "eDit", "EDIT "):
        assert bot.hook(bot.payload(room / "app.py", tool)).code == 0, tool
    refused(bot.hook(bot.payload(room / "app.py", "edit")), "ada holds")  # another client's
    refused(bot.hook(bot.payload(room / "app.py", "Bash")), "Bash brings no command")
    refused(bot.hook(bot.payload(room / "app.py", "Edit", more=[1.5, None], agent_id="x")))
    refused(bot.hook(bot.payload(room / "app.py", "Edit", cwd=None)))
    payload = bot.payload(room / "app.py")
    payload["tool_input"] = {"path": str(room / "app.py"), "old_str": "a"}
    refused(bot.hook(payload), "ada holds")
    payload["tool_input"] = {"file_path": "/etc/x", "path": str(room / "app.py")}
    refused(bot.hook(payload), "ada holds")


def test_a_session_of_odd_characters_is_refused_and_shown_escaped(bot: Agent, room: Path) -> None:
    for session in ("a\ud800", "\x1b[31m", "\u202e", "x" * 10_000):
        payload = bot.payload(room / "app.py", session_id=session)
        result = bot.hook(payload)
        assert result.code == 2, session
        assert "\x1b" not in result.text
        assert "\u202e" not in result.text


def test_a_session_with_a_lone_surrogate_does_not_break_the_room(holder: Agent, room: Path) -> None:
    holder.hook(holder.payload(room / "app.py", session_id="a\ud800"))
    holder.stick("status").ok()


def test_a_new_session_of_the_same_client_goes_on_by_its_hook(holder: Agent, room: Path) -> None:
    fresh = "12345678-0000-4000-8000-000000000000"
    assert holder.hook(holder.payload(room / "app.py", session_id=fresh)).code == 0
    members = json.loads((room / ".talking-stick/room.json").read_text())["members"]
    assert f"claude:{fresh}" in members[0]["sessions"]


def test_a_damaged_room_refuses_edits_with_the_repair(holder: Agent, room: Path) -> None:
    state = room / ".talking-stick/room.json"
    state.write_text("[]")
    refused(holder.edit("app.py"), "cannot be read", "stick doctor", "stick uninit")
    shutil.rmtree(room / ".git/stickhooks/copies")  # else the same room comes back
    state.unlink()
    refused(holder.edit("app.py"), "stick doctor --fix", "stick uninit")
    shutil.rmtree(room / ".talking-stick")
    refused(holder.edit("app.py"), "stick doctor --fix", "stick uninit")


def test_a_hook_that_was_moved_away_refuses_where_there_is_a_room(
    holder: Agent, room: Path
) -> None:
    (room / ".git/stickhooks/pre-edit").unlink()
    holder.edit("app.py").fails(2, "stick init")
    shutil.rmtree(room / ".talking-stick")
    assert holder.edit("app.py").code == 0


# --- mutations


def mutated(draw: random.Random, sample: dict[str, Any]) -> bytes:
    """Return the sample with one to three things changed: keys, values, or bytes."""
    payload = json.loads(json.dumps(sample))
    odd: list[Any] = [
        None, True, 0, -1, 1.5, "", " ", "\0", "\ud800", "x" * 5000, [], {}, [{}], "..", "/",
        "~", "\x1b[0m", "NotebookEdit", "Write",
    ]  # fmt: skip
    for _ in range(draw.randint(1, 3)):
        place = payload
        if draw.random() < 0.5 and isinstance(payload.get("tool_input"), dict):
            place = payload["tool_input"]
        how = draw.choice(("drop", "replace", "add", "rename"))
        keys = list(place)
        if how == "add" or not keys:
            place[draw.choice(("x", "path", "notebook_path", "cwd", "é"))] = draw.choice(odd)
        elif how == "drop":
            del place[draw.choice(keys)]
        elif how == "replace":
            place[draw.choice(keys)] = draw.choice(odd)
        else:
            place[draw.choice(keys).upper()] = place.pop(draw.choice(keys))
    data = json.dumps(payload).encode()
    if draw.random() < 0.3:
        at = draw.randrange(len(data))
        data = draw.choice((data[:at], data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :]))
    return data


def must_refuse(data: bytes, room: Path) -> bool:
    """Tell whether a payload surely is an edit of a path in the room."""
    try:
        payload = json.loads(data)
        tool, path = payload["tool_name"], payload["tool_input"]["file_path"]
    except (ValueError, KeyError, TypeError):
        return False
    return tool in EDIT_TOOLS and path == str(room / "app.py")


def test_no_mutation_of_a_payload_opens_the_gate_or_breaks_it(bot: Agent, room: Path) -> None:
    draw = random.Random(20261122)
    sample = bot.payload(room / "app.py")
    sure = 0
    for number in range(200):
        data = mutated(draw, sample)
        result = bot.hook(data)
        assert result.code in (0, 2), f"{number}: {data!r:.500} {result}"
        assert "Traceback" not in result.text
        if result.code == 2:
            refused(result)
        if must_refuse(data, room):
            sure += 1
            assert result.code == 2, f"{number}: {data!r:.500}"
    assert sure > 30


def test_a_hook_fired_twice_at_once_claims_a_free_stick_and_allows_both(
    holder: Agent, room: Path
) -> None:
    bot = holder
    bot.stick("policy on_idle claim").ok()
    sent = bot.folder / "twice.json"
    sent.write_text(json.dumps(bot.payload(room / "src/a.py")))
    call = f"sh -c {shlex.quote(bot.hook_command())} < {shlex.quote(str(sent))}"
    for _ in range(5):
        bot.stick("release --status 'a part' --next 'the rest'").ok()
        both = f"{{ {call}; }} & one=$!; {{ {call}; }}; two=$?; wait $one; echo $? $two"
        assert bot.run(both).out.split()[-2:] == ["0", "0"]
        assert bot.stick("status --json").ok().json["holder"]["id"] == "bot"
