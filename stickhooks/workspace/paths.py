"""Which workspace a path lies in. Asks no git and trusts no ``GIT_*`` variable: hooks run under both."""

from stickhooks.fast.os import os
from stickhooks.protocol import phases
from stickhooks.store import layout
from stickhooks.system import lexical
from stickhooks.system.folder import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

MARKERS = ("CLAUDE.md", "AGENTS.md", "package.json", "pyproject.toml", "Cargo.toml", "go.mod")


class Workspace:
    """One working tree: its real root, and its git dir (None where there is no git)."""

    __slots__ = ("git_dir", "root")

    def __init__(self, root: str, git_dir: "str | None") -> None:
        self.root = root
        self.git_dir = git_dir

    def relative(self, path: str) -> str:
        """Return a real path inside this workspace relative to its root, ``""`` for the root."""
        if path == self.root:
            return ""
        return path[len(self.root.rstrip(os.sep)) + 1 :].replace(os.sep, "/")

    def has_room(self) -> bool:
        """Tell whether there is a room, or ever was one. Two looks at the disk, nothing read."""
        return os.path.lexists(os.path.join(self.root, layout.FOLDER)) or (
            self.git_dir is not None and os.path.lexists(layout.anchor_of(self.git_dir))
        )


class Target:
    """One thing to be written: a path below a workspace, or (``path`` None) the workspace as such.

    ``ours`` marks what belongs to stickhooks or to git, wherever it lies. ``strict`` marks what only a
    room asks for that refuses all tools of other servers.
    """

    __slots__ = ("ours", "path", "strict", "workspace")

    def __init__(
        self, workspace: Workspace, path: "str | None", ours: bool = False, strict: bool = False
    ) -> None:
        self.workspace = workspace
        self.path = path
        self.ours = ours
        self.strict = strict


def targets_of(workspace: Workspace, found: "list[str]") -> "list[Target]":
    """Return the targets for paths of a workspace; where there are none, it as such."""
    return [Target(workspace, path) for path in found] or [Target(workspace, None)]


def real(path: str, base: "str | None" = None) -> str:
    """Return the real absolute path; parts that do not exist yet are kept as they are.

    Raises ValueError for what cannot be a path.
    """
    if not path or "\0" in path:
        raise ValueError("it is not a path")
    joined = os.path.join(base or os.getcwd(), path)
    return os.path.realpath(joined)


def readings(path: str, base: "str | None" = None) -> "list[str]":
    """Return the real paths that a path may mean: to the system, to a client that first tidies it.

    Behind a link these differ: the system's ``link/..`` is above where the link leads, and that of
    a client is beside it. A ``~`` is a home, and where there is such a name, that too. Raises
    ValueError for what cannot be a path.
    """
    told = os.path.expanduser(path)
    found = [real(told, base)]
    if told != path and os.path.lexists(os.path.join(base or ".", path.partition("/")[0])):
        found.append(real(path, base))
    if ".." in path:
        found.append(real(lexical.by_letters(os.path.join(base or os.getcwd(), told)), base))
    return list(dict.fromkeys(found))


def workspace_at(folder: str) -> "Workspace | None":
    """Return the workspace whose top is ``folder``, None where there is none."""
    git_dir = layout.git_dir_of(folder)
    if git_dir or os.path.lexists(os.path.join(folder, layout.FOLDER)):
        return Workspace(folder, git_dir)
    return None


def workspace_of(path: str) -> "Workspace | None":
    """Return the workspace a real path lies in.

    In git it is the top level; without git the nearest ancestor that has a room, also where a
    folder above that became a repository since; else None.
    """
    with_room = None
    folder = path
    while True:
        git_dir = layout.git_dir_of(folder)
        if git_dir:
            if with_room and with_room != folder and _was_made_here(with_room):
                return Workspace(with_room, None)
            return Workspace(folder, git_dir)
        if with_room is None and os.path.lexists(os.path.join(folder, layout.FOLDER)):
            with_room = folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return Workspace(with_room, None) if with_room else None
        folder = parent


def _was_made_here(folder: str) -> bool:
    """Tell whether the room in a folder below the top of a repository was made before that one. What
    came with a clone or a copy names another place, or none."""
    from stickhooks.store import young_git

    return young_git.is_of(folder)


