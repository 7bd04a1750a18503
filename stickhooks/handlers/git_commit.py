"""The git hooks that can still refuse: before a commit, a patch, a rebase."""

# bundle: git
from stickhooks.gate import decision
from stickhooks.handlers import common
from stickhooks.handlers.git_hook import GitHook, every_room
from stickhooks.workspace import paths

#: These say which paths: what is staged. The others ask for every room.
OF_COMMITS = ("pre-commit", "pre-merge-commit", "prepare-commit-msg")

REBASE = "pre-rebase"


def answer(name: str, git_pid: str) -> int:
    """Refuse what git is about to do unless the caller holds every room it touches."""
    hook = GitHook(name, decision.COMMIT if name in OF_COMMITS else decision.REFS, git_pid)
    code = hook.answer(_rule)
    if code and name == REBASE:
        _give_back(hook)
    return code


def _rule(hook: GitHook, workspace: paths.Workspace) -> "decision.Verdict | int":
    return hook.judged_whole(lambda: _targets(hook, workspace)) if workspace.has_room() else 0


def _give_back(hook: GitHook) -> None:
    """Put back what git took out of the tree before it asked, and tell the holder."""
    if hook.workspace is None or hook.workspace.git_dir is None:
        return
    from stickhooks.handlers import autostash

    told, deed = autostash.put_back(hook.workspace.root, hook.workspace.git_dir, hook.env)
    for line in told:
        common.say(f"       {line}")
    if deed:
        hook.tell_holders(deed)


def _targets(hook: GitHook, workspace: paths.Workspace) -> "list[paths.Target]":
    """Return what will be touched, where not one room governs all."""
    if hook.kind != decision.COMMIT:
        return every_room(workspace)
    from stickhooks.workspace import git

    return paths.targets_of(workspace, git.staged(workspace.root, hook.env))
