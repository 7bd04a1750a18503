"""aider: it has no hook, and commits past those of git unless its settings say otherwise."""

from __future__ import annotations

from stickhooks.setup.client_places import Place

PLACE = Place(
    9, "aider", "aider", "aider", ("aider",), (),
    project=".aider.conf.yml", user=".aider.conf.yml", home="",
    kind="line", own="git-commit-verify: true",
    lets=("every edit of a file: it has no hook, only its commits are stopped",),
)  # fmt: skip
