"""Git's hooks that come too late to refuse: they note what was done without the stick.

Never disturbs: whatever goes wrong in here, git goes on.
"""

from stickhooks.gate import decision
from stickhooks.handlers import common
from stickhooks.handlers.git_hook import GitHook, workspace_of
from stickhooks.store import activity
from stickhooks.workspace import paths

PATHS = 100


def answer(name: str, arguments: "list[str]") -> int:
    """Note what git just did, if the gate would not have allowed it to the caller. Always 0."""
    hook = GitHook(name, decision.REFS)
    try:
        workspace = hook.workspace = workspace_of(hook.env)
        if workspace and workspace.git_dir and workspace.has_room() and not hook.every_room().ok:
            _note(hook, workspace, arguments)
    except Exception:
        pass
    return 0


def _note(hook: GitHook, workspace: paths.Workspace, arguments: "list[str]") -> None:
    old, new, did = _done(hook.name, arguments)
    from stickhooks.workspace import git

    touched = git.between(workspace.root, old, new, hook.env)[:PATHS] if old != new else []
    for ruling in hook.verdict.refusals:
        common.note(ruling, activity.OUTSIDE, kind=hook.name, did=did, paths=touched)


def _done(name: str, arguments: "list[str]") -> "tuple[str, str, str]":
    """Return the commits before and after, and what was done, in words."""
    if name == "post-checkout" and len(arguments) == 3:
        old, new, branch = arguments
        if branch == "1":
            return old, new, f"checked out {new[:10]}"
        return new, new, "overwrote files here with git checkout or restore"
    words = {"post-commit": "committed", "post-merge": "merged", "post-rewrite": "rewrote commits"}
    before = "ORIG_HEAD" if name == "post-merge" else "HEAD~1"
    return before, "HEAD", words.get(name, name)
