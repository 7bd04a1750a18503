"""What all hooks share: ask the gate, write down what is due, and say it.

Everything that goes wrong in a hook ends in a refusal that its caller honours, and only
where there is a room: a fault of ours must neither open the gate nor close other people's
repositories.
"""

import os

from stickhooks import check, disk, identity, paths
from stickhooks.errors import Refusal

WAY_OUT = "`stick doctor` says what is wrong; `stick uninit` takes the hooks away"


def settled(
    targets: "list[check.Target]", kind: str, sighting: identity.Sighting, env: "dict[str, str]"
) -> check.Verdict:
    """Ask the gate, and write down what its answer made due: seldom, so loaded only then."""
    verdict = check.judge(targets, kind, sighting, env)
    if verdict.refusals or any(ruling.due for ruling in verdict.allowed):
        from stickhooks import settle

        settle.settle(verdict, kind)
    return verdict


def has_room(workspace: paths.Workspace) -> bool:
    """Tell whether a workspace has a room, or ever had one. Two looks at the disk, nothing read."""
    anchor = workspace.git_dir and os.path.join(
        workspace.git_dir, disk.ANCHOR_FOLDER, disk.ANCHOR
    )  # fmt: skip
    return os.path.lexists(os.path.join(workspace.root, disk.FOLDER)) or bool(
        anchor and os.path.lexists(anchor)
    )


def knows_rooms(git_dir: str) -> bool:
    """Tell whether a git dir, or the one it shares with other worktrees, has anything of ours."""
    dirs = (git_dir, paths.common_dir_of(git_dir))
    return any(os.path.lexists(os.path.join(d, disk.ANCHOR_FOLDER)) for d in dirs)


def fault(error: Exception) -> str:
    from stickhooks.telling import plain

    if isinstance(error, Refusal):
        return plain(error.message)
    return f"stickhooks failed: {plain(repr(error), 200)}"


def say(text: str) -> None:
    os.write(2, (text + "\n").encode("utf-8", "backslashreplace"))
