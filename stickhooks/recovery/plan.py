"""What bringing back would do, path by path: shown first, done only when it is asked for."""

from __future__ import annotations

from stickhooks.errors import Refusal
from stickhooks.fast.records import Frozen, dataclass, field, replace
from stickhooks.recovery import blobs
from stickhooks.recovery.entries import FILE, LINK, Entry
from stickhooks.workspace import git_found

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Final, Literal, TypeAlias

    from stickhooks.recovery.entries import Listed
    from stickhooks.recovery.lists import Place

    #: write: into the tree; beside: below our folder, for what is there may not be replaced;
    #: name: nothing is done, ``why`` says why not
    Act: TypeAlias = Literal["write", "beside", "name"]

DAMAGED: Final = "the kept bytes are damaged or gone"
_SUBMODULE: Final = 0o160000
_LINK: Final = 0o120000


@dataclass(frozen=True)
class Source(Frozen):
    """Where a path's bytes come from: a kept ``blob``, or a ``commit`` (as it would be checked out)."""

    entry: Entry
    commit: str = ""

    def data(self, place: Place, path: str) -> bytes:
        """Return the bytes. Raises Refusal ``io`` where they are gone."""
        if self.commit:
            found = git_found.checked_out(place.root, self.commit, path)
            if found is None:
                message = f"{path}: git does not give what commit {self.commit[:10]} has there"
                raise Refusal("io", message)
            return found
        try:
            return blobs.read(place, self.entry.blob)
        except KeyError:
            raise Refusal("io", f"{path}: {DAMAGED}") from None


def of_commit(mode: int, commit: str) -> Source | None:
    """Return as a source what a commit has in a mode of git's; None for a submodule."""
    if mode == _SUBMODULE:
        return None
    kind = LINK if mode == _LINK else FILE
    return Source(Entry(kind, "", mode & 0o777 or 0o777), commit)


@dataclass(frozen=True)
class Item(Frozen):
    """One path of a plan. ``at`` is when its bytes were kept, in milliseconds."""

    path: str
    act: Act
    why: str = ""
    source: Source | None = None
    at: int = 0


@dataclass(frozen=True)
class Plan(Frozen):
    """What would be done. ``label`` names the folder for what may not be replaced, ``lines`` say more,
    ``staged`` are the entries that the index gets."""

    label: str
    items: tuple[Item, ...]
    lines: tuple[str, ...] = ()
    listed: Listed | None = None
    staged: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def writes(self) -> list[Item]:
        return [item for item in self.items if item.act == "write"]

    @property
    def asides(self) -> list[Item]:
        return [item for item in self.items if item.act == "beside"]

    @property
    def named(self) -> list[Item]:
        return [item for item in self.items if item.act == "name"]


def sound(place: Place, items: Iterable[Item]) -> tuple[Item, ...]:
    """Have paths whose kept bytes cannot be read only be named: that is known before anything is written."""
    reader = blobs.Reader(place)
    return tuple(
        replace(item, act="name", why=DAMAGED, source=None)
        if item.source and item.source.entry.blob and not reader.is_whole(item.source.entry.blob)
        else item
        for item in items
    )


def covers(named: str, path: str) -> bool:
    """Tell whether a path is the one named, or lies in the folder named."""
    return not named or path == named or path.startswith(f"{named}/")
