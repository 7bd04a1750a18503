"""Cursor: where its hooks lie, and what it blocks on."""

from __future__ import annotations

from typing import Any

from stickhooks.setup.client_places import SESSION, UNTRIED, Answer, Place


def _payload(place: Place, root: str, tool: str, given: object) -> dict[str, Any]:
    named = {"conversation_id": SESSION, "workspace_roots": [root]}
    return {**named, **place.usual(root, tool, given)}


def _blocks(answer: Answer) -> bool:
    return answer.code == 2 or (answer.code == 0 and answer.json.get("permission") == "deny")


PLACE = Place(
    6, "cursor", "cursor", "Cursor", ("cursor", "cursor-agent"), (".cursor",),
    project=".cursor/hooks.json",
    user="hooks.json", home=".cursor",
    closes={"failClosed": True}, top={"version": 1}, comments=True,
    lets=("Tab completions, and what you type yourself", UNTRIED),
    edit=lambda path: ("Write", {"file_path": path, "content": "b"}),
    payload=_payload, blocks=_blocks,
)  # fmt: skip
