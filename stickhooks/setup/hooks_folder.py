"""Where our git hooks go: among git's own, or into a folder of ours that is set as core.hooksPath.

Ours is used where the hooks are not ours to write: tracked files, a folder that other
repositories use too, one that another tool rewrites, a link, nothing that is a folder. Ours
runs theirs by their own path, for the names that are there.
"""

from __future__ import annotations

import json
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stickhooks.errors import Next
from stickhooks.setup import hook_files, placing
from stickhooks.store import layout
from stickhooks.system import text_files
from stickhooks.workspace import git, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.errors import Step

#: Says where git's setting of the hooks' folder stands.
SHOW: Final = "git config --show-origin --get core.hooksPath"
#: What others hook besides what we do: a pull may add one of them at any time.
FORWARDED: Final = (
    "commit-msg", "pre-push", "pre-applypatch", "post-applypatch", "pre-auto-gc",
)  # fmt: skip


@dataclass(frozen=True)
class Way:
    """Where our hooks go, and which folder they go on to; ``trouble`` where they can go nowhere, with
    the ``step`` that says more or ends it.

    ``scope`` is that of the setting that has to name our folder, ``""`` where none is needed.
    """

    folder: str
    theirs: str = ""
    scope: str = ""
    trouble: str = ""
    step: Step = SHOW
    by_command: bool = False  # the setting ends with this git command, or with this shell


def way(workspace: paths.Workspace, *, anew: bool = False) -> Way:
    """Return where our hooks are to be; ``anew`` where they may be moved, for a tool that comes later."""
    assert workspace.git_dir is not None
    common = paths.common_dir_of(workspace.git_dir)
    folder, scope = git.hooks_path(workspace.root)
    if scope == "command":
        how = "by the environment or an option of this git command"
        return Way(folder, trouble=f"core.hooksPath is {folder or 'empty'} {how}", by_command=True)
    base = workspace.git_dir if scope == "worktree" else common
    where = "worktree" if scope == "worktree" else "local"
    own = os.path.realpath(_own(base))
    if folder == own:
        return Way(own, recorded(own), where, *_barred(own))
    ours_to_use = paths.is_inside(folder, common) and not _is_of_ours(folder)
    if ours_to_use and not _barred(folder)[0] and not (anew and _installs_alone(workspace.root)):
        return Way(folder)
    theirs = git.hooks_setting(workspace.root) if scope else os.path.join(common, "hooks")
    if _is_of_ours(theirs):  # of the repository that this one was copied from
        theirs = recorded(own) or recorded(theirs)
    config = os.path.dirname(_config(base, where))
    barred = _barred(own)
    return Way(own, theirs, where, *(barred if barred[0] else _barred(config)))


def _installs_alone(root: str) -> bool:
    """Tell whether a tool is used here that puts hooks into git's own folder, and only where nobody's are.

    ``dvc install`` stops at any hook of a name that it needs (scmrepo, ``verify_hook``), wherever
    ``core.hooksPath`` leads. The pre-commit framework, which it can use instead, wants no such setting.
    """
    alone = os.path.isdir(os.path.join(root, ".dvc"))
    return alone and not os.path.exists(os.path.join(root, ".pre-commit-config.yaml"))


def _own(base: str) -> str:
    return os.path.join(base, layout.GIT_FOLDER, layout.GIT_HOOKS)


def _is_of_ours(folder: str) -> bool:
    return folder.endswith(os.path.join(os.sep + layout.GIT_FOLDER, layout.GIT_HOOKS))


def _barred(folder: str) -> tuple[str, Step]:
    """Say why we cannot write hooks there, ``""`` where we can, and what to type then."""
    above = folder
    while not os.path.lexists(above):
        above = os.path.dirname(above)
    if not os.path.isdir(above):
        return f"{above} is no folder", SHOW
    if not os.access(above, os.W_OK | os.X_OK):
        return f"{above} cannot be written by you", f"ls -ld {shlex.quote(above)}"
    if hasattr(os, "statvfs") and os.statvfs(above).f_flag & getattr(os, "ST_NOEXEC", 0):
        return f"{above} is mounted noexec: git runs no hook there", _remount(above)
    return "", SHOW


def _remount(folder: str) -> Step:
    """Return the command that has a folder's file system run programs: for whoever administers it."""
    while not os.path.ismount(folder):
        folder = os.path.dirname(folder)
    return Next("init", after=f"sudo mount -o remount,exec {shlex.quote(folder)}")


def recorded(folder: str) -> str:
    """Return the folder that our hooks in ``folder`` go on to."""
    texts = (text_files.read(Path(folder, name)) for name in ("pre-commit", "pre-push"))
    return hook_files.assigned(next(filter(None, texts), ""), "stick_theirs")


def names(place: Way, root: str) -> list[str]:
    """Return the hooks to go on to besides our own: the usual ones, and whatever is there now."""
    if not place.scope:
        return []
    there = os.path.join(root, place.theirs)
    listed = sorted(os.listdir(there)) if place.theirs and os.path.isdir(there) else []
    runs = [name for name in listed if _is_hook(os.path.join(there, name))]
    return list(dict.fromkeys((*FORWARDED, *runs)))


def _is_hook(path: str) -> bool:
    name = os.path.basename(path)
    plain = "." not in name and name.replace("-", "").islower() and "-" in name
    return (plain or name == "update") and os.path.isfile(path) and os.access(path, os.X_OK)


def _config(base: str, scope: str) -> str:
    return os.path.join(base, "config.worktree" if scope == "worktree" else "config")


def point(workspace: paths.Workspace, place: Way) -> bool:
    """Have git take its hooks from our folder. Tell whether anything changed."""
    if not place.scope or git.hooks_path(workspace.root)[0] == place.folder:
        return False
    base = str(Path(place.folder).parent.parent)
    config = Path(_config(base, place.scope))
    before, value = text_files.read(config), git.hooks_setting(workspace.root, place.scope)
    git.configure(workspace.root, place.scope, "core.hooksPath", place.folder)
    wrote = text_files.read(config)
    record = {"scope": place.scope, "before": before, "wrote": wrote, "value": value}
    path = Path(base, layout.GIT_FOLDER, layout.HOOKS_PATH)
    text_files.write(path, json.dumps(record) + "\n", 0o644)
    return True


def point_back(workspace: paths.Workspace, base: str) -> list[str]:
    """Set core.hooksPath to what it was, where it is still ours."""
    record = Path(base, layout.GIT_FOLDER, layout.HOOKS_PATH)
    text = text_files.read(record)
    if text is None:
        return []
    was = json.loads(text)
    record.unlink()
    config = Path(_config(base, was["scope"]))
    if text_files.read(config) == was["wrote"]:
        placing.restore(config, was["before"])
    elif _is_of_ours(git.hooks_setting(workspace.root, was["scope"])):
        git.configure(workspace.root, was["scope"], "core.hooksPath", was["value"])
    return [f"core.hooksPath is {was['value'] or 'not set'} again"]


def give_back(workspace: paths.Workspace, folder: Path, theirs: str) -> list[str]:
    """Move what others put into our folder to where they would have put it without us."""
    if not folder.is_dir():
        return []
    lines, there = [], Path(workspace.root, theirs) if theirs else None
    for left in sorted(folder.iterdir()):
        target = there / left.name if there and there.is_dir() else None
        if target is None or os.path.lexists(target):
            lines.append(f"a hook of another tool stays in {left}, where git does not run it")
            continue
        os.rename(left, target)
        lines.append(f"a hook of another tool is {target} now")
    text_files.remove_folders([str(folder)])
    return lines
