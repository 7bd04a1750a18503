"""What lies in a working tree now, beside what git and the snapshots have of it."""

from __future__ import annotations

import time

from stickhooks.errors import Refusal
from stickhooks.fast.records import replace
from stickhooks.recovery import entries, files, listing, loose
from stickhooks.recovery.plan import of_commit
from stickhooks.system import text_files
from stickhooks.workspace import git_found, git_kept
from stickhooks.workspace.git_pipes import TooLate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence, Set
    from typing import Final, Literal, TypeAlias

    from stickhooks.recovery.entries import Entry

    #: missing: nothing is there, and the folder above could be asked; git's: it is as the index has
    #: it; changed: it is another; blocked: it is a folder, or cannot be read
    State: TypeAlias = Literal["missing", "git's", "changed", "blocked"]

SECONDS: Final = 20.0
LARGEST: Final = 1 << 30  # bytes of a file that is compared
INDEX: Final = ":0"  # where git takes a commit


class Present:
    """One look at a working tree. Raises Refusal ``io`` where git cannot list it."""

    def __init__(self, root: str) -> None:
        self.root = root
        try:
            status, flags, complaint = git_kept.listing(
                root, time.monotonic() + SECONDS, flags=True
            )
        except TooLate as error:
            raise Refusal("io", str(error)) from None
        self.complaint = complaint
        self.listed = {it.path: it for it in listing.parse(status, flags)}
        self.skipped = frozenset(listing.skipped(flags))
        self.index = git_found.index(root)

    def state(self, path: str) -> State:
        """Return how a path stands now."""
        try:
            with files.Tree(self.root) as tree:
                tree.look(path)
        except files.Gone:
            return "missing"
        except files.NotKept:
            return "blocked"
        found = self.listed.get(path)
        if path not in self.index or path in self.skipped:
            return "changed"
        return "git's" if found is None or found.state[1:] == "." else "changed"

    def is_gits(self, path: str) -> bool:
        """Tell whether git can give what lies at a path again, byte for byte: its own word is not enough.

        A filter that takes something away, a time that was set back: then status sees no change.
        """
        mode, blob = self.index.get(path, (0, ""))
        source = of_commit(mode, INDEX) if blob else None
        if source is None:
            return False
        if self.is_as(path, replace(source.entry, blob=blob), None):
            return True
        data = git_found.checked_out(self.root, INDEX, path)
        return data is not None and self.is_as(path, source.entry, data)

    def has_own_mode(self, path: str) -> bool:
        """Tell whether a file has a mode that git would not give it: of that git knows one bit."""
        try:
            with files.Tree(self.root) as tree:
                seen = tree.look(path)
        except (files.Gone, files.NotKept):
            return False
        usual = text_files.new_mode(0o777 if _runs(seen) else 0o666)
        return seen.kind == entries.FILE and seen.mode != usual

    def staged(self, path: str) -> bool:
        """Tell whether the index has another entry for a path than HEAD."""
        found = self.listed.get(path)
        return found is not None and found.state[0] not in ".?h"

    def is_as(
        self, path: str, entry: Entry, data: bytes | None, *, whole_mode: bool = False
    ) -> bool:
        """Tell whether what lies at a path is what an entry says, byte for byte, mode and link.

        ``data`` None stands for bytes of which only the blob's name is known. Of the mode it is what
        git knows that counts, with ``whole_mode`` all of it.
        """
        try:
            with files.Tree(self.root) as tree:
                seen, now = tree.read(path, LARGEST)
        except files.Gone:
            return entry.kind == entries.GONE
        except files.NotKept:
            return False
        if seen.kind != entry.kind:
            return False
        if seen.kind == entries.FILE and (
            seen.mode != entry.mode if whole_mode else _runs(seen) != _runs(entry)
        ):
            return False
        if data is not None:
            return now == data
        make = loose.hasher_of(entry.blob)
        return bool(entry.blob) and loose.name_of(now, make) == entry.blob

    def has_stat(self, path: str, entry: Entry) -> bool:
        """Tell whether a path is the very file that an entry was made of, unchanged since."""
        try:
            with files.Tree(self.root) as tree:
                return tree.look(path).stat == entry.stat
        except (files.Gone, files.NotKept):
            return False

    def names_of(self, paths: Sequence[str], sizes: Set[int]) -> set[str]:
        """Return the blobs that some paths of those sizes are, by both ways of naming objects."""
        found: set[str] = set()
        with files.Tree(self.root) as tree:
            for path in paths:
                try:
                    if tree.look(path).size in sizes:
                        data = tree.read(path, LARGEST)[1]
                        found |= {loose.name_of(data, loose.hasher(a)) for a in ("sha1", "sha256")}
                except (files.Gone, files.NotKept):
                    continue
        return found


def _runs(thing: Entry | files.Seen) -> bool:
    """Tell whether a file may be executed: all of a mode that git knows."""
    return bool(thing.mode & 0o100)
