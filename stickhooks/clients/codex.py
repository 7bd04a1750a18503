"""Codex CLI, as seen in runs of 0.169.0. It rejects a reply with a field it does not know.

So a refusal is exit code 2 with text on standard error, and nothing on standard output. The
fields of the other replies are those of its published schemas.
"""

# bundle: alone
from stickhooks.clients import payloads
from stickhooks.clients.payloads import PATCH, SHELL, is_foreign

NAME = "codex"
TOOLS = {"apply_patch": PATCH, "Bash": SHELL, "write_stdin": SHELL}
FOREIGN = "mcp__.*"  # the names of tools of other servers, for its matcher
EVENTS = {
    "pre-edit": "PreToolUse",
    "session-start": "SessionStart",
    "stop": "Stop",
    "session-end": "SessionEnd",
    "prompt": "UserPromptSubmit",
    "after-tool": "PostToolUse",
}


foreign = is_foreign


def refusal(reason: str) -> "tuple[int, str, str]":
    return payloads.refused(reason)


def welcome(text: str) -> "tuple[int, str, str]":
    return payloads.said(payloads.context(EVENTS["session-start"], text))


def reminder(reason: str) -> "tuple[int, str, str] | None":
    return payloads.said(payloads.blocked(reason))


def note(event: str, text: str) -> "tuple[int, str, str] | None":
    """Give the model something beside a yes, a prompt or a start: its hooks may not say ``allow``."""
    if event == "after-tool":
        return None  # it takes one before a tool
    return payloads.said(payloads.context(EVENTS[event], text))
