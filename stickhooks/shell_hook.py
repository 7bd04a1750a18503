"""What the gate says to a shell command of a coding client.

Who holds every room that the command could reach goes through at once, and so does everybody
where no room is near. Only for others the grammar is loaded, to see what the command would write.
"""

from stickhooks import check, disk, door, identity, paths, reach
from stickhooks.edit_hook import edit_targets
from stickhooks.errors import Refusal
from stickhooks.system import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.clients import Client
    from stickhooks.shell.verdict import Writes

BELOW = 3  # folders down, rooms are looked for in a folder that is written


def verdict(
    command: str,
    folder: str,
    caller: "tuple[Client, str]",
    env: "dict[str, str]",
    own: "list[str]",
) -> check.Verdict:
    """Return whether a caller may run a command in a folder; ``own`` are those of its session."""
    near = reach.near(command, [folder, *own], env)
    if not near:
        return check.Verdict()
    sighting = identity.look(env, caller)
    everything = [target for workspace in near for target in whole(workspace)]
    found = check.judge(everything, check.READING, sighting, env)
    if found.ok and not any(check.CLAIM in ruling.due for ruling in found.allowed):
        return door.settled(everything, check.SHELL, sighting, env)
    from stickhooks.shell import simple

    if simple.only_reads(command):
        return check.Verdict()
    targets, because = _written(command, folder, env, own, near)
    found = door.settled(targets, check.SHELL, sighting, env)
    if because and not found.ok:
        found.refusals[0].lines.append(because)
    return found


def _written(
    command: str,
    folder: str,
    env: "dict[str, str]",
    own: "list[str]",
    near: "list[paths.Workspace]",
) -> "tuple[list[check.Target], str]":
    """Return what a command would write, and what is to be said of it beside the paths."""
    from stickhooks import shell

    writes = shell.writes(command, folder, env)
    targets = [
        t for path in writes.paths for t in (*edit_targets([path], folder), *below(path, near))
    ]
    if writes.whole or writes.unclear:
        anywhere = {w.root: w for w in _in_danger(command, folder, writes, env, own)}
        targets += [t for workspace in anywhere.values() for t in whole(workspace)]
    if writes.unclear:
        return targets, f"what it would write cannot be told: {writes.unclear}"
    return targets, writes.whole or ""


def _in_danger(
    command: str, folder: str, writes: "Writes", env: "dict[str, str]", own: "list[str]"
) -> "list[paths.Workspace]":
    """Return the workspaces that a command may write anywhere in: nobody knows where it stops.

    Those around the folders that its programs stand in, those that their words lead to, and the
    session's own. What is not known may come from any word of the command.
    """
    found = reach.of([folder, *own], [], env, below=False)
    for danger in writes.dangers:
        found += reach.of(danger.folders, danger.words, env)
    if not writes.dangers or not all(danger.known for danger in writes.dangers):
        found += reach.of([folder], [command], env)
    return found


def below(path: str, near: "list[paths.Workspace]") -> "list[check.Target]":
    """Return the rooms that lie below a path: it may be a folder, and then all in it is meant."""
    real = os.path.realpath(path)
    found = []
    deeper = reach.beneath(real, BELOW) if os.path.isdir(real) else []
    for workspace in {w.root: w for w in (*near, *deeper)}.values():
        for target in whole(workspace):
            place = os.path.join(workspace.root, target.path or "")
            if place != real and _is_below(place, real):
                found.append(target)
    return found


def _is_below(place: str, folder: str) -> bool:
    """Tell whether a room's place lies below a folder, however that is spelled."""
    parts = folder.count(os.sep) + 1
    above = os.sep.join(place.split(os.sep)[:parts])
    if above == folder or folder == os.sep:
        return True
    return paths.folded(above) == paths.folded(folder) and paths.same(above, folder)


def whole(workspace: paths.Workspace) -> "list[check.Target]":
    """Return a workspace as such, and every room in it that is carved out of it."""
    targets = [check.Target(workspace, None)]
    try:
        survey = disk.Survey(workspace.root, workspace.git_dir)
    except Refusal:
        return targets  # the gate says what is wrong with it
    survey.close()
    return targets + [check.Target(workspace, room) for room in survey.rooms if room]
