"""What a client tells its hook after a tool of its own has changed files: by whom, which paths.

It is the payload from before the tool with the tool's answer beside it; Cline, Cursor and Windsurf call
things by other names then. Some clients call the hook where the tool failed as well.
"""

from stickhooks.clients import payloads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

_ANSWERS = ("tool_response", "tool_result", "toolResult", "result_json", "postToolUse")
_FAILURES = ("failure", "denied", "rejected", "error")


def written(payload: object, adapter: "ModuleType") -> "payloads.Request | None":
    """Return who changed which paths; None for a tool that changes none, or that failed.

    Raises ValueError for an odd payload.
    """
    if not isinstance(payload, dict) or _failed(payload):
        return None
    request = payloads.read(_as_before(payload), adapter)
    return request if request.paths else None


def _failed(payload: "dict[str, object]") -> bool:
    answers = [payload.get(key) for key in _ANSWERS]
    return any(_says_no(answer) for answer in answers if isinstance(answer, dict))


def _says_no(answer: "dict[str, object]") -> bool:
    return bool(
        answer.get("error")
        or answer.get("is_error")
        or answer.get("success") is False
        or answer.get("resultType") in _FAILURES
    )


def _as_before(payload: "dict[str, object]") -> "dict[str, object]":
    """Return a payload by the names that the client uses before a tool."""
    action, path = payload.get("agent_action_name"), payload.get("file_path")
    if isinstance(payload.get("postToolUse"), dict):
        return {**payload, "preToolUse": payload["postToolUse"]}
    if isinstance(action, str) and action.startswith("post_"):
        return {**payload, "agent_action_name": f"pre_{action[len('post_') :]}"}
    if isinstance(path, str) and "tool_name" not in payload:
        return {**payload, "tool_name": "Write", "tool_input": {"file_path": path}}
    return payload
