"""Tools of other servers (MCP): judged by their commands, then by their paths, then by their names."""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stickhooks.clients import CLIENTS, tool_names
from stickhooks.fast.records import replace
from stickhooks.handlers.client_edit import Question
from stickhooks.protocol.model import Policy
from stickhooks.setup.clients import PLACES
from tests.support.client_tree import Tree

Ask = Callable[..., str]
NAMES = {
    "claude-code": "mcp__{}__{}", "codex": "mcp__{}__{}", "gemini": "mcp_{}_{}", "copilot": "{}-{}",
    "opencode": "{}_{}",
}  # fmt: skip

WRITES: list[tuple[str, Any]] = [
    ("write_file", {"path": "@/app.py", "content": "x"}),
    ("write_file", {"path": "app.py"}),
    ("frob", {"path": "@/app.py"}),
    ("frob", {"uri": "file://@/app.py"}),
    ("frob", {"textDocument": {"uri": "file://@/%61pp.py"}, "position": {"line": 1}}),
    ("frob", {"edits": [[{"filePath": "@/app.py"}], [{"filePath": "@/src/core.py"}]]}),
    ("frob", {"options": {"targetFile": "src/new.py"}}),
    ("frob", {"destinationPath": "src"}),
    ("frob", {"rootDir": "@UP", "fileNames": ["shop/app.py"]}),
    ("frob", {"base": "@UP", "items": [{"filename": "shop/new.py"}]}),
    ("frob", {"files": {"src/new.py": "text"}}),
    ("frob", {"files": {"@/src/new.py": "text"}}),
    ("frob", {"what": "app.py"}),
    ("frob", {"args": '{"path": "@/app.py"}'}),
    ("frob", {"text": "@/app.py"}),
    ("frob", {"source": "/nowhere/x", "into": "@/x"}),
    ("frob", {"glob": "@UP/*/app.py"}),
    ("frob", {"pattern": "src/**/*.py"}),
    ("delete", {"path": "@UP"}),
    ("frob", {"path": "@/.git/config"}),
    ("frob", {"path": "@/.talking-stick/room.json"}),
    ("read_file", {"command": "rm app.py"}),
    ("run", {"command": "rm app.py"}),
    ("run", {"cmd": ["rm", "app.py"]}),
    ("run", {"commandLine": "sed -i s/a/b/ app.py"}),
    ("run", {"command": "git", "args": ["reset", "--hard"], "cwd": "@"}),
    ("run", {"commands": ["ls", "touch new"]}),
    ("run", {"steps": [{"shell_command": "ls"}, {"shell_command": "touch new"}]}),
    ("run", {"command": ["bash", "-lc", "touch new"]}),
    ("run", {"command": {"cmd": "touch", "args": ["new"]}}),
    ("run", {"command": "ls", "env": {"LD_PRELOAD": "x.so"}}),
    ("run", {"command": "touch shop/new", "cwd": "@UP"}),
    ("anything", {"code": "require('fs').writeFileSync('app.py', '')"}),
    ("get_value", {"code": "open('app.py', 'w')", "language": "python"}),
    ("read_file", {"path": "x", "save_to": "src/core.py"}),
    ("get_image", {"output_path": "app.py"}), ("get_file", {"downloadTo": "@/app.py"}),
    ("fetch", {"url": "https://x/y", "outputFile": "app.py"}),
    ("terminal", {"input": "rm app.py\n"}), ("tmux_send", {"session": "x", "keys": "rm app.py"}),
    ("interact_with_process", {"pid": 1, "input": "rm app.py"}), ("repl", {"input": "open('app.py','w')"}),
    ("frob", {"run": "rm app.py"}), ("frob", {"steps": [{"run": "rm app.py"}]}), ("frob", {"exec": "rm x"}),
    ("git", {"args": ["reset", "--hard"]}), ("git", {"action": "reset", "args": ["--hard"]}),
    ("npm", {"subcommand": "install"}), ("frob", {"operation": "delete"}), ("list_x", {"action": "delete"}),
    ("frob", {"diff": "--- a/app.py\n+++ b/app.py\n"}), ("frob", {"fn": "fs.rmSync('app.py')"}),
    ("frob", {"input": "*** Begin Patch\n*** Update File: app.py\n@@\n-a\n+b\n*** End Patch\n"}),
    ("frob", {"patch": "*** Begin Patch\n*** Delete File: app.py\n*** End Patch"}),
    ("frob", {"patch": "*** Begin Patch\n*** Nothing known\n*** End Patch"}),
    ("frob", {"patches": ["*** Begin Patch\n*** Add File: src/new.py\n+x\n*** End Patch"]}),
    ("frob", {"udiff": "--- a/app.py\n+++ b/app.py\n"}),
    ("frob", {"value": "diff --git a/app.py b/src/b.py\nrename from app.py\nrename to src/b.py\n"}),
    ("frob", {"gitPatch": "diff --git a/app.py b/app.py\nold mode 100644\nnew mode 100755\n"}),
    ("frob", {"diff": 'diff --git "a/src/\\303\\244.py" "b/src/\\303\\244.py"\ndeleted file mode 100644\n'}),
    ("frob", {"diff": "*** app.py\t2026-01-01\n--- app.py\t2026-01-02\n*** 1,4 ****\n"}),
    ("frob", {"diff": "Index: app.py\n=====\n"}),
    ("frob", {"value": "--- a/app.py\n+++ b/app.py\n@@ -1 +1 @@\n"}),
    ("frob", {"changes": {"src/core.py": {"text": "x"}}}), ("frob", {"fileEdits": {"new.py": "x"}}),
    ("frob", {"map": {"src/core.py": "x"}}),
    ("frob", {"args": '"{\\"path\\": \\"@/app.py\\"}"'}),
    ("frob", {"argv": ["rm", "app.py"]}), ("run", {"args": ["rm", "app.py"], "path": "/nowhere"}),
    ("send_keys", {"pane": "1", "keys": "rm app.py"}), ("sqlite_query", {"sql": "DELETE FROM x"}),
    ("db_query", {"query": "select 1; drop table x"}),
    ("duckdb_query", {"query": "with a as (select 1) delete from x"}),
    ("sqlite_query", {"query": "pragma user_version = 3"}), ("codex", {"prompt": "fix it"}),
    ("sqlite_query", {"query": "-- all\ndelete from x"}),
    ("sqlite_query", {"query": "/* all */ delete from x"}),
    ("duckdb_query", {"query": "explain analyze delete from x"}),
    ("db_query", {"query": "select '/*'; delete from x; select '*/'"}),
    ("claude_code", {"prompt": "fix it"}), ("delegate_to_agent", {"task": "fix it"}),
    *((name, {}) for name in (
        "do_commit", "createIssue", "applyAll", "OVERWRITE", "fileWriter", "find_and_replace",
        "get_or_create", "readWrite", "bulkedit", "check_out", "roll_back", "edit2", "listupdates",
        "generate_report", "format-code", "exec", "installPackage", "get_and_commit", "writes",
    )),
]  # fmt: skip
READS: list[tuple[str, Any]] = [
    ("read_file", {"path": "@/app.py"}), ("readFile", {"filePath": "app.py"}),
    ("list_directory", {"path": "@"}), ("search_files", {"path": "@", "pattern": "*.py"}),
    ("git_status", {"repo_path": "@"}), ("git_log", {"repo_path": "@"}),
    ("directory_tree", {"path": "."}), ("getDiagnostics", {"uri": "file://@/app.py"}),
    ("list_commits", {"owner": "a", "repo": "b"}), ("get_updates", {}), ("view_edits", {}),
    ("run", {"command": "ls -la"}), ("run", {"command": "git", "args": ["status"], "cwd": "@"}),
    ("execute", {"cmd": ["cat", "app.py"]}),
    ("get_commit", {"sha": "a"}), ("get_pull_request", {"owner": "a", "repo": "b"}),
    ("list_pull_requests", {"output_format": "json"}), ("get_workflow_run", {"run_id": 1}),
    ("terminal", {"input": "ls -la"}), ("git", {"args": ["status"]}), ("actions", {"action": "list"}),
    ("get_terminal_output", {"id": "1"}), ("search", {"query": "x", "output_mode": "content"}),
    ("send_keys", {"by": "css", "value": "a", "text": "rm app.py"}),
    ("send_keys", {"pane": "1", "keys": "ls"}),
    ("sqlite_query", {"query": "select * from t"}), ("db_query", {"query": "with a as (select 1) select 1"}),
    ("sqlite_query", {"query": "pragma table_info(x)"}), ("list_agents", {}),
    ("postgres_query", {"sql": "delete from x"}),
    ("get_time", {}), ("frob", {}), ("frob", {"x": 1, "y": [True, None]}),
    ("click", {"ref": "e12", "element": "the button"}), ("fetch", {"url": "https://example.com/x"}),
    ("write_file", {"path": "/nowhere/x", "content": "@/app.py"}),
    ("add_comment", {"body": "--- a/app.py\n+++ b/app.py\n", "path": "/nowhere/x"}),
    ("view_diff", {"diff": "--- a/app.py\n+++ b/app.py\n"}), ("frob", {"argv": ["ls", "-la"]}),
    ("frob", {"notes": "--- app.py is fine\n\n*** app.py too\n"}),
    ("fetch", {"headers": {"application/json": "x"}, "url": "https://x/y"}), ("frob", {"say": '"app"'}),
    ("write_file", {"path": "~/notes.txt", "text": "see @/app.py"}),
]  # fmt: skip

