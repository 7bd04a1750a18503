"""After a client's tool has written: what it left is kept, with who wrote it, in every client's own form."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stickhooks.clients import CLIENTS
from stickhooks.recovery import blobs, lists, losses, making
from stickhooks.recovery import edits as keeping
from stickhooks.recovery.entries import Listed, Turn, Written
from stickhooks.recovery.present import Present
from stickhooks.store import activity
from stickhooks.workspace import paths
from tests.support.client_tree import CALL, HOLDER, STRANGER, Tree
from tests.support.world import git

#: How each client tells of a tool that has run, beside what it sent before it.
ANSWERS: dict[str, dict[str, Any]] = {
    "claude-code": {"hook_event_name": "PostToolUse", "tool_response": {"filePath": "app.py"}},
    "codex": {"hook_event_name": "PostToolUse", "tool_response": "Success. Updated: M app.py"},
    "copilot": {"toolResult": {"resultType": "success", "textResultForLlm": "done"}},
    "gemini": {"hook_event_name": "AfterTool", "tool_response": {"llmContent": "done"}},
    "opencode": {"hook_event_name": "PostToolUse"},
}
FAILED: dict[str, dict[str, Any]] = {
    "gemini": {"tool_response": {"error": {"message": "0 occurrences"}}},
    "copilot": {"toolResult": {"resultType": "failure"}},
    "claude-code": {"tool_response": {"is_error": True}},
}


def told(tree: Tree, client: str, session: str, **more: object) -> dict[str, Any]:
    """Return what a client sends after it has edited app.py."""
    sent: dict[str, Any] = json.loads(tree.payload(client, "edit", session))
    if client == "cursor":
        del sent["tool_name"], sent["tool_input"]
        sent |= {
            "hook_event_name": "afterFileEdit",
            "file_path": f"{tree.root}/app.py",
            "edits": [],
        }
    elif client == "windsurf":
        sent["agent_action_name"] = "post_write_code"
    elif client == "cline":
        ran = {"result": "done", "success": True, "executionTimeMs": 4}
        sent |= {"hookName": "PostToolUse", "postToolUse": {**sent.pop("preToolUse"), **ran}}
    return {**sent, **ANSWERS.get(client, {}), **more}


def after(tree: Tree, client: str, payload: object) -> None:
    done = subprocess.run(
        [*CALL, "after-tool", "--client", client],
        input=json.dumps(payload).encode(), cwd=tree.root, env=tree.env, capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def place_of(tree: Tree) -> lists.Place:
    return lists.Place(os.path.realpath(tree.root), os.path.realpath(tree.root / ".git"))


def edits(tree: Tree) -> list[Listed]:
    return [it for it in lists.every(place_of(tree), edits=True) if it.written]


def wrote(tree: Tree, path: str = "app.py") -> Written | None:
    found = edits(tree)
    return found[0].written.get(path) if found else None


def snapshot(tree: Tree) -> None:
    found = paths.workspace_of(os.path.realpath(tree.root))
    assert found
    assert making.make(found, "take", seconds=60)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a tree whose room ana holds as a session of Claude Code, with a snapshot of the turn's begin."""
    tree = Tree(tmp_path)
    tree.held_by(f"claude:{HOLDER}")
    snapshot(tree)
    return tree


