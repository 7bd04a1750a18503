"""Gemini CLI, as seen in runs of 0.61.0. What it finds on standard output counts for more than the code.

Its shell runs no git hooks, so this is the only gate there. ``welcome`` and ``reminder`` are
by its documentation.
"""

# bundle: alone
from stickhooks.clients import payloads
from stickhooks.clients.payloads import EDIT, SHELL, is_foreign

NAME = "gemini"
TOOLS = {"write_file": EDIT, "replace": EDIT, "run_shell_command": SHELL}
FOREIGN = "mcp_.*|discovered_tool_.*"  # the names of tools of other servers, for its matcher
EVENTS = {
    "pre-edit": "BeforeTool",
    "session-start": "SessionStart",
    "stop": "AfterAgent",
    "session-end": "SessionEnd",
    "prompt": "BeforeAgent",
    "after-tool": "AfterTool",
}
AFTER_ALL = True  # it is called after every tool: notes are shown there


foreign = is_foreign


def refusal(reason: str) -> "tuple[int, str, str]":
    return payloads.refused(reason, {"decision": "deny", "reason": reason})


def welcome(text: str) -> "tuple[int, str, str]":
    return payloads.said(payloads.context(EVENTS["session-start"], text))


def reminder(reason: str) -> "tuple[int, str, str] | None":
    return payloads.said({"decision": "deny", "reason": reason})


def note(event: str, text: str) -> "tuple[int, str, str] | None":
    """Give the model something: Gemini drops what comes before a tool, and takes it after one."""
    return payloads.said(payloads.context(EVENTS[event], text)) if event != "pre-edit" else None
