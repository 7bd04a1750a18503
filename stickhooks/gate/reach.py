"""Which rooms a shell command could reach: by the folders it may stand in, and by its words.

A word is only text here: whatever in it looks like a path counts as one. To find a place that is
none does no harm; a place that is missed would let a write pass that nobody asked for.
"""

from stickhooks.fast.os import os
from stickhooks.store import layout
from stickhooks.system import lexical
from stickhooks.workspace import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stickhooks.workspace.paths import Workspace

WORDS = (
    2000  # so many different pieces of a command are looked at, and of longer texts all with a /
)
BASES = 12
NEW_FOLDERS = 3  # so deep below one that is there, a command may make one and stand in it
LOOKED_AT = 400  # entries of folders, in search of rooms below one
_GIT, _ROOM = os.path.sep + ".git", os.path.sep + layout.FOLDER
_NESTED = 6  # folders down, rooms are looked for below one that is named
#: Folders of tools, full of others: nobody has a room in these.
_PASSED_OVER = (".git", ".hg", "node_modules", "__pycache__", ".venv", "venv", ".tox", ".nox")
#: Folders that everything lies below: who names them means no room in particular.
WIDE = ("/", "/tmp", "/var/tmp", "/private/tmp")
_QUOTES = "\"'`"
_CUTS = ";&|()<>=\n\t\r,:!"
_BETWEEN = str.maketrans(dict.fromkeys(_QUOTES + _CUTS, " "))
_UNQUOTED = str.maketrans({**dict.fromkeys(_CUTS, " "), **dict.fromkeys(_QUOTES + "\\", None)})
_GLOBS = "*?[{$"
_HERE = ("$(pwd)", "$(pwd -P)", "`pwd`", "${PWD}", "%cd%")
_MOVING = ("cd ", "chdir", "pushd", "-C", "dir", "cwd", "prefix")


def pieces(text: str) -> "dict[str, None]":
    """Return all that may be a path in a text: its words cut and unquoted in several ways."""
    for way in _HERE:
        text = text.replace(way, "$PWD")
    found = dict.fromkeys(text.translate(_BETWEEN).split())
    found.update(dict.fromkeys(text.translate(_UNQUOTED).split()))
    found.update(dict.fromkeys(word.strip(_QUOTES) for word in text.split()))
    if "\\ " in text:
        joined = text.replace("\\ ", "\0").translate(_BETWEEN).split()
        found.update((word.replace("\0", " "), None) for word in joined)
    for quote in "\"'":
        found.update((part, None) for part in text.split(quote)[1::2] if " " in part)
    for word in list(found):
        if word[:1] in ("-", "+", "@"):  # an option with its value, a file of arguments
            found.update({word[1:]: None, word[2:]: None})
    if len(found) > WORDS:
        first = list(found)
        found = dict.fromkeys([*first[:WORDS], *(word for word in first[WORDS:] if "/" in word)])
    return found


def spelled(word: str, env: "dict[str, str]") -> "Iterator[str]":
    """Yield what a piece may stand for: its variables replaced, or what follows them."""
    if word.startswith("~"):
        yield os.path.expanduser(word)
    while word.startswith("$"):
        name, slash, rest = word[1:].partition("/")
        name = name.strip("{}").partition(":")[0]
        value = "." if name == "PWD" else env.get(name, "")
        if value:
            yield value + slash + rest
        word = rest
    if word and "\0" not in word:
        yield word


def named(text: str, bases: "Iterable[str]", env: "dict[str, str]") -> "dict[str, bool]":
    """Return the real folders that a text names from each base; True where it may mean all below."""
    found: dict[str, bool] = {}
    for piece in pieces(text):
        for word in spelled(piece, env):
            for base in bases:
                _place(found, base, word)
    return found


def _place(found: "dict[str, bool]", base: str, word: str) -> None:
    whole, head = False, word
    for mark in _GLOBS:
        head = head.partition(mark)[0]
    if head != word:
        whole, word = True, head[: head.rfind("/") + 1] or "."
    path = os.path.join(base, word)
    for way in {path, lexical.by_letters(path)} if ".." in word else (path,):
        try:
            is_folder = os.path.isdir(way)
            real = os.path.realpath(way if is_folder else os.path.dirname(way))
        except (ValueError, OSError):
            continue
        found[real] = found.get(real, False) or whole or (is_folder and real != base)


def near(
    command: str, bases: "list[str]", env: "dict[str, str]", far: bool = False
) -> "list[Workspace]":
    """Return every workspace with a room that a command could reach; rather one too many.

    Their rooms only have the command looked at more closely. ``far``: also rooms that lie deep below
    what it names, that links lead to, and that its variables may name: for what does not only read.
    """
    stands = dict.fromkeys(os.path.realpath(base) for base in bases)
    moves = any(way in command for way in _MOVING) or (far and "$" in command)
    if far and "cd" in pieces(command):  # a `cd` without a folder goes home
        stands[os.path.realpath(env.get("HOME") or os.path.expanduser("~"))] = None
    places: dict[str, bool] = dict.fromkeys(stands, True)
    todo = list(stands)
    text = command
    if moves and "../" in command:
        text = "\n".join((command, *_from_below(command)))
    while todo:
        base = todo.pop(0)
        for place, whole in named(text, [base], env).items():
            places[place] = places.get(place, False) or whole
            if moves and place not in stands and len(stands) < BASES and whole:
                stands[place] = None
                todo.append(place)
    return list(_workspaces(places, far).values())


