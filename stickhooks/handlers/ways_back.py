"""What a refused command has done already where git asked too late, and the exact way back.

Git changes index and tree before it asks about these commands. A way back may cost nothing of what
is not committed, also where somebody has gone on working in between: ``git read-tree -m`` with two
trees and ``git apply -R`` refuse where they would. Loaded when something was refused.
"""

from __future__ import annotations

import os

from stickhooks.errors import Refusal
from stickhooks.fast.records import Frozen, dataclass
from stickhooks.handlers import autostash, undo_hints
from stickhooks.store import layout
from stickhooks.system.folder import write_file
from stickhooks.text import plain, word
from stickhooks.workspace import begun_operations, git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Final, TypeAlias

#: Of each verb, what it leaves in the git dir where it ends halfway.
MARKERS: Final = {
    "merge": ("MERGE_HEAD",),
    "pull": ("MERGE_HEAD",),
    "am": ("rebase-apply",),
    "rebase": autostash.FOLDERS,
    "cherry-pick": ("CHERRY_PICK_HEAD", "sequencer"),
    "revert": ("REVERT_HEAD", "sequencer"),
}
FIND: Final = "git fsck --lost-found --no-reflogs --no-progress"
WHERE: Final = (
    "what was staged is then in lost-found/other of the git dir, a file for each blob;"
    " `git prune` or `git gc --prune=now` before that would remove it"
)
RESETS: Final = ("--hard", "--mixed", "--soft", "--keep", "--merge")


@dataclass(frozen=True)
class Late(Frozen):
    """What was done before git asked. ``back`` undoes it, ``find`` lists what was staged, ``again``
    begins anew what was under way; each ``""`` where there is no such command."""

    done: str
    back: str = ""
    find: str = ""
    again: str = ""

    def lines(self, leading: str = "") -> list[str]:
        """Return what is said; ``leading`` takes its commands into the tree, for who stands elsewhere."""
        told = [f"already: {self.done}"]
        told += [f"back:    {leading}{self.back}"] if self.back else []
        told += [f"again:   {leading}{self.again}"] if self.again else []
        return [*told, f"find:    {leading}{self.find}   ({WHERE})"] if self.find else told

    def deed(self) -> str:
        """Return the same for the holder of the tree."""
        find = f" ({self.find})" if self.find else ""
        said = "refused: " if self.done.startswith("too late") else "refused too late: "
        return f"{said}{self.done}{find}"


@dataclass(frozen=True)
class Place(Frozen):
    """The tree that a refused command was run in, as its hook sees it."""

    root: str
    git_dir: str
    command: list[str]
    env: Mapping[str, str]
    kept: bool = False

    def lies(self, name: str) -> bool:
        return os.path.lexists(os.path.join(self.git_dir, name))

    def words(self) -> list[str]:
        """Return the arguments of the verb that are no options."""
        after = self.command[self.command.index(undo_hints.verb_of(self.command)) + 1 :]
        end = after.index("--") if "--" in after else len(after)
        return [w for w in after[:end] if not w.startswith("-")]

    def back_to_head(self) -> str:
        """Return the command that takes index and tree from what the index holds now to HEAD, ``""``
        where it holds conflicts. It keeps what is not committed, or does nothing."""
        tree = git.index_tree(self.root, self.git_dir, self.env)
        return f"git read-tree -m -u {tree} HEAD" if tree else ""


Told: TypeAlias = "Callable[[Place], Late | None]"


def told(
    root: str, git_dir: str, command: list[str], env: Mapping[str, str], *, kept: bool = False
) -> Late | None:
    """Return what a refused command has done already, None where nothing. ``kept`` tells that a snapshot
    has what it took: that is said by the caller.

    What lies there by another's command is not told: the way back would undo their work.
    """
    verb = undo_hints.verb_of(command)
    if not undo_hints.GOING_ON.isdisjoint(command) or verb not in _BY_VERB:
        return None
    try:
        return _BY_VERB[verb](Place(root, git_dir, command, env, kept))
    except (Refusal, OSError):
        return None


def _reset(place: Place) -> Late | None:
    mode = next((m for m in RESETS if m in place.command), "--mixed")
    target = next(iter(place.words()), "HEAD")
    moves = git.value_of(place.root, f"{target}^{{commit}}", place.env) != git.value_of(
        place.root, "HEAD", place.env
    )
    if mode == "--soft":
        return None
    if mode in ("--keep", "--merge"):
        return _gone_to(target) if moves else None
    if mode == "--hard":
        lost = "; uncommitted changes are lost, those not staged for good"
        done = (
            f"too late for the files: git had already reset them{'' if place.kept else lost}."
            " The branch is unchanged"
        )
        back = f"git read-tree -m -u {word(target)} HEAD" if moves else ""
        return Late(done, back, FIND, _again(place))
    done = (
        "too late for the index: git had already reset it; the files and the branch are unchanged"
    )
    return Late(done, f"git read-tree -i -m {word(target)} HEAD" if moves else "", FIND)