def repository_around(root: str) -> "str | None":
    """Return the top of the repository that a folder lies in without being one, None where there is none."""
    folder = root
    while not layout.git_dir_of(folder):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def new_workspace_of(path: str) -> Workspace:
    """Return the workspace in which a new room for a real path goes."""
    found = workspace_of(path)
    if found:
        return found
    start = path if os.path.isdir(path) else os.path.dirname(path)
    home = os.path.realpath(os.path.expanduser("~"))
    folder = start
    while True:
        marked = any(os.path.exists(os.path.join(folder, marker)) for marker in MARKERS)
        if marked and (folder != home or start == home):
            return Workspace(folder, None)
        parent = os.path.dirname(folder)
        if parent == folder:
            return Workspace(start, None)
        folder = parent


def targets(path: str, base: "str | None" = None, *, git_dirs: bool = False) -> "list[Target]":
    """Return what a path may mean, by every reading, as far as it lies in a workspace with a room.

    With ``git_dirs`` a path in a git dir counts as ours where that repository has a room in any of its
    worktrees. Raises ValueError for what cannot be a path.
    """
    found = []
    for real_path in readings(path, base):
        git_dir = git_dir_above(real_path) if git_dirs else None
        if git_dir and knows_rooms(git_dir):
            found.append(Target(Workspace(git_dir, git_dir), real_path, ours=True))
            continue
        workspace = workspace_of(real_path)
        if workspace is not None and workspace.has_room():
            found.append(Target(workspace, workspace.relative(real_path)))
    return found


def hidden(path: str, base: "str | None" = None) -> str:
    """Return the folder above a path that this account may not look into, ``""`` for none.

    What lies below it is not known, a room among it. Raises ValueError for what cannot be a path.
    """
    return next(filter(None, map(_shut, readings(path, base))), "")


def _shut(path: str) -> str:
    try:
        os.lstat(path)
    except PermissionError:
        parent = os.path.dirname(path)
        return _shut(parent) or parent
    except (OSError, ValueError):
        pass
    return ""


def tree_of(git_dir: str) -> "str | None":
    """Return the working tree that a git dir belongs to, by its place; None for a bare one."""
    if os.path.basename(git_dir) == ".git":
        return os.path.dirname(git_dir)
    try:
        named = read_file(os.path.join(git_dir, "gitdir"), 1 << 16)
    except ValueError:
        named = None
    if not named:
        return None
    return os.path.dirname(os.path.realpath(os.path.join(git_dir, os.fsdecode(named).strip())))


def knows_rooms(git_dir: str) -> bool:
    """Tell whether a git dir, or the one it shares with other worktrees, has anything of ours."""
    dirs = (git_dir, common_dir_of(git_dir))
    return any(os.path.lexists(os.path.join(d, layout.GIT_FOLDER)) for d in dirs)


def git_dir_above(path: str) -> "str | None":
    """Return the git dir that a real path lies in, a working tree's or a linked worktree's."""
    folder = path
    while True:
        if os.path.exists(os.path.join(folder, "HEAD")) and (
            os.path.isdir(os.path.join(folder, "objects"))
            or os.path.exists(os.path.join(folder, "commondir"))
        ):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def common_dir_of(git_dir: str) -> str:
    """Return the git dir that all linked worktrees share: hooks and config live there."""
    try:
        text = read_file(os.path.join(git_dir, "commondir"), 1 << 16)
    except ValueError:
        text = None
    if not text:
        return git_dir
    return os.path.realpath(os.path.join(git_dir, os.fsdecode(text).strip()))


def worktree_git_dirs(common_dir: str) -> "list[str]":
    """Return the git dirs of all worktrees that share a common dir; those deleted do not count."""
    folder = os.path.join(common_dir, "worktrees")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    linked = [os.path.realpath(os.path.join(folder, name)) for name in names]
    there = [one for one in linked if os.path.exists(os.path.join(tree_of(one) or one, ".git"))]
    return [common_dir, *there]


def is_inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


