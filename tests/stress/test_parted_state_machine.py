"""Random lives of a room in which members take paths side by side: what must hold at every step.

A sample, as ``test_state_machine`` is one, with more of them by the same ``STICK_EXAMPLES``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from stickhooks.errors import Refusal
from stickhooks.protocol import commands, parts
from stickhooks.protocol.model import Event, Part, Room
from tests.stress import sample
from tests.support.world import DAY, MINUTE, Table, process

EXAMPLES = sample.count("EXAMPLES", 100)
pytestmark = pytest.mark.timeout(max(300, EXAMPLES))
AGENTS = ("ana", "bo", "cy")
GRANTS = ("claim", "takeover")
agents = st.sampled_from(AGENTS)
sets = st.lists(
    st.sampled_from(["a", "a/b", "a/b/c", "ab", "d", "D"]), min_size=1, max_size=3, unique=True
)
choice = st.integers(0, 10)
Token = tuple[str, str, str, int]


@seed(sample.seed())
class PartedLives(RuleBasedStateMachine):
    """Three agents who take paths and the rest, hand them on, ask for them, die and come back."""

    def __init__(self) -> None:
        super().__init__()
        self.table = Table()
        self.folds = False
        self.starts = dict.fromkeys(AGENTS, 1)
        self.leases: set[str] = set()
        self.open: dict[int, str] = {}  # handoffs that nobody was told of, by event
        self.written = 0

    # --- what happens

    @initialize(folds=st.booleans())
    def begin(self, folds: bool) -> None:
        self.folds = folds
        for agent in AGENTS:
            self.join(agent)

    @rule(agent=agents)
    def join(self, agent: str) -> None:
        pid = AGENTS.index(agent) + 1
        self.ask(commands.Join(agent, ".", process(pid, self.starts[agent])))

    @rule(agent=agents, paths=sets, shown=st.booleans())
    def take_paths(self, agent: str, paths: list[str], shown: bool) -> None:
        own = [lease.lease_id for lease in self.table.room.leases if lease.holder == agent]
        lease = own[0] if own and shown else None
        wanted = commands.Wait(agent, "R", lease, paths=tuple(paths), folds=self.folds)
        answer = self.ask(wanted)
        if answer and answer["status"] in ("your_turn", "already_owner"):
            held = parts.held_by(self.table.room, agent)
            missing = [p for p in paths if not any(parts.has(h, p, self.folds) for h in held)]
            assert not missing, f"half a set: {missing}"

    @rule(agent=agents, whole=st.booleans())
    def take(self, agent: str, whole: bool) -> None:
        answer = self.ask(commands.Wait(agent, "R", whole=whole))
        if whole and answer and answer["status"] == "your_turn":
            assert not parts.of_others(self.table.room, agent)

    @rule(agent=agents, paths=sets, whole=st.booleans())
    def enlist(self, agent: str, paths: list[str], whole: bool) -> None:
        wanted = () if whole else tuple(paths)
        self.ask(commands.Enlist(agent, "R", paths=wanted, whole=whole, folds=self.folds))
        if agent in self.table.line:
            self.table.waiting.add(agent)

    @rule(agent=agents)
    def delist(self, agent: str) -> None:
        self.table.waiting.discard(agent)
        self.ask(commands.Delist(agent, "R"))

    @rule(number=choice)
    def release(self, number: int) -> None:
        if token := self.token(number):
            self.ask(commands.Release(*token, self.handoff()))

    @rule(number=choice, heir=agents)
    def pass_to(self, number: int, heir: str) -> None:
        if token := self.token(number):
            self.ask(commands.Pass(*token, heir, self.handoff()))

    @rule(number=choice)
    def renew(self, number: int) -> None:
        if token := self.token(number):
            self.ask(commands.Heartbeat(*token))

    @rule(number=choice)
    def close(self, number: int) -> None:
        if token := self.token(number):
            self.ask(commands.Close(*token, self.handoff()))

    @rule(agent=agents)
    def reopen(self, agent: str) -> None:
        self.ask(commands.Reopen(agent, "R"))

    @rule(agent=agents, number=choice)
    def takeover(self, agent: str, number: int) -> None:
        turns = list(views(self.table.room))
        self.ask(commands.Takeover(agent, "R", "why", turns[number % len(turns)]))

    @rule(agent=agents, number=choice)
    def ask_for(self, agent: str, number: int) -> None:
        turns = list(views(self.table.room))
        self.ask(commands.Ask(agent, "R", "why", for_turn=turns[number % len(turns)]))

    @rule(agent=agents, force=st.booleans())
    def leave(self, agent: str, force: bool) -> None:
        if self.ask(commands.Leave(agent, "R", force)):
            self.table.waiting.discard(agent)
            room = self.table.room
            assert agent not in parts.keepers(room)
            assert not any(a.agent_id == agent for v in views(room).values() for a in v.asks)

    @rule(step=st.sampled_from([1, MINUTE, 20 * MINUTE, 45 * MINUTE, DAY]))
    def time_goes_by(self, step: int) -> None:
        self.table.now += step

    @rule(agent=agents)
    def die_and_come_back(self, agent: str) -> None:
        self.table.dead.add(process(AGENTS.index(agent) + 1, self.starts[agent]))
        self.table.waiting.discard(agent)
        self.starts[agent] += 1

    # --- and what must hold of it

    def handoff(self) -> dict[str, object]:
        self.written += 1
        return {"status": f"work {self.written}.", "next_action": "more"}

    def token(self, number: int) -> Token | None:
        """Return what one of the holders has to bring."""
        held = [(turn, one) for turn, one in views(self.table.room).items() if one.lease]
        if not held:
            return None
        turn, one = held[number % len(held)]
        assert one.lease
        return one.lease.holder, "R", one.lease.lease_id, turn

    def ask(self, command: commands.Command) -> Mapping[str, Any] | None:
        """Ask, and judge the answer by the room as it was. None where it was refused."""
        table, before, logged = self.table, self.table.room, len(self.table.log)
        try:
            answer = table.ask(command)
        except Refusal:
            assert table.room is before
            assert len(table.log) == logged
            return None
        assert [e.event_seq for e in table.log] == list(range(1, len(table.log) + 1))
        new = table.log[logged:]
        turns = [event.turn_id for event in new if event.event_type in GRANTS]
        assert turns == list(range(before.latest_turn + 1, table.room.latest_turn + 1))
        for turn in turns:
            self.judge_grant(before, turn)
        told = [*answer.get("also", ()), answer]
        assert sorted(a["turn_id"] for a in told if a.get("status") == "your_turn") == turns
        self.judge_handoffs(new, told)
        return answer

    def judge_grant(self, before: Room, turn: int) -> None:
        one = views(self.table.room)[turn]
        assert not before.closed
        assert one.lease
        assert one.lease.lease_id not in self.leases
        self.leases.add(one.lease.lease_id)
        if not isinstance(one, Part):
            return
        event = next(e for e in self.table.log if e.event_type in GRANTS and e.turn_id == turn)
        if event.event_type == "claim":
            met = [p for p in parts.of_others(before, one.lease.holder)
                   if parts.touches(p, one.paths, self.folds)]  # fmt: skip
            assert not met, f"{one} was given, and is in {met}"

    def judge_handoffs(self, new: list[Event], told: list[Mapping[str, Any]]) -> None:
        """Each handoff is told with a turn or in a note, or waits to be."""
        self.open |= {e.event_seq: e.handoff.status for e in new if e.handoff}
        notes = " ".join(e.reason or "" for e in new if e.event_type == "note")
        shown = {one["handoff"]["status"] for one in told if one.get("handoff")}
        first = min((one["unread_from"] for one in told if "unread_from" in one), default=None)
        for number, text in list(self.open.items()):
            if text in notes or text in shown or (first is not None and number >= first):
                del self.open[number]
        letters = [one.letter for one in views(self.table.room).values() if one.letter]
        kept = {letter.handoff.status for letter in letters}
        low = min((le.unread_from for le in letters if le.unread_from is not None), default=None)
        lost = [n for n, text in self.open.items() if text not in kept and (low is None or n < low)]
        assert not lost, f"the handoffs of events {lost} are lost"

    @invariant()
    def no_path_has_two_keepers(self) -> None:
        room = self.table.room
        for number, part in enumerate(room.parts):
            assert bool(part.lease) != bool(part.reservation), part
            for other in room.parts[number + 1 :]:
                assert not parts.touches(part, other.paths, other.folds), (part, other)

    @invariant()
    def what_is_kept_is_a_member_s_and_nothing_of_a_closed_room(self) -> None:
        room = self.table.room
        assert parts.keepers(room) <= set(self.table.names)
        assert not (room.closed and parts.keepers(room))
        assert all(not one.asks or one.lease for one in views(room).values())

    @invariant()
    def turns_are_told_apart(self) -> None:
        room = self.table.room
        assert len(views(room)) == 1 + len(room.parts)
        assert max(views(room)) <= room.latest_turn


def views(room: Room) -> dict[int, Room | Part]:
    """Return the rest of a room and its parts, by turn."""
    return {room.turn_id: room, **{part.turn_id: part for part in room.parts}}


TestPartedLives = PartedLives.TestCase
TestPartedLives.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=40,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
