"""The server's side: a push into a repository whose folder has a room is for its holder alone.

For a team with a bare repository: a room in the folder around it, joined there (over ssh,
say), and ``stick hook pre-receive`` as the repository's hook. Who pushes from another
machine shows the lease by a push option: ``git push -o stick-lease=ID``.
"""

from stickhooks.fast.os import os
from stickhooks.gate import decision
from stickhooks.handlers.git_hook import GitHook
from stickhooks.identity import resolver
from stickhooks.workspace import paths
from stickhooks.workspace.hook_names import RECEIVE

OPTION = "stick-lease="


def answer() -> int:
    """Refuse a push unless the caller holds the room that governs the repository."""
    return GitHook(RECEIVE, decision.PUSH).answer(_rule, os.path.realpath(os.getcwd()))


def _rule(hook: GitHook, workspace: paths.Workspace) -> "decision.Verdict | int":
    if not workspace.has_room():
        return 0
    lease, here = _lease(hook.env), os.path.realpath(os.getcwd())
    if lease:
        hook.env[resolver.LEASE_VARIABLE] = lease
    path = None if here == workspace.git_dir else workspace.relative(here) or None
    return hook.judged([paths.Target(workspace, path)])


def _lease(env: "dict[str, str]") -> str:
    count = env.get("GIT_PUSH_OPTION_COUNT", "")
    for i in range(int(count) if count.isdigit() else 0):
        option = env.get(f"GIT_PUSH_OPTION_{i}", "")
        if option.startswith(OPTION):
            return option[len(OPTION) :]
    return ""