@pytest.mark.parametrize("client", CLIENTS)
def test_what_a_tool_wrote_is_kept_with_who_wrote_it(client: str, tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    room = tree.held_by(f"{CLIENTS[client].short}:{HOLDER}")
    snapshot(tree)
    (tree.root / "app.py").write_text("by the tool\n")
    after(tree, client, told(tree, client, HOLDER))
    after(tree, client, told(tree, client, HOLDER))  # another client runs the entry as well
    [listed] = edits(tree)
    entry = listed.paths["app.py"]
    assert blobs.read(place_of(tree), entry.blob) == b"by the tool\n"
    written = listed.written["app.py"]
    assert (written.by, written.turn.room_id, written.turn.turn, written.holds) == (
        "ana",
        room,
        1,
        True,
    )
    lines = Path(place_of(tree).lists, f"{listed.id}.edits").read_text().splitlines()
    assert len(lines) == 2


def test_it_comes_back_as_the_edit_left_it(tree: Tree) -> None:
    (tree.root / "app.py").write_text("one\n")
    after(tree, "claude-code", told(tree, "claude-code", HOLDER))
    (tree.root / "app.py").write_text("two\n")
    after(tree, "claude-code", told(tree, "claude-code", HOLDER))
    git(tree.root, "checkout", "-q", ".")
    place = place_of(tree)
    [loss] = losses.search(place, Present(place.root)).found
    assert blobs.read(place, loss.entry.blob) == b"two\n"


@pytest.mark.parametrize("client", FAILED)
def test_of_a_tool_that_failed_nothing_is_noted(tree: Tree, client: str) -> None:
    (tree.root / "app.py").write_text("by somebody\n")
    after(tree, client, told(tree, client, HOLDER, **FAILED[client]))
    assert edits(tree) == []


def test_a_file_that_was_not_changed_just_now_was_not_written_by_the_tool(tree: Tree) -> None:
    os.utime(tree.root / "app.py", (1, 1))
    changed = os.stat(tree.root / "app.py").st_ctime  # which nobody can set
    place = place_of(tree)
    who = Written("ana", Turn("", "r", 1, "ana"), True, int(changed * 1000) + keeping.FRESH_MS + 1)
    assert not keeping.note(place, "app.py", who)
    assert keeping.note(place, "app.py", Written(who.by, who.turn, True, int(changed * 1000)))


def test_what_git_ignores_or_may_ignore_is_named_and_not_kept(tree: Tree) -> None:
    (tree.root / ".gitignore").write_text(".env\n")
    for name in (".env", "new.py"):
        (tree.root / name).write_text("SECRET\n")
        sent = json.dumps(told(tree, "claude-code", HOLDER)).replace("app.py", name)
        after(tree, "claude-code", json.loads(sent))
        assert wrote(tree, name)
        assert edits(tree)[0].paths[name].blob == ""
    snapshot(tree)  # the next one lists what git does not ignore
    (tree.root / "new.py").write_text("more\n")
    after(tree, "claude-code", json.loads(sent))
    assert edits(tree)[0].paths["new.py"].blob
    assert not any(b"SECRET" in p.read_bytes() for p in Path(place_of(tree).lists).iterdir())


def test_before_any_snapshot_and_where_nothing_is_to_be_kept_nothing_is(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.held_by(f"claude:{HOLDER}")
    (tree.root / "app.py").write_text("x\n")
    after(tree, "claude-code", told(tree, "claude-code", HOLDER))
    assert not Path(place_of(tree).folder).exists()
    snapshot(tree)
    verb = [sys.executable, "-m", "stickhooks", "policy", "keep_not", "*.py", "--as", "ana"]
    subprocess.run(verb, cwd=tree.root, env=tree.env, check=True, capture_output=True)
    (tree.root / "app.py").write_text("y\n")
    after(tree, "claude-code", told(tree, "claude-code", HOLDER))
    assert edits(tree) == []


def test_who_wrote_without_the_stick_is_told_to_the_holder(tree: Tree) -> None:
    (tree.root / "app.py").write_text("past the gate\n")
    after(tree, "claude-code", told(tree, "claude-code", STRANGER))
    written = wrote(tree)
    assert written
    assert (written.by, written.holds, written.turn.holder) == ("claude:00000002", False, "ana")
    room = written.turn.room_id
    [note] = [it for it in activity.read(str(tree.root), room) if it["what"] == activity.OUTSIDE]
    assert (note["paths"], note["agent_id"]) == (["app.py"], "claude:00000002")
    assert "past the gate" in str(note["did"])


@pytest.mark.parametrize("payload", [None, [], {}, {"session_id": HOLDER}, {"tool_name": 3}, "x"])
def test_an_odd_payload_holds_nobody_up(tree: Tree, payload: object) -> None:
    after(tree, "claude-code", payload)
    assert edits(tree) == []


def test_a_torn_line_takes_no_other_along(tree: Tree) -> None:
    (tree.root / "app.py").write_text("one\n")
    after(tree, "claude-code", told(tree, "claude-code", HOLDER))
    file = Path(place_of(tree).lists, f"{edits(tree)[0].id}.edits")
    file.write_bytes(file.read_bytes() + b'{"path":"src/co')
    (tree.root / "app.py").write_text("two\n")
    after(tree, "claude-code", told(tree, "claude-code", HOLDER))
    [listed] = edits(tree)
    assert blobs.read(place_of(tree), listed.paths["app.py"].blob) == b"two\n"
    assert list(listed.paths) == ["app.py"]
