"""Windsurf's Cascade, by its documentation alone: an event a kind of tool, and none for sessions."""

# bundle: alone
from stickhooks.clients import payloads
from stickhooks.clients.payloads import EDIT, SHELL, is_foreign

NAME = "windsurf"
TOOLS = {"pre_write_code": EDIT, "pre_run_command": SHELL}
EVENTS = {
    "pre-edit": "pre_write_code",
    "pre-run": "pre_run_command",
    "pre-mcp": "pre_mcp_tool_use",
    "after-tool": "post_write_code",
}


def foreign(tool: str) -> bool:
    return tool == EVENTS["pre-mcp"] or is_foreign(tool)


def refusal(reason: str) -> "tuple[int, str, str]":
    return payloads.refused(reason)


def welcome(text: str) -> "tuple[int, str, str]":
    return 0, "", ""


def reminder(reason: str) -> "tuple[int, str, str] | None":
    return None
