"""What a refusal leaves behind where git asked too late, and the exact way back.

Git changes index and tree before it asks about these commands. Loaded when something was
refused, and to tell a switch of branches from a move.
"""

from stickhooks import processes
from stickhooks.system import os
from stickhooks.telling import plain, word

AUTOSTASH = "autostash"
VALUED = ("-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--config-env")

#: (verb, what lies in the git dir then): (what has happened, the way back)
UNDER_WAY = {
    ("merge", "MERGE_HEAD"): ("the merge lies in index and tree", "git merge --abort"),
    ("pull", "MERGE_HEAD"): ("the merge lies in index and tree", "git merge --abort"),
    ("am", "rebase-apply"): ("the patches lie in .git/rebase-apply", "git am --abort"),
    ("rebase", "rebase-merge"): ("the rebase was begun", "git rebase --abort"),
    ("rebase", "rebase-apply"): ("the rebase was begun", "git rebase --abort"),
}
#: Words of a command that goes on with what somebody began: that is not ours to take back.
GOING_ON = frozenset({"--continue", "--skip", "--abort", "--quit", "--resolved"})
#: Options that take the tree somewhere before the ref, and keep what is not committed.
KEEPING = {"checkout": ("-B",), "switch": ("-C",), "reset": ("--keep", "--merge")}
#: (verb, a word that has to be there, one that may not): (what has happened, the way back)
TOO_LATE = {
    ("reset", "--hard", ""): (
        "too late for the files: git had already reset them; uncommitted changes are lost (what"
        " was staged: git fsck --lost-found). The branch is unchanged",
        "git read-tree --reset -u HEAD",
    ),
    ("reset", "", "--soft"): (
        "too late for the index: git had already reset it; the files and the branch are unchanged",
        "git read-tree HEAD",
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
    for said in words:
        if said in VALUED:
            next(words, None)
        elif not said.startswith("-"):
            return said
    return ""


def ends(command: "list[str]") -> bool:
    """Tell whether a command ends an operation under way; one that cannot be seen may."""
    verb = verb_of(command)
    if verb == "reset":
        return "--merge" in command  # what `cherry-pick --abort` runs
    return not verb or not GOING_ON.isdisjoint(command)


def rewinds(command: "list[str]") -> bool:
    """Tell whether a command has reset index or tree before git asks, even where no ref moves."""
    return verb_of(command) == "reset" and "--soft" not in command


def shown(command: "list[str]") -> str:
    """Return a git command as it is told to somebody else, without its settings."""
    verb = verb_of(command)
    return plain("git " + " ".join(command[command.index(verb) :]), 80) if verb else "git"


def told(git_dir: str, command: "list[str]") -> "tuple[str, str] | None":
    """Return what a refused command has done already and the way back, None where nothing.

    What lies there by another's command is not told: the way back would undo their work.
    """
    verb = verb_of(command)
    if not GOING_ON.isdisjoint(command):
        return None
    target = _target(verb, command)
    if target:
        back = f"git read-tree -m -u {word(target)} HEAD"  # keeps what is not committed
        return f"HEAD has not moved, but index and tree went to {plain(target)}", back
    for (late, needed, without), words in TOO_LATE.items():
        if late == verb and needed in ["", *command] and without not in command:
            return words
    for (beginning, name), words in UNDER_WAY.items():
        if beginning == verb and os.path.lexists(os.path.join(git_dir, name)):
            return _begun(os.path.join(git_dir, name), words)
    return None


def _begun(marker: str, words: "tuple[str, str]") -> "tuple[str, str] | None":
    """Return the way back of what was begun, None where git asked before it began."""
    try:
        names = os.listdir(marker)
    except OSError:
        return words  # a file: MERGE_HEAD
    return (
        None if names == [AUTOSTASH] else words
    )  # not begun: pre-rebase puts the work back itself


def _target(verb: str, command: "list[str]") -> str:
    """Return where a branch made anew or a gentle reset has taken the tree, ``""`` for others."""
    after = next((i for i, w in enumerate(command) if w in KEEPING.get(verb, ())), 0)
    begin = after + 1 if verb == "reset" else after + 2
    words = [w for w in command[begin:] if not w.startswith("-")] if after else []
    return words[0] if words else ""
