"""Judge a soak afterwards, from what its processes noted and from the room's log of events.

It knows the promises, and nothing of how they are kept: what each process asked and was
answered, on one monotonic clock; and the log, as anybody may read it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Event: TypeAlias = Mapping[str, Any]
Span: TypeAlias = tuple[float, float]

GRANTS: Final = ("claim", "takeover")
ENDINGS: Final = ("release", "pass", "close")
ASKING: Final = ("wait", "await", "takeover")
CRASH: Final = "crash"
#: Answers that tell of a fault of the system, and not of a rule.
FAULTS: Final = (CRASH, "io", "state_lost", "state_corrupt", "state_too_new", "internal")
#: So long may nobody get anything done who asked for it: a lock that is stuck.
STUCK_S: Final = 1.0
#: So long may one process get nothing done while others do, on a machine with much else to do.
STARVED_S: Final = 5.0
STARVED_TIMES: Final = 16  # the median operation, where that takes longer


@dataclass(frozen=True)
class Deed:
    """One thing that a process asked for. ``came`` is None where it was killed: nobody knows.

    ``came`` is ``ok``, the status answered, or the code of a refusal. ``sent`` and ``told``
    may name ``turn``, ``lease``, ``event``, ``handoff`` (its status, unlike any other), and
    ``patience``, the seconds that it wanted to wait.
    """

    process: str
    agent: str
    name: str
    start: float
    end: float | None = None
    came: str | None = None
    sent: Mapping[str, Any] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def granted(self) -> bool:
        return self.came == "your_turn"

    @property
    def ended(self) -> bool:
        return self.came == "ok" and self.name in ENDINGS

    @property
    def proof(self) -> int | None:
        """The turn that this deed, by succeeding, shows its agent to have had."""
        if self.granted:
            return int(self.told["turn"])
        if self.came in ("ok", "already_owner") and "turn" in self.sent:
            return int(self.sent["turn"])
        return None

    def __str__(self) -> str:
        return f"{self.agent} ({self.process}) {self.name} {dict(self.sent)} -> {self.came} {dict(self.told)}"


def judge(
    deeds: Sequence[Deed],
    events: Sequence[Event],
    *,
    stops: Sequence[Span] = (),
    pending: int | None = None,
) -> list[str]:
    """Return all promises that were broken. ``pending`` is the event of the handoff pending at the end.

    The time of ``stops``, when somebody or everybody was stopped, is nobody's fault.
    """
    return [
        *numbers(events),
        *turns(events),
        *holders(events),
        *one_holder_a_turn(deeds),
        *no_overlap(deeds),
        *in_order(deeds),
        *acknowledged(deeds, events),
        *nothing_unasked(deeds, events),
        *handoffs(deeds, events, pending),
        *only_the_dead_are_gone(deeds, events),
        *(f"a fault: {deed}" for deed in deeds if deed.came in FAULTS),
        *slow(deeds, stops),
    ]


def slow(deeds: Sequence[Deed], stops: Sequence[Span]) -> Iterator[str]:
    """Nobody waits for long where others get something done, by what the machine does at that load."""
    for seconds, deed in standstills(deeds, stops):
        if seconds > STUCK_S:
            yield f"stuck for {seconds:.3f} s: {deed}"
    took = durations(deeds, stops)
    median = sorted(seconds for seconds, _ in took)[len(took) // 2] if took else 0.0
    limit = max(STARVED_S, STARVED_TIMES * median)
    for seconds, deed in took:
        if seconds > limit:
            yield f"starved for {seconds:.3f} s: {deed}"


# --- the log by itself


def numbers(events: Sequence[Event]) -> Iterator[str]:
    """Events are numbered 1, 2, 3 …"""
    last = 0
    for event in events:
        seq = int(event["event_seq"])
        if seq == last:
            yield f"event {seq} stands twice in the log"
        elif seq < last:
            yield f"event numbers go back from {last} to {seq}"
        elif seq > last + 1:
            yield f"a gap in the log between {last} and {seq}"
        last = seq


def turns(events: Sequence[Event]) -> Iterator[str]:
    """The turn goes up by one at each grant and takeover, and at nothing else."""
    turn = 0
    for event in events:
        given, seq = int(event["turn_id"]), event["event_seq"]
        expected = turn + (event["event_type"] in GRANTS)
        if given < turn:
            yield f"the turn goes back from {turn} to {given} at event {seq}"
        elif given != expected:
            yield f"event {seq} ({event['event_type']}) is at turn {given}, not {expected}"
        turn = given


def holders(events: Sequence[Event]) -> Iterator[str]:
    """At any time one holder at the most; a holding ends by its holder, or by a takeover."""
    holder = None
    for event in events:
        kind, sender, to = event["event_type"], event["from_agent_id"], event["to_agent_id"]
        where = f"event {event['event_seq']}"
        if kind == "claim":
            if holder not in (None, to):
                yield f"two holders: {where} gives {to} what {holder} holds"
            if holder == to and event["reason"] != "recovered":
                yield f"{where} gives {to} again what it holds"
        elif kind == "takeover" and holder not in (None, sender):
            yield f"two holders: {where} takes from {sender} what {holder} holds"
        elif kind in ENDINGS and sender != holder:
            yield f"{where}: a {kind} by {sender}, while {holder} holds"
        if kind in GRANTS:
            holder = to
        elif kind in ENDINGS or (kind == "leave" and sender == holder):
            holder = None


# --- the deeds by themselves


def one_holder_a_turn(deeds: Sequence[Deed]) -> Iterator[str]:
    given: dict[object, Deed] = {}
    leases: dict[object, Deed] = {}
    for deed in deeds:
        if deed.granted:
            for known, key in ((given, deed.told["turn"]), (leases, deed.told["lease"])):
                if key in known:
                    yield f"two holders of {key}: {known[key]} and {deed}"
                known[key] = deed


def no_overlap(deeds: Sequence[Deed]) -> Iterator[str]:
    """While one is sure to hold (from a grant answered to its last success), no other is."""
    grants = {deed.told["turn"]: deed for deed in deeds if deed.granted}
    last: dict[object, float] = {}
    for deed in deeds:
        if deed.proof is not None and not deed.granted:
            last[deed.proof] = max(last.get(deed.proof, 0.0), deed.start)
    spans = sorted(
        (grant.end, last[turn], turn, grant.agent)
        for turn, grant in grants.items()
        if turn in last and grant.end is not None
    )
    until, by = 0.0, ("", 0)
    for start, end, turn, agent in spans:
        if start < until and agent != by[0]:
            yield f"{by[0]} (turn {by[1]}) and {agent} (turn {turn}) hold at once"
        if end > until:
            until, by = end, (agent, turn)


def in_order(deeds: Sequence[Deed]) -> Iterator[str]:
    """What began after something had been answered never has an earlier turn, or event, than that."""
    yield from _in_order([(d, d.proof) for d in deeds], "turn")
    yield from _in_order([(d, d.told.get("event")) for d in deeds], "event")


def _in_order(marked: Iterable[tuple[Deed, int | None]], what: str) -> Iterator[str]:
    known = [(deed, mark) for deed, mark in marked if mark is not None and deed.end is not None]
    by_end = sorted(known, key=lambda one: one[0].end or 0)
    highest, done = 0, 0
    for deed, mark in sorted(known, key=lambda one: one[0].start):
        while done < len(by_end) and (by_end[done][0].end or 0) < deed.start:
            highest = max(highest, by_end[done][1])
            done += 1
        if mark < highest:
            yield f"{what} {highest} was answered before, and then: {deed}"


def durations(deeds: Sequence[Deed], stops: Sequence[Span] = ()) -> list[tuple[float, Deed]]:
    """Return how long each deed took, without the time it wanted to wait or anybody was stopped."""
    running = _outside(stops)
    return [
        (running(deed.start, deed.end) - float(deed.sent.get("patience", 0.0)), deed)
        for deed in deeds
        if deed.end is not None
    ]


def standstills(deeds: Sequence[Deed], stops: Sequence[Span] = ()) -> list[tuple[float, Deed]]:
    """Return for each deed how long before its end nobody else's ended either, since it began."""
    running, last = _outside(stops), 0.0
    found = []
    for end, deed in sorted(
        ((deed.end, deed) for deed in deeds if deed.end is not None), key=lambda one: one[0]
    ):
        seconds = running(max(deed.start, last), end)
        found.append((seconds - float(deed.sent.get("patience", 0.0)), deed))
        last = end
    return found


