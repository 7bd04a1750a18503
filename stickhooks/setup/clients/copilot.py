"""GitHub Copilot CLI: where its hooks lie, what keeps it from asking them, what it blocks on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stickhooks.errors import Next
from stickhooks.setup.client_places import FOREIGN, SESSION, SLOW, SUBFOLDER, Place, Wrong
from stickhooks.setup.client_switches import all_off, json_of, policies
from stickhooks.setup.scopes import Scope
from stickhooks.workspace import paths


def _trust(scope: Scope, place: Place, root: str) -> Iterator[Wrong]:
    """Find a project that Copilot does not trust: hooks of the user run all the same.

    Its ``policy.d`` adds hooks and takes none away (docs.github.com, hooks reference); no key is
    documented that drops hooks by its managed settings.
    """
    managed = policies(
        "/etc/github-copilot", "/Library/Application Support/GitHubCopilot", "GitHubCopilot"
    )
    project = Path(root, ".github/copilot")
    for folder, name in (
        (project, "settings.json"), (project, "settings.local.json"),
        (managed, "managed-settings.json"),
    ):  # fmt: skip
        yield from all_off(folder / name)
    trusted: list[object] = []
    for name in ("config.json", "settings.json"):
        path = place.user_base() / name
        yield from all_off(path)
        for key in ("trusted_folders", "trustedFolders"):
            folders = json_of(path).get(key)
            trusted += folders if isinstance(folders, list) else []
    if scope.workspace and not any(paths.is_inside(root, str(folder)) for folder in trusted):
        yield (
            f"Copilot CLI does not trust {root}, and passes over its hooks",
            Next("init", "--user"),
        )


PLACE = Place(
    4, "copilot", "copilot", "Copilot CLI", ("copilot",), (".copilot",),
    project=".github/hooks/stick.json",
    user="hooks/stick.json", home=".copilot", moved_by="COPILOT_HOME",
    posix=True, fixed={"type": "command"}, command="bash", limit="timeoutSec",
    top={"version": 1},
    lets=(SLOW, FOREIGN),
    lets_of_project=("everything in a folder it does not trust: `stick init --user`", SUBFOLDER),
    edit=lambda path: ("edit", {"path": path, "old_str": "a", "new_str": "b"}),
    payload=lambda place, root, tool, given: {
        "sessionId": SESSION, "timestamp": 0, "cwd": root, "toolName": tool, "toolArgs": given,
    },
    blocks=lambda answer: answer.code is not None and (
        answer.code != 0 or answer.json.get("permissionDecision") == "deny"
    ),
    trust=_trust,
)  # fmt: skip
