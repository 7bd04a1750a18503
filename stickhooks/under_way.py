"""What is said where somebody without the stick begins or ends a merge, a pick, a rebase.

Git has changed the tree before it asks about either, but for ``--quit``. A refusal would then leave
an operation that looks half done: the holder's next commit would conclude it.
"""

from __future__ import annotations

from stickhooks import begun, check, door, git, paths, refusing, way_back

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def begun_by(
    verdict: check.Verdict,
    workspace: paths.Workspace,
    marks: dict[str, str],
    env: Mapping[str, str],
    git_pid: str,
) -> int:
    """Tell of a pick that stopped at conflicts. One without is refused when it is committed."""
    if not git.has_conflicts(workspace.root, env):
        return 0
    assert workspace.git_dir is not None
    door.say(refusing.text(verdict, check.REFS))
    door.tell_late(verdict, workspace, git_pid)
    begun.note(
        workspace.git_dir, door.caller_of(verdict), {**begun.lying(workspace.git_dir), **marks}
    )
    return 0


def quit_by(verdict: check.Verdict, workspace: paths.Workspace, git_pid: str) -> int:
    """Refuse to forget a pick that somebody else began: nothing is changed yet."""
    if begun.is_of(workspace.git_dir or "", door.caller_of(verdict)):
        return 0
    return door.conclude(verdict, check.REFS, workspace, git_pid, "reference-transaction")


def ended_by(verdict: check.Verdict, workspace: paths.Workspace, git_pid: str) -> int:
    """Tell the caller and the holder what was ended, and what is left of it."""
    git_dir = workspace.git_dir or ""
    if begun.is_of(git_dir, door.caller_of(verdict)):
        return 0
    marks, again = begun.lying(git_dir), begun.again(git_dir)
    if begun.told_already(git_dir):  # git asks several times, and by processes of its own
        return 0
    what = next(iter(marks), "an operation")
    steps = [f"again: {again}"] if again else []
    steps.append(f"what was staged in it: {way_back.FIND}")
    first = verdict.refusals[0].lines[0]
    door.say(f"stick: TOO LATE  {first}; git has ended what was under way here ({what}) already")
    for step in steps:
        door.say(f"       {step}")
    lost = "what was resolved in it is gone from the tree"
    door.tell_holders(
        verdict, git_pid, f"ended what was under way ({what}); {lost}; {'; '.join(steps)}"
    )
    return 0
