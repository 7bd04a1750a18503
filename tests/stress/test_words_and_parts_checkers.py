"""Tests of the judges of words and of parts: each broken promise, planted into a good record, is seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from stickhooks.protocol.model import Room
from tests.stress import parted_checker, words_checker
from tests.stress.checker import Deed
from tests.stress.test_checker import event, letter

Event = dict[str, Any]
EMPTY = Room("R", "", 0)


def deed(
    agent: str, at: float, name: str, came: str | None, sent: Any = (), told: Any = ()
) -> Deed:
    return Deed(f"p-{agent}", agent, name, at, at + 0.01, came, dict(sent), dict(told))


def shown(by: str, at: float, *numbers: int) -> Deed:
    return deed(by, at, "read", "ok", {"reader": "bo"}, {"shown": list(numbers)})


# --- words


class Words:
    """ana tells bo twice and asks bo once; bo is shown two of the three, and is killed once while shown."""

    def __init__(self) -> None:
        self.events: list[Event] = [
            event(1, 1, "claim", None, "bo"),
            event(2, 1, "note", "ana", "bo") | {"reason": "one"},
            event(3, 1, "ask", "ana", "bo") | {"reason": "may I"},
            event(4, 1, "note", "ana", None) | {"reason": "two"},
        ]
        self.deeds = [
            deed("ana", 1.0, "tell", "ok", {"text": "one"}, {"event": 2, "to": ["bo"]}),
            deed("bo", 1.5, "read", None, {"reader": "bo"}, {"shown": [2]}),
            deed("ana", 2.0, "ask", "ok", {"text": "may I"}, {"event": 3}),
            shown("cy", 2.5, 2, 3),
            deed("ana", 3.0, "tell", "ok", {"text": "two"}, {"event": 4, "to": ["bo", "cy"]}),
            deed("ana", 3.5, "ask", "ok", {"text": "again"}, {"again": True}),
            deed("ana", 4.0, "tell", "unknown_member", {"text": "never"}),
        ]
        self.unread: dict[str, list[int]] = {"bo": [4], "cy": [4]}

    def judged(self) -> list[str]:
        return words_checker.judge(self.deeds, self.events, self.unread)


def test_good_words_are_found_good() -> None:
    assert Words().judged() == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda w: w.deeds.append(shown("bo", 5.0, 3)), "is shown [3]"),
        (lambda w: w.deeds.append(shown("bo", 1.5, 2)), "is shown [2, 3]"),
        (lambda w: w.unread.update(bo=[]), "has [] unread"),
        (lambda w: w.unread.update(bo=[3, 4]), "has [3, 4] unread"),
        (lambda w: w.events.pop(1), "not once in the log"),
        (lambda w: w.events.append(event(5, 1, "note", "ana", "bo") | {"reason": "never"}), "yet in the log"),
        (lambda w: w.events.append(event(5, 1, "note", "ana", "bo") | {"reason": "?"}), "nobody said"),
        (lambda w: w.events.append(event(5, 1, "ask", "ana", "bo") | {"reason": "again"}), "asks again"),
    ],
)  # fmt: skip
def test_a_broken_promise_about_words_is_caught(change: Any, told: str) -> None:
    record = Words()
    change(record)
    assert any(told in one for one in record.judged()), record.judged()


def test_who_left_has_nothing_to_read_and_the_oldest_of_too_many_falls_out() -> None:
    record = Words()
    record.events.append(event(5, 1, "leave", "cy", None))
    record.unread = {"bo": [*range(6, 26)]}
    for number in range(6, 26):
        text = f"note {number}"
        record.events.append(event(number, 1, "note", "ana", "bo") | {"reason": text})
        told = {"event": number, "to": ["bo"]}
        record.deeds.append(deed("ana", float(number), "tell", "ok", {"text": text}, told))
    assert record.judged() == []


# --- parts


class Parts:
    """ana has a, bo has b; ana passes a to bo with a handoff, and bo puts both down."""

    def __init__(self) -> None:
        self.events: list[Event] = [
            event(1, 1, "claim", None, "ana", paths=["a"]),
            event(2, 2, "claim", None, "bo", paths=["b"]),
            event(3, 2, "add", "bo", "bo", paths=["c"]),
            event(4, 1, "pass", "ana", "bo", paths=["a"], handoff=letter("one")),
            event(5, 3, "claim", "ana", "bo", paths=["a"]),
            event(6, 2, "release", "bo", None, paths=["b", "c"], handoff=letter("both")),
            event(7, 3, "release", "bo", None, paths=["a"], handoff=letter("both")),
            event(8, 4, "claim", "bo", "cy"),
        ]
        self.deeds = [
            deed("ana", 1.0, "wait", "your_turn", {}, grant(1, "a")),
            deed("bo", 2.0, "wait", "your_turn", {}, grant(2, "b")),
            deed("ana", 3.0, "pass", "ok", {"turn": 1, "handoff": "one"}),
            deed("bo", 4.0, "wait", "your_turn", {}, grant(3, "a", "one")),
            deed("bo", 5.0, "release", "ok", {"turns": [2, 3], "handoff": "both"}),
            deed("cy", 6.0, "wait", "your_turn", {}, grant(4, "", "both")),
        ]

    def judged(self) -> list[str]:
        return parted_checker.judge(self.deeds, self.events, EMPTY, [])


def grant(turn: int, path: str, handoff: str | None = None) -> Mapping[str, object]:
    told = {"status": "your_turn", "turn": turn, "lease": f"L{turn}", "handoff": handoff}
    return told | ({"paths": [path]} if path else {})


def test_good_turns_for_paths_are_found_good() -> None:
    assert Parts().judged() == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda p: p.events[1].update(paths=["a/x"]), "two holders"),
        (lambda p: p.events[2].update(paths=["a"]), "two holders"),
        (lambda p: p.events[1].update(turn_id=1), "comes after turn 1"),
        (lambda p: p.deeds[1].told.update(turn=1), "two holders of 1"),
        (lambda p: p.events.pop(6), "turns [2] ended, and not [2, 3]"),
        (lambda p: p.events[3].update(from_agent_id="bo"), "ends Holding"),
        (lambda p: p.deeds[3].told.update(handoff=None), "a lost handoff"),
        (lambda p: p.deeds.append(deed("ana", 4.5, "renew", "ok", {"turn": 1})), "hold at once"),
        (lambda p: p.deeds.append(deed("di", 4.5, "wait", "your_turn", {}, grant(9, "x"))), "not in the log"),
        (lambda p: p.deeds.append(deed("di", 4.5, "wait", "state_lost")), "a fault"),
    ],
)  # fmt: skip
def test_a_broken_promise_about_paths_is_caught(change: Any, told: str) -> None:
    record = Parts()
    change(record)
    assert any(told in one for one in record.judged()), record.judged()


def test_a_handoff_of_several_turns_is_put_down_whole_or_not_at_all_by_a_kill() -> None:
    record = Parts()
    record.deeds[4] = Deed("p-bo", "bo", "release", 5.0, sent={"turns": [2, 3], "handoff": "both"})
    assert record.judged() == []
    del record.events[6]
    assert any("half a set" in told for told in record.judged())
