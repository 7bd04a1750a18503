"""Git's hooks that come too late to refuse: they note what was done without the stick.

Never disturbs: whatever goes wrong in here, git goes on.
"""

from stickhooks.errors import Refusal
from stickhooks.gate import decision
from stickhooks.handlers import common
from stickhooks.handlers.git_hook import GitHook, workspace_of
from stickhooks.store import activity
from stickhooks.workspace import paths
from stickhooks.workspace.hook_names import LOST

PATHS = 100
INSIDE_A_COMMIT = frozenset(("GIT_INDEX_FILE", "_PRE_COMMIT_SKIP_POST_CHECKOUT"))


def answer(name: str, arguments: "list[str]", git_pid: str = "") -> int:
    """Tell what of uncommitted work git just took, and note what it did, if the gate would not have
    allowed it to the caller. Always 0."""
    hook = GitHook(name, decision.REFS, git_pid)
    try:
        workspace = hook.workspace = workspace_of(hook.env)
        if workspace and workspace.git_dir and workspace.has_room():
            lost = _tell_loss(hook, workspace) if name == "post-checkout" else ""
            if not hook.every_room().ok:
                _note(hook, workspace, arguments, lost)
    except Exception:
        pass
    return 0


def tell_reset(git_pid: str) -> int:
    """Tell what ``git reset --hard`` took, and note it for the holders where another did it. Always 0.

    ``git stash`` runs one too: what that took is in the stash.
    """
    hook = GitHook(LOST, decision.REFS, git_pid)
    try:
        workspace = hook.workspace = workspace_of(hook.env)
        command = hook.command()
        from stickhooks.handlers import undo_hints

        if workspace and "--hard" in command and undo_hints.rewinds(command, git_pid):
            lost = _tell_loss(hook, workspace)
            if lost and not hook.every_room().ok:
                _note(hook, workspace, [], lost)
    except Exception:
        pass
    return 0


def _tell_loss(hook: GitHook, workspace: paths.Workspace) -> str:
    """Say what the command took, and return it, ``""`` for nothing.

    Within a commit's hooks, which have an index named to them, it is put back at their end: pre-commit and
    lint-staged take away what is not staged for as long as they run.
    """
    if not INSIDE_A_COMMIT.isdisjoint(hook.env):
        return ""
    from stickhooks.handlers import undo_hints
    from stickhooks.operations import losses_told

    try:
        lost = losses_told.after(workspace, undo_hints.shown(hook.command()))
    except (OSError, Refusal):
        return ""  # what another did is noted all the same
    if lost:
        common.say(f"stick: {lost}")
    return lost


def _note(
    hook: GitHook, workspace: paths.Workspace, arguments: "list[str]", lost: str = ""
) -> None:
    old, new, did = _done(hook.name, arguments)
    did = f"{did}; {lost}" if lost and did != LOST else lost or did
    from stickhooks.workspace import git

    every = git.between(workspace.root, old, new, hook.env) if old != new else []
    touched = every[:PATHS]
    if every and hook.name == "post-commit":
        # of a part, or of a nested room, its holder may commit
        hook.judged_only(paths.targets_of(workspace, every))
    if hook.name == "post-checkout" and arguments[2:] == ["0"]:
        from stickhooks.handlers import undo_hints

        prefix = hook.env.get("GIT_PREFIX", "")
        if named := undo_hints.files_of(hook.command(), prefix, workspace.root):
            touched = named
            hook.judged_only(paths.targets_of(workspace, named))
    for ruling in hook.rooms_refused():
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
