"""The timeline of a room, pure: what happened becomes rows of spans and marks, with a few figures.

One pass over what happened, in order. All times are milliseconds of the wall clock. They never
go back in here: what claims to have been earlier than the line before it counts as being at its
time, and nothing is later than the end. So no two members hold at once in any picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from stickhooks.protocol import phases
from stickhooks.timeline import part_spans
from stickhooks.timeline.happenings import Happening, Now

#: Kinds of spans. ``LOST`` is held as well, until somebody took it over.
HELD: Final = "held"
LOST: Final = "lost"
WAITING: Final = "waiting"
RESERVED: Final = "reserved"
HOLDING: Final = (HELD, LOST)
PATHS: Final = "paths"  # held alone, beside the rest

#: Kinds of marks.
TAKEOVER: Final = "takeover"
REFUSED: Final = "refused"
BYPASS: Final = "bypass"
OUTSIDE: Final = "outside"
BACK: Final = "back"
NOTE: Final = "note"
ASK: Final = "ask"
#: What is said, and not what stands out.
WORDS: Final = (NOTE, ASK)
COMMIT: Final = "commit"
PART: Final = "part"

#: Clients end long commands, and their agent waits again: within this time it is the same wait.
PAUSE_MS: Final = 60_000
#: git's times are whole seconds: a commit may seem that much later than the turn that made it.
COMMIT_MS: Final = 1000
#: The reason of a claim by which a holder went on under a new lease (protocol, `claim`).
RECOVERED: Final = "recovered"


class Span(NamedTuple):
    """A stretch of a row. ``how`` says how it ended, ``""`` where it goes on at the end.

    Of a turn, ``why`` is what it was taken for; ``told``, ``next`` and ``files`` are its handoff, and
    ``paths`` those that it was for, where it was not for all.
    """

    kind: str
    start: int
    end: int
    how: str = ""
    told: str = ""
    next: str = ""
    why: str = ""
    files: str = ""
    paths: str = ""

    @property
    def length(self) -> int:
        return self.end - self.start


class Mark(NamedTuple):
    """A moment of a row. ``gate`` says what was asked: ``git``, ``edit``, ``shell``, ``editor``."""

    kind: str
    at: int
    told: str = ""
    gate: str = ""


@dataclass(slots=True)
class Row:
    """A member, with all that is known of it within the window, and its sums."""

    name: str
    spans: list[Span] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    held: int = 0
    waited: int = 0
    turns: int = 0
    path_turns: int = 0

    def count(self, kind: str) -> int:
        return sum(mark.kind == kind for mark in self.marks)


@dataclass(frozen=True, slots=True)
class Timeline:
    """A room from ``start`` to ``end``; ``rows`` in the order in which the members appear.

    ``waits`` are the lengths of those that brought the stick, sorted.
    """

    start: int
    end: int
    rows: tuple[Row, ...] = ()
    holder: str = ""
    waits: tuple[int, ...] = ()

    @property
    def length(self) -> int:
        return self.end - self.start

    @property
    def held(self) -> int:
        return sum(row.held for row in self.rows)

    @property
    def share(self) -> float:
        """The share of the time that somebody held the stick, 0 to 1."""
        return self.held / self.length if self.length else 0.0

    @property
    def turns(self) -> int:
        return sum(row.turns for row in self.rows)

    @property
    def path_turns(self) -> int:
        return sum(row.path_turns for row in self.rows)

    @property
    def median_wait(self) -> int | None:
        """The middle of the waits that brought the stick."""
        half = len(self.waits) // 2
        return (self.waits[half] + self.waits[~half]) // 2 if self.waits else None

    def count(self, kind: str) -> int:
        return sum(row.count(kind) for row in self.rows)

    def gates(self) -> dict[str, int]:
        """Return how many writes each gate refused, the most first."""
        marks = (mark for row in self.rows for mark in row.marks)
        gates = Counter(mark.gate for mark in marks if mark.kind == REFUSED)
        return dict(gates.most_common())


def of(happenings: Iterable[Happening], now: Now, start: int | None = None) -> Timeline:
    """Return the timeline from ``start`` (default: what happened first) until ``now``.

    ``happenings`` are in order; they begin before ``start``, to know who held then. An order of
    events that the rules do not allow is drawn as well as can be, and never an error.
    """
    teller = _Teller(now, start)
    for happening in happenings:
        teller.hear(happening)
    return teller.finish()


@dataclass(slots=True)
class _Wait:
    """A wait that is not over: stopped (and perhaps gone on with), or out of the line since ``lost``."""

    begin: int
    stopped: int | None = None
    how: str = ""
    lost: int | None = None


class _Teller:
    """Hears what happened, and remembers what has no end yet."""

    def __init__(self, now: Now, start: int | None) -> None:
        self.now = now
        self.start = start
        self.at = 0
        self.rows: dict[str, Row] = {}
        self.waits: dict[str, _Wait] = {}
        self.in_line: list[_Wait] = []  # those whose place no release has tried yet
        self.lengths: list[int] = []
        self.holder = self.last = ""
        self.why = ""
        self.since = 0
        self.heir = ""
        self.free_since = 0
        self.parts = part_spans.Turns()

    def hear(self, it: Happening) -> None:
        self.at = max(self.at, min(it.at, self.now.at))
        if self.start is None:
            self.start = self.at
        act = _ACTS.get(it.what)
        if act is not None and (it.who or it.what == COMMIT):
            act(self, it)

    def finish(self) -> Timeline:
        """Return what was told; whatever has no end goes on until now."""
        self.at = end = self.now.at
        if self.holder:
            self._span(self.holder, HELD, self.since, why=self.why)
        elif self.heir or self.now.reserved_for:
            self._span(self.heir or self.now.reserved_for, RESERVED, self.free_since)
        for turn in self.parts.open.values():
            self._part_span(part_spans.Ended(turn, ""))
        for who, wait in self.waits.items():
            self._give_up(who, wait)
        rows = tuple(sorted(self.rows.values(), key=_appears))
        start = end if self.start is None else min(self.start, end)
        return Timeline(start, end, rows, self.holder, tuple(sorted(self.lengths)))

    # --- the stick

    def claim(self, it: Happening) -> None:
        if self.holder == it.who:
            self._put_down("went on under a new lease")
        elif self.holder:
            self._put_down("")
        self._promise_ends("")
        goes_on = it.told == RECOVERED and it.who == self.last
        self._take(it.who, self.why if goes_on else it.told)

    def takeover(self, it: Happening) -> None:
        if self.holder:
            self._put_down(f"taken over by {it.who}", kind=LOST)
        else:
            self.heir = self.heir or it.other
            self._promise_ends(f"taken over by {it.who}")
        text = f"from {it.other}: {it.told}" if it.told else f"from {it.other}"
        self._mark(it.who, TAKEOVER, text)
        self._take(it.who, it.told)

    def release(self, it: Happening) -> None:
        """End a turn. A release looks which waiters are really there; the others lose their place."""
        self._put_down("released", it)
        for wait in self.in_line:
            wait.lost = self.at
        self.in_line = []

    def hand_on(self, it: Happening) -> None:
        self._put_down(f"handed to {it.other}", it)
        self.heir = it.other

    def close(self, it: Happening) -> None:
        self._put_down("closed the room", it)

    def leave(self, it: Happening) -> None:
        if self.holder == it.who:
            self._put_down("left while holding the stick")
        if self.heir == it.who:
            self._promise_ends("left")
        wait = self.waits.pop(it.who, None)
        if wait is not None:
            self._span(it.who, WAITING, wait.begin, how="left", until=wait.stopped)

    def _take(self, who: str, why: str) -> None:
        self.holder, self.since, self.why = who, self.at, why
        wait = self.waits.pop(who, None)
        if wait is None:
            return
        if wait.stopped is not None and self.at - wait.stopped > PAUSE_MS:
            self._give_up(who, wait)
            return
        self._span(who, WAITING, wait.begin, how="got the stick")
        if self._is_shown(self.at):
            self.lengths.append(self.at - wait.begin)

    def _put_down(self, how: str, it: Happening | None = None, kind: str = HELD) -> None:
        if self.holder:
            said = it or Happening(self.at, "", "")
            self._span(
                self.holder, kind, self.since,
                how=how, told=said.told, next_=said.next, why=self.why, files=said.files,
            )  # fmt: skip
        self.last, self.holder, self.heir, self.free_since = self.holder, "", "", self.at

    def _promise_ends(self, how: str) -> None:
        if self.heir:
            self._span(self.heir, RESERVED, self.free_since, how=how or "came for it")
        self.heir = ""

    # --- the line

    def wait(self, it: Happening) -> None:
        """Begin a wait, or go on with one. A wait of the holder came out of order, and is left out."""
        wait = self.waits.get(it.who)
        if self.holder == it.who:
            return
        if wait is not None and wait.stopped is not None and self.at - wait.stopped > PAUSE_MS:
            self._give_up(it.who, wait)
            wait = None
        if wait is None:
            wait = self.waits[it.who] = _Wait(self.at)
        wait.stopped, wait.lost = None, None
        self.in_line.append(wait)

    def stop(self, it: Happening) -> None:
        wait = self.waits.get(it.who)
        if wait is not None and wait.stopped is None:
            wait.stopped, wait.how = self.at, it.kind

    def _give_up(self, who: str, wait: _Wait) -> None:
        """Show a wait that did not bring the stick.

        Nobody notes the end of a process that is killed. Its wait is shown until the next time
        that the stick was put down: its place in the line was lost then.
        """
        if wait.stopped is not None:
            self._span(who, WAITING, wait.begin, how=wait.how or "gave up", until=wait.stopped)
        elif who in self.now.waiting or wait.lost is None:
            self._span(who, WAITING, wait.begin)
        else:
            self._span(who, WAITING, wait.begin, how="was gone", until=wait.lost)

    # --- what goes into the picture

    def word(self, it: Happening) -> None:
        to = f"to {it.other or 'all'}"
        self._mark(it.who, it.what, f"{to}: {it.told}" if it.told else to)

    def mark(self, it: Happening) -> None:
        self._mark(it.who, it.what, it.told, it.kind)

    def part(self, it: Happening) -> None:
        """An event of a turn for paths: it moves no stick of the rest."""
        self._mark(it.who, TAKEOVER if it.kind == TAKEOVER else PART, part_spans.told(it))
        for ended in self.parts.hear(it, self.at):
            self._part_span(ended)

    def _part_span(self, ended: part_spans.Ended) -> None:
        turn, said = ended.turn, ended.by or Happening(self.at, "", "")
        self._span(
            turn.who, PATHS, turn.since, how=ended.how, told=said.told, next_=said.next,
            why=turn.why, files=said.files, paths=phases.named(turn.paths),
        )  # fmt: skip

    def commit(self, it: Happening) -> None:
        """Mark a commit in the row of who held then; one that nobody held for is told as outside."""
        just_ended = self.at - self.free_since < COMMIT_MS
        who = self.holder or (self.last if just_ended else "")
        if who:
            self._mark(who, COMMIT, it.told)

    def _row(self, who: str) -> Row:
        if who not in self.rows:
            self.rows[who] = Row(who)
        return self.rows[who]

    def _is_shown(self, at: int) -> bool:
        return self.start is None or at >= self.start

    def _mark(self, who: str, kind: str, told: str, gate: str = "") -> None:
        if self._is_shown(self.at):
            self._row(who).marks.append(Mark(kind, self.at, told, gate))

    def _span(
        self, who: str, kind: str, begin: int, *,
        how: str = "", told: str = "", next_: str = "", why: str = "", files: str = "",
        until: int | None = None, paths: str = "",
    ) -> None:  # fmt: skip
        end = self.at if until is None else until
        if not self._is_shown(end):
            return
        span = Span(kind, max(begin, self.start or 0), end, how, told, next_, why, files, paths)
        row = self._row(who)
        row.spans.append(span)
        if kind in HOLDING:
            row.held += span.length
            row.turns += 1
        elif kind == PATHS:
            row.path_turns += 1
        elif kind == WAITING:
            row.waited += span.length


def _appears(row: Row) -> int:
    """Return when a row is first seen in the picture."""
    return min([s.start for s in row.spans] + [m.at for m in row.marks], default=0)


_ACTS: Final = {
    "claim": _Teller.claim,
    "takeover": _Teller.takeover,
    "release": _Teller.release,
    "pass": _Teller.hand_on,
    "close": _Teller.close,
    "leave": _Teller.leave,
    "wait": _Teller.wait,
    "stop": _Teller.stop,
    REFUSED: _Teller.mark,
    BYPASS: _Teller.mark,
    OUTSIDE: _Teller.mark,
    BACK: _Teller.mark,
    PART: _Teller.part,
    NOTE: _Teller.word,
    ASK: _Teller.word,
    COMMIT: _Teller.commit,
}
