"""``git stash --all`` would take the room's folder out of the tree: refused while all is there still.

The commit that becomes ``refs/stash`` has the untracked and ignored files as its third parent;
git removes them only after the ref transaction.
"""

from __future__ import annotations

from stickhooks.store import layout
from stickhooks.text import word
from stickhooks.workspace import git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VALUED = ("-m", "--message", "--pathspec-from-file")


def taken(root: str, stash: str, env: Mapping[str, str]) -> list[str]:
    """Return the folders of rooms that a stash is about to take out of the tree."""
    third = git.value_of(root, f"{stash}^3", env)
    if third is None:
        return []
    found: dict[str, None] = {}
    for path in git.files_of(root, third, env):
        parts = path.split("/")
        if layout.FOLDER in parts[:-1]:
            found["/".join(parts[: parts.index(layout.FOLDER) + 1])] = None
    return list(found)


def only_stores(command: Sequence[str]) -> bool:
    """Tell whether a git command only lists a stash that exists: the tree stays as it is."""
    words = [w for w in command[1:] if not w.startswith("-")]
    return "stash" in words and bool({"store", "drop", "pop", "clear", "branch"} & set(words[:3]))


def refusal(command: Sequence[str], prefix: str, folders: Sequence[str], leading: str = "") -> str:
    """Return what is said, with the command that stashes everything but the rooms.

    ``leading`` takes it into the folder that its paths are meant from, for who stands elsewhere.
    """
    shown = ", ".join(folders)
    return (
        f"stick: NOT STASHED  this would take {shown} away, the folder of the room: members, turns"
        " and handoff would be gone. Nothing was changed.\n"
        f"       next:    {leading}{line(command, prefix, folders)}"
    )


def line(command: Sequence[str], prefix: str, folders: Sequence[str]) -> str:
    """Return the command that works: the caller's own options and paths, without the rooms."""
    options, paths = _parts(command)
    everywhere = "':(top)'" if prefix else "."
    chosen = [word(path) for path in paths if layout.FOLDER not in path.split("/")]
    top = "top," if prefix else ""
    without = [word(f":({top}exclude){folder}") for folder in folders]
    words = ["git stash push --all", *map(word, options), "--", *(chosen or [everywhere]), *without]
    return " ".join(words)


def _parts(command: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the options of a ``git stash`` that are kept, and its paths."""
    if "stash" not in command:
        return [], []
    words = list(command[command.index("stash") + 1 :])
    verb = words.pop(0) if words and words[0] in ("push", "save") else "push"
    options: list[str] = []
    paths: list[str] = []
    while words:
        said = words.pop(0)
        if said == "--":
            paths += words
            break
        if said in VALUED and words:
            options += [said, words.pop(0)]
        elif said in ("-k", "--keep-index", "--no-keep-index", "-q", "--quiet") or said.startswith(
            ("--message=", "-m")
        ):
            options.append(said)
        elif not said.startswith("-"):
            paths.append(said)
    if verb == "save" and paths:
        return [*options, "-m", " ".join(paths)], []
    return options, paths
