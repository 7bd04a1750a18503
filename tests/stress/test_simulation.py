"""Whole workspaces from one seed each: members, clocks, deaths, waiters and a store that fails.

A sample (``sample.py``); ``python -m tests.stress.simulation --seeds 1 --first SEED`` replays one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from stickhooks.fast.records import replace
from stickhooks.protocol.model import Event, Room
from stickhooks.store.snapshot import Reading, Snapshot
from tests.stress import sample, simulation
from tests.stress.memory_store import MemoryStore

SCHEDULES = sample.seeds("SCHEDULES", 300)


def test_whatever_happens_in_whatever_order_the_law_holds() -> None:
    tally = simulation.run(SCHEDULES)
    assert not tally.failures, "\n".join([str(tally), *tally.failures[:5]])
    assert tally.schedules == len(SCHEDULES)
    assert tally.granted > 2 * len(SCHEDULES)


def test_a_schedule_replays() -> None:
    trails = []
    for _ in range(2):
        one = simulation.Simulation(17)
        one.run()
        trails.append(one.trail)
    assert trails[0] == trails[1]


class Blind(MemoryStore):
    """Puts a state over any other."""

    def swap(
        self,
        before: Snapshot,
        room: Room,
        events: Sequence[Event],
        reading: Reading,
        *,
        first: Callable[[], object] | None = None,
    ) -> Snapshot:
        meddle, self.meddle = self.meddle, None
        if meddle:
            meddle()
        before = replace(before, data=self.states[before.room.path].data)
        return super().swap(before, room, events, reading, first=first)


class Forgetful(MemoryStore):
    """Loses the handoff that waits."""

    def swap(
        self,
        before: Snapshot,
        room: Room,
        events: Sequence[Event],
        reading: Reading,
        *,
        first: Callable[[], object] | None = None,
    ) -> Snapshot:
        return super().swap(before, replace(room, pending=False), events, reading, first=first)


class Liar(MemoryStore):
    """Says that nothing was changed when everything was."""

    def swap(
        self,
        before: Snapshot,
        room: Room,
        events: Sequence[Event],
        reading: Reading,
        *,
        first: Callable[[], object] | None = None,
    ) -> Snapshot:
        if self.fault == "before":
            self.fault = ""
            super().swap(before, room, events, reading, first=first)
            self.fault = "before"
        return super().swap(before, room, events, reading, first=first)


@pytest.mark.parametrize("store", [Blind, Forgetful, Liar])
def test_a_store_that_breaks_its_promise_is_found_out(
    store: Callable[[], MemoryStore],
) -> None:
    tally = simulation.run(range(1, 101), store=store)
    assert tally.failures
