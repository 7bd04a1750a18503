"""What the gate says to a shell command of a coding client.

Who holds every room that the command could reach goes through at once, and so does everybody
where no room is near. Only for others the grammar is loaded, to see what the command would write.
"""

# bundle: command
from stickhooks.errors import Refusal
from stickhooks.fast.os import os
from stickhooks.gate import decision, reach
from stickhooks.handlers import common
from stickhooks.identity import resolver
from stickhooks.protocol import phases
from stickhooks.store import reader
from stickhooks.workspace import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.clients import Client
    from stickhooks.shell.answer import Writes
    from stickhooks.shell.state import Danger

#: Verbs of git that take uncommitted work from the tree, the index or the list of stashes.
GIT_TAKES = frozenset((
    "checkout", "switch", "restore", "reset", "clean", "rm", "mv", "stash", "merge", "pull", "rebase",
    "cherry-pick", "revert", "am", "apply", "read-tree", "checkout-index", "bisect", "submodule",
    "sparse-checkout", "subtree", "worktree",
))  # fmt: skip
#: Programs and options that remove files.
TAKES = frozenset(
    ("rm", "rmdir", "unlink", "shred", "truncate", "-delete", "--delete", "--remove-files")
)
_BETWEEN = str.maketrans(dict.fromkeys(";|&()<>\"'`{}$=\\", " "))
BELOW = 3  # folders down, rooms are looked for in a folder that is written


def verdict(
    command: str,
    folder: str,
    caller: "tuple[Client, str, str]",
    env: "dict[str, str]",
    own: "list[str]",
    kind: str = decision.SHELL,
) -> decision.Verdict:
    """Return whether a caller may run a command in a folder; ``own`` are those of its session."""
    near = reach.near(command, [folder, *own], env)
    if not near:
        from stickhooks.shell import simple

        if simple.only_reads(command):
            return decision.Verdict(kind)
        near = reach.near(command, [folder, *own], env, far=True)
    if not near:
        return decision.Verdict(kind)
    sighting = resolver.look(env, caller)
    everything = [target for workspace in near for target in whole(workspace)]
    found = decision.judge(everything, kind, sighting, env)
    if found.ok and not any(decision.CLAIM in ruling.due for ruling in found.allowed):
        _keep_before(command, found)
        return common.settle(found)
    from stickhooks.shell import simple

    if simple.only_reads(command):
        only_read = decision.Verdict(kind)
        only_read.addressed = found.addressed
        return only_read
    from stickhooks import shell

    others = _refused(found, everything, sighting, env)
    harmless = [_called_harmless(ruling) for ruling in others]
    reads = tuple(set.intersection(*harmless)) if harmless else ()
    writes = shell.writes(command, folder, env, reads, _alias)
    targets, because = _written(writes, command, folder, env, own, near)
    if takes(command):
        _keep_before(command, decision.judge(targets, kind, sighting, env))
    addressed = found.addressed
    found = common.settled(targets, kind, sighting, env)
    found.addressed = found.addressed or addressed
    found.because = because
    if found.ok and writes.ran:
        _note_runs(others, writes.ran)
    return found


def takes(command: str) -> bool:
    """Tell whether a command may take uncommitted work away, by its words: one too many costs a snapshot."""
    words = command.translate(_BETWEEN).split()
    names = {word.rpartition("/")[2] for word in words}
    if "git" in names and not GIT_TAKES.isdisjoint(names):
        return True
    return not TAKES.isdisjoint(names)


def _keep_before(command: str, found: decision.Verdict) -> None:
    if found.ok and takes(command):
        from stickhooks.handlers import work_kept

        work_kept.keep_before(found, command)


def _refused(
    found: decision.Verdict,
    everything: "list[paths.Target]",
    sighting: resolver.Sighting,
    env: "dict[str, str]",
) -> "list[decision.Ruling]":
    """Return what is refused, of all rooms in the way where the first one has harmless commands."""
    if not any(map(_called_harmless, found.refusals)):
        return found.refusals
    verdicts = [decision.judge([target], decision.SHELL, sighting, env) for target in everything]
    return [ruling for verdict in verdicts for ruling in verdict.refusals]


def _called_harmless(ruling: decision.Ruling) -> "set[str]":
    """Return the commands that a room's people call harmless, by its state alone: never a tracked file."""
    policy = (
        ruling.raw["policy"] if ruling.raw and ruling.code in ("free", "held", "reserved") else {}
    )
    return set(policy.get("reads", ()))  # type: ignore[attr-defined]


