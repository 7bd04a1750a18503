"""GitHub Copilot CLI, as seen in runs of 1.0.102. ``welcome`` and ``reminder`` by its documentation.

Events in camel case bring its own names of tools, in Pascal case Claude Code's with its own
arguments: a patch then comes as an ``Edit``, as bare text.
"""

# bundle: alone
from stickhooks.clients import payloads
from stickhooks.clients.payloads import EDIT, PATCH, SHELL, is_foreign

NAME = "copilot"
TOOLS = {
    "edit": EDIT,
    "create": EDIT,
    "str_replace_editor": EDIT,
    "apply_patch": PATCH,
    "bash": SHELL,
    "powershell": SHELL,
    "write_bash": SHELL,  # these two type into a shell that was opened before
    "write_powershell": SHELL,
}
FOREIGN = ".+-.+"  # the names of tools of other servers, for its matcher
EVENTS = {
    "pre-edit": "preToolUse",
    "session-start": "sessionStart",
    "stop": "agentStop",
    "session-end": "sessionEnd",
    "after-tool": "postToolUse",
}


foreign = is_foreign


def refusal(reason: str) -> "tuple[int, str, str]":
    body = {"permissionDecision": "deny", "permissionDecisionReason": reason}
    return payloads.refused(reason, body)


def welcome(text: str) -> "tuple[int, str, str]":
    return payloads.said({"additionalContext": text})


def reminder(reason: str) -> "tuple[int, str, str] | None":
    return payloads.said(payloads.blocked(reason))


def note(event: str, text: str) -> "tuple[int, str, str] | None":
    """Give the model something beside a yes: without a decision, which would answer for its user."""
    if event == "after-tool":
        return None  # it takes one before a tool
    return payloads.said({"additionalContext": text})