CURSOR = next(place for place in PLACES if place.short == "cursor")
#: By names that tools of clients have as well: each is judged as a server's tool.
WRITES_OF_CURSOR: list[tuple[str, Any]] = [
    ("write_file", {"path": "@/app.py"}), ("bash", {"script": "rm app.py"}), ("edit", {}),
    ("apply_patch", {"diff": "--- a/app.py\n+++ b/app.py\n"}), ("do-commit", {}),
    ("run", {"command": "rm app.py"}),
]  # fmt: skip
READS_OF_CURSOR: list[tuple[str, Any]] = [
    ("read_file", {"path": "@/app.py"}), ("read-file", {"path": "@/app.py"}), ("get_time", {}),
    ("database_query", {"query": "SELECT * FROM users"}), ("execute_command", {"command": "ls -la"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    tree = Tree(tmp_path_factory.mktemp("foreign"))
    tree.held_by(f"claude:{uuid.uuid4()}")
    return tree


@pytest.fixture
def ask(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Return a function that asks a client's hook for a stranger: the refusal, "" for a yes."""
    for name in [*os.environ]:
        monkeypatch.delenv(name)
    for name, value in tree.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tree.root)

    def asked(tool: str, given: object, client: str = "claude-code", cwd: Path = tree.root) -> str:
        text = json.dumps(given).replace("@UP", str(tree.root.parent)).replace("@", str(tree.root))
        payload = {"session_id": str(uuid.uuid4()), "cwd": str(cwd), "tool_name": tool,
                   "tool_input": json.loads(text)}  # fmt: skip
        return Question(CLIENTS[client]).judged(payload)

    return asked


def named(client: str, tool: str) -> str:
    return NAMES[client].format("srv", tool)


@pytest.mark.parametrize(("tool", "given"), WRITES, ids=lambda one: json.dumps(one)[:50])
def test_what_writes_is_asked(ask: Ask, tool: str, given: object) -> None:
    said = ask(named("claude-code", tool), given)
    assert "NOT RUN" in said
    assert "ana holds" in said or "belongs to stickhooks or to git" in said


@pytest.mark.parametrize(("tool", "given"), READS, ids=lambda one: json.dumps(one)[:50])
def test_what_only_reads_or_touches_nothing_here_passes(ask: Ask, tool: str, given: object) -> None:
    assert ask(named("claude-code", tool), given) == ""


def test_windsurf_asks_at_its_own_event(ask: Ask, tree: Tree) -> None:
    event = PLACES[[place.short for place in PLACES].index("windsurf")].hooks[2].event

    def asked(tool: str) -> str:
        told = {"mcp_server_name": "fs", "mcp_tool_name": tool,
                "mcp_tool_arguments": {"path": str(tree.root / "app.py")}}  # fmt: skip
        payload = {
            "agent_action_name": event,
            "trajectory_id": str(uuid.uuid4()),
            "tool_info": told,
        }
        return Question(CLIENTS["windsurf"]).judged(payload)

    assert event == "pre_mcp_tool_use"
    assert "ana holds" in asked("write_file")
    assert asked("read_file") == ""


@pytest.mark.parametrize("form", ["{}", "MCP:{}", "MCP:fs:{}"])
def test_cursor_asks_at_its_own_event_and_by_bare_names(ask: Ask, tree: Tree, form: str) -> None:
    """Its documents and others' recordings differ in the name; arguments come as an object or as text."""
    event = next(hook for hook in CURSOR.hooks if hook.event == "beforeMCPExecution")
    assert (event.name, event.matcher, CURSOR.closes) == ("pre-edit", "", {"failClosed": True})

    def asked(tool: str, given: dict[str, Any], *, as_text: bool, **server: str) -> str:
        told = json.dumps(given).replace("@", str(tree.root))
        payload = {
            "hook_event_name": event.event, "conversation_id": str(uuid.uuid4()),
            "workspace_roots": [str(tree.root)], "cursor_version": "2.0.77", **server,
            "tool_name": form.format(tool), "tool_input": told if as_text else json.loads(told),
        }  # fmt: skip
        return Question(CLIENTS["cursor"]).judged(payload)

    for as_text in (False, True):
        for tool, given in WRITES_OF_CURSOR:
            said = asked(tool, given, as_text=as_text, command="npx -y server > app.py")
            assert "NOT RUN" in said, (tool, given)
        for tool, given in READS_OF_CURSOR:
            assert asked(tool, given, as_text=as_text, url="http://localhost:3000") == "", tool


@pytest.mark.parametrize("client", NAMES)
def test_every_client_asks_by_its_own_form_of_the_name(ask: Ask, client: str, tree: Tree) -> None:
    for tool in ("write_file", "frob"):
        assert "NOT RUN" in ask(named(client, tool), {"path": "app.py"}, client)
    assert "NOT RUN" in ask(named(client, "do_commit"), {}, client)
    assert ask(named(client, "read_file"), {"path": "app.py"}, client) == ""
    assert ask(named(client, "frob"), {}, client) == ""
    elsewhere = tree.root.parent
    assert ask(named(client, "do_commit"), {}, client, elsewhere) == ""
    place = next(place for place in PLACES if place.name == client)
    if place.kind == "settings":
        matcher = place.hooks[0].matcher
        assert re.search(matcher, named(client, "write_file"))
        for tool in place.tools:
            assert re.search(matcher, tool)
        for tool in ("TodoWrite", "Read", "web_fetch", "read_file", "view", "Editor"):
            assert not re.fullmatch(matcher, tool), tool


def test_a_name_of_the_server_does_not_read_for_its_tool() -> None:
    for tool in ("mcp__search__frob", "search_frob", "mcp_search_frob", "search-frob", "list_x"):
        assert tool_names.said_by(tool) == (False, False), tool


@pytest.mark.parametrize(("mode", "passes"), [("allow", (True, True)), ("refuse", (False, False))])
def test_the_rooms_policy_lets_all_pass_or_none(
    ask: Ask, tree: Tree, mode: Any, passes: tuple[bool, bool]
) -> None:
    snapshot = tree.store.load("")
    assert snapshot

    def govern(policy: Policy) -> None:
        now = tree.store.load("")
        assert now
        with tree.store.exclusive():
            tree.store.swap(now, replace(now.room, policy=policy), (), tree.rooms.clock())

    govern(replace(snapshot.room.policy, mcp=mode))
    try:
        for tool, given in (("frob", {}), ("read_file", {"path": "@/app.py"})):
            assert (ask(f"mcp__s__{tool}", given) == "") is passes[0], tool
        for tool, given in (
            ("do_commit", {}),
            ("write", {"path": "app.py"}),
            ("x", {"command": "rm x"}),
        ):
            assert (ask(f"mcp__s__{tool}", given) == "") is passes[1], tool
        asked_from_elsewhere = ask("mcp__s__read_file", {"path": "@/app.py"}, cwd=tree.root.parent)
        assert (asked_from_elsewhere == "") is passes[0]
        assert ask("mcp__s__frob", {"path": "@/.git/config"}) != ""
        assert ask("Edit", {"file_path": "@/app.py"}) != ""
    finally:
        govern(snapshot.room.policy)
