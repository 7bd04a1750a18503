"""Judge the words of a soak: notes and asks are in the log once, and each reader was shown each of them once.

Who is shown something is shown all that it has not read, the oldest first, so what a showing must have
is known exactly: what came since the one before, the newest of it where that is too much. A showing
that was killed may have been the last of its kind, or be shown again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from .checker import Deed, Event

WORDS: Final = {"tell": "note", "ask": "ask"}
LIMIT: Final = 20


@dataclass
class Mail:
    """What is a member's to read, by number: what surely is, and what may be."""

    sure: set[int] = field(default_factory=set)
    perhaps: set[int] = field(default_factory=set)
    left: list[int] = field(default_factory=list)  # the events by which it left


def judge(
    deeds: Sequence[Deed], events: Sequence[Event], unread: Mapping[str, Sequence[int]]
) -> list[str]:
    """Return all promises about words that were broken. ``unread`` is what is unread at the end."""
    return [*said_once(deeds, events), *asked_once(events), *shown_once(deeds, events, unread)]


def said_once(deeds: Sequence[Deed], events: Sequence[Event]) -> Iterator[str]:
    """What was said with success is in the log once, under the number that was told; nothing else is."""
    found = defaultdict(list)
    for event in events:
        if event["event_type"] in WORDS.values():
            found[event["reason"]].append(event)
    for deed in deeds:
        if deed.name not in WORDS:
            continue
        same = found.pop(deed.sent["text"], [])
        if deed.came == "ok" and not deed.told.get("again"):
            if [e["event_seq"] for e in same] != [deed.told["event"]]:
                yield f"said, and not once in the log: {deed}"
        elif len(same) > (deed.came is None):
            yield f"not said, and yet in the log: {deed}"
        for event in same:
            if (event["event_type"], event["from_agent_id"]) != (WORDS[deed.name], deed.agent):
                yield f"another said it: event {event['event_seq']}, {deed}"
    for text, same in found.items():
        if not _of_a_handoff(str(text), events):
            yield f"nobody said event {same[0]['event_seq']}: {text}"


def _of_a_handoff(text: str, events: Sequence[Event]) -> bool:
    """Tell whether a note is one that a turn's end leaves for others: it has the words of its handoff."""
    return any(e["handoff"] and e["handoff"]["status"] in text for e in events)


def asked_once(events: Sequence[Event]) -> Iterator[str]:
    """A member asks once a turn, unless it was away meanwhile."""
    asked: Counter[tuple[str, int]] = Counter()
    for event in events:
        who = str(event["from_agent_id"])
        if event["event_type"] == "leave":
            asked = Counter({key: n for key, n in asked.items() if key[0] != who})
        elif event["event_type"] == "ask":
            asked[who, int(event["turn_id"])] += 1
            if asked[who, int(event["turn_id"])] > 1:
                yield f"{who} asks again in turn {event['turn_id']}: event {event['event_seq']}"


def shown_once(
    deeds: Sequence[Deed], events: Sequence[Event], unread: Mapping[str, Sequence[int]]
) -> Iterator[str]:
    """Each reader is shown each word, in order, and none twice but where a kill came between."""
    showings = defaultdict(list)
    for deed in deeds:
        if deed.name == "read" and deed.told.get("shown"):
            showings[str(deed.sent["reader"])].append(deed)
    for reader, mail in _mail(deeds, events).items():
        since = {0}  # up to which number it has read; several where a kill left that open
        own = sorted(showings[reader], key=lambda d: (max(d.told["shown"]), d.came is not None))
        for deed in own:
            shown = list(deed.told["shown"])
            if not any(_fits(shown, mail, low, LIMIT) for low in since):
                yield f"{reader} is shown {shown} after {sorted(since)}: {deed}"
            if deed.came is None:
                since |= {max(shown)}
            else:
                since = {max(shown)}
        if reader in unread:
            left = list(unread[reader])
            if not any(_fits(left, mail, low, LIMIT, end=True) for low in since):
                yield f"{reader} has {left} unread at the end, after {sorted(since)}"


def _mail(deeds: Sequence[Deed], events: Sequence[Event]) -> Mapping[str, Mail]:
    """Return what each member is to read: by the answer to its author, else by the log."""
    readers = {
        d.told["event"]: d.told["to"] for d in deeds if d.name == "tell" and d.told.get("to")
    }
    found: dict[str, Mail] = defaultdict(Mail)
    names = {deed.agent for deed in deeds}
    for event in events:
        number, to = int(event["event_seq"]), event["to_agent_id"]
        if event["event_type"] == "leave":
            found[str(event["from_agent_id"])].left.append(number)
        if event["event_type"] not in WORDS.values():
            continue
        if number in readers or to:
            for name in readers.get(number, [to]):
                found[name].sure.add(number)
        else:
            for name in names - {event["from_agent_id"]}:
                found[name].perhaps.add(number)
    return found


def _fits(shown: Sequence[int], mail: Mail, low: int, limit: int, *, end: bool = False) -> bool:
    """Tell whether a list is what came after ``low``, or the newest of it, for a member as it is by then."""
    if list(shown) != sorted(set(shown)):
        return False
    high = max([*mail.sure, *mail.perhaps, *mail.left, 0]) if end else max(shown)
    gone = max((n for n in mail.left if n <= high), default=0)
    low = max(low, gone)
    due = {n for n in mail.sure if low < n <= high}
    if len(shown) == limit:  # the oldest fell out
        due = {n for n in due if n >= min(shown)}
    allowed = {n for n in mail.sure | mail.perhaps if low < n <= high}
    return due <= set(shown) <= allowed and len(shown) <= limit
