"""Cline, by its documentation and its published source: JSON counts, whatever the exit code.

Its hooks are executable files named by the event; no event tells that a turn has ended. They are called
for every tool, and the tools have been renamed once (``editor`` and ``run_commands`` are the later names).
"""

# bundle: alone
from stickhooks.clients import payloads
from stickhooks.clients.payloads import EDIT, PATCH, SHELL

NAME = "cline"
TOOLS = {
    "write_to_file": EDIT,
    "replace_in_file": EDIT,
    "new_rule": EDIT,
    "editor": EDIT,
    "apply_patch": PATCH,
    "execute_command": SHELL,
}
#: Its own tools that write nothing, by both sets of names (cline/cline, src/shared/tools.ts and
#: sdk/packages/core/src/extensions/tools/constants.ts); all that are not named are judged.
HARMLESS = (
    "ask_followup_question", "read_file", "search_files", "search_subagent", "list_files",
    "list_code_definition_names", "browser_action", "access_mcp_resource", "load_mcp_documentation",
    "new_task", "plan_mode_respond", "act_mode_respond", "focus_chain", "web_fetch", "web_search",
    "condense", "summarize_task", "report_bug", "generate_explanation", "read_files",
    "search_codebase", "fetch_web_content", "skills", "ask_question", "submit_and_exit",
)  # fmt: skip
EVENTS = {
    "pre-edit": "PreToolUse",
    "session-start": "TaskStart",
    "session-end": "TaskComplete",
    "after-tool": "PostToolUse",
}


def foreign(tool: str) -> bool:
    return tool not in HARMLESS


def refusal(reason: str) -> "tuple[int, str, str]":
    return payloads.refused(reason, {"cancel": True, "errorMessage": reason})


def welcome(text: str) -> "tuple[int, str, str]":
    return payloads.said({"cancel": False, "contextModification": text})


def reminder(reason: str) -> "tuple[int, str, str] | None":
    return None