def _note_runs(refused: "list[decision.Ruling]", ran: "tuple[str, ...]") -> None:
    """Write down for each holder what was run without the stick: its changes are told then."""
    from stickhooks.store import activity

    for ruling in refused:
        common.note(
            ruling, activity.OUTSIDE, kind=activity.READS, did=f"ran `{'`, `'.join(ran)}`", paths=[]
        )


def _written(
    writes: "Writes",
    command: str,
    folder: str,
    env: "dict[str, str]",
    own: "list[str]",
    near: "list[paths.Workspace]",
) -> "tuple[list[paths.Target], str]":
    """Return what a command would write, and what is to be said of it beside the paths."""
    targets = [target for path in writes.paths for target in at(path, folder, near)]
    for path, held in writes.later:
        targets += _but(held, at(path, folder, near))
    for danger in writes.dangers:
        anywhere = {w.root: w for w in _in_danger(folder, danger, env, own, near)}
        targets += _but(danger.held, [t for w in anywhere.values() for t in whole(w)])
    if writes.unclear:
        return targets, f"what it would write cannot be told: {writes.unclear}"
    return targets, writes.whole or ""


def _in_danger(
    folder: str,
    danger: "Danger",
    env: "dict[str, str]",
    own: "list[str]",
    near: "list[paths.Workspace]",
) -> "list[paths.Workspace]":
    """Return the workspaces that a command may write anywhere in: nobody knows where it stops.

    Those around the folders that its program stands in, those that its words lead to, and the
    session's own. What is not known may come from any word of the command: all that is near then.
    """
    found = reach.of([folder, *own], [], env, below=False)
    found += reach.of(danger.folders, danger.words, env)
    found += reach.inside(f for f in danger.folders if _reaches_nested(f, danger, env))
    return found if danger.known else found + near


def _reaches_nested(folder: str, danger: "Danger", env: "dict[str, str]") -> bool:
    """Tell whether a command writes the submodules and repositories in the tree around a folder too."""
    if danger.nested == "unnamed":
        return not reach.names_inside(folder, danger.words, env)
    if danger.nested != "set":
        return danger.nested == "yes"
    from stickhooks.workspace import git

    return os.path.isdir(folder) and git.recurses(folder)


def _alias(folder: str, name: str) -> "tuple[str, str] | None":
    from stickhooks.workspace import git

    return git.alias(folder, name)


def at(path: str, folder: str, near: "list[paths.Workspace]") -> "list[paths.Target]":
    """Return the places at and below a path that a command names."""
    return [*paths.targets(path, folder, git_dirs=True), *below(path, near)]


def _but(held: "str | None", targets: "list[paths.Target]") -> "list[paths.Target]":
    """Return the targets but those in the room whose stick is got on the way: it governs ``held``."""
    if held is None:
        return targets
    real = os.path.realpath(held)
    workspace = paths.workspace_of(real)
    if workspace is None:
        return targets
    layout = _layout(workspace)
    room = _room_of(layout, paths.Target(workspace, workspace.relative(real))) if layout else None
    if layout is None or room is None or _is_parted(workspace, room):
        return targets

    def elsewhere(target: paths.Target) -> bool:
        return target.workspace.root != workspace.root or _room_of(layout, target) != room

    return [target for target in targets if target.ours or elsewhere(target)]


def _layout(workspace: paths.Workspace) -> "paths.Layout | None":
    """Return the rooms of a workspace, None where they cannot be read: the gate says what is wrong."""
    try:
        with reader.Survey(workspace.root, workspace.git_dir) as survey:
            return paths.Layout(workspace.root, survey.rooms)
    except Refusal:
        return None


def _is_parted(workspace: paths.Workspace, room: str) -> bool:
    """Tell whether somebody has a lease of paths in a room: its stick is not all of it then."""
    try:
        with reader.Survey(workspace.root, workspace.git_dir) as survey:
            found = survey.load(room, signs=list)
    except Refusal:
        return True
    return found is not None and "parts" in found[0]


def _room_of(layout: paths.Layout, target: paths.Target) -> "str | None":
    """Return the room that governs a target, None where there is none."""
    path = target.path or ""
    if paths.is_ours(target.workspace.root, path):
        return None
    return layout.governing(layout.spelled(path))


def below(path: str, near: "list[paths.Workspace]") -> "list[paths.Target]":
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
    return phases.folded(above) == phases.folded(folder) and paths.same(above, folder)


def whole(workspace: paths.Workspace) -> "list[paths.Target]":
    """Return a workspace as such, and every room in it that is carved out of it."""
    targets = [paths.Target(workspace, None)]
    try:
        survey = reader.Survey(workspace.root, workspace.git_dir)
    except Refusal:
        return targets  # the gate says what is wrong with it
    survey.close()
    return targets + [paths.Target(workspace, room) for room in survey.rooms if room]