def _outside(spans: Sequence[Span]) -> Callable[[float, float], float]:
    """Return a function that tells how many seconds between two times are in none of the spans."""
    merged = _merged(spans)
    starts = [since for since, _ in merged]
    sums = [0.0]
    for since, until in merged:
        sums.append(sums[-1] + until - since)

    def inside(at: float) -> float:
        count = bisect_right(starts, at)
        return sums[count] - max(0.0, merged[count - 1][1] - at) if count else 0.0

    return lambda since, until: until - since - inside(until) + inside(since)


def _merged(spans: Sequence[Span]) -> list[Span]:
    found: list[Span] = []
    for since, until in sorted(spans):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(until, found[-1][1]))
        else:
            found.append((since, until))
    return found


# --- both together


def acknowledged(deeds: Sequence[Deed], events: Sequence[Event]) -> Iterator[str]:
    """What was answered with success is in the log exactly once; what was refused is not."""
    grants = defaultdict(list)
    endings = defaultdict(list)
    for event in events:
        if event["event_type"] in GRANTS:
            grants[event["turn_id"]].append(event)
        if event["handoff"]:
            endings[event["handoff"]["status"]].append(event)
    for deed in deeds:
        if deed.granted:
            found = grants[deed.told["turn"]]
            yield from _once(deed, [e for e in found if e["to_agent_id"] == deed.agent], len(found))
        elif deed.name in ENDINGS:
            found = endings[deed.sent["handoff"]]
            if deed.ended:
                same = [e for e in found if _is_of(e, deed)]
                yield from _once(deed, same, len(found))
            elif deed.came is not None and found:
                yield f"refused, and yet in the log: {deed}"
            elif len(found) > 1:
                yield f"twice in the log: {deed}"


