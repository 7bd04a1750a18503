"""What a store needs of an engine: one document a workspace with a compare-and-swap, and its events."""

from __future__ import annotations

from typing import Protocol

from stickhooks.fast.records import Frozen, dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stickhooks.errors import Refusal, Step


class Moved(Exception):  # noqa: N818 - an answer: somebody was faster
    """The engine refused a swap: its document is not the version that was expected."""


class NoAnswer(Exception):  # noqa: N818 - it may have happened, now or later
    """A swap was sent and no answer came. It may be done, or be done still."""


@dataclass(frozen=True)
class Version(Frozen):
    """A document as an engine has it: its bytes, and the token that a swap of it names. ``held`` are the
    operations whose leases the engine itself knows to be in time; None: it keeps no time. ``waiting`` are
    the members that it sees to wait; None: it sees nobody, and the document says when they were seen."""

    token: str
    data: bytes
    held: frozenset[str] | None = None
    waiting: frozenset[str] | None = None


class Hints(Protocol):
    """What an engine tells of changes by itself: when to look, and nothing more."""

    def fileno(self) -> int:
        """Return a descriptor that is readable when there is something to hear."""

    def hear(self) -> None:
        """Take in what there is, without waiting."""

    @property
    def lasts(self) -> bool:
        """Whether there is more to come."""

    def close(self) -> None: ...


class Place(Protocol):
    """A member's place in the line, as an engine shows it to all clones while it is refreshed. Where the
    engine does not answer it is not shown; nothing is raised."""

    def refresh(self) -> None: ...
    def end(self) -> None: ...


class Engine(Protocol):
    """Where the document of a workspace lies. Every method may raise Refusal ``engine``: the engine
    cannot be reached, or does not let us; nothing was changed then."""

    #: As it is named in answers and settings, without any password; and what the rooms are called there.
    name: str
    room: str
    #: The least time of a lease, in milliseconds, and how long a loaded document is good for, and
    #: how long a waiting process pauses between two looks, both in seconds.
    least_ttl: int
    reuse: float
    poll: float
    #: Whether it tells who waits of changes by itself: see ``listen``.
    tells: bool
    #: Seconds that a question takes at most, and at most from a hook.
    seconds: float
    hurried: float
    #: What keeps a push from landing once the turn is over, in words; empty: nothing does.
    fence: str

    @property
    def address_mark(self) -> str:
        """What tells the address that was asked last from others; empty for an engine that its name tells."""

    @property
    def address_steps(self) -> Sequence[Step]:
        """What shows that address, and has another one."""

    def check(self) -> None:
        """Raise ``config`` for a name that may not be used here; nothing is connected for it."""

    def load(self) -> Version | None:
        """Return the newest document, None where there is none yet."""

    def listen(self) -> Hints | None:
        """Return what tells of changes of the document from now on, None where nothing does."""

    def place(self, agent: str) -> Place | None:
        """Return a place in the line for a member of this clone, None where the engine shows none."""

    def swap(
        self, before: Version | None, data: bytes, events: Mapping[str, Sequence[bytes]]
    ) -> Version:
        """Put a document in the place of ``before`` (None: there must be none), with events, by room
        id, as lines. Raises Moved, NoAnswer."""

    def events(self, room_id: str, after: int, limit: int) -> list[bytes]:
        """Return up to ``limit`` lines of events numbered above ``after``, oldest first."""

    def delete(self, before: Version, farewell: bytes) -> None:
        """Remove the document and its events, with a note in their place. Raises Moved, NoAnswer."""

    def farewell(self) -> bytes | None:
        """Return the note that the last deletion left, None where there was none."""

    def probe(self) -> list[Refusal]:
        """Try what a swap needs beside the document, and return why the engine does not let us."""
