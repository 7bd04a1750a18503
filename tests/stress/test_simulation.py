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
from tests.stress.parted_simulation import PartedSimulation

SCHEDULES = sample.seeds("SCHEDULES", 120)
PARTED = sample.seeds("PARTED", 40)


def test_whatever_happens_in_whatever_order_the_law_holds() -> None:
    tally = simulation.run(SCHEDULES)
    assert not tally.failures, "\n".join([str(tally), *tally.failures[:5]])
    assert tally.schedules == len(SCHEDULES)
    assert tally.granted > 2 * len(SCHEDULES)


def test_whoever_has_paths_beside_whom_the_law_holds() -> None:
    tally = simulation.run(PARTED, kind=PartedSimulation)
    assert not tally.failures, "\n".join([str(tally), *tally.failures[:5]])
    assert tally.granted > 3 * len(PARTED)
    assert tally.sets > len(PARTED) // 4


@pytest.mark.parametrize("kind", [simulation.Simulation, PartedSimulation])
def test_a_schedule_replays(kind: type[simulation.Simulation]) -> None:
    trails = []
    for _ in range(2):
        one = kind(17)
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


class Halving(MemoryStore):
    """Loses the last path of a set that is published."""

    def swap(
        self,
        before: Snapshot,
        room: Room,
        events: Sequence[Event],
        reading: Reading,
        *,
        first: Callable[[], object] | None = None,
    ) -> Snapshot:
        halved = tuple(replace(p, paths=p.paths[:-1] or p.paths) for p in room.parts)
        return super().swap(before, replace(room, parts=halved), events, reading, first=first)


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


@pytest.mark.parametrize(
    ("store", "kind"),
    [
        (Blind, simulation.Simulation),
        (Forgetful, simulation.Simulation),
        (Liar, simulation.Simulation),
        (Blind, PartedSimulation),
        (Halving, PartedSimulation),
    ],
)
def test_a_store_that_breaks_its_promise_is_found_out(
    store: Callable[[], MemoryStore], kind: type[simulation.Simulation]
) -> None:
    tally = simulation.run(range(1, 51), store=store, kind=kind)
    assert tally.failures
