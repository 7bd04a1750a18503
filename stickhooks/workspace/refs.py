"""Which ref updates of one git transaction move this tree, and which only look like it.

Packing looks like deleting every branch, a switch of branches like a commit, and zeros as
the old value mean "not there" as well as "not checked". ``hooks/reference-transaction``
knows the same rules for the common cases; what it is not sure of comes here.
"""

from stickhooks.fast.os import os
from stickhooks.system.folder import read_file

LIMIT = 1 << 20
STASH = "refs/stash"
REPLACED = "refs/replace/"  # objects that everybody sees in the place of others
#: What marks an operation under way, and where that one's ``--abort`` finds the way back. Others
#: leave an older ORIG_HEAD as it was: it names anything.
UNDER_WAY = {
    "MERGE_HEAD": ("ORIG_HEAD",),
    "CHERRY_PICK_HEAD": (),
    "REVERT_HEAD": (),
    "rebase-apply": ("rebase-apply/orig-head", "ORIG_HEAD"),  # also that of `git am`
    "rebase-merge": ("rebase-merge/orig-head",),
    "sequencer": ("sequencer/head",),
}
#: Verbs whose move of a detached HEAD follows a tree that has changed already.
TRAVELLERS = frozenset({"checkout", "switch", "bisect", "worktree", "clone", "submodule", "rebase"})


class Update:
    """One line of a transaction: a ref and its values before and after."""

    __slots__ = ("new", "old", "ref")

    def __init__(self, line: str) -> None:
        self.old, self.new, self.ref = line.split(" ", 2)

    @property
    def deletes(self) -> bool:
        return not self.new.strip("0")

    @property
    def creates(self) -> bool:
        """Zeros before: the ref is new, or its value was not checked."""
        return not self.old.strip("0")


class Refs:
    """The refs of one worktree as they are before the transaction, read from git's files.

    ``ask`` is git itself, for repositories that keep refs in another format; ``verb`` what
    git was called to do, where that is known. ``ends`` tells that it ends an operation under way,
    or that this is not known; ``rewinds`` that it has reset index or tree, whatever refs move.
    """

    __slots__ = ("ask", "common", "ends", "git_dir", "head", "rewinds", "verb")

    def __init__(self, git_dir: str, common: str, ask) -> None:  # type: ignore[no-untyped-def]
        self.git_dir = git_dir
        self.common = common
        self.ask = ask
        self.verb = ""
        self.ends = True
        self.rewinds = False
        self.head = self._line(os.path.join(git_dir, "HEAD"))

    def _line(self, path: str) -> str:
        try:
            data = read_file(path, LIMIT)
        except ValueError:
            return ""
        return (data or b"").decode("utf-8", "surrogateescape").partition("\n")[0].strip()

    @property
    def detached(self) -> bool:
        return not self.head.startswith("ref:")

    def value(self, ref: str) -> str:
        """Return what a ref names now, ``""`` where it is not there."""
        if os.path.isdir(os.path.join(self.common, "reftable")):
            return self.ask(ref) or ""
        base = self.git_dir if ref.isupper() or ref == "HEAD" else self.common
        return self._line(os.path.join(base, ref)) or self.packed().get(ref, "")

    def packed(self) -> "dict[str, str]":
        """Return the packed refs. Without a file, or with one that cannot be read, there are none."""
        found = {}
        try:
            data = read_file(os.path.join(self.common, "packed-refs"), 1 << 28)
        except ValueError:
            data = None
        for line in (data or b"").decode("utf-8", "surrogateescape").splitlines():
            value, _, ref = line.partition(" ")
            if ref and not line.startswith(("#", "^")):
                found[ref] = value
        return found

    def matter(self, updates: "list[Update]") -> "list[Update]":
        """Return the updates that move this tree or somebody's branch, stash included."""
        packed = self.packed() if len(updates) > 1 or updates[0].deletes else None
        alone = bool(self.verb) and not any(self.head == f"ref: {u.ref}" for u in updates)
        found = [u for u in updates if self._matters(u, packed, alone)]
        if self.ends and self.under_way() and all(map(self._goes_back, found)):
            return []
        return found

    def _matters(self, update: Update, packed: "dict[str, str] | None", alone: bool) -> bool:
        """``alone`` says that HEAD moves without its branch, and that it is known what git does."""
        if update.old == update.new and not update.deletes:
            return self.rewinds and update.ref in ("HEAD", "ORIG_HEAD")
        if update.ref == "HEAD":
            away = update.new.startswith("ref:") or self.verb in TRAVELLERS
            return (self.detached or alone) and not away
        if update.ref == "ORIG_HEAD":
            return not update.deletes
        shared = update.ref == STASH or update.ref.startswith(REPLACED)
        if not shared and not update.ref.startswith("refs/heads/"):
            return False
        if update.deletes:
            return not self._only_packs(update, packed or {})
        if not update.creates:
            return True
        before = self.value(update.ref)
        if before:
            return before != update.new
        if shared:
            return True
        unborn = self.head.endswith("/.invalid") and not self.ask("HEAD")  # reftable's HEAD file
        return unborn or self.head == f"ref: {update.ref}"

    def _only_packs(self, update: Update, packed: "dict[str, str]") -> bool:
        """Tell whether a deletion prunes a loose copy: a real one keeps the packed file locked."""
        locked = os.path.lexists(os.path.join(self.common, "packed-refs.lock"))
        return packed.get(update.ref) == update.old and not locked

    def under_way(self) -> "list[str]":
        """Return what marks an operation of git that was begun and not ended."""
        return [name for name in UNDER_WAY if os.path.lexists(os.path.join(self.git_dir, name))]

    def _goes_back(self, update: Update) -> bool:
        """Tell whether an update leads back to where an operation began, as ``--abort`` does."""
        if update.ref == "ORIG_HEAD":
            return update.new == self.tip()
        if update.ref not in ("HEAD", self.head[len("ref:") :].strip()):
            return False
        names = [name for begun in self.under_way() for name in UNDER_WAY[begun]]
        back = [self._line(os.path.join(self.git_dir, name)) for name in names]
        return bool(update.new.strip("0")) and update.new in [*back, self.tip()]

    def tip(self) -> str:
        """Return the commit that HEAD names, ``""`` before the first one."""
        return self.head if self.detached else self.value(self.head[len("ref:") :].strip())
