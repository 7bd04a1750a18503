"""The server's side: a push into a repository whose folder has a room is for its holder alone.

For a team with a bare repository: a room in the folder around it, joined there (over ssh,
say), and ``stick hook pre-receive`` as the repository's hook. Who pushes from another
machine shows the lease by a push option: ``git push -o stick-lease=ID``.
"""

from stickhooks.fast.os import os
from stickhooks.gate import decision
from stickhooks.handlers import common
from stickhooks.identity import resolver
from stickhooks.workspace import paths

OPTION = "stick-lease="


def answer() -> int:
    """Refuse a push unless the caller holds the room that governs the repository."""
    env = dict(os.environ)
    try:
        here = os.path.realpath(os.getcwd())
        workspace = paths.workspace_of(here)
        if workspace is None or not workspace.has_room():
            return 0
        lease = _lease(env)
        if lease:
            env[resolver.LEASE_VARIABLE] = lease
        path = None if here == workspace.git_dir else workspace.relative(here) or None
        sighting = resolver.look(env)
        verdict = common.settled([decision.Target(workspace, path)], decision.PUSH, sighting, env)
    except Exception as error:
        common.say(f"stick: NOT PUSHED  {common.fault(error)}\n       {common.WAY_OUT}")
        return common.REFUSED
    return common.conclude(verdict, workspace, "", "")


def _lease(env: "dict[str, str]") -> str:
    count = env.get("GIT_PUSH_OPTION_COUNT", "")
    for i in range(int(count) if count.isdigit() else 0):
        option = env.get(f"GIT_PUSH_OPTION_{i}", "")
        if option.startswith(OPTION):
            return option[len(OPTION) :]
    return ""
