"""When the mirror of a room on an engine may say yes: pure functions of plain values, no imports.

The gate opens no socket. It believes the mirror of its clone that somebody of this clone holds the
stick as long as the mirror is *open*, and asks the engine for a renewal where it is not. With the
rules below no two clones say yes at once, whatever is lost, late, killed, stopped, put back or
rebooted, up to clocks that run 20 % too fast or too slow:

R1  Only a confirmed swap of this clone that grants or renews opens, for two thirds of the lease's
    time from *before it was first sent*. A load never opens; it carries the opening on while the
    lease was written by the same operation.
R2  Before a swap after which others may act is sent, the mirror is closed, and its revision noted
    in the anchor as ``over``. Only R1 with a higher revision opens again.
R3  Closed: another boot or none, a clock below ``base`` or at ``until``, a revision up to ``over``,
    a wall clock that gained more than 5 s on the monotonic one, another clone's mirror.
R4  Who acts as holder is the one whose operation the lease bears, or whose answer was lost.
R5  One reading, taken before the sending, gives a swap its clock, its stamps and its expiry.

tests/stress/shared_rooms.py is the model that these functions were tried in. Times are milliseconds;
a reading is wall time, monotonic time and boot, as of ``system.clock.read``.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Mirror = Mapping[str, Any]
    Reading = tuple[int, int, str]

LEAP = 5000  # by which the wall clock may gain on the monotonic one
PENDING = 8  # operations whose answers may be lost at once
_OPENING = ("own", "base", "until", "boot", "skew")

OURS, RECOVERS, ANOTHERS = "ours", "recovers", "another's"


def is_open(mirror: "Mirror", revision: int, over: int, reading: "Reading", clone: str) -> bool:
    """Tell whether a mirror of ``revision`` lets its clone's holder write now (R3)."""
    wall, monotonic, boot = reading
    if not boot or mirror.get("boot") != boot or mirror.get("clone") != clone:
        return False
    if revision <= over or not mirror["base"] <= monotonic < mirror["until"]:
        return False
    return bool(wall - monotonic - mirror["skew"] <= LEAP)


def opened(mirror: "Mirror", operation: str, reading: "Reading", ttl: int) -> "dict[str, Any]":
    """Return a mirror that a confirmed grant or renewal opened (R1); ``reading`` is from before it was
    first sent, ``ttl`` the lease's time."""
    wall, monotonic, boot = reading
    until = monotonic + 2 * ttl // 3
    opening = {"own": operation, "base": monotonic, "until": until, "boot": boot}
    return {**closed(mirror), **opening, "skew": wall - monotonic}


def carried(mirror: "Mirror", operation: "str | None") -> "dict[str, Any]":
    """Return a mirror after a load: open as before while ``operation`` wrote the lease, else closed."""
    return dict(mirror) if operation and mirror.get("own") == operation else closed(mirror)


def closed(mirror: "Mirror") -> "dict[str, Any]":
    """Return a mirror that is not open; it keeps which operation was ours (R2)."""
    return {key: value for key, value in mirror.items() if key not in _OPENING or key == "own"}


def sending(mirror: "Mirror", operation: str) -> "dict[str, Any]":
    """Return a mirror with an operation that is about to be sent, and whose answer may be lost."""
    return {**mirror, "pending": [*mirror.get("pending", ()), operation][-PENDING:]}


def made_anew(operation: "str | None") -> "dict[str, Any]":
    """Return the mirror for a place that has none; ``operation`` wrote the lease that this clone has
    by the engine: the mirror was wiped, so its holder recovers."""
    return {"lost": operation} if operation else {}


def holding(mirror: "Mirror", operation: str) -> str:
    """Say what a mirror knows of the operation that wrote its holder's lease (R4).

    ``OURS``; ``RECOVERS``: the mirror was wiped since; ``ANOTHERS``: somebody has our id, in a cloned
    machine or a copied folder.
    """
    if operation == mirror.get("own") or operation in mirror.get("pending", ()):
        return OURS
    return RECOVERS if operation == mirror.get("lost") else ANOTHERS
