"""The seal on our hooks, git's and the clients': what was in order once, and is untouched since, is in order.

It stands in for asking git on each ``join`` and ``take`` where its hooks are, and comparing each of
them with ours: without it a ``take`` costs 9.1 B0 (see ``stickhooks.fast``) instead of 3.5, and twenty
processes of git more. A marker of our own could not stand in for that: ``core.hooksPath`` in any of
git's configuration files leads git past our hooks (husky sets it), and ``take`` has to say so.

Where all was well, the time, size and number of every file that has a say in it are written
down, and while these are the same nothing is looked at again. In the git dir, where no clone
brings it along.
"""

from __future__ import annotations

import os

from stickhooks.store import layout
from stickhooks.system import publish
from stickhooks.system.folder import Folder, read_file
from stickhooks.workspace import paths

LIMIT = 1 << 16
#: What of the environment tells git of its configuration, and where it is.
_SETTINGS = ("GIT_CONFIG", "HOME", "XDG_CONFIG_HOME")


def holds(workspace: paths.Workspace) -> bool:
    """Tell whether the hooks of a workspace were in order, and are untouched since. Only reads."""
    if workspace.git_dir is None:
        return False
    try:
        data = read_file(os.path.join(workspace.git_dir, layout.GIT_FOLDER, layout.SEAL), LIMIT)
    except ValueError:
        return False
    first, *lines = (data or b"").decode("utf-8", "surrogateescape").split("\0")
    places = [line.partition(" ")[2].partition(" ")[2].partition(" ")[2] for line in lines]
    if not lines or first != _settings() or [_mark(place) for place in places] != lines:
        return False
    return os.access(places[0], os.X_OK)  # mounted noexec since, say: that changes no file


def put(workspace: paths.Workspace, hooks: list[str], configuration: list[str]) -> None:
    """Write down that all is in order now, of these hooks and by what these files tell git.

    Where that cannot be written, it is only looked at again.
    """
    git_dir = workspace.git_dir
    if git_dir is None:
        return
    places = dict.fromkeys([*hooks, *configuration, *_configurations(git_dir)])
    lines = [_settings(), *map(_mark, places)]
    data = "\0".join(lines).encode("utf-8", "surrogateescape")
    if len(data) > LIMIT:
        return  # an environment that long: it is looked at each time
    try:
        with Folder.open(git_dir) as opened, opened.sub(layout.GIT_FOLDER) as folder:
            publish.publish(folder, layout.SEAL, data)
    except OSError:
        pass


def _configurations(git_dir: str) -> list[str]:
    """Return where git looks for its configuration, whether anything is there or not."""
    common, home = paths.common_dir_of(git_dir), os.path.expanduser("~")
    mine = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    return [
        os.path.join(common, "config"),
        os.path.join(git_dir, "config.worktree"),
        os.path.join(home, ".gitconfig"),
        os.path.join(mine, "git", "config"),
        "/etc/gitconfig",
    ]


def _settings() -> str:
    return "\n".join(sorted(f"{k}={v}" for k, v in os.environ.items() if k.startswith(_SETTINGS)))


def _mark(place: str) -> str:
    try:
        file = os.stat(place)
    except (OSError, ValueError):
        return f"- - - {place}"
    times = f"{file.st_mtime_ns}:{file.st_ctime_ns}"
    return f"{times} {file.st_size} {file.st_ino}:{file.st_mode:o} {place}"
