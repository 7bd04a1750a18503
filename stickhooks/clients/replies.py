"""The replies that several clients share. A reply is exit code, standard output, standard error.

Every refusal ends with code 2 and has text on standard error: that alone stops most clients,
and none of them takes it for a yes. The JSON carries the reason to those that read it.
"""

from stickhooks.fast import json


def refused(reason: str, body: object = None) -> "tuple[int, str, str]":
    return 2, json.write(body) + "\n" if body else "", reason + "\n"


def said(body: "dict[str, object]") -> "tuple[int, str, str]":
    """Return a reply that only tells something."""
    return 0, json.write(body) + "\n", ""


def context(event: str, text: str) -> "dict[str, object]":
    """Return what Claude Code, and those who took its form over, give to their model."""
    return {"hookSpecificOutput": {"hookEventName": event, "additionalContext": text}}


def blocked(reason: str) -> "dict[str, object]":
    return {"decision": "block", "reason": reason}


def anybodys(reason: str) -> "dict[str, object]":
    """Return the one body of a refusal in which every client finds its own word for no.

    Seen to stop an edit, with exit code 2, in Claude Code, Codex, Gemini and Copilot CLI.
    """
    return {
        **blocked(reason),
        "permission": "deny",
        "user_message": reason,
        "agent_message": reason,
        "permissionDecision": "deny",
        "permissionDecisionReason": reason,
        "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": "deny",
            "permissionDecisionReason": reason,
        },
    }
