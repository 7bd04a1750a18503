"""What a refusal leaves behind where git asked too late, and the exact way back.

Git changes index and tree before it asks about these commands. Loaded when something was
refused, and to tell a switch of branches from a move.
"""

import os

from stickhooks import processes

VALUED = ("-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--config-env")

#: what lies in the git dir then: (what has happened, the way back)
UNDER_WAY = {
    "REVERT_HEAD": ("the revert lies in index and tree", "git revert --abort"),
    "MERGE_HEAD": ("the merge lies in index and tree", "git merge --abort"),
    "rebase-apply": ("the patches lie in .git/rebase-apply", "git am --abort"),
    "rebase-merge": ("the rebase was begun", "git rebase --abort"),
}
#: (verb, a word that has to be there, one that may not): (what has happened, the way back)
TOO_LATE = {
    ("reset", "", "--soft"): (
        "HEAD has not moved, but index (and with --hard the tree) went to where you asked;"
        " what was not committed there is gone",
        "git read-tree --reset -u HEAD",
    ),
    ("cherry-pick", "", ""): (
        "the picked change lies in index and tree",
        "git cherry-pick --abort",
    ),
    ("revert", "", ""): (
        "the reverted change lies in index and tree",
        "git diff --cached --binary | git apply -R --index",
    ),
    ("stash", "pop", ""): (
        "what was stashed lies in the tree; it is kept as refs/stash",
        "git diff --binary refs/stash^ refs/stash | git apply -R",
    ),
    ("stash", "drop", ""): (
        "the entry is off the list; it is kept as refs/stash",
        "stick wait && git stash store -m kept refs/stash",
    ),
}


def command_of(git_pid: str) -> "list[str]":
    """Return the command line of the git that calls, ``[]`` where it cannot be seen."""
    return processes.command_of(int(git_pid)) if git_pid.isdigit() else []


def verb_of(command: "list[str]") -> str:
    """Return git's verb in a command line, ``""`` where there is none to be seen."""
    words = iter(command[1:])
    for word in words:
        if word in VALUED:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""


def told(git_dir: str, command: "list[str]") -> "tuple[str, str] | None":
    """Return what has happened already and the command back, None where nothing has."""
    for (verb, needed, without), words in TOO_LATE.items():
        if verb == verb_of(command) and needed in ["", *command] and without not in command:
            return words
    for name, words in UNDER_WAY.items():
        if os.path.lexists(os.path.join(git_dir, name)):
            return words
    return None
