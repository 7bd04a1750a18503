"""Windsurf: where its hooks lie, and what it sends to them."""

from __future__ import annotations

from stickhooks.setup.client_places import SESSION, UNTRIED, Place

PLACE = Place(
    7, "windsurf", "windsurf", "Windsurf", ("windsurf",), (".windsurf", ".codeium/windsurf"),
    project=".windsurf/hooks.json",
    user="hooks.json", home=".codeium/windsurf",
    second=0, fixed={"show_output": True},
    lets=("an edit where our hook was stopped from outside: only exit 2 blocks", UNTRIED),
    edit=lambda path: (
        "pre_write_code", {"file_path": path, "edits": [{"old_string": "a", "new_string": "b"}]},
    ),
    payload=lambda place, root, tool, given: {
        "agent_action_name": tool, "trajectory_id": SESSION, "tool_info": given,
    },
)  # fmt: skip
