"""Cursor, by its documentation alone. Its hook entries have to say ``failClosed``."""

# bundle: alone
from stickhooks.clients import payloads
from stickhooks.clients.payloads import EDIT, SHELL, is_foreign

NAME = "cursor"
TOOLS = {
    "Write": EDIT,
    "Edit": EDIT,
    "StrReplace": EDIT,
    "MultiEdit": EDIT,
    "TabWrite": EDIT,
    "Delete": EDIT,
    "Shell": SHELL,
}
EVENTS = {
    "pre-edit": "preToolUse",
    "pre-mcp": "beforeMCPExecution",
    "session-start": "sessionStart",
    "stop": "stop",
    "session-end": "sessionEnd",
    "after-tool": "afterFileEdit",
}
AFTER_ALL = True  # its event is about files, and knows no tools


foreign = is_foreign


def refusal(reason: str) -> "tuple[int, str, str]":
    body = {"permission": "deny", "user_message": reason, "agent_message": reason}
    return payloads.refused(reason, body)


def welcome(text: str) -> "tuple[int, str, str]":
    return payloads.said({"additional_context": text})


def reminder(reason: str) -> "tuple[int, str, str] | None":
    """Have Cursor send a message as the user's next one."""
    return payloads.said({"followup_message": reason})
