"""The git hooks that can still refuse: before a commit, a patch, a rebase."""

from stickhooks import check, door, identity, paths
from stickhooks.system import os

#: These say which paths: what is staged. The others ask for every room.
OF_COMMITS = ("pre-commit", "pre-merge-commit", "prepare-commit-msg")

REBASE = "pre-rebase"


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
        if name == REBASE:
            _give_back(check.Verdict(), door.workspace(env), env, git_pid)
        return door.REFUSED
    if verdict.ok and whole:
        door.leave_pass(verdict, git_pid, env)
    code = door.conclude(verdict, kind, workspace, git_pid, name)
    if code and name == REBASE:
        _give_back(verdict, workspace, env, git_pid)
    return code


def _give_back(
    verdict: check.Verdict,
    workspace: "paths.Workspace | None",
    env: "dict[str, str]",
    git_pid: str,
) -> None:
    """Put back what git took out of the tree before it asked, and tell the holder."""
    if workspace is None or workspace.git_dir is None:
        return
    from stickhooks import autostash

    told, deed = autostash.put_back(workspace.root, workspace.git_dir, env)
    for line in told:
        door.say(f"       {line}")
    if deed:
        door.tell_holders(verdict, git_pid, deed)


def _targets(name: str, workspace: paths.Workspace, env: "dict[str, str]") -> "list[check.Target]":
    """Return what will be touched, where not one room governs all."""
    if name not in OF_COMMITS:
        return door.every_room(workspace)
    from stickhooks import git

    found = git.staged(workspace.root, env)
    return [check.Target(workspace, path) for path in found] or [check.Target(workspace, None)]
