"""What follows from a room's state: plain values in, plain values out.

The gate starts before every edit and cannot afford an import, and the protocol must
never disagree with the gate. So both ask these functions, and there are no others.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

CLOSED = "closed"
OWNER_GONE = "owner_gone"
STALE_OWNER = "stale_owner"
OWNER_IDLE = "owner_idle"
OWNED = "owned"
RECIPIENT_GONE = "recipient_gone"
STALE_CLAIM = "stale_claim"
RESERVED = "reserved"
DORMANT = "dormant"
IDLE = "idle"

PERSON = "human_cli"  # the kind of a member that is outside every client session

FREE = frozenset({IDLE, DORMANT})


def phase_of(
    *,
    closed: bool,
    holder: str | None,
    recipient: str | None,
    over: bool,
    gone: bool,
    anybody_here: bool,
    idle: bool = False,
) -> str:
    """Say where the stick is.

    ``over`` tells whether the lease (or, without a holder, the claim window) ran out;
    ``gone`` whether the holder's (or recipient's) process is proven gone; ``idle`` is of
    ``is_idle``.
    ``stale_claim`` is shown to users as ``reserved``: see :func:`shown`.
    """
    if closed:
        return CLOSED
    if holder is not None:
        return OWNER_GONE if gone else STALE_OWNER if over else OWNER_IDLE if idle else OWNED
    if recipient is not None:
        return RECIPIENT_GONE if gone else STALE_CLAIM if over else RESERVED
    return IDLE if anybody_here else DORMANT


def bars_agents(closed: bool, by_person: bool | None, closer_kind: str | None) -> bool:
    """Tell whether a room stays closed to agents: what a person closed does.

    Of a state that does not tell (``by_person`` None), a closer who is no agent now counts as one.
    """
    return closed and (closer_kind in (None, PERSON) if by_person is None else by_person)


def shown(phase: str) -> str:
    """Return the name of a phase on the wire: a reservation stays one when its window closed."""
    return RESERVED if phase == STALE_CLAIM else phase


def is_over(now: int, expires_at: int) -> bool:
    """Tell whether an expiry has come; at the very millisecond it has."""
    return expires_at <= now


def is_present(now: int, last_seen_at: int, presence_ttl: int) -> bool:
    """Tell whether a member was seen within ``presence_ttl`` milliseconds."""
    return now - last_seen_at <= presence_ttl


def is_gone(now: int, last_seen_at: int, gone_grace: int, *, dead: bool) -> bool:
    """Tell whether a member proven ``dead`` counts as gone: the grace must have passed as well.

    A last sign of life in the future was dated by a clock that was put back since: no grace then.
    """
    return dead and not 0 <= now - last_seen_at < gone_grace


def idle_at(renewed_at: int, asked_at: int, idle_after: int) -> "int | None":
    """Return when a holder that was asked counts as idle; None where the policy has no such thing.

    Its lease is not over then, but it has done nothing for that long since it was asked.
    """
    return max(renewed_at, asked_at) + idle_after if idle_after else None


def is_idle(now: int, renewed_at: int, asked_at: int, idle_after: int) -> bool:
    at = idle_at(renewed_at, asked_at, idle_after)
    return at is not None and at <= now


def renewal_due(now: int, expires_at: int, ttl: int, idle_after: int = 0) -> bool:
    """Tell whether a lease is past a quarter of its time, so that the gate should renew it.

    ``idle_after`` is given while somebody asks for the stick: a holder that works must not seem idle.
    """
    return now >= renewal_at(expires_at, ttl, idle_after)


def renewal_at(expires_at: int, ttl: int, idle_after: int = 0) -> int:
    """Return when a quarter of a lease's time is over, or of the shorter one of ``idle_after``."""
    return expires_at - ttl + renewal_period(ttl, idle_after)


def renewal_period(ttl: int, idle_after: int) -> int:
    return min(ttl, idle_after or ttl) // 4


def room_time(
    wall: int, monotonic: int, boot: str, clock_boot: str, clock_offset: int, clock_shift: int = 0
) -> int:
    """Return the room's "now" in milliseconds.

    Within the boot that the room's clock was set in, time goes by the monotonic clock, so
    that stepping the wall clock deposes nobody; under another boot it is the wall clock. That one
    may have been stepped since: ``clock_shift`` is how far it was ahead of the room's when the lease
    was written, so that the lease ends by either clock when its time is over.
    """
    return monotonic + clock_offset if boot and boot == clock_boot else wall - clock_shift


def covers(room: str, path: str) -> bool:
    """Tell whether a room's folder is ``path`` or above it (both relative, ``""`` is the root)."""
    return room == "" or path == room or path.startswith(room + "/")


def folded(text: str) -> str:
    """Return what is left of a name where neither case nor the way of writing an accent counts."""
    if text.isascii():
        return text.lower()
    from unicodedata import normalize

    return normalize("NFC", normalize("NFC", text).casefold())


def governing(rooms: "Collection[str]", path: str) -> str | None:
    """Return the deepest of ``rooms`` that covers ``path``, or None: one look a folder above it."""
    while path not in rooms:
        if path == "":
            return None
        path = path.rpartition("/")[0]
    return path


NAMED = 3  # paths that a sentence names


def named(paths: "Collection[str]") -> str:
    """Return paths as a sentence names them: a few, and how many more there are."""
    known = list(paths)
    more = f" and {len(known) - NAMED} more" if len(known) > NAMED else ""
    return ", ".join(known[:NAMED]) + more
