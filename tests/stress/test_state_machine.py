"""Random lives of a room, with what must hold at every step whatever happens.

A sample (``sample.py``), drawn again by the same ``STICK_SEED``. For more lives than that:

    STICK_EXAMPLES=100000 python -m pytest -n 0 tests/stress/test_state_machine.py
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from stickhooks.errors import Refusal
from stickhooks.protocol import commands, phases, rules
from stickhooks.protocol.model import Policy, Room
from stickhooks.protocol.notes import UNREAD_LIMIT
from tests.stress import sample
from tests.support.world import DAY, MINUTE, Table, process

EXAMPLES = sample.count("EXAMPLES", 40)
pytestmark = pytest.mark.timeout(max(300, EXAMPLES))
AGENTS = ("ana", "bo", "cy", "di")
agents = st.sampled_from(AGENTS)
RIGHTS = (phases.STALE_OWNER, phases.OWNER_GONE, phases.STALE_CLAIM, phases.RECIPIENT_GONE)


@seed(sample.seed())
class Lives(RuleBasedStateMachine):
    """Four agents who join, wait, work, die, come back, leave and close."""

    def __init__(self) -> None:
        super().__init__()
        self.table = Table()
        self.starts = dict.fromkeys(AGENTS, 1)
        self.granted: set[int] = set()
        self.leases: set[str] = set()
        self.written = 0
        self.pending: tuple[object, str] | None = None
        self.newest: tuple[object, str] | None = None
        self.unread: dict[str, list[int]] = {}

    # --- what happens

    @initialize(order=st.booleans(), grace=st.sampled_from([0, MINUTE]))
    def begin(self, order: bool, grace: int) -> None:
        reserve = "order" if order else "waiters"
        policy = Policy(reserve=reserve, gone_grace=grace)  # type: ignore[arg-type]
        self.table = Table(policy=policy)
        for agent in AGENTS[:2]:
            self.join(agent, True)

    @rule(agent=agents, known=st.booleans())
    def join(self, agent: str, known: bool) -> None:
        pid = AGENTS.index(agent) + 1
        self.ask(commands.Join(agent, ".", process(pid, self.starts[agent]) if known else None))

    @rule(agent=agents)
    def wait(self, agent: str) -> None:
        self.ask(commands.Wait(agent, "R"))

    @rule(agent=agents)
    def enlist(self, agent: str) -> None:
        if self.ask(commands.Enlist(agent, "R")) and agent in self.table.line:
            self.table.waiting.add(agent)

    @rule(agent=agents)
    def stop_waiting(self, agent: str) -> None:
        self.table.waiting.discard(agent)

    @rule(agent=agents)
    def delist(self, agent: str) -> None:
        self.table.waiting.discard(agent)
        self.ask(commands.Delist(agent, "R"))

    @rule(right=st.booleans())
    def renew(self, right: bool) -> None:
        if self.table.room.lease:
            agent, room, lease, turn = self.table.held()
            self.ask(commands.Heartbeat(agent, room, lease if right else "nope", turn))

    @rule(lag=st.sampled_from([0, 0, 0, 1]))
    def release(self, lag: int) -> None:
        if self.table.room.lease:
            agent, room, lease, turn = self.table.held()
            self.put_down(commands.Release(agent, room, lease, turn + lag, self.handoff()))

    @rule(heir=agents)
    def pass_to(self, heir: str) -> None:
        if self.table.room.lease:
            self.put_down(commands.Pass(*self.table.held(), heir, self.handoff()))

    @rule()
    def close(self) -> None:
        if self.table.room.lease:
            self.put_down(commands.Close(*self.table.held(), self.handoff()))

    @rule(agent=agents)
    def reopen(self, agent: str) -> None:
        self.ask(commands.Reopen(agent, "R"))

    @rule(agent=agents, lag=st.sampled_from([0, 0, 1]))
    def takeover(self, agent: str, lag: int) -> None:
        turn = max(0, self.table.room.turn_id - lag)
        self.ask(commands.Takeover(agent, "R", "why", turn))

    @rule(agent=agents, to=st.sampled_from([*AGENTS, "all", "holder"]))
    def tell(self, agent: str, to: str) -> None:
        answer = self.ask(commands.Tell(agent, "R", to, "a note"))
        if answer:
            self.comes(answer["to"], answer["event_seq"])

    @rule(agent=agents)
    def ask_for_the_stick(self, agent: str) -> None:
        standing = [asking.agent_id for asking in self.table.room.asks]
        answer = self.ask(commands.Ask(agent, "R", "why"))
        if answer:
            assert answer["again"] == (agent in standing)
        if answer and not answer["again"]:
            self.comes([answer["holder"]], answer["event_seq"])

    def comes(self, readers: list[str], number: int) -> None:
        for name in readers:
            self.unread[name] = [*self.unread[name], number][-UNREAD_LIMIT:]

    @rule(agent=agents, count=st.integers(0, UNREAD_LIMIT))
    def read(self, agent: str, count: int) -> None:
        shown = tuple(self.unread.get(agent, [])[:count])
        if self.ask(commands.Read(agent, "R", shown)):
            self.unread[agent] = self.unread[agent][len(shown) :]

    @rule(agent=agents, force=st.booleans())
    def leave(self, agent: str, force: bool) -> None:
        held = self.table.room.lease is not None and self.table.room.lease.holder == agent
        if self.ask(commands.Leave(agent, "R", force)):
            self.table.waiting.discard(agent)
            self.pending = self.newest if held else self.pending

    @rule(step=st.sampled_from([1, MINUTE - 1, MINUTE, 20 * MINUTE, 45 * MINUTE, DAY, 31 * DAY]))
    def time_goes_by(self, step: int) -> None:
        self.table.now += step

    @rule(agent=agents)
    def die(self, agent: str) -> None:
        self.table.dead.add(process(AGENTS.index(agent) + 1, self.starts[agent]))
        self.table.waiting.discard(agent)

    @rule(agent=agents)
    def come_back(self, agent: str) -> None:
        self.starts[agent] += 1
        self.join(agent, True)

    # --- and what must hold of it

    def handoff(self) -> dict[str, object]:
        self.written += 1
        return {"status": f"work {self.written}", "next_action": "more"}

    def put_down(self, command: commands.Release | commands.Pass | commands.Close) -> None:
        if self.ask(command):
            self.pending = self.newest = (command.handoff, command.agent_id)

    def ask(self, command: commands.Command) -> Mapping[str, Any] | None:
        """Ask, and judge the answer by the room as it was. None where it was refused."""
        table, before, logged = self.table, self.table.room, len(self.table.log)
        try:
            answer = table.ask(command)
        except Refusal:
            assert table.room is before
            assert len(table.log) == logged
            return None
        grown = table.room.turn_id - before.turn_id
        assert grown in (0, 1)
        assert bool(grown) == (answer.get("status") == "your_turn")
        assert [e.event_seq for e in table.log] == list(range(1, len(table.log) + 1))
        self.unread = {name: self.unread.get(name, []) for name in table.names}
        if grown:
            self.judge_grant(before, command, answer)
        elif table.room.lease and before.lease:
            assert table.room.lease.lease_id == before.lease.lease_id
        else:
            assert table.room.lease is None
        return answer

    def judge_grant(
        self, before: Room, command: commands.Command, answer: Mapping[str, Any]
    ) -> None:
        agent, room, event = command.agent_id, self.table.room, self.table.log[-1]
        phase = rules.phase_of(before, self.table.moment())
        assert not before.closed
        assert room.lease is not None
        assert (room.lease.holder, room.lease.lease_id) == (agent, answer["lease_id"])
        assert answer["lease_id"] not in self.leases
        assert answer["turn_id"] not in self.granted
        assert (event.turn_id, event.to_agent_id) == (answer["turn_id"], agent)
        recovered = before.lease is not None and before.lease.holder == agent
        keeper = before.lease or before.reservation
        if event.event_type == "takeover":
            assert phase in RIGHTS
            assert not recovered
        elif before.lease:
            assert recovered
        elif before.reservation:
            assert before.reservation.recipient == agent
        if keeper and phase in (phases.OWNED, phases.RESERVED) and not recovered:
            assert before.reservation
            assert before.reservation.recipient == agent
        told = (answer["handoff"], answer["from_agent_id"])
        anew = event.event_type == "takeover" or recovered
        assert told == ((self.newest if anew else self.pending) or (None, None))
        self.pending = None
        self.granted.add(answer["turn_id"])
        self.leases.add(answer["lease_id"])

    @invariant()
    def nobody_holds_what_is_promised(self) -> None:
        room = self.table.room
        assert not (room.lease and room.reservation)
        assert not (room.closed and (room.lease or room.reservation))

    @invariant()
    def who_holds_or_is_promised_the_stick_is_a_member(self) -> None:
        room = self.table.room
        keepers = [room.lease.holder] if room.lease else [self.table.heir or ""]
        assert set(keepers) - {""} <= set(self.table.names)
        assert len(set(self.table.names)) == len(self.table.names)
        assert set(self.table.line) <= set(self.table.names)

    @invariant()
    def every_turn_was_given_once(self) -> None:
        assert len(self.granted) == self.table.room.turn_id

    @invariant()
    def a_handoff_waits_until_it_is_delivered(self) -> None:
        room = self.table.room
        assert room.pending == (self.pending is not None)
        assert room.letter is not None or self.newest is None

    @invariant()
    def what_was_not_shown_is_unread(self) -> None:
        assert {m.agent_id: list(m.unread) for m in self.table.room.members} == self.unread

    @invariant()
    def asks_stand_while_the_turn_does(self) -> None:
        room = self.table.room
        asking = [asked.agent_id for asked in room.asks]
        assert len(set(asking)) == len(asking)
        assert set(asking) <= set(self.table.names)
        assert not asking or room.lease
        assert not room.lease or room.lease.holder not in asking

    @rule(survivor=agents, proven=st.booleans())
    def the_last_one_standing_gets_the_stick(self, survivor: str, proven: bool) -> None:
        alone = Table()
        alone.room, alone.drawn = self.table.room, 1_000_000
        alone.now = self.table.now + DAY
        if proven:
            mine = AGENTS.index(survivor) + 1
            alone.now = self.table.now + MINUTE
            others = [p for m in self.table.room.members for p in m.processes if p.pid != mine]
            alone.dead = set(others)
            if any(not m.processes for m in self.table.room.members if m.agent_id != survivor):
                alone.now = self.table.now + DAY  # nothing proves them dead: only time does
        alone.join(survivor)
        if alone.room.closed:
            assert alone.wait(survivor)["status"] == "closed"
            alone.reopen(survivor)
        answer = alone.wait(survivor)
        if answer["status"] == "takeover_available":
            answer = alone.takeover(survivor)
        assert answer["status"] == "your_turn", answer


TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=30,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
