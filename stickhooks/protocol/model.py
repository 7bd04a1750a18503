"""The things of a room: frozen, slotted, without behaviour. Times are milliseconds of room time.

``extra`` holds keys that a later version wrote, and that this one must not lose.
"""

from __future__ import annotations

from stickhooks.fast.records import Frozen, dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal, TypeAlias

Json: TypeAlias = "Mapping[str, object]"
MINUTE = 60_000


@dataclass(frozen=True)
class Process(Frozen):
    """One process of one machine. Exact when its start is known; only an exact one can be proven dead.

    ``start`` is in clock ticks since boot on Linux, milliseconds since the epoch elsewhere.
    ``dead`` is a proof that somebody who could see the process wrote down.
    """

    pid: int
    start: int | None = None
    machine: str = ""
    boot: str = ""
    pidns: str = ""
    name: str = ""
    dead: bool = False
    extra: Json = field(default_factory=dict, compare=False)

    @property
    def exact(self) -> bool:
        return self.start is not None

    @property
    def key(self) -> tuple[object, ...]:
        """What makes it the same process again; its name may change while it runs."""
        return self.machine, self.boot, self.pidns, self.pid, self.start


@dataclass(frozen=True)
class Member(Frozen):
    """An agent or person who joined, with the bindings by which it is known again.

    ``process`` is the one a join brings; ``beside`` are a person's further terminals and
    editors; ``sessions`` are client sessions, written ``client:id``. ``unread`` are the numbers of
    notes and asks that it was not shown yet.
    """

    agent_id: str
    ordinal: int
    joined_at: int
    last_seen_at: int
    session_kind: str = "mcp_harness"
    display_name: str | None = None
    process: Process | None = None
    beside: tuple[Process, ...] = ()
    sessions: tuple[str, ...] = ()
    unread: tuple[int, ...] = ()
    extra: Json = field(default_factory=dict, compare=False)

    @property
    def processes(self) -> tuple[Process, ...]:
        return (self.process, *self.beside) if self.process else self.beside


@dataclass(frozen=True)
class Handoff(Frozen):
    """What was done, what comes next, files to look at."""

    status: str
    next_action: str
    artifacts: tuple[str, ...] | None = None
    extra: Json = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Letter(Frozen):
    """The newest handoff of a room: who wrote it, in which event, by ``release``, ``pass`` or ``close``.

    ``unread_from`` is the event of the oldest handoff that nobody was given, where that is not this one:
    several turns for paths may end while nobody takes the rest.
    """

    handoff: Handoff
    author: str
    event_seq: int
    event_type: str
    unread_from: int | None = None
    extra: Json = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Lease(Frozen):
    """Who holds the stick, under which id, and until when. A lease names a holding; it does not fence one.

    ``auto_from`` is the commit that HEAD named when the holder's first write took the stick by
    itself, ``""`` where HEAD named none; None where somebody took it.
    """

    holder: str
    lease_id: str
    granted_at: int
    renewed_at: int
    expires_at: int
    why: str | None = None
    auto_from: str | None = None
    extra: Json = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Reservation(Frozen):
    """A promise of the next turn."""

    recipient: str
    expires_at: int
    extra: Json = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Closing(Frozen):
    """Who closed the room, and whether that was a person.

    ``opened_by`` is the agent that opened what a person closed, for its ``reason``: kept until the
    closer was told.
    """

    by: str
    person: bool
    opened_by: str | None = None
    reason: str | None = None
    extra: Json = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Waiter(Frozen):
    """A place in the line: for some ``paths``, for the ``whole`` room, or else for the rest of it."""

    agent_id: str
    since: int
    why: str | None = None
    paths: tuple[str, ...] = ()
    whole: bool = False
    folds: bool = False
    extra: Json = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Asking(Frozen):
    """A member asks the holder for the stick, in the event of that number; until the turn ends."""

    agent_id: str
    asked_at: int
    event_seq: int
    why: str | None = None
    extra: Json = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Part(Frozen):
    """Some paths of a room that are held, or promised, for a turn of their own.

    ``paths`` are relative to the workspace, as the disk spells them; with ``folds`` it takes names
    in another case, or with an accent written otherwise, for the same.
    """

    paths: tuple[str, ...]
    turn_id: int
    lease: Lease | None = None
    reservation: Reservation | None = None
    letter: Letter | None = None
    pending: bool = False
    asks: tuple[Asking, ...] = ()
    folds: bool = False
    extra: Json = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Policy(Frozen):
    """The room's policy; durations in milliseconds. ``reads`` are commands that its people call harmless.

    ``keep_turns`` and ``keep_bytes`` bound the snapshots of a working tree (0 turns: none are made),
    ``keep_not`` are globs of what is never kept.
    A holder that was asked and does nothing for ``idle_after`` counts as idle; 0: never.
    """

    owner_lease_ttl: int = 45 * MINUTE
    claim_ttl: int = 20 * MINUTE
    presence_ttl: int = 240 * MINUTE
    gone_grace: int = MINUTE
    reserve: Literal["waiters", "order"] = "waiters"
    on_idle: Literal["refuse", "claim"] = "refuse"
    exempt: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    mcp: Literal["judge", "allow", "refuse"] = "judge"
    keep_turns: int = 50
    keep_bytes: int = 200_000_000
    keep_not: tuple[str, ...] = ()
    idle_after: int = 0
    wake: Literal["on", "off"] = "on"
    extra: Json = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Event(Frozen):
    """One line of a room's log. ``paths`` are those of a part whose turn it is; else there are none."""

    event_seq: int
    turn_id: int
    event_type: str
    from_agent_id: str | None
    to_agent_id: str | None
    handoff: Handoff | None
    reason: str | None
    kind: str | None
    created_at: int
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Room(Frozen):
    """One room. ``path`` is its folder below the workspace, ``""`` for the workspace itself.

    (``room_id``, ``turn_id``) is the fencing token: it never repeats. Its ``parts`` have turns of the
    same counter; ``last_turn`` is the highest that was given, 0 where that is ``turn_id``.
    """

    room_id: str
    path: str
    created_at: int
    turn_id: int = 0
    event_seq: int = 0
    closed: bool = False
    lease: Lease | None = None
    reservation: Reservation | None = None
    letter: Letter | None = None
    pending: bool = False
    waiters: tuple[Waiter, ...] = ()
    members: tuple[Member, ...] = ()
    policy: Policy = field(default_factory=Policy)
    closing: Closing | None = None
    asks: tuple[Asking, ...] = ()
    parts: tuple[Part, ...] = ()
    last_turn: int = 0
    extra: Json = field(default_factory=dict, compare=False)

    @property
    def latest_turn(self) -> int:
        """The highest turn that was ever given: of the rest, or of a part that may be over."""
        return max(self.turn_id, self.last_turn)

    @property
    def leases(self) -> list[Lease]:
        """All leases: of the rest, and of the parts."""
        leases = self.lease, *(part.lease for part in self.parts)
        return [lease for lease in leases if lease]
