"""Cline: where its hooks lie, what it sends to them, what it blocks on."""

from __future__ import annotations

from stickhooks.setup.client_places import SESSION, UNTRIED, Place

PLACE = Place(
    8, "cline", "cline", "Cline", ("cline",), (".clinerules", "Documents/Cline"),
    project=".clinerules/hooks/PreToolUse",
    user="Hooks/PreToolUse", home="Documents/Cline",
    kind="script",
    lets=("everything while hooks are switched off in its settings", UNTRIED),
    edit=lambda path: ("write_to_file", {"path": path, "content": "b"}),
    payload=lambda place, root, tool, given: {
        "hookName": tool, "taskId": SESSION, "workspaceRoots": [root],
        "preToolUse": {"toolName": tool, "parameters": given},
    },
    blocks=lambda answer: answer.json.get("cancel") is True or answer.code not in (0, None),
)  # fmt: skip
