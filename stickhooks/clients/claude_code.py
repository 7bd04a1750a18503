"""Claude Code, as seen in runs of 2.1.332: what it calls its tools and events, what it blocks on.

Copilot CLI and Cursor run the same settings entries: a refusal is in all their words. ``Monitor`` runs a
command beside the session; a matcher that names ``Bash`` alone is told of it as ``Bash``, others by its name.
"""

# bundle: alone
from stickhooks.clients import payloads
from stickhooks.clients.payloads import EDIT, SHELL, is_foreign

NAME = "claude-code"
TOOLS = {
    "Edit": EDIT,
    "Write": EDIT,
    "MultiEdit": EDIT,
    "NotebookEdit": EDIT,
    "Bash": SHELL,
    "Monitor": SHELL,
    "PowerShell": SHELL,
}
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
    return payloads.refused(reason, payloads.anybodys(reason))


def welcome(text: str) -> "tuple[int, str, str]":
    """Tell the model something as a session starts; Copilot reads it beside the other form."""
    told = payloads.context(EVENTS["session-start"], text)
    return payloads.said({**told, "additionalContext": text})


def reminder(reason: str) -> "tuple[int, str, str] | None":
    """Have the model go on once more, with a reason."""
    return payloads.said(payloads.blocked(reason))


def note(event: str, text: str) -> "tuple[int, str, str] | None":
    """Give the model something beside a yes, a prompt or a start; ``event`` is one of ours.

    With no ``permissionDecision``: that would answer in place of the user what the client asks.
    """
    if event == "after-tool":
        return None  # it takes one before a tool
    return payloads.said(payloads.context(EVENTS[event], text))