def _from_below(text: str) -> "Iterator[str]":
    """Yield a text as it reads from folders that are not made yet: each way up is a step shorter."""
    for _ in range(NEW_FOLDERS):
        parts = (" " + text).split("../")
        steps = enumerate(parts[1:])
        text = parts[0] + "".join(("" if parts[n] else "../") + part for n, part in steps)
        yield text


def _workspaces(places: "dict[str, bool]", far: bool) -> "dict[str, Workspace]":
    found: dict[str, Workspace] = {}
    known: dict[str, bool] = {}  # the roots that were looked at, and whether they have a room
    for place, whole in places.items():
        workspace = paths.workspace_of(place)
        if workspace is None:
            deep = _NESTED if far else 1
            inner = beneath(place, deep, links=far) if whole else []
            found.update((one.root, one) for one in inner)
            continue
        root = workspace.root
        if root not in known:
            known[root] = workspace.has_room()
            inner = _submodules(workspace) + ([workspace] if known[root] else [])
            found.update((one.root, one) for one in inner)
        if whole and not known[root]:
            found.update((inner.root, inner) for inner in beneath(place, _NESTED))
    return found


def inside(folders: "Iterable[str]") -> "list[Workspace]":
    """Return the submodules and nested repositories with a room, of the workspaces around folders.

    Some of git's commands write them too (git-submodule(1), ``-ff`` of git-clean(1)).
    """
    found: dict[str, Workspace] = {}
    for folder in folders:
        workspace = paths.workspace_of(os.path.realpath(folder))
        if workspace is not None:
            inner = [*_submodules(workspace), *beneath(workspace.root, _NESTED)]
            found.update((one.root, one) for one in inner)
    return list(found.values())


def of(
    folders: "Iterable[str]",
    words: "Iterable[str]",
    env: "dict[str, str]",
    below: bool = True,
) -> "list[Workspace]":
    """Return the workspaces with a room that a program could write: where it stands, what it names.

    Outside every workspace all that lies ``below`` a folder counts, where the program names it,
    or where it stands in it and names nothing in it; in a workspace, what it names alone.
    """
    stands = dict.fromkeys(os.path.realpath(folder) for folder in folders)
    words = list(words)
    places = named("\n".join(words), stands, env)
    here = stands if any(word.rstrip("/") == "." for word in words) else ()
    found: dict[str, Workspace] = {}
    for place in {**stands, **places}:
        workspace = paths.workspace_of(place)
        if workspace is not None:
            found[workspace.root] = workspace
            if below and (places.get(place) or (place in here and place in stands)):
                found.update((inner.root, inner) for inner in beneath(place, _NESTED))
                found.update((inner.root, inner) for inner in _submodules(workspace, place))
            continue
        deeper = any(other != place and paths.is_inside(other, place) for other in places)
        if below and place not in WIDE and (places.get(place) or (place in stands and not deeper)):
            found.update((inner.root, inner) for inner in beneath(place, _NESTED))
    return [workspace for workspace in found.values() if workspace.has_room()]


def names_inside(folder: str, words: "Iterable[str]", env: "dict[str, str]") -> bool:
    """Tell whether a command names something that is there in the folder that it stands in."""
    real = os.path.realpath(folder)
    for piece in pieces("\n".join(words)):
        for word in spelled(piece, env):
            place = os.path.join(real, word)
            if os.path.lexists(place) and os.path.realpath(place) != real:
                return True
    return False


def beneath(folder: str, depth: int, links: bool = False) -> "list[Workspace]":
    """Return the workspaces with a room below a folder, as far as a short search finds them.

    With ``links`` also those that the links to folders in there lead to.
    """
    found: list[Workspace] = []
    level, looked_at = [folder], 0
    for _ in range(depth):
        below: list[str] = []
        for one in level:
            for path in _folders_in(one, links):
                if os.path.basename(path) in _PASSED_OVER:
                    continue
                looked_at += 1
                if looked_at > LOOKED_AT:
                    return found
                if links and os.path.islink(path):
                    around = paths.workspace_of(os.path.realpath(path))
                    found += [around] if around is not None and around.has_room() else []
                    continue
                marked = os.path.lexists(path + _GIT) or os.path.lexists(path + _ROOM)
                workspace = paths.workspace_at(path) if marked else None
                if workspace is None:
                    below.append(path)
                elif workspace.has_room():
                    found.append(workspace)
        level = below
    return found


def _folders_in(folder: str, links: bool = False) -> "list[str]":
    try:
        with os.scandir(folder) as entries:
            return [entry.path for entry in entries if entry.is_dir(follow_symlinks=links)]
    except OSError:
        return []


def _submodules(workspace: "Workspace", place: str = "") -> "list[Workspace]":
    """Return the submodules that have a room, below a place: they are workspaces of their own."""
    modules = os.path.join(workspace.git_dir or workspace.root, "modules")
    if workspace.git_dir is None or not os.path.isdir(modules):
        return []
    found, todo = [], _folders_in(modules)
    for git_dir in todo:
        is_module = os.path.exists(os.path.join(git_dir, "HEAD"))
        if len(todo) < LOOKED_AT:  # a submodule's name may have slashes, and it may have its own
            todo += _folders_in(os.path.join(git_dir, "modules") if is_module else git_dir)
        if is_module and (inner := paths.Workspace(git_dir, git_dir)).has_room():
            root = _tree_of_module(git_dir)
            if root and paths.is_inside(root, place or os.path.sep):
                inner.root = root
                found.append(inner)
    return found


def _tree_of_module(git_dir: str) -> "str | None":
    from stickhooks.store import reader

    return reader.tree_of(git_dir)
