"""Cline: where its hooks lie, what it sends to them, what it blocks on."""

from __future__ import annotations

from typing import Any

from stickhooks.setup.client_places import SESSION, UNTRIED, Answer, Place


def _payload(place: Place, root: str, tool: str, given: object) -> dict[str, Any]:
    asked = {"toolName": tool, "parameters": given}
    return {"hookName": tool, "taskId": SESSION, "workspaceRoots": [root], "preToolUse": asked}


def _blocks(answer: Answer) -> bool:
    return answer.json.get("cancel") is True or answer.code not in (0, None)


PLACE = Place(
    8, "cline", "cline", "Cline", ("cline",), (".clinerules", "Documents/Cline"),
    project=".clinerules/hooks/PreToolUse",
    user="Hooks/PreToolUse", home="Documents/Cline",
    kind="script",
    lets=("everything while hooks are switched off in its settings", UNTRIED),
    edit=lambda path: ("write_to_file", {"path": path, "content": "b"}),
    payload=_payload, blocks=_blocks,
)  # fmt: skip
