"""Cline, by its documentation and its published source: JSON counts, whatever the exit code.

Its hooks are executable files named by the event; no event tells that a turn has ended.
"""

# bundle: alone
from stickhooks.clients import payloads
from stickhooks.clients.payloads import EDIT, PATCH, SHELL, is_foreign

NAME = "cline"
TOOLS = {
    "write_to_file": EDIT,
    "replace_in_file": EDIT,
    "new_rule": EDIT,
    "apply_patch": PATCH,
    "execute_command": SHELL,
}
EVENTS = {
    "pre-edit": "PreToolUse",
    "session-start": "TaskStart",
    "session-end": "TaskComplete",
    "after-tool": "PostToolUse",
}


foreign = is_foreign


def refusal(reason: str) -> "tuple[int, str, str]":
    return payloads.refused(reason, {"cancel": True, "errorMessage": reason})


def welcome(text: str) -> "tuple[int, str, str]":
    return payloads.said({"cancel": False, "contextModification": text})


def reminder(reason: str) -> "tuple[int, str, str] | None":
    return None
