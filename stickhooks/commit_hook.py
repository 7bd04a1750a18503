"""The git hooks that refuse a commit before git makes it."""

import os

from stickhooks import check, disk, door, identity, paths
from stickhooks.errors import Refusal

REFUSED = 3


def answer(name: str) -> int:
    """Refuse a commit unless the caller holds every room it touches.

    A refusal is exit code 3: 1 is what Python ends with when the gate itself cannot run.
    """
    env = dict(os.environ)
    try:
        workspace = paths.workspace_of(os.path.realpath(os.getcwd()))
        if workspace is None or not door.has_room(workspace):
            return 0
        sighting = identity.look(env)
        verdict = door.settled(_staged(workspace, env), check.COMMIT, sighting, env)
    except Exception as error:
        door.say(f"stick: NOT COMMITTED  {door.fault(error)}\n       {door.WAY_OUT}")
        return REFUSED
    for warning in verdict.warnings:
        door.say(warning)
    if verdict.ok:
        return 0
    from stickhooks import refusing

    door.say(refusing.text(verdict, check.COMMIT))
    return REFUSED


def _staged(workspace: paths.Workspace, env: "dict[str, str]") -> "list[check.Target]":
    """Return what the commit touches. With one room and no exempt paths nobody has to ask git."""
    if _is_one_whole(workspace):
        return [check.Target(workspace, None)]
    from stickhooks import git

    found = git.staged(workspace.root, env)
    return [check.Target(workspace, path) for path in found] or [check.Target(workspace, None)]


def _is_one_whole(workspace: paths.Workspace) -> bool:
    """Tell whether one room governs all alike. What cannot be read is the gate's to refuse."""
    try:
        survey = disk.Survey(workspace.root, workspace.git_dir)
    except Refusal:
        return True
    try:
        found = survey.load("") if survey.rooms == [""] else None
    except Refusal:
        return True
    finally:
        survey.close()
    return found is not None and not found[0]["policy"]["exempt"]  # type: ignore[index]
