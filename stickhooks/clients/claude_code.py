"""Claude Code: how its sessions are known, what its pre-edit hook sends, what it blocks on.

Contract as seen in runs of 2.1.330. Copilot CLI runs the same settings entries with
arguments of its own (``path``), and is answered in the same way.
"""

import os

from stickhooks import jsontext

NAME = "claude-code"
SHORT = "claude"
SESSION_VARIABLE = "CLAUDE_CODE_SESSION_ID"
PID_VARIABLE = "CLAUDE_PID"
PROCESS_NAMES = frozenset({"claude"})
ONE_SESSION_PER_PROCESS = True  # /clear starts a new session in the same process

EDIT_TOOLS = ("Edit", "Write", "MultiEdit", "NotebookEdit")
PATH_KEYS = ("file_path", "notebook_path", "path")
COMMANDS = ("claude",)
FOLDERS = (".claude",)
SETTINGS = ".claude/settings.local.json"
USER_SETTINGS = ".claude/settings.json"
TIMEOUT_S = 10


class Request:
    """What a pre-edit hook was asked: whose session, from where, which paths (None: not an edit)."""

    __slots__ = ("cwd", "paths", "session")

    def __init__(self, session: str, cwd: "str | None", paths: "list[str] | None") -> None:
        self.session = session
        self.cwd = cwd
        self.paths = paths


def read(payload: object) -> Request:
    """Understand a hook's payload. Raises ValueError, saying what is wrong with it."""
    if not isinstance(payload, dict):
        raise ValueError("it is not an object")
    session = payload.get("session_id")
    cwd = payload.get("cwd")
    tool = payload.get("tool_name")
    if not isinstance(session, str) or not session.strip():
        raise ValueError("it has no session_id")
    if not isinstance(tool, str):
        raise ValueError("it has no tool_name")
    if cwd is not None and (not isinstance(cwd, str) or not os.path.isabs(cwd)):
        raise ValueError("its cwd is not an absolute path")
    if tool not in EDIT_TOOLS:
        return Request(session, cwd, None)
    given = payload.get("tool_input")
    if not isinstance(given, dict):
        raise ValueError("it has no tool_input")
    paths = [given[key] for key in PATH_KEYS if key in given]
    if not paths or not all(isinstance(path, str) and path for path in paths):
        raise ValueError(f"{tool} names no path")
    return Request(session, cwd, paths)


def places(payload: object) -> "list[str]":
    """Return the places that even an odd payload names, to see whether there is a room."""
    if not isinstance(payload, dict):
        return []
    given = payload.get("tool_input")
    found = [given.get(key) for key in PATH_KEYS] if isinstance(given, dict) else []
    cwd = payload.get("cwd")
    named = [value for value in [cwd, *found] if isinstance(value, str) and value]
    base = cwd if isinstance(cwd, str) else ""
    return [os.path.join(base, value) for value in named if os.path.isabs(base or value)]


def refusal(reason: str) -> "tuple[int, str, str]":
    """Return exit code, standard output and standard error that stop the edit and give the reason.

    Exit 2 with text on standard error blocks; the JSON carries the reason to clients that
    run these entries but show only the exit code.
    """
    decision = {
        "hookEventName": "PreToolUse",
        "permissionDecision": "deny",
        "permissionDecisionReason": reason,
    }
    body = {
        "decision": "block",
        "reason": reason,
        "permissionDecision": "deny",
        "permissionDecisionReason": reason,
        "hookSpecificOutput": decision,
    }
    return 2, jsontext.write(body) + "\n", reason + "\n"


def entry(command: str) -> "dict[str, object]":
    """Return the settings entry that calls ``command`` before every edit, and blocks if it fails."""
    hook = {"type": "command", "command": command, "timeout": TIMEOUT_S, "onFailure": "block"}
    return {"matcher": "|".join(EDIT_TOOLS), "hooks": [hook]}
