"""git's before-hook, in and out: ``core.fsmonitor``, which git asks before it reads the index.

No hook of git's runs before ``checkout -- FILE``, ``restore``, ``reset --hard`` or ``clean``, but this
question comes while everything is still there (git 2.39.5, 2.47.3, 2.55.0). Off by default: it costs each git
command 2 ms, and has ``git status`` write the index, which sets off programs that watch it.
The setting reads a file of ours into the shell that git starts; where that is gone git looks for itself.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Final

from stickhooks.errors import Next
from stickhooks.setup import hook_probe
from stickhooks.setup.report import GIT, Report
from stickhooks.setup.templates import filled
from stickhooks.store import layout
from stickhooks.text import command, plain
from stickhooks.workspace import git, paths
from stickhooks.workspace.hook_names import BEFORE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.errors import Step
    from stickhooks.setup.placing import Manifest

SETTING: Final = "core.fsmonitor"
ON: Final = Next("init", "--before-hook")
SHOW: Final = f"git config --show-origin --get-all {SETTING}"
WHAT: Final = "git's before-hook"
LACKING: Final = (
    f"not installed (with `{command(ON)}` git keeps uncommitted work before it discards any)"
)


def script(common: str) -> Path:
    return Path(common, layout.GIT_FOLDER, layout.BEFORE_HOOK)


def value(common: str) -> str:
    """Return the setting: read into git's own shell, the file is asked by git itself, and may be gone."""
    quoted = shlex.quote(str(script(common)))
    return f"[ -r {quoted} ] && . {quoted}"


def is_ours(setting: str) -> bool:
    """Tell whether a value of the setting names such a file, of this repository or one it was copied from."""
    return layout.BEFORE_HOOK in setting and layout.GIT_FOLDER in setting


def install(
    workspace: paths.Workspace, manifest: Manifest, report: Report, *, wanted: bool
) -> None:
    """Have git ask before it changes anything, where that is ``wanted`` or was so before.

    Somebody else's setting stays, and is said to be there.
    """
    assert workspace.git_dir is not None
    common = paths.common_dir_of(workspace.git_dir)
    there = git.settings(workspace.root, SETTING)
    if not there and not wanted:
        report.told(WHAT, LACKING, kind=GIT, name=WHAT)
        return
    if there and not is_ours(there[-1][1]):
        if wanted:
            report.troubles.append(_others(there[-1]))
            report.steps.append(SHOW)
        return
    changed = report.put(manifest, "file", script(common), filled(layout.BEFORE_HOOK))
    if not there or there[-1][1] != value(common):
        changed = True
        if not report.dry:
            git.configure(workspace.root, "local", SETTING, value(common))
    report.did(changed, WHAT, kind=GIT, name=WHAT)


def _others(setting: tuple[str, str]) -> str:
    scope, said = setting
    return (
        f"{WHAT}: NOT installed: {SETTING} is set already ({scope}: {plain(said, 80)}), and stays;"
        " what a git command typed in a terminal takes is kept only as of the last snapshot"
    )


def unset(workspace: paths.Workspace) -> list[str]:
    """Take the setting out where it is ours; the file goes with what the manifest names."""
    mine = [
        scope
        for scope, said in git.settings(workspace.root, SETTING)
        if scope == "local" and is_ours(said)
    ]
    if not mine:
        return []
    git.configure(workspace.root, "local", SETTING, "")
    return [f"unset {SETTING}, {WHAT}"]


def wrong(workspace: paths.Workspace) -> tuple[str, Step]:
    """Return why git does not ask, though it was set to, and what to type; two ``""`` where it does,
    or nobody wanted it. git is started once, and changes nothing."""
    assert workspace.git_dir is not None
    common = paths.common_dir_of(workspace.git_dir)
    there = git.settings(workspace.root, SETTING)
    placed = os.path.lexists(script(common))
    if not there or not is_ours(there[-1][1]):
        overridden = bool(there) and placed
        return (
            (f"{SETTING} is set to another's since: git does not ask {WHAT}", SHOW)
            if overridden
            else ("", "")
        )
    if there[-1][1] != value(common):
        return f"{SETTING} names {WHAT} where it is not: the repository was moved or copied", ON
    if not placed:
        return (
            f"there is no {script(common)}: git does not ask before it takes uncommitted work",
            ON,
        )
    why = hook_probe.asked(workspace.root, git.asking_monitor(), BEFORE, refuses=False)
    if why:
        return f"{WHAT} does not answer: {why}", ON
    return "", ""


def lacking(workspace: paths.Workspace) -> str:
    """Return what a git command in a terminal takes for good, ``""`` where git asks or there is no git."""
    if workspace.git_dir is None or not os.path.lexists(layout.anchor_of(workspace.git_dir)):
        return ""
    if os.path.lexists(script(paths.common_dir_of(workspace.git_dir))):
        return ""
    return (
        f"git does not ask before it takes uncommitted work, so later saves are lost: {command(ON)}"
    )
