"""Judge a soak with leases of paths: the promises of ``checker``, for each part of a room as for a room.

No path has two holders, a turn number is given once, a set of turns is put down whole or not at all,
and every handoff reaches somebody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stickhooks.protocol import parts
from stickhooks.protocol.model import Part, Room

from . import checker
from .checker import ENDINGS, FAULTS, GRANTS, Deed, Event, Span

HIDDEN: Final = 40  # events before a grant of a killed process that it may have told of
Paths = tuple[str, ...]


@dataclass(frozen=True)
class Grant:
    """A turn that an answer says was given: of some paths, or, without any, of the rest."""

    deed: Deed
    turn: int
    lease: str
    paths: Paths
    handoff: str | None
    unread_from: int | None


@dataclass(frozen=True)
class Holding:
    """Who holds what, by the log."""

    agent: str
    paths: Paths


def judge(
    deeds: Sequence[Deed], events: Sequence[Event], final: Room, stops: Sequence[Span]
) -> list[str]:
    """Return all promises that were broken. ``final`` is the room as it is at the end."""
    grants = [grant for deed in deeds for grant in _granted(deed)]
    replay = _Replay()
    broken = [told for event in events for told in replay.next(event)]
    return [
        *checker.numbers(events),
        *broken,
        *_given_once(grants, events),
        *_put_down(deeds, events),
        *_no_overlap(grants, deeds),
        *checker.in_order([deed for deed in deeds if deed.name in ("tell", "ask")]),
        *_handoffs(grants, events, final),
        *_only_the_dead(replay.revoked, grants, deeds),
        *(f"a fault: {deed}" for deed in deeds if deed.came in FAULTS),
        *checker.slow(deeds, stops),
    ]


def _granted(deed: Deed) -> Iterator[Grant]:
    for one in (*deed.told.get("also", ()), deed.told):
        if one.get("status") == "your_turn":
            yield Grant(
                deed, int(one["turn"]), one["lease"], tuple(one.get("paths", ())),
                one.get("handoff"), one.get("unread_from"),
            )  # fmt: skip


def meet(one: Paths, other: Paths) -> bool:
    """Tell whether two holdings have something in common; the rest has what no part has."""
    if not one or not other:
        return one == other
    return any(parts.meet(a, b) for a in one for b in other)


class _Replay:
    """The log, event by event: who holds what."""

    def __init__(self) -> None:
        self.turn = 0
        self.held: dict[int, Holding] = {}
        self.revoked: list[tuple[int, int]] = []  # the turn taken over for one gone, the new turn

    def next(self, event: Event) -> Iterator[str]:
        kind, turn, paths = event["event_type"], int(event["turn_id"]), _paths(event)
        where = f"event {event['event_seq']} ({kind}, turn {turn})"
        if kind in GRANTS:
            if turn != self.turn + 1:
                yield f"{where} comes after turn {self.turn}"
            yield from self._grant(event, where, turn, paths)
            self.turn = max(self.turn, turn)
        elif turn > self.turn:
            yield f"{where} is of a turn that was never given"
        elif kind == "add":
            own = self.held.get(turn)
            if own is None or own.agent != event["from_agent_id"]:
                yield f"{where} adds to {own}"
            yield from self._met(where, str(event["from_agent_id"]), paths)
            self.held[turn] = Holding(
                str(event["from_agent_id"]), paths + (own.paths if own else ())
            )
        elif kind in ENDINGS:
            own = self.held.pop(turn, None)
            if own is None or own.agent != event["from_agent_id"]:
                yield f"{where} by {event['from_agent_id']} ends {own}"
        elif kind == "leave":
            own = self.held.get(turn)
            if own is not None and own.agent == event["from_agent_id"]:
                del self.held[turn]

    def _grant(self, event: Event, where: str, turn: int, paths: Paths) -> Iterator[str]:
        to, sender = str(event["to_agent_id"]), event["from_agent_id"]
        again = event["reason"] == "recovered"
        for known, own in list(self.held.items()):
            if meet(own.paths, paths) and (
                (event["event_type"] == "takeover" and own.agent == sender)
                or (again and own.agent == to)
            ):
                del self.held[known]
                if event.get("kind") == "owner_gone":
                    self.revoked.append((known, turn))
        yield from self._met(where, to, paths, everybody=True)
        self.held[turn] = Holding(to, paths)

    def _met(
        self, where: str, agent: str, paths: Paths, *, everybody: bool = False
    ) -> Iterator[str]:
        for turn, own in self.held.items():
            if meet(own.paths, paths) and (everybody or own.agent != agent):
                yield f"two holders: {where} gives {agent} {paths}, and turn {turn} is {own}"


def _paths(event: Event) -> Paths:
    return tuple(event.get("paths") or ())


def _given_once(grants: Iterable[Grant], events: Sequence[Event]) -> Iterator[str]:
    """A turn and a lease are given once, and what was answered stands in the log."""
    given = {(int(e["turn_id"]), e["to_agent_id"]) for e in events if e["event_type"] in GRANTS}
    known: dict[object, Deed] = {}
    for grant in grants:
        for key in (grant.turn, grant.lease):
            if key in known:
                yield f"two holders of {key}: {known[key]} and {grant.deed}"
            known[key] = grant.deed
        if (grant.turn, grant.deed.agent) not in given:
            yield f"acknowledged, and not in the log: {grant.deed}"


def _put_down(deeds: Sequence[Deed], events: Sequence[Event]) -> Iterator[str]:
    """What was put down with success is in the log once, turn by turn; half a set never is."""
    found = defaultdict(list)
    for event in events:
        if event["handoff"]:
            found[event["handoff"]["status"]].append(event)
    for deed in deeds:
        if deed.name not in ENDINGS:
            continue
        same = found.pop(deed.sent["handoff"], [])
        wanted = sorted(deed.sent.get("turns") or [deed.sent["turn"]])
        ended = sorted(int(e["turn_id"]) for e in same)
        if any((e["event_type"], e["from_agent_id"]) != (deed.name, deed.agent) for e in same):
            yield f"another put it down: {same} by {deed}"
        if deed.came == "ok" and ended != wanted:
            yield f"turns {ended} ended, and not {wanted}: {deed}"
        elif deed.came is None and ended not in ([], wanted):
            yield f"half a set was put down, {ended}: {deed}"
        elif deed.came not in ("ok", None) and ended:
            yield f"refused, and yet in the log: {deed}"
    for text in found:
        yield f"a handoff that nobody wrote: {text}"


def _no_overlap(grants: Sequence[Grant], deeds: Sequence[Deed]) -> Iterator[str]:
    """While one is sure to hold some paths (from the answer to its last success), no other is."""
    last: dict[int, float] = {}
    for deed in deeds:
        if deed.name in (*ENDINGS, "renew") and deed.came == "ok":
            for turn in deed.sent.get("turns") or [deed.sent["turn"]]:
                last[turn] = max(last.get(turn, 0.0), deed.start)
    spans = sorted(
        ((g.deed.end or 0.0, last[g.turn], g.turn, g) for g in grants if g.turn in last),
        key=lambda span: span[:3],
    )
    open_: list[tuple[float, float, int, Grant]] = []
    for span in spans:
        start, _, turn, grant = span
        open_ = [one for one in open_ if one[1] > start]
        for _, _, other, held in open_:
            if held.deed.agent != grant.deed.agent and meet(held.paths, grant.paths):
                yield f"turns {other} and {turn} hold at once: {held.deed} and {grant.deed}"
        open_.append(span)


def _handoffs(grants: Sequence[Grant], events: Sequence[Event], final: Room) -> Iterator[str]:
    """Each handoff was told with a turn, in a note, as an older one that is unread, or waits at the end.

    A grant of which nobody knows what it told may have told those that were written shortly before.
    """
    by_turn = {grant.turn: grant for grant in grants}
    open_: dict[int, str] = {}
    for event in events:
        seq, turn = int(event["event_seq"]), int(event["turn_id"])
        if event["handoff"]:
            open_[seq] = event["handoff"]["status"]
        elif event["event_type"] == "note":
            open_ = {n: text for n, text in open_.items() if text not in str(event["reason"])}
        elif event["event_type"] in GRANTS and turn not in by_turn:
            open_ = {n: text for n, text in open_.items() if n < seq - HIDDEN}
        elif event["event_type"] in GRANTS:
            grant = by_turn[turn]
            first = seq if grant.unread_from is None else grant.unread_from
            open_ = {n: text for n, text in open_.items() if n < first and text != grant.handoff}
    views: list[Room | Part] = [final, *final.parts]
    letters = [one.letter for one in views if one.letter]
    waiting = {letter.handoff.status for letter in letters}
    first = min((one.unread_from for one in letters if one.unread_from), default=len(events) + 1)
    for seq, text in open_.items():
        if text not in waiting and seq < first:
            yield f"a lost handoff: that of event {seq}, {text}"


def _only_the_dead(
    revoked: Sequence[tuple[int, int]], grants: Sequence[Grant], deeds: Sequence[Deed]
) -> Iterator[str]:
    """A turn is taken over from somebody gone only when its process does nothing afterwards."""
    by_turn: Mapping[int, Grant] = {grant.turn: grant for grant in grants}
    last: dict[str, Any] = {}
    for deed in deeds:
        last[deed.process] = max(last.get(deed.process, deed), deed, key=lambda d: d.start)
    for old, new in revoked:
        if old in by_turn and new in by_turn:
            after, taken = last[by_turn[old].deed.process], by_turn[new].deed
            if after.start > (taken.end or taken.start):
                yield f"taken for gone at turn {new}, and yet: {after}"
