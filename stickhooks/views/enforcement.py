"""Whether git asks for the stick before it writes, said in one line where it does not."""

from __future__ import annotations

from stickhooks.text import command, plain
from stickhooks.workspace import hook_seal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.errors import Step
    from stickhooks.operations.context import Desk

TITLE = "NOT ENFORCED"


def lacking(desk: Desk, *, write: bool = False) -> tuple[str, Step]:
    """Return why git does not ask here, and what to type; two ``""`` where it does.

    With ``write`` it is written down that all was in order, so that the next look is short.
    """
    workspace = desk.workspace
    if hook_seal.holds(workspace):
        return "", ""
    from stickhooks.errors import Next, Refusal
    from stickhooks.setup import git_hooks

    if workspace.git_dir is None:
        return git_hooks.lacking_around(workspace.root)
    try:
        wrong = git_hooks.wrongs(workspace, git_hooks.NEEDED)
        if write and not wrong:
            git_hooks.put_seal(workspace)
    except (Refusal, OSError) as error:
        return f"whether git's hooks ask for the stick cannot be seen: {error}", Next("doctor")
    why, step = wrong[0] if wrong else ("", "")
    more = f" ({len(wrong)} such hooks)" if len(wrong) > 1 else ""
    return f"{why.removeprefix('git hooks: ')}{more}", step


def line(why: str, step: Step) -> str:
    return f"{TITLE}  {plain(why)}; next: {plain(command(step))}" if why else ""


def data(why: str, step: Step) -> dict[str, str] | None:
    return {"why": why, "next": command(step)} if why else None
