"""What the git that asks was called to do, by its command line.

Loaded when something was refused, and to tell a switch of branches from a move.
"""

from stickhooks.fast.os import os
from stickhooks.system import processes
from stickhooks.text import plain

VALUED = ("-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--config-env")

#: Words of a command that goes on with what somebody began: that is not ours to take back.
GOING_ON = frozenset({"--continue", "--skip", "--abort", "--quit", "--resolved"})


def command_of(git_pid: str) -> "list[str]":
    """Return the command line of the git that calls, ``[]`` where it cannot be seen."""
    command = processes.command_of(int(git_pid)) if git_pid.isdigit() else []
    name, _, verb = command[0].rpartition("/")[2].partition("-") if command else ("", "", "")
    if name == "git" and verb:  # as it lies in git's own folder: git-checkout
        return [name, verb.removesuffix(".exe"), *command[1:]]
    return command


def verb_of(command: "list[str]") -> str:
    """Return git's verb in a command line, ``""`` where there is none to be seen."""
    words = iter(command[1:])
    for said in words:
        if said in VALUED:
            next(words, None)
        elif not said.startswith("-"):
            return said
    return ""


def files_of(command: "list[str]", prefix: str, root: str) -> "list[str]":
    """Return the files that a command names after ``--``, below the tree; ``[]`` where any may be more than
    one file: a folder, a pattern. ``prefix`` is where in the tree git was started."""
    named = command[command.index("--") + 1 :] if "--" in command else []
    found = [os.path.normpath(os.path.join(prefix, path)) for path in named]
    if any(path[:2] in (".", "..") or path[:3] == "../" or path[:1] == os.sep for path in found):
        return []
    if any(path[:1] == ":" or not set(path).isdisjoint("*?[\\") for path in named):
        return []
    return [] if any(os.path.isdir(os.path.join(root, path)) for path in found) else found


def ends(command: "list[str]") -> bool:
    """Tell whether a command ends an operation under way; one that cannot be seen may."""
    verb = verb_of(command)
    if verb == "reset":
        return "--merge" in command  # what `cherry-pick --abort` runs
    return not verb or not GOING_ON.isdisjoint(command)


def rewinds(command: "list[str]", git_pid: str) -> bool:
    """Tell whether a command has reset index or tree before git asks, even where no ref moves.

    ``git stash pop --index`` resets the index by a git of its own and puts it back afterwards:
    refused in between, what was staged would be lost.
    """
    if verb_of(command) != "reset" or "--soft" in command:
        return False
    seen = processes.see(int(git_pid)) if git_pid.isdigit() else None
    return seen is None or verb_of(command_of(str(seen.parent))) != "stash"


def shown(command: "list[str]") -> str:
    """Return a git command as it is told to somebody else, without its settings."""
    verb = verb_of(command)
    return plain("git " + " ".join(command[command.index(verb) :]), 80) if verb else "git"
