"""A holder that was asked and does nothing: the phase, who may take over, and who never seems idle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stickhooks.operations.rooms import Rooms
from stickhooks.protocol import phases
from stickhooks.protocol.commands import Ask
from stickhooks.protocol.model import Policy
from tests.protocol.test_conformance import STORES, Replay
from tests.stress.memory_store import MemoryStore
from tests.support.shells import Shells
from tests.support.world import git_repo

DATA = Path(__file__).parents[1] / "data" / "idle_traces.jsonl"
TRACES = [json.loads(line) for line in DATA.read_text().splitlines()]
MINUTE = 60_000


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("trace", TRACES, ids=[trace["trace"] for trace in TRACES])
def test_every_answer_of_a_trace_is_given_exactly(
    trace: dict[str, Any], store: str, tmp_path: Path
) -> None:
    replay = Replay(trace, STORES[store](tmp_path))
    for step in trace["steps"]:
        replay.step(step)


class World:
    """A room with an asker and a holder, and a clock."""

    def __init__(self, idle_after: int, ttl: int) -> None:
        self.now = 1_000_000
        policy = Policy(idle_after=idle_after, owner_lease_ttl=ttl)
        self.rooms = Rooms(
            MemoryStore(),
            clock=lambda: (self.now, 0, ""),
            dead=lambda some: frozenset(),
            policy=policy,
        )
        for name in ("ada", "bob"):
            self.room_id = str(self.rooms.join(name, "")["room_id"])
        self.lease = str(self.rooms.wait("ada", self.room_id)["lease_id"])

    def works(self) -> None:
        """Do what the gate does at each call of the holder: renew where that is due."""
        room, moment = self.rooms.look("")
        assert room.lease
        idle = room.policy.idle_after if room.asks else 0
        if phases.renewal_due(moment.now, room.lease.expires_at, room.policy.owner_lease_ttl, idle):
            self.rooms.heartbeat("ada", self.room_id, self.lease, room.turn_id)

    def phase(self) -> str:
        return str(self.rooms.state(self.room_id)["room"]["state"])


@pytest.mark.parametrize("ttl", [1, 10, 45, 100])
@pytest.mark.parametrize("asked_after", [0, 3, 7, 11])
@pytest.mark.parametrize("idle_after", [1, 4, 10, 60])
def test_a_holder_that_works_is_never_idle(idle_after: int, asked_after: int, ttl: int) -> None:
    """It calls the gate at least every two thirds of the shorter of both times, over the whole TTL."""
    world = World(idle_after * MINUTE, ttl * MINUTE)
    step = min(idle_after, ttl) * MINUTE * 2 // 3
    begun = world.now
    asked = False
    while world.now - begun < 2 * ttl * MINUTE + 30 * MINUTE:
        if not asked and world.now - begun >= asked_after * MINUTE:
            world.rooms.do(Ask("bob", world.room_id))
            asked = True
        assert world.phase() == phases.OWNED
        world.works()
        world.now += step
    assert asked


def test_without_an_ask_the_lease_is_renewed_as_ever() -> None:
    world = World(MINUTE, 45 * MINUTE)
    before = world.rooms.look("")[0].lease
    world.now += 5 * MINUTE
    world.works()
    assert world.rooms.look("")[0].lease == before
    world.rooms.do(Ask("bob", world.room_id))
    world.works()
    assert world.rooms.look("")[0].lease != before


def test_the_gate_renews_early_while_somebody_asks(tmp_path: Path, shells: Shells) -> None:
    """By real shells: once somebody asks, a commit of the holder renews its lease long before its end."""
    repo = git_repo(tmp_path / "repo")
    ada, bob = shells.member(repo, "ada"), shells.member(repo, "bob")
    ada.stick("init").ok()
    ada.stick("policy idle_after 10m").ok()
    ada.stick("take").ok()
    file = repo / ".talking-stick/room.json"

    def renews(minutes: int) -> bool:
        """Commit as so long after the last renewal, and tell whether that renewed it."""
        state = json.loads(file.read_text())
        for name in ("renewed_at", "expires_at"):
            state["lease"][name] -= minutes * MINUTE
        file.write_text(json.dumps(state))
        ada.run("git commit -q --allow-empty -m work").ok()
        renewed = json.loads(file.read_text())["lease"]["renewed_at"]
        return bool(renewed > state["lease"]["renewed_at"])

    assert not renews(4)
    bob.stick("ask").ok()
    assert renews(0)
    assert not renews(1)
    assert renews(3)


def test_the_policy_of_an_idle_holder_is_off_or_a_minute_at_least(
    tmp_path: Path, shells: Shells
) -> None:
    repo = git_repo(tmp_path / "repo")
    ada, room = shells.member(repo, "ada"), repo / ".talking-stick/room.json"
    ada.stick("policy idle_after 1m").ok()
    assert "idle_after 1m" in ada.stick("policy").ok().out
    ada.stick("policy idle_after off").ok()
    assert b"idle_after" not in room.read_bytes()
    ada.stick("policy idle_after 59s").fails(78, "at least 1m")