def _again(place: Place) -> str:
    """The mark of a merge or a pick is still there, with nothing of it left in index and tree."""
    command = begun_operations.again(place.git_dir)
    verb = command.rpartition(" ")[0]
    return f"{verb} --quit && {command}" if command and verb != "git rebase" else ""


def _switched(place: Place) -> Late | None:
    """A branch made anew, over one that is there, took the tree along."""
    fresh = {"checkout": "-B", "switch": "-C"}[undo_hints.verb_of(place.command)]
    after = place.command[place.command.index(fresh) + 2 :] if fresh in place.command else []
    target = next((w for w in after if not w.startswith("-")), "")
    return _gone_to(target) if target else None


def _gone_to(target: str) -> Late:
    return Late(
        f"git had already set index and files to {plain(target)}; the branch is unchanged",
        f"git read-tree -m -u {word(target)} HEAD",
    )


def _picked(place: Place) -> Late | None:
    verb = undo_hints.verb_of(place.command)
    what = "picked" if verb == "cherry-pick" else "reverted"
    back = place.back_to_head()
    if not back:  # conflicts
        return Late(
            f"the {what} change lies in index and tree, with conflicts", f"git {verb} --abort"
        )
    if any(map(place.lies, MARKERS[verb])):
        back += f" && git {verb} --quit"
    return Late(f"the {what} change lies in index and tree", back)


def _merged(place: Place) -> Late | None:
    if not place.lies("MERGE_HEAD"):
        return None
    back = "" if place.lies("MERGE_AUTOSTASH") else place.back_to_head()
    return Late(
        "the merge lies in index and tree",
        f"{back} && git merge --quit" if back else "git merge --abort",
    )


def _patches(place: Place) -> Late | None:
    """``git am`` asks before it applies: only its own folder is there."""
    if not place.lies("rebase-apply"):
        return None
    return Late("the patches lie in .git/rebase-apply", "git am --quit")


def _rebased(place: Place) -> Late | None:
    """With ``--no-verify`` git asks when the tree has gone to the new base; work may be in an autostash."""
    tree = git.index_tree(place.root, place.git_dir, place.env)
    if tree and tree == git.value_of(place.root, "HEAD^{tree}", place.env):
        return None  # pre-rebase refused it, and gives an autostash back itself
    folder = next((os.path.join(place.git_dir, n) for n in autostash.FOLDERS if place.lies(n)), "")
    stash = autostash.of(place.git_dir)[1]
    steps = [f"git read-tree -m -u {tree} HEAD"]
    steps += [f"git stash apply --index -q {stash}"] if stash else []
    steps += [f"rm -r {word(folder)}"] if folder else []
    done = "git had already begun the rebase and set index and files to its new base"
    return Late(
        done + (", uncommitted changes to an autostash" if stash else ""),
        " && ".join(steps) if tree else "",
    )


def _stashed(place: Place) -> Late | None:
    words = place.words()
    if words[:1] not in (["drop"], ["pop"]):
        return None
    listed = _listed_again(place)
    if words[0] == "drop":
        return Late("the entry is off the list; it is kept as refs/stash", listed)
    index = "--index" in place.command
    patches = git.patches_of_stash(place.root, "refs/stash", index=index, env=place.env)
    steps = [
        f"git apply -R {options}{word(_kept(place.git_dir, i, patch))}"
        for i, (options, patch) in enumerate(patches)
    ]
    done = "what was stashed lies in the tree, and is off the list; it is kept as refs/stash"
    return Late(done, " && ".join(steps), again=listed)


def _listed_again(place: Place) -> str:
    """git enters nothing into the list of a ref that names the entry already."""
    entry = git.value_of(place.root, "refs/stash", place.env) or ""
    subject = git.subject_of(place.root, entry, place.env)
    store = f"git update-ref -d refs/stash && git stash store -m {word(subject)} {entry}"
    return f"stick wait && {store}"


def _kept(git_dir: str, number: int, patch: bytes) -> str:
    path = os.path.join(git_dir, layout.GIT_FOLDER, layout.PATCHES[number])
    write_file(path, patch)
    return path


_BY_VERB: Final[dict[str, Told]] = {
    "reset": _reset,
    "checkout": _switched,
    "switch": _switched,
    "cherry-pick": _picked,
    "revert": _picked,
    "merge": _merged,
    "pull": _merged,
    "am": _patches,
    "rebase": _rebased,
    "stash": _stashed,
}


def remember(git_dir: str, command: list[str], agent: str) -> None:
    """Write down whose the operation is that a refused command has left under way."""
    marks = MARKERS.get(undo_hints.verb_of(command), ())
    begun_operations.note(
        git_dir, agent, {k: v for k, v in begun_operations.lying(git_dir).items() if k in marks}
    )
