"""Whether git and the clients ask for the stick before they write, said in one line where they do not."""

from __future__ import annotations

import os

from stickhooks.store import layout
from stickhooks.system import homes
from stickhooks.text import command, plain
from stickhooks.workspace import git_environment, hook_seal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.errors import Step
    from stickhooks.operations.context import Desk

TITLE = "NOT ENFORCED"


def lacking(desk: Desk, *, write: bool = False) -> tuple[str, Step]:
    """Return why git, or a client, does not ask here, and what to type; two ``""`` where they do.

    With ``write`` it is written down that all was in order, so that the next look is short.
    """
    workspace = desk.workspace
    if workspace.git_dir is not None and git_environment.hooks_path_variable(desk.env):
        from stickhooks.setup import hookless_shell

        return hookless_shell.lacking(workspace, desk.env)
    if hook_seal.holds(workspace):
        return "", ""
    from stickhooks.errors import Next, Refusal
    from stickhooks.setup import client_hooks, git_hooks

    if workspace.git_dir is None:
        return git_hooks.lacking_around(workspace.root)
    try:
        dropped, files = client_hooks.dropped(workspace)
        wrong = [*git_hooks.wrongs(workspace, git_hooks.NEEDED), *dropped]
        if write and not wrong:
            git_hooks.put_seal(workspace, files)
    except (Refusal, OSError) as error:
        return f"whether git's hooks ask for the stick cannot be seen: {error}", Next("doctor")
    why, step = wrong[0] if wrong else ("", "")
    more = f" ({len(wrong)} such hooks)" if len(wrong) > 1 else ""
    return f"{why.removeprefix('git hooks: ')}{more}", step


def covered(desk: Desk) -> list[str]:
    """Say what is so in a shell where git runs no hooks, and the client's own hook judges instead."""
    if desk.workspace.git_dir is None or not git_environment.hooks_path_variable(desk.env):
        return []
    from stickhooks.setup import hookless_shell

    told = hookless_shell.covered(desk.workspace, desk.env)
    return [told] if told else []


def unguarded(desk: Desk) -> list[str]:
    """Return a line for every client here that was started before its hooks were put in, and still runs."""
    workspace = desk.workspace
    base = workspace.git_dir or os.path.join(workspace.root, layout.FOLDER)
    places = [os.path.join(base, layout.GIT_FOLDER)]
    if shared := homes.data_folder():
        places.append(os.path.join(shared, layout.GIT_FOLDER))
    if not any(os.path.exists(os.path.join(place, layout.UNGUARDED)) for place in places):
        return []
    from stickhooks.setup import running_clients

    return [plain(running_clients.line(*one), 200) for one in running_clients.unguarded(workspace)]


def line(why: str, step: Step) -> str:
    return f"{TITLE}  {plain(why)}; next: {plain(command(step))}" if why else ""


def data(why: str, step: Step) -> dict[str, str] | None:
    return {"why": why, "next": command(step)} if why else None
