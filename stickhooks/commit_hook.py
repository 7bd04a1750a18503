"""The git hooks that can still refuse: before a commit, a patch, a rebase."""

from stickhooks import check, door, identity, paths
from stickhooks.system import os

#: These say which paths: what is staged. The others ask for every room.
OF_COMMITS = ("pre-commit", "pre-merge-commit", "prepare-commit-msg")


def answer(name: str, git_pid: str) -> int:
    """Refuse what git is about to do unless the caller holds every room it touches."""
    env = dict(os.environ)
    kind = check.COMMIT if name in OF_COMMITS else check.REFS
    try:
        workspace = door.workspace(env)
        if workspace is None or not door.has_room(workspace):
            return 0
        whole = door.is_one_whole(workspace)
        targets = [check.Target(workspace, None)] if whole else _targets(name, workspace, env)
        verdict = door.settled(targets, kind, identity.look(env), env)
    except Exception as error:
        door.say(f"stick: NOT COMMITTED  {door.fault(error)}\n       {door.WAY_OUT}")
        return door.REFUSED
    if verdict.ok and whole:
        door.leave_pass(verdict, git_pid, env)
    return door.conclude(verdict, kind, workspace, git_pid, name)


def _targets(name: str, workspace: paths.Workspace, env: "dict[str, str]") -> "list[check.Target]":
    """Return what will be touched, where not one room governs all."""
    if name not in OF_COMMITS:
        return door.every_room(workspace)
    from stickhooks import git

    found = git.staged(workspace.root, env)
    return [check.Target(workspace, path) for path in found] or [check.Target(workspace, None)]
