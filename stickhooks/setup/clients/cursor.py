"""Cursor: where its hooks lie, and what it blocks on."""

from __future__ import annotations

from stickhooks.setup.client_places import FOREIGN, SESSION, UNTRIED, Place

PLACE = Place(
    6, "cursor", "cursor", "Cursor", ("cursor", "cursor-agent"), (".cursor",),
    project=".cursor/hooks.json",
    user="hooks.json", home=".cursor",
    closes={"failClosed": True}, top={"version": 1}, comments=True,
    lets=("Tab completions, and what you type yourself", FOREIGN, UNTRIED),
    edit=lambda path: ("Write", {"file_path": path, "content": "b"}),
    payload=lambda place, root, tool, given: {
        "conversation_id": SESSION, "workspace_roots": [root], **place.usual(root, tool, given),
    },
    blocks=lambda answer: answer.code == 2 or (
        answer.code == 0 and answer.json.get("permission") == "deny"
    ),
)  # fmt: skip
