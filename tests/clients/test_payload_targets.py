"""A payload that names its targets by keys nobody knows is not let through for lack of a target."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.client_tree import CALL, HOLDER, STRANGER, Tree

INSIDE, OUTSIDE = "@ROOT@/app.py", "/nowhere/x"
REFUSED: list[Any] = [
    {"target": INSIDE},
    {"uri": f"file://{INSIDE}"},
    {"filename": INSIDE, "content": "x"},
    {"files": [INSIDE]},
    {"file_path": OUTSIDE, "edits": [{"file_path": INSIDE, "old_string": "a"}]},
    {"file_path": OUTSIDE, "destination": INSIDE},
    {"file_path": OUTSIDE, "files": [{"path": "/nowhere/y"}, {"path": INSIDE}]},
    {"nobody_knows_this": INSIDE},
    {"deep": {"er": [{"thing": INSIDE}]}},
    {"file_path": None, "other": INSIDE},
    {"file_path": [], "other": [INSIDE]},
    {"file_path": {"value": INSIDE}},
    [INSIDE],
    INSIDE,
    f"move {INSIDE} away",
    {"file_path": f"file://localhost{INSIDE}"}, {"file_path": f"FILE://{INSIDE}"}, {"uri": f"file:{INSIDE}"},
    {"file_path": "file://@ROOT@/%61pp.py"}, {"path": {"uri": f"file://{INSIDE}"}},
    {"file_path": f" {INSIDE}"},
    *({"file_path": OUTSIDE, key: INSIDE} for key in ("output", "save_as", "name", "to", "from", "x")),
    {"file_path": OUTSIDE, "where": [{"at": INSIDE}]}, {"file_path": OUTSIDE, "edits": {INSIDE: "x"}},
    {INSIDE: "x", "file_path": OUTSIDE}, {"file_path": "app.py", "cwd": "@ROOT@"},
    {"file_path": "app.py", "root": "@ROOT@"},
]  # fmt: skip


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    tree = Tree(tmp_path_factory.mktemp("targets"))
    tree.held_by(f"claude:{HOLDER}")
    return tree


def code(tree: Tree, given: object, cwd: Path, tool: str = "Write", **env: str) -> int:
    text = json.dumps(given).replace("@ROOT@", str(tree.root))
    payload = {"session_id": STRANGER, "cwd": str(cwd), "hook_event_name": "PreToolUse",
               "tool_name": tool, "tool_input": json.loads(text)}  # fmt: skip
    done = subprocess.run(
        [*CALL, "pre-edit", "--client", "claude-code"], input=json.dumps(payload).encode(),
        cwd=cwd, env={**tree.env, **env}, capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode


@pytest.mark.parametrize("given", REFUSED, ids=lambda given: json.dumps(given)[:60])
def test_a_target_in_the_room_is_found_under_any_key(
    tree: Tree, given: object, tmp_path: Path
) -> None:
    assert code(tree, given, tmp_path) == 2


@pytest.mark.parametrize("given", [{}, {"content": "x"}, [], None, "", 7, {"file_path": ""}])
def test_without_a_target_the_sessions_own_room_refuses(
    tree: Tree, given: object, tmp_path: Path
) -> None:
    assert code(tree, given, tree.root) == 2
    assert code(tree, given, tmp_path, CLAUDE_PROJECT_DIR=str(tree.root)) == 2
    assert code(tree, given, tmp_path) == 0


@pytest.mark.parametrize("given", [
    {"file_path": OUTSIDE, "content": INSIDE}, {"file_path": OUTSIDE, "old_string": "app.py",
     "new_string": f"see {INSIDE}"}, {"file_path": OUTSIDE, "description": INSIDE},
    {"file_path": OUTSIDE, "source": "agent"},
])  # fmt: skip
def test_what_an_edit_elsewhere_says_in_its_text_is_no_target(
    tree: Tree, given: object, tmp_path: Path
) -> None:
    assert code(tree, given, tree.root) == 0
    assert code(tree, given, tmp_path) == 0


@pytest.mark.parametrize("given", [
    {"command": "ls", "commands": ["rm app.py"]}, {"command": "ls", "script": "rm app.py"},
    {"cmd": "rm app.py"},
    {"command": "rm app.py", "directory": "@ROOT@"}, {"command": "rm app.py", "workingDirectory": "@ROOT@"},
])  # fmt: skip
def test_a_second_command_or_another_folder_is_not_passed_over(tree: Tree, given: object) -> None:
    assert code(tree, given, tree.root, tool="Bash") == 2
