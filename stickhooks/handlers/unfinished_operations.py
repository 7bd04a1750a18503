"""What is said where somebody without the stick begins or ends a merge, a pick, a rebase.

Git has changed the tree before it asks about either, but for ``--quit``. A refusal would then leave
an operation that looks half done: the holder's next commit would conclude it.
"""

from __future__ import annotations

from stickhooks.gate import messages
from stickhooks.handlers import common, ways_back
from stickhooks.handlers.git_hook import GitHook
from stickhooks.workspace import begun_operations, git, paths


def begun_by(hook: GitHook, workspace: paths.Workspace, marks: dict[str, str]) -> int:
    """Tell of a pick that stopped at conflicts. One without is refused when it is committed."""
    if not git.has_conflicts(workspace.root, hook.env):
        return 0
    assert workspace.git_dir is not None
    common.say(messages.text(hook.verdict))
    hook.tell_late()
    lying = begun_operations.lying(workspace.git_dir)
    begun_operations.note(workspace.git_dir, hook.caller(), {**lying, **marks})
    return 0


def quit_by(hook: GitHook, workspace: paths.Workspace) -> int:
    """Refuse to forget a pick that somebody else began: nothing is changed yet."""
    if begun_operations.is_of(workspace.git_dir or "", hook.caller()):
        return 0
    return hook.concluded()


def ended_by(hook: GitHook, workspace: paths.Workspace) -> int:
    """Tell the caller and the holder what was ended, and what is left of it."""
    git_dir = workspace.git_dir or ""
    if begun_operations.is_of(git_dir, hook.caller()):
        return 0
    marks, again = begun_operations.lying(git_dir), begun_operations.again(git_dir)
    if begun_operations.told_already(
        git_dir
    ):  # git asks several times, and by processes of its own
        return 0
    what = next(iter(marks), "an operation")
    steps = [f"again: {again}"] if again else []
    steps.append(f"what was staged in it: {ways_back.FIND}")
    first = messages.words(hook.verdict, hook.verdict.refusals[0])[0][0]
    common.say(f"stick: TOO LATE  {first}; git has ended what was under way here ({what}) already")
    for step in steps:
        common.say(f"       {step}")
    lost = "what was resolved in it is gone from the tree"
    ended = f"ended what was under way ({what}); {lost}; {'; '.join(steps)}"
    hook.tell_holders(ended)
    return 0
