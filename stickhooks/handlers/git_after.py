"""Git's hooks that come too late to refuse: they note what was done without the stick.

Never disturbs: whatever goes wrong in here, git goes on.
"""

from stickhooks.fast.os import os
from stickhooks.gate import decision
from stickhooks.handlers import common
from stickhooks.identity import resolver
from stickhooks.store import activity
from stickhooks.workspace import paths

PATHS = 100


def answer(name: str, arguments: "list[str]") -> int:
    """Note what git just did, if the gate would not have allowed it to the caller. Always 0."""
    env = dict(os.environ)
    try:
        workspace = common.workspace(env)
        if workspace is None or workspace.git_dir is None or not workspace.has_room():
            return 0
        verdict = decision.judge(
            common.every_room(workspace), decision.REFS, resolver.look(env), env
        )
        if not verdict.ok:
            _note(verdict, workspace, name, arguments, env)
    except Exception:
        pass
    return 0


def _note(
    verdict: decision.Verdict,
    workspace: paths.Workspace,
    name: str,
    arguments: "list[str]",
    env: "dict[str, str]",
) -> None:
    old, new, did = _done(name, arguments)
    from stickhooks.workspace import git

    touched = git.between(workspace.root, old, new, env)[:PATHS] if old != new else []
    for ruling in verdict.refusals:
        common.note(ruling, activity.OUTSIDE, kind=name, did=did, paths=touched)


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
