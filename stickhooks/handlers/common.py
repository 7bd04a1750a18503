"""What all hooks share: ask the gate, write down what is due, and say it.

Everything that goes wrong in a hook ends in a refusal that its caller honours, and only
where there is a room: a fault of ours must neither open the gate nor close other people's
repositories.
"""

from stickhooks.errors import Refusal
from stickhooks.fast.os import os
from stickhooks.gate import decision
from stickhooks.identity import resolver
from stickhooks.store import layout, reader
from stickhooks.workspace import paths

REFUSED = 3
PATH_LIMIT = 500  # characters of a path are noted
WAITED_FOR = "for a payload, a lock or a disk"
WAY_OUT = "`stick doctor` says what is wrong; `stick uninit` takes the hooks away"


def settled(
    targets: "list[decision.Target]", kind: str, sighting: resolver.Sighting, env: "dict[str, str]"
) -> decision.Verdict:
    """Ask the gate, and write down what its answer made due: seldom, so loaded only then."""
    verdict = decision.judge(targets, kind, sighting, env)
    if verdict.code == "state_lost":
        from stickhooks.operations import obligations

        if obligations.brought_back(verdict):
            verdict = decision.judge(targets, kind, sighting, env)
    if verdict.unanchored:
        from stickhooks.operations import obligations

        obligations.adopt(verdict.unanchored)
    return settle(verdict)


def settle(verdict: decision.Verdict) -> decision.Verdict:
    """Do what a yes made due, and write down a no."""
    if verdict.ok and any(ruling.due for ruling in verdict.allowed):
        from stickhooks.operations import obligations

        obligations.settle(verdict)
    if verdict.refusals:
        _note_refusals(verdict)
    for ruling in verdict.refusals:
        if ruling.agent_id and ruling.caller and ruling.caller.succeeds:
            from stickhooks.operations import obligations

            obligations.record(ruling)
    return verdict


def _note_refusals(verdict: decision.Verdict) -> None:
    from stickhooks.store.activity import REFUSED

    path = verdict.path and verdict.path[:PATH_LIMIT]
    for ruling in verdict.refusals:
        note(ruling, REFUSED, sparing=True, kind=verdict.kind, path=path, code=ruling.code)


def note(ruling: decision.Ruling, what: str, *, sparing: bool = False, **facts: object) -> None:
    """Write into a room's journal what its caller did, or was refused. Raises nothing."""
    if ruling.raw is not None:
        from stickhooks.store import activity

        activity.note(
            ruling.workspace.root, str(ruling.raw["room_id"]), what, sparing=sparing,
            agent_id=ruling.caller.name if ruling.caller else "", **facts,
        )  # fmt: skip


def leave_pass(verdict: decision.Verdict, git_pid: str, env: "dict[str, str]") -> None:
    """Spare the later hooks of this git process the question."""
    from stickhooks.gate import cache

    cache.leave(verdict, git_pid, env)


def conclude(verdict: decision.Verdict, workspace: paths.Workspace, git_pid: str, hook: str) -> int:
    """Say what the gate said to git, and return the hook's exit code.

    A refusal is exit code 3: 1 is what Python ends with when the gate itself cannot run.
    """
    say_warnings(verdict)
    if verdict.ok:
        return 0
    from stickhooks.gate import cache, messages

    cache.refuse(workspace.git_dir, git_pid, hook)
    say(messages.text(verdict))
    try:
        tell_late(verdict, workspace, git_pid)
    except (OSError, Refusal) as error:
        say(f"       what git has done already could not be found out: {fault(error)}")
    return REFUSED


def tell_late(verdict: decision.Verdict, workspace: paths.Workspace, git_pid: str) -> None:
    """Say what a refused command has done already and the way back, and note it for the holders."""
    from stickhooks.handlers import undo_hints, ways_back

    command, git_dir = undo_hints.command_of(git_pid), workspace.git_dir or ""
    late = ways_back.told(workspace.root, git_dir, command, dict(os.environ))
    if late is None:
        return
    for line in late.lines():
        say(f"       {line}")
    ways_back.remember(git_dir, command, caller_of(verdict))
    find = f" ({late.find})" if late.find else ""
    tell_holders(verdict, git_pid, f"refused too late: {late.done}{find}")


def caller_of(verdict: decision.Verdict) -> str:
    """Return the name of who was refused, ``""`` where nobody is known."""
    return next((r.caller.name for r in verdict.refusals if r.caller), "")


def tell_holders(verdict: decision.Verdict, git_pid: str, deed: str) -> None:
    """Note for the holders what a refused command did to their tree: told at their next verb."""
    from stickhooks.handlers import undo_hints
    from stickhooks.store import activity

    shown = undo_hints.shown(undo_hints.command_of(git_pid))
    for ruling in verdict.refusals:
        note(ruling, activity.OUTSIDE, sparing=True, kind="git", did=f"{shown}: {deed}", paths=[])


def workspace(env: "dict[str, str]") -> "paths.Workspace | None":
    """Return the workspace that a git hook was called for: that of the git dir git names."""
    here = os.path.realpath(os.getcwd())
    found = paths.workspace_of(here)
    named = env.get("GIT_DIR")
    git_dir = os.path.realpath(os.path.join(here, named)) if named else None
    if git_dir is None or (found and found.git_dir == git_dir):
        return found
    root = paths.tree_of(git_dir)
    if root is None and os.path.lexists(layout.anchor_of(git_dir)):
        # A submodule's, or one put elsewhere. Without a tree it has a room that cannot be found.
        root = reader.tree_of(git_dir) or git_dir
    return paths.Workspace(root, git_dir) if root else found


def every_room(workspace: paths.Workspace) -> "list[decision.Target]":
    """Return all rooms of a workspace, for what names no paths."""
    survey = reader.Survey(workspace.root, workspace.git_dir)
    survey.close()
    return [decision.Target(workspace, room or None) for room in survey.rooms]


def is_one_whole(workspace: paths.Workspace) -> bool:
    """Tell whether one room governs all alike. What cannot be read is the gate's to refuse."""
    try:
        survey = reader.Survey(workspace.root, workspace.git_dir)
    except Refusal:
        return True
    try:
        found = survey.load("", signs=list) if survey.rooms == [""] else None
    except Refusal:
        return True
    finally:
        survey.close()
    return found is not None and not found[0]["policy"]["exempt"]  # type: ignore[index]


def say_warnings(verdict: decision.Verdict) -> None:
    if verdict.foreign:
        from stickhooks.gate import messages

        for warning in messages.warnings(verdict):
            say(warning)


def fault(error: BaseException) -> str:
    from stickhooks.text import plain

    if isinstance(error, Refusal):
        return plain(error.message)
    return f"stickhooks failed: {plain(repr(error), 200)}"


def say(text: str) -> None:
    os.write(2, (text + "\n").encode("utf-8", "backslashreplace"))
