"""What the gate says to a shell command of a coding client.

Who holds every room that the command could reach goes through at once, and so does everybody
where no room is near. Only for others the grammar is loaded, to see what the command would write.
"""

from stickhooks import check, disk, door, identity, paths
from stickhooks.edit_hook import edit_targets
from stickhooks.errors import Refusal
from stickhooks.system import os

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
    targets, because = _written(command, folder, env, near)
    found = door.settled(targets, check.SHELL, sighting, env)
    if because and not found.ok:
        found.refusals[0].lines.append(because)
    return found


def _written(
    command: str, folder: str, env: "dict[str, str]", near: "list[paths.Workspace]"
) -> "tuple[list[check.Target], str]":
    """Return what a command would write, and what is to be said of it beside the paths."""
    from stickhooks import settle

    settle.load_library()
    from stickhooks import shell

    writes = shell.writes(command, folder, env)
    targets = [
        t for path in writes.paths for t in (*edit_targets([path], folder), *below(path, near))
    ]
    if writes.whole or writes.unclear:
        trees = [paths.workspace_of(os.path.realpath(t)) for t in writes.trees or [folder]]
        targets += [t for tree in trees if tree and door.has_room(tree) for t in whole(tree)]
    if writes.unclear:
        return targets, f"what it would write cannot be told: {writes.unclear}"
    return targets, writes.whole or ""


def below(path: str, near: "list[paths.Workspace]") -> "list[check.Target]":
    """Return the rooms that lie below a path: it may be a folder, and then all in it is meant."""
    real = os.path.realpath(path)
    found = []
    for workspace in near:
        for target in whole(workspace):
            place = os.path.join(workspace.root, target.path or "")
            if place != real and paths.is_inside(place, real):
                found.append(target)
    return found


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
