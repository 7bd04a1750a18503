"""Proves an installed hook: calls it as its client would, for an edit that nobody may make."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from stickhooks.setup.client_places import PRE_EDIT, Place
from stickhooks.setup.client_settings import commands
from stickhooks.store import reader

SESSION: Final = "stick-doctor"  # nobody's; what is asked for is refused to everybody
LIMIT_S: Final = 15.0
#: Loads a plugin from standard input, and asks it about one edit as OpenCode does.
_HOST: Final = """
const [source, root, path] = JSON.parse(require("fs").readFileSync(0, "utf8"))
import("data:text/javascript;base64," + Buffer.from(source).toString("base64")).then(async (m) => {
  const hooks = await Object.values(m)[0]({ directory: root, worktree: root, client: {} })
  const input = { tool: "edit", sessionID: "stick-doctor", callID: "call_0" }
  try { await hooks["tool.execute.before"](input, { args: { filePath: path } }) }
  catch (error) { process.stderr.write(String(error.message)); process.exit(2) }
})
"""


@dataclass(frozen=True)
class Answer:
    """What a hook answered; ``code`` is None where it did not end in time."""

    code: int | None
    out: str
    err: str

    @property
    def json(self) -> Mapping[str, Any]:
        try:
            found = json.loads(self.out)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


# --- what each client sends before an edit, and on which answers it does not make it


def payload(place: Place, root: str, path: str) -> dict[str, Any]:
    """Return what a client sends to its hook before it changes ``path``."""
    tool, given = _ASKED[place.name](path)
    named = {"session_id": SESSION, "cwd": root, "hook_event_name": "PreToolUse"}
    if place.name == "copilot":
        return {
            "sessionId": SESSION,
            "timestamp": 0,
            "cwd": root,
            "toolName": tool,
            "toolArgs": given,
        }
    if place.name == "windsurf":
        return {"agent_action_name": tool, "trajectory_id": SESSION, "tool_info": given}
    if place.name == "cline":
        asked = {"toolName": tool, "parameters": given}
        return {"hookName": tool, "taskId": SESSION, "workspaceRoots": [root], "preToolUse": asked}
    if place.name == "cursor":
        named = {"conversation_id": SESSION, "workspace_roots": [root], **named}  # type: ignore[dict-item]
    return {
        **named,
        "hook_event_name": place.hooks[0].event,
        "tool_name": tool,
        "tool_input": given,
    }


def _replacing(tool: str, key: str, old: str, new: str) -> Callable[[str], tuple[str, Any]]:
    return lambda path: (tool, {key: path, old: "a", new: "b"})


_ASKED: Final[Mapping[str, Callable[[str], tuple[str, Any]]]] = {
    "claude-code": _replacing("Edit", "file_path", "old_string", "new_string"),
    "codex": lambda path: (
        "apply_patch",
        {"command": f"*** Begin Patch\n*** Update File: {path}\n@@\n-a\n+b\n*** End Patch\n"},
    ),
    "gemini": _replacing("replace", "file_path", "old_string", "new_string"),
    "copilot": _replacing("edit", "path", "old_str", "new_str"),
    "opencode": _replacing("edit", "filePath", "oldString", "newString"),
    "cursor": lambda path: ("Write", {"file_path": path, "content": "b"}),
    "windsurf": lambda path: (
        "pre_write_code",
        {"file_path": path, "edits": [{"old_string": "a", "new_string": "b"}]},
    ),
    "cline": lambda path: ("write_to_file", {"path": path, "content": "b"}),
}


def _claude(answer: Answer) -> bool:
    decision = answer.json.get("hookSpecificOutput", {})
    return answer.code == 2 or (answer.code == 0 and decision.get("permissionDecision") == "deny")


def _codex(answer: Answer) -> bool:
    """Codex passes over an exit 2 without words, and JSON with a key it does not know."""
    if answer.code == 2:
        return bool(answer.err.strip())
    decision = answer.json.get("hookSpecificOutput", {})
    known = set(answer.json) <= {"hookSpecificOutput", "systemMessage"}
    reason = decision.get("permissionDecisionReason")
    return (
        answer.code == 0 and known and decision.get("permissionDecision") == "deny" and bool(reason)
    )


def _gemini(answer: Answer) -> bool:
    """Gemini reads standard output first; JSON there counts more than the exit code."""
    text = answer.out.strip() or answer.err.strip()
    try:
        told = json.loads(text)
    except ValueError:
        return bool(text) and answer.code not in (0, 1, None)
    return isinstance(told, dict) and told.get("decision") in ("deny", "block")


def _copilot(answer: Answer) -> bool:
    denied = answer.json.get("permissionDecision") == "deny"
    return answer.code is not None and (answer.code != 0 or denied)


def _cursor(answer: Answer) -> bool:
    return answer.code == 2 or (answer.code == 0 and answer.json.get("permission") == "deny")


def _exit_2(answer: Answer) -> bool:
    return answer.code == 2 and bool(answer.err.strip())


def _cline(answer: Answer) -> bool:
    return answer.json.get("cancel") is True or answer.code not in (0, None)


BLOCKS: Final[Mapping[str, Callable[[Answer], bool]]] = {
    "claude-code": _claude,
    "codex": _codex,
    "gemini": _gemini,
    "copilot": _copilot,
    "opencode": _exit_2,
    "cursor": _cursor,
    "windsurf": _exit_2,
    "cline": _cline,
}


# --- the call


def unproven(place: Place, path: Path, text: str, launcher: Path, root: str) -> str:
    """Call what a client's file names; return what is wrong with the answer, ``""`` if it refuses.

    An edit tool may never change the room's own state, whoever holds the stick. Takes up
    to ``LIMIT_S`` a hook.
    """
    for command, told in calls(place, path, text, launcher, root):
        answer = call(command, told, root)
        if answer.code is None:
            return f"did not answer in {LIMIT_S:.0f} s"
        if not BLOCKS[place.name](answer):
            return f"let an edit of {reader.FOLDER} pass (exit {answer.code})"
        if reader.FOLDER not in answer.out + answer.err:
            said = " ".join((answer.err or answer.out).split())[:150]
            return f"refuses everything: {said}"
    return ""


def calls(
    place: Place, path: Path, text: str, launcher: Path, root: str
) -> list[tuple[Sequence[str], object]]:
    """Return every command that a client's file names for edits, with what to send to it."""
    state = str(Path(root, reader.FOLDER, "room.json"))
    sent = payload(place, root, state)
    if place.kind == "settings":
        return [(["sh", "-c", command], sent) for command in dict.fromkeys(commands(place, text))]
    if place.kind == "script":
        return [([str(path)], sent)]
    node = shutil.which("node")
    if node is None:  # OpenCode has an interpreter of its own; what it would call can be called
        return [([str(launcher / PRE_EDIT), place.name], sent)]
    return [([node, "-e", _HOST], [text, root, state])]


def call(command: Sequence[str], told: object, root: str) -> Answer:
    """Run a hook with a payload on standard input, from the root of the working tree."""
    try:
        done = subprocess.run(
            command,
            cwd=root,
            env={**os.environ, "PWD": root},
            input=json.dumps(told),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(None, "", "")
    except OSError as error:
        return Answer(127, "", str(error))
    return Answer(done.returncode, done.stdout, done.stderr)
