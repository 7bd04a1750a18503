"""What is told while somebody waits: one live line on a terminal, one line to read elsewhere."""

from __future__ import annotations

import sys

from stickhooks.gate import asked
from stickhooks.gate.standing import Standing
from stickhooks.operations.context import Desk
from stickhooks.operations.wishes import ROOM, Wish
from stickhooks.protocol import parts, phases
from stickhooks.text import age, clock_time, ordinal, plain
from stickhooks.views import columns, output

STREAM = 2


class Progress:
    """Called at every look of a wait. The live line never wraps, and is taken away at the end.

    It is written only when it says something new, or the terminal has another width.
    """

    def __init__(self, desk: Desk, me: str, wish: Wish = ROOM) -> None:
        self.desk = desk
        self.me = me
        self.wish = wish
        self.live = bool(sys.stderr and sys.stderr.isatty()) and not desk.as_json
        self.spoke = False
        self.drawn: tuple[str, int] = ("", 0)

    def __call__(self) -> bool:
        """Tell what there is to tell now. Returns whether that may be more with every second."""
        if self.live or not self.spoke:
            self._tell()
        return self.live

    def _tell(self) -> None:
        standing = self._in_the_way()
        self.spoke = True
        if self.live:
            self._draw(line(standing, self.me))
        elif not self.desk.as_json:
            message = "; ".join([standing.headline(self.me), *standing.details(self.me)])
            output.write(STREAM, f"waiting: {message}")

    def _in_the_way(self) -> Standing:
        """Return how that stands which somebody else has of what is waited for: a part, or else the rest."""
        snapshot, wish = self.desk.snapshot(), self.wish
        turns = {
            part.turn_id
            for part in parts.of_others(snapshot.room, self.me)
            if wish.whole or parts.touches(part, wish.paths, wish.folds)
        }
        if turns:
            from stickhooks.operations import parted

            found = parted.standings(self.desk, snapshot)
            return next(one for one in found if one.raw["turn_id"] in turns)
        return self.desk.standing(snapshot)

    def _draw(self, text: str) -> None:
        wide = columns.of_terminal(STREAM) or columns.FALLBACK
        now = columns.cut(text, wide - 1), wide
        if now != self.drawn:
            self._write(self._wipe(wide) + now[0])
            self.drawn = now

    def _wipe(self, wide: int) -> str:
        """Return what takes the line away. A terminal that was made narrower has wrapped it."""
        above = max(0, columns.width(self.drawn[0]) - 1) // wide
        return f"\x1b[{above}A\r\x1b[J" if above else "\r\x1b[K"

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.live and self.drawn[0]:
            self._write(self._wipe(columns.of_terminal(STREAM) or columns.FALLBACK))


def line(standing: Standing, me: str) -> str:
    """Return the live line: your place, who has the stick, for how long, why; the rest after that."""
    names = [w["agent_id"] for w in standing.raw["waiters"]]
    place = f" ({ordinal(names.index(me) + 1)} of {len(names)})" if me in names else ""
    unread = asked.unread(standing.raw, me)
    mark = f"; \u2709 {unread} (stick notes)" if unread else ""
    return plain(f"waiting{place}: {_keeper(standing)}{mark}")


def _keeper(s: Standing) -> str:
    if not s.lease:
        return s.headline()
    keeper = f"{s.keeper} for {age(s.now - s.lease['granted_at'])}"
    if s.phase == phases.OWNER_GONE:
        return f"{keeper}, and is gone: {s.evidence}"
    if s.phase == phases.OWNER_IDLE:
        return f"{keeper}{asked.idle(s)}"
    if s.phase == phases.STALE_OWNER:
        return f"{keeper}, and its lease ran out"
    until = f"lease until {clock_time(s.lease['expires_at'], s.shift)}"
    return f"{keeper}: {s.lease['why']}; {until}" if s.lease["why"] else f"{keeper}; {until}"
