"""The git hooks that can still refuse: before a commit, a patch, a rebase."""

from stickhooks.fast.os import os
from stickhooks.gate import decision
from stickhooks.handlers import common
from stickhooks.identity import resolver
from stickhooks.workspace import paths

#: These say which paths: what is staged. The others ask for every room.
OF_COMMITS = ("pre-commit", "pre-merge-commit", "prepare-commit-msg")

REBASE = "pre-rebase"


def answer(name: str, git_pid: str) -> int:
    """Refuse what git is about to do unless the caller holds every room it touches."""
    env = dict(os.environ)
    kind = decision.COMMIT if name in OF_COMMITS else decision.REFS
    try:
        workspace = common.workspace(env)
        if workspace is None or not workspace.has_room():
            return 0
        whole = common.is_one_whole(workspace)
        targets = [decision.Target(workspace, None)] if whole else _targets(name, workspace, env)
        verdict = common.settled(targets, kind, resolver.look(env), env)
    except Exception as error:
        common.say(f"stick: NOT COMMITTED  {common.fault(error)}\n       {common.WAY_OUT}")
        if name == REBASE:
            _give_back(decision.Verdict(kind), common.workspace(env), env, git_pid)
        return common.REFUSED
    if verdict.ok and whole:
        common.leave_pass(verdict, git_pid, env)
    code = common.conclude(verdict, workspace, git_pid, name)
    if code and name == REBASE:
        _give_back(verdict, workspace, env, git_pid)
    return code


def _give_back(
    verdict: decision.Verdict,
    workspace: "paths.Workspace | None",
    env: "dict[str, str]",
    git_pid: str,
) -> None:
    """Put back what git took out of the tree before it asked, and tell the holder."""
    if workspace is None or workspace.git_dir is None:
        return
    from stickhooks.handlers import autostash

    told, deed = autostash.put_back(workspace.root, workspace.git_dir, env)
    for line in told:
        common.say(f"       {line}")
    if deed:
        common.tell_holders(verdict, git_pid, deed)


def _targets(
    name: str, workspace: paths.Workspace, env: "dict[str, str]"
) -> "list[decision.Target]":
    """Return what will be touched, where not one room governs all."""
    if name not in OF_COMMITS:
        return common.every_room(workspace)
    from stickhooks.workspace import git

    found = git.staged(workspace.root, env)
    return [decision.Target(workspace, path) for path in found] or [
        decision.Target(workspace, None)
    ]
