"""What a timeline is made of: things that happened, and how the room stands at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Happening(NamedTuple):
    """One event, or one sighting. ``who`` did it, or it happened to; ``other`` is the other one.

    Of a turn for ``paths``, ``kind`` is the event's.
    """

    at: int
    what: str
    who: str
    other: str = ""
    kind: str = ""
    told: str = ""
    next: str = ""
    files: str = ""
    turn: int = 0
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Now:
    """How the room stands at the end: when that is, who waits, for whom the stick is reserved."""

    at: int
    waiting: frozenset[str] = frozenset()
    reserved_for: str = ""
