"""The server's side: a push into a repository whose folder has a room is for its holder alone.

For a team with a bare repository: a room in the folder around it, joined there (over ssh,
say), and ``stick hook pre-receive`` as the repository's hook. Who pushes from another
machine shows the lease by a push option: ``git push -o stick-lease=ID``.
"""

from stickhooks import check, door, identity, paths
from stickhooks.system import os

OPTION = "stick-lease="


def answer() -> int:
    """Refuse a push unless the caller holds the room that governs the repository."""
    env = dict(os.environ)
    try:
        here = os.path.realpath(os.getcwd())
        workspace = paths.workspace_of(here)
        if workspace is None or not door.has_room(workspace):
            return 0
        lease = _lease(env)
        if lease:
            env[identity.LEASE_VARIABLE] = lease
        path = None if here == workspace.git_dir else workspace.relative(here) or None
        sighting = identity.look(env)
        verdict = door.settled([check.Target(workspace, path)], check.PUSH, sighting, env)
    except Exception as error:
        door.say(f"stick: NOT PUSHED  {door.fault(error)}\n       {door.WAY_OUT}")
        return door.REFUSED
    return door.conclude(verdict, check.PUSH, workspace, "", "")


def _lease(env: "dict[str, str]") -> str:
    count = env.get("GIT_PUSH_OPTION_COUNT", "")
    for i in range(int(count) if count.isdigit() else 0):
        option = env.get(f"GIT_PUSH_OPTION_{i}", "")
        if option.startswith(OPTION):
            return option[len(OPTION) :]
    return ""