class Layout:
    """The rooms of a workspace, to be asked of many paths: each costs a look a folder above it.

    A file system may take two names for one (``WEB`` and ``web``, an accent in one sign or two),
    and it is asked: not what kind it is, but whether both are the same folder.
    """

    __slots__ = ("_alike", "_rooms", "_root")

    def __init__(self, root: str, rooms: "Iterable[str]") -> None:
        self._root = root
        self._rooms = frozenset(rooms)
        self._alike: dict[str, list[str]] | None = None  # made where a path lies in no nested room

    def spelled(self, path: str) -> str:
        """Return a path below the root as the deepest room is spelled that it lies in."""
        begin = path
        while begin and begin not in self._rooms:
            if self._alike is None:
                self._alike = _by_fold(self._rooms)
            for room in self._alike.get(phases.folded(begin), ()) if self._alike else ():
                if same(os.path.join(self._root, begin), os.path.join(self._root, room)):
                    return room + path[len(begin) :]
            begin = begin.rpartition("/")[0]
        return path

    def governing(self, spelled: str) -> "str | None":
        return phases.governing(self._rooms, spelled)


def _by_fold(rooms: "Iterable[str]") -> "dict[str, list[str]]":
    found: dict[str, list[str]] = {}
    for room in rooms:
        if room:
            found.setdefault(phases.folded(room), []).append(room)
    return found


def spelled(root: str, path: str, rooms: "Iterable[str]") -> str:
    """Return one path below ``root`` as the deepest of ``rooms`` is spelled that it lies in."""
    return Layout(root, rooms).spelled(path)


def same(one: str, other: str) -> bool:
    """Tell whether two paths lead to the same thing."""
    try:
        here, there = os.stat(one), os.stat(other)
    except (OSError, ValueError):
        return False
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)


def is_ours(root: str, path: str) -> bool:
    """Tell whether a path below ``root`` lies in our folder or the git dir there, as the disk sees it.

    Names that cannot be another spelling cost no look: these begin with a dot (``.GIT``), have a
    tilde (``GIT~1`` on Windows), or are not ASCII.
    """
    first = path.partition("/")[0]
    ours = (layout.FOLDER, ".git")
    if first in ours:
        return True
    if not first or (first.isascii() and first[0] != "." and "~" not in first):
        return False
    return any(same(os.path.join(root, first), os.path.join(root, name)) for name in ours)


def ignores_case(root: str) -> bool:
    """Tell whether a file system takes our folder in ``root`` for the same in another case."""
    there = os.path.join(root, layout.FOLDER)
    return same(there, os.path.join(root, layout.FOLDER.upper()))


def matches(pattern: str, path: str) -> bool:
    """Tell whether an ``exempt`` glob matches a path below the workspace.

    ``*`` and ``?`` stay within one folder, ``**`` crosses folders; a pattern without ``/``
    is matched against the file's name wherever it lies; one that ends in ``/`` against folders.
    """
    if pattern.endswith("/"):
        pattern += "**"
    if "/" not in pattern:
        return _match(pattern, path.rpartition("/")[2])
    return _match(pattern.lstrip("/"), path)


def is_among(globs: "list[str]", root: str, path: str) -> bool:
    """Tell whether one of some globs matches a path below ``root``; where case is ignored, in any case."""
    if any(matches(glob, path) for glob in globs):
        return True
    told = phases.folded(path)
    alike = any(matches(phases.folded(glob), told) for glob in globs)
    return alike and ignores_case(root)


def _match(pattern: str, text: str) -> bool:
    """Match by going through the pattern once, with the set of places in the text it has reached."""
    reached = {0}
    while pattern and reached:
        if pattern.startswith("**/"):
            pattern = pattern[3:]
            cuts = {i + 1 for i, c in enumerate(text) if c == "/"}
            reached |= {cut for cut in cuts if cut > min(reached)}
        elif pattern.startswith("**"):
            pattern = pattern.lstrip("*")
            reached = set(range(min(reached), len(text) + 1))
        elif pattern[0] == "*":
            pattern = pattern[1:]
            reached = _within_folder(reached, text)
        else:
            char, pattern = pattern[0], pattern[1:]
            reached = {i + 1 for i in reached if i < len(text) and _is(char, text[i])}
    return len(text) in reached


def _within_folder(reached: "set[int]", text: str) -> "set[int]":
    """Return the places that a star leads to: up to the end of the folder or name."""
    found = set()
    for i in sorted(reached):
        while i not in found:
            found.add(i)
            if i == len(text) or text[i] == "/":
                break
            i += 1
    return found


def _is(char: str, given: str) -> bool:
    return char == given or (char == "?" and given != "/")