def _is_of(event: Event, deed: Deed) -> bool:
    return (event["event_type"], event["from_agent_id"], event["event_seq"]) == (
        deed.name,
        deed.agent,
        deed.told["event"],
    )


def _once(deed: Deed, found: Sequence[Event], among: int) -> Iterator[str]:
    if not found:
        yield f"acknowledged, and not in the log: {deed}"
    elif among > 1:
        yield f"twice in the log: {deed}"


def nothing_unasked(deeds: Sequence[Deed], events: Sequence[Event]) -> Iterator[str]:
    """Every event was asked for: by a deed that succeeded, or one of which nobody knows."""
    known = {(d.agent, d.told["turn"]) for d in deeds if d.granted}
    open_asks = Counter(d.agent for d in deeds if d.came is None and d.name in ASKING)
    left = Counter(d.agent for d in deeds if d.came == "ok" and d.name == "leave")
    open_leaves = Counter(d.agent for d in deeds if d.came is None and d.name == "leave")
    tokens = {d.sent["handoff"] for d in deeds if d.name in ENDINGS}
    unknown = Counter(
        e["to_agent_id"]
        for e in events
        if e["event_type"] in GRANTS and (e["to_agent_id"], e["turn_id"]) not in known
    )
    leaves = Counter(e["from_agent_id"] for e in events if e["event_type"] == "leave")
    for agent, count in unknown.items():
        if count > open_asks[agent]:
            yield f"{agent} got {count} turns that it does not know of, asking {open_asks[agent]}"
    for agent in left.keys() | leaves.keys():
        if not left[agent] <= leaves[agent] <= left[agent] + open_leaves[agent]:
            yield f"{agent} left {left[agent]} times, and the log says {leaves[agent]}"
    for event in events:
        if event["handoff"] and event["handoff"]["status"] not in tokens:
            yield f"event {event['event_seq']}: a handoff that nobody wrote"


def handoffs(deeds: Sequence[Deed], events: Sequence[Event], pending: int | None) -> Iterator[str]:
    """Each grant brings the newest handoff; one that no grant followed is pending at the end."""
    grants = {deed.told["turn"]: deed for deed in deeds if deed.granted}
    newest, waiting = None, None
    for event in events:
        if event["handoff"]:
            newest, waiting = event["handoff"]["status"], event["event_seq"]
        if event["event_type"] in GRANTS:
            waiting = None
            deed = grants.get(event["turn_id"])
            if deed and deed.told.get("handoff") != newest:
                yield f"a lost handoff: {newest} was not delivered: {deed}"
    if waiting is not None and pending != waiting:
        yield f"a lost handoff: that of event {waiting} is not pending at the end, but {pending}"


def only_the_dead_are_gone(deeds: Sequence[Deed], events: Sequence[Event]) -> Iterator[str]:
    """A turn is taken over from somebody gone only when its process does nothing afterwards."""
    grants = {deed.told["turn"]: deed for deed in deeds if deed.granted}
    last: dict[str, Deed] = {}
    for deed in deeds:
        if deed.process not in last or deed.start > last[deed.process].start:
            last[deed.process] = deed
    for event in events:
        taken, given = grants.get(event["turn_id"]), grants.get(event["turn_id"] - 1)
        if event.get("kind") == "owner_gone" and taken and given:
            after = last[given.process]
            if after.start > (taken.end or taken.start):
                yield f"taken for gone at turn {event['turn_id']}, and yet: {after}"
