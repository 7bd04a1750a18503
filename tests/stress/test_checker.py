"""A test of the judge of the soak: each broken promise, planted into a good record, is seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tests.stress import checker
from tests.stress.checker import Deed

Event = dict[str, Any]


@dataclass
class Record:
    """What processes noted, and the log of their room."""

    deeds: list[Deed]
    events: list[Event]
    pending: int | None = None
    stops: Sequence[tuple[float, float]] = ()

    def judged(self) -> list[str]:
        return checker.judge(self.deeds, self.events, pending=self.pending, stops=self.stops)


def event(seq: int, turn: int, what: str, sender: str | None, to: str | None, **more: Any) -> Event:
    return {
        "event_seq": seq, "turn_id": turn, "event_type": what, "from_agent_id": sender,
        "to_agent_id": to, "handoff": None, "reason": None, **more,
    }  # fmt: skip


def letter(token: str) -> dict[str, object]:
    return {"status": token, "next_action": "go on"}


def grant(agent: str, at: float, turn: int, handoff: str | None = None, name: str = "wait") -> Deed:
    told = {"turn": turn, "lease": f"L{turn}"} | ({"handoff": handoff} if handoff else {})
    return Deed(f"p-{agent}", agent, name, at, at + 0.01, "your_turn", {}, told)


def release(agent: str, at: float, turn: int, seq: int, handoff: str) -> Deed:
    sent = {"turn": turn, "handoff": handoff}
    return Deed(f"p-{agent}", agent, "release", at, at + 0.01, "ok", sent, {"event": seq})


def good() -> Record:
    """ana takes, releases; bo takes, is killed in a release; ana takes over, releases; bo leaves."""
    unknown = Deed("p-bo", "bo", "release", 3.2, sent={"turn": 2, "handoff": "never"})
    renewed = Deed("p-ana", "ana", "renew", 1.1, 1.11, "ok", {"turn": 1}, {"turn": 1})
    refused = Deed(
        "p-cy", "cy", "release", 1.2, 1.21, "turn_mismatch", {"turn": 0, "handoff": "no"}
    )
    left = Deed("p-bo2", "bo", "leave", 6.0, 6.01, "ok")
    return Record(
        [
            grant("ana", 1.0, 1), renewed, refused, release("ana", 2.0, 1, 2, "one"),
            grant("bo", 3.0, 2, "one"), unknown, grant("ana", 4.0, 3, "one", "takeover"),
            release("ana", 5.0, 3, 5, "two"), left,
        ],
        [
            event(1, 1, "claim", None, "ana"),
            event(2, 1, "release", "ana", None, handoff=letter("one")),
            event(3, 2, "claim", "ana", "bo"),
            event(4, 3, "takeover", "bo", "ana", reason="gone", kind="owner_gone"),
            event(5, 3, "release", "ana", None, handoff=letter("two")),
            event(6, 3, "leave", "bo", None),
        ],
        pending=5,
    )  # fmt: skip


def found(record: Record, *words: str) -> bool:
    return any(all(word in told for word in words) for told in record.judged())


def test_a_good_record_is_found_good() -> None:
    assert good().judged() == []


def test_a_killed_release_may_have_happened() -> None:
    record = good()
    record.events[3] = event(4, 2, "release", "bo", None, handoff=letter("never"))
    record.events.insert(4, event(5, 3, "claim", "bo", "ana"))
    record.events[5:] = [
        event(6, 3, "release", "ana", None, handoff=letter("two")),
        event(7, 3, "leave", "bo", None),
    ]
    record.deeds[6] = grant("ana", 4.0, 3, "never")
    record.deeds[7] = release("ana", 5.0, 3, 6, "two")
    record.pending = 6
    assert record.judged() == []


def test_an_agent_that_holds_may_be_given_another_turn() -> None:
    record = good()
    record.events.append(event(7, 4, "claim", "ana", "cy"))
    record.events.append(event(8, 5, "claim", "cy", "cy", reason="recovered"))
    record.deeds += [grant("cy", 7.0, 4, "two"), grant("cy", 7.5, 5, "two")]
    record.pending = None
    assert record.judged() == []


def test_two_holders_of_one_turn_are_caught() -> None:
    record = good()
    record.deeds.append(grant("cy", 3.0, 2, "one"))
    assert found(record, "two holders of 2")
    assert found(record, "two holders of L2")


def test_a_grant_while_somebody_holds_is_caught() -> None:
    record = good()
    record.events[3] = event(4, 3, "claim", None, "ana")
    assert found(record, "two holders", "what bo holds")


def test_a_takeover_from_somebody_else_than_the_holder_is_caught() -> None:
    record = good()
    record.events[3]["from_agent_id"] = "cy"
    assert found(record, "two holders", "takes from cy what bo holds")


def test_holdings_that_overlap_are_caught() -> None:
    record = good()
    record.deeds[3] = release("ana", 4.5, 1, 2, "one")
    record.deeds.append(Deed("p-bo", "bo", "renew", 3.1, 3.11, "ok", {"turn": 2}))
    assert found(record, "hold at once")


def test_a_release_by_somebody_who_does_not_hold_is_caught() -> None:
    record = good()
    record.events[4]["from_agent_id"] = "cy"
    assert found(record, "a release by cy, while ana holds")


def test_a_success_after_the_turn_was_taken_over_is_caught() -> None:
    record = good()
    record.deeds.append(Deed("p-bo", "bo", "renew", 4.5, 4.6, "ok", {"turn": 2}))
    assert found(record, "turn 3 was answered before")


def test_a_turn_going_back_is_caught() -> None:
    record = good()
    record.events[3]["turn_id"] = record.events[4]["turn_id"] = 1
    assert found(record, "the turn goes back from 2 to 1")


@pytest.mark.parametrize("turn", [2, 4])
def test_a_turn_repeated_or_skipped_is_caught(turn: int) -> None:
    record = good()
    record.events[3]["turn_id"] = turn
    assert found(record, "event 4", f"is at turn {turn}, not 3")


def test_a_lost_handoff_is_caught() -> None:
    record = good()
    record.deeds[4] = grant("bo", 3.0, 2)
    assert found(record, "a lost handoff: one was not delivered")


def test_an_older_handoff_delivered_in_place_of_the_newest_is_caught() -> None:
    record = good()
    record.events.append(event(7, 4, "claim", "ana", "cy"))
    record.deeds.append(grant("cy", 7.0, 4, "one"))
    assert found(record, "a lost handoff: two was not delivered")


def test_a_handoff_that_is_neither_delivered_nor_pending_is_caught() -> None:
    record = good()
    record.pending = None
    assert found(record, "a lost handoff: that of event 5 is not pending")


def test_a_gap_in_the_log_is_caught() -> None:
    record = good()
    del record.events[2]
    assert found(record, "a gap in the log between 2 and 4")


def test_an_event_written_twice_is_caught() -> None:
    record = good()
    record.events.insert(2, dict(record.events[1]))
    assert found(record, "event 2 stands twice")
    assert found(record, "twice in the log", "ana")


def test_a_deed_logged_twice_under_two_numbers_is_caught() -> None:
    record = good()
    record.events.append(event(7, 3, "release", "ana", None, handoff=letter("two")))
    assert found(record, "twice in the log", "two")


def test_an_acknowledged_release_missing_from_the_log_is_caught() -> None:
    record = good()
    record.events[4] = event(5, 3, "leave", "ana", None)
    assert found(record, "acknowledged, and not in the log", "two")


def test_an_acknowledged_grant_missing_from_the_log_is_caught() -> None:
    record = good()
    record.deeds.append(grant("cy", 7.0, 4, "two"))
    assert found(record, "acknowledged, and not in the log", "cy")


def test_an_acknowledged_leave_missing_from_the_log_is_caught() -> None:
    record = good()
    del record.events[5]
    assert found(record, "bo left 1 times, and the log says 0")


def test_a_refused_release_that_is_in_the_log_is_caught() -> None:
    record = good()
    record.events.append(event(7, 3, "release", "cy", None, handoff=letter("no")))
    assert found(record, "refused, and yet in the log")


def test_an_event_that_nobody_asked_for_is_caught() -> None:
    record = good()
    record.events.append(event(7, 4, "claim", "ana", "cy"))
    assert found(record, "cy got 1 turns that it does not know of")
    record.events.append(event(8, 4, "release", "cy", None, handoff=letter("whose")))
    assert found(record, "a handoff that nobody wrote")


def test_a_fault_of_the_system_is_caught() -> None:
    for fault in ("io", "state_lost", checker.CRASH):
        record = good()
        record.deeds.append(Deed("p-cy", "cy", "wait", 7.0, 7.1, fault))
        assert found(record, "a fault", fault)


def test_a_second_in_which_nobody_gets_what_was_asked_for_is_caught() -> None:
    record = good()
    record.deeds.append(Deed("p-cy", "cy", "wait", 7.0, 8.2, "not_yet"))
    assert found(record, "stuck for 1.200 s")


def test_an_operation_that_others_overtake_for_long_is_caught() -> None:
    record = good()
    record.deeds.append(Deed("p-cy", "cy", "wait", 7.0, 12.2, "not_yet"))
    record.deeds += [
        Deed("p-di", "di", "wait", 7 + n / 2, 7.2 + n / 2, "not_yet") for n in range(11)
    ]
    assert found(record, "starved for 5.200 s")


def test_time_stopped_and_time_meant_to_be_waited_do_not_count_as_stuck() -> None:
    record = good()
    record.deeds.append(Deed("p-cy", "cy", "wait", 7.0, 8.2, "not_yet"))
    record.deeds.append(Deed("p-cy", "cy", "await", 9.0, 10.2, "timeout", {"patience": 1.0}))
    record.stops = [(7.5, 7.8), (7.6, 7.9)]
    assert record.judged() == []


def test_a_living_holder_taken_for_gone_is_caught() -> None:
    record = good()
    record.deeds.append(Deed("p-bo", "bo", "wait", 4.5, 4.6, "not_yet"))
    assert found(record, "taken for gone at turn 3")
