"""What the gate says to a shell command of a coding client.

Who holds every room that the command could reach goes through at once, and so does everybody
where no room is near. Only for others the grammar is loaded, to see what the command would write.
"""

import os

from stickhooks import check, disk, door, identity, paths
from stickhooks.edit_hook import edit_targets
from stickhooks.errors import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.clients import Client

WORDS = 400  # so many are looked at for a folder elsewhere
_BETWEEN = str.maketrans(dict.fromkeys("\"'`;&|()<>=\n\t,", " "))


def verdict(
    command: str, folder: str, caller: "tuple[Client, str]", env: "dict[str, str]"
) -> check.Verdict:
    """Return whether a caller may run a command in a folder."""
    near = [w for w in reached(command, folder) if door.has_room(w)]
    if not near:
        return check.Verdict()
    sighting = identity.look(env, caller)
    everything = [target for workspace in near for target in whole(workspace)]
    found = check.judge(everything, check.SHELL, sighting, env)
    if found.ok and not any(check.CLAIM in ruling.due for ruling in found.allowed):
        return door.settled(everything, check.SHELL, sighting, env)
    targets, unclear = _written(command, folder, everything)
    found = door.settled(targets, check.SHELL, sighting, env)
    if unclear and not found.ok:
        found.refusals[0].lines.append(f"what the command writes cannot be told: {unclear}")
        found.refusals[0].next.append("a simpler command, if you only want to read")
    return found


def _written(
    command: str, folder: str, everything: "list[check.Target]"
) -> "tuple[list[check.Target], str]":
    """Return what a command would write, and why that cannot be told where it cannot."""
    from stickhooks import settle

    settle.load_library()
    try:
        from stickhooks import shell

        writes = shell.writes(command, folder)
        targets = edit_targets(writes.paths, folder)
    except Exception as error:
        return everything, door.fault(error)
    if writes.whole or writes.unclear:
        targets = [*targets, *everything]
    return targets, writes.unclear


def whole(workspace: paths.Workspace) -> "list[check.Target]":
    """Return a workspace as such, and every room in it that is carved out of it."""
    targets = [check.Target(workspace, None)]
    try:
        survey = disk.Survey(workspace.root, workspace.git_dir)
    except Refusal:
        return targets  # the gate says what is wrong with it
    survey.close()
    return targets + [check.Target(workspace, room) for room in survey.rooms if room]


def reached(command: str, folder: str) -> "list[paths.Workspace]":
    """Return the workspaces of a folder and of whatever the words of a command look like paths to.

    Too many do no harm: their rooms only have the command looked at more closely.
    """
    found: dict[str, paths.Workspace] = {}
    places = {folder: None}
    for word in command.translate(_BETWEEN).split()[:WORDS]:
        path = word.replace("${HOME}", "~").replace("$HOME", "~")
        path = os.path.join(folder, os.path.expanduser(path))
        if "\0" not in path:
            places[path if os.path.isdir(path) else os.path.dirname(path)] = None
    for place in places:
        workspace = paths.workspace_of(os.path.realpath(place))
        if workspace is not None:
            found[workspace.root] = workspace
    return list(found.values())
