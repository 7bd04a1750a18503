"""Windsurf: where its hooks lie, and what it sends to them."""

from __future__ import annotations

from typing import Any

from stickhooks.setup.client_places import SESSION, UNTRIED, Place


def _payload(place: Place, root: str, tool: str, given: object) -> dict[str, Any]:
    return {"agent_action_name": tool, "trajectory_id": SESSION, "tool_info": given}


def _edit(path: str) -> tuple[str, dict[str, object]]:
    edits = [{"old_string": "a", "new_string": "b"}]
    return "pre_write_code", {"file_path": path, "edits": edits}


PLACE = Place(
    7, "windsurf", "windsurf", "Windsurf", ("windsurf",), (".windsurf", ".codeium/windsurf"),
    project=".windsurf/hooks.json",
    user="hooks.json", home=".codeium/windsurf",
    second=0, fixed={"show_output": True},
    lets=("an edit where our hook was stopped from outside: only exit 2 blocks", UNTRIED),
    edit=_edit, payload=_payload,
)  # fmt: skip
