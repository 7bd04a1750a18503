"""Turns for paths in a timeline: spans beside those of the rest, several at once, of one member too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from stickhooks.protocol import phases
from stickhooks.timeline.happenings import Happening

ADDED: Final = "add"
TAKEN_OVER: Final = "takeover"
GIVEN: Final = ("claim", TAKEN_OVER)
#: What a mark says of an event of a turn for paths; that of a takeover says itself that it is one.
SAID: Final = {
    "claim": "took", ADDED: "took as well", "release": "gave back", "pass": "handed to {other}",
    TAKEN_OVER: "from {other}:", "leave": "left with",
    "ask": "asked for",
}  # fmt: skip
#: How the span of a turn for paths ends by an event of it.
ENDS: Final = {
    "release": "given back", "pass": "handed to {other}", "leave": "left while holding them",
}  # fmt: skip


class Turn(NamedTuple):
    """A turn for some paths that goes on: whose it is, since when, and what it was taken for."""

    who: str
    since: int
    paths: tuple[str, ...]
    why: str


class Ended(NamedTuple):
    """A turn for paths that is over; ``by`` is the event that says its handoff, None where none does."""

    turn: Turn
    how: str
    by: Happening | None = None


def told(it: Happening) -> str:
    """Return an event of a turn for paths in words, without who did it."""
    text = f"{SAID.get(it.kind, it.kind).format(other=it.other)} {phases.named(it.paths)} (turn {it.turn})"
    return text + (f": {it.told}" if it.told else "")


class Turns:
    """The turns for paths that are not over, by their numbers."""

    def __init__(self) -> None:
        self.open: dict[int, Turn] = {}

    def hear(self, it: Happening, at: int) -> Iterator[Ended]:
        """Hear an event, and yield the turns that it ends."""
        if it.kind in GIVEN:
            yield from self._given(it, at)
        elif it.kind == ADDED and it.turn in self.open:
            turn = self.open[it.turn]
            self.open[it.turn] = turn._replace(paths=(*turn.paths, *it.paths))
        elif it.kind in ENDS and it.turn in self.open:
            yield Ended(self.open.pop(it.turn), ENDS[it.kind].format(other=it.other), it)

    def _given(self, it: Happening, at: int) -> Iterator[Ended]:
        """A grant ends the turn that had the same paths: no path is in two."""
        why = it.told
        for number, turn in list(self.open.items()):
            if not set(turn.paths) & set(it.paths):
                continue
            del self.open[number]
            if it.kind == TAKEN_OVER:
                yield Ended(turn, f"taken over by {it.who}")
            else:
                yield Ended(turn, "went on under a new lease")
                why = turn.why if turn.who == it.who else why
        self.open[it.turn] = Turn(it.who, at, it.paths, why)
