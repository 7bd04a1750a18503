"""OpenCode, through our own plugin: what it sends and understands is ours to say.

The plugin throws the ``reason`` of a refusal, and OpenCode shows exactly that to its model.
"""

# bundle: alone
from stickhooks.clients import payloads
from stickhooks.clients.payloads import EDIT, PATCH, SHELL

NAME = "opencode"
TOOLS = {"edit": EDIT, "write": EDIT, "apply_patch": PATCH, "bash": SHELL}
#: Its own tools that write nothing; all that are not named are other people's: they are judged.
HARMLESS = (
    "read", "glob", "grep", "list", "webfetch", "websearch", "codesearch", "todowrite", "todoread",
    "task", "question", "skill", "lsp", "invalid", "plan_enter", "plan_exit",
)  # fmt: skip
EVENTS = {
    "pre-edit": "tool.execute.before",
    "session-start": "session.created",
    "stop": "session.idle",
    "session-end": "session.deleted",
    "prompt": "chat.message",
    "after-tool": "tool.execute.after",
}


def foreign(tool: str) -> bool:
    return tool not in HARMLESS


def refusal(reason: str) -> "tuple[int, str, str]":
    return payloads.refused(reason, payloads.blocked(reason))


def welcome(text: str) -> "tuple[int, str, str]":
    return payloads.said({"additionalContext": text})


def reminder(reason: str) -> "tuple[int, str, str] | None":
    """Have the plugin send it as a prompt: OpenCode tells that a session is idle, and hears no answer."""
    return payloads.said(payloads.blocked(reason))


def note(event: str, text: str) -> "tuple[int, str, str] | None":
    """Have the plugin add it to what the tool gives back, or to the prompt."""
    if event == "after-tool":
        return None  # it takes one before a tool
    return payloads.said({"additionalContext": text})
