"""A whole workspace in one process, driven from one seed: members, clocks, deaths, waiters, faults.

The real ``Rooms`` run over a store in memory that may be interfered with between the look
and the write, may fail before it publishes, and may fail after. A ledger of its own sees
every publish and judges it by the law, told once more in a few lines.

    python -m tests.stress.simulation --seeds 100000 --first 1
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from stickhooks.errors import Refusal
from stickhooks.operations import notes
from stickhooks.operations.rooms import Rooms
from stickhooks.protocol.commands import Ask, Tell
from stickhooks.protocol.model import Member, Policy, Process, Room
from stickhooks.store.snapshot import Reading

from .memory_store import Ledger, MemoryStore, Publish, hold

AGENTS: Final = ("ana", "bo", "cy", "di")
TOLD: Final = ("all", "holder", *AGENTS)  # to whom a note may go
NOWHERE: Final = os.open(os.devnull, os.O_WRONLY)
MINUTE: Final = 60_000
DAY: Final = 24 * 60 * MINUTE
STEPS: Final = (1, 1000, MINUTE - 1, MINUTE, 20 * MINUTE, 45 * MINUTE, 5 * 60 * MINUTE)


@dataclass
class Actor:
    """A member as it remembers itself: also what is long over."""

    name: str
    start: int = 1
    sandboxed: bool = False
    held: tuple[str, int] | None = None  # lease id, turn


class Simulation:
    """One schedule. ``trail`` says what was done, for whoever has to find a fault."""

    def __init__(self, seed: int, store: MemoryStore | None = None) -> None:
        self.rng = rng = random.Random(seed)
        self.store = store or MemoryStore()
        self.wall, self.monotonic = 1_000_000_000, 5_000
        self.boot = rng.choice(("", "boot"))
        self.dead: set[Process] = set()
        self.blind = False
        self.actors = {name: Actor(name, sandboxed=rng.random() < 0.2) for name in AGENTS}
        policy = Policy(
            reserve=rng.choice(("waiters", "order")), gone_grace=rng.choice((0, MINUTE))
        )
        self.rooms = Rooms(
            self.store, clock=self.clock, dead=self.proven, draw=self.draw, policy=policy,
            keep_proofs=rng.random() < 0.5,
        )  # fmt: skip
        self.ledger = Ledger()
        self.judged = 0
        self.drawn = 0
        self.depth = 0
        self.trail: list[str] = []
        self.granted = 0
        self.sets = 0  # of several paths, given at once
        self.refused = 0

    # --- the world

    def clock(self) -> Reading:
        return self.wall, self.monotonic, self.boot

    def draw(self) -> str:
        self.drawn += 1
        return f"id{self.drawn}"

    def proven(self, candidates: Iterable[Process]) -> frozenset[Process]:
        return frozenset() if self.blind else frozenset(self.dead.intersection(candidates))

    def process(self, actor: Actor) -> Process:
        start = None if actor.sandboxed else actor.start
        return Process(AGENTS.index(actor.name) + 1, start, "machine", "boot", "pidns")

    @property
    def room(self) -> Room:
        snapshot = self.store.load("")
        assert snapshot
        return snapshot.room

    # --- one schedule

    def run(self, length: int = 40) -> None:
        for name in AGENTS[:2]:
            self.join(self.actors[name])
        for _ in range(length):
            self.one()
        survivor = self.rng.choice(AGENTS)
        self.last_one_standing(self.actors[survivor])
        hold(set(self.ledger.taken) <= set(self.ledger.shown), "a note was lost")

    def one(self) -> None:
        """Something happens: time goes by, somebody dies, or an actor acts, perhaps disturbed."""
        rng = self.rng
        chance = rng.random()
        if chance < 0.15:
            self.time_goes_by()
        elif chance < 0.22:
            self.die(self.actors[rng.choice(AGENTS)])
        else:
            if rng.random() < 0.15:
                self.store.fault = rng.choice(("conflict", "before", "error", "after"))
            elif rng.random() < 0.15 and not self.depth:
                self.store.meddle = self.meddled
            self.blind = rng.random() < 0.1
            self.act(self.actors[rng.choice(AGENTS)])
            self.store.fault, self.store.meddle, self.blind = "", None, False

    def meddled(self) -> None:
        """Another actor's whole operation, between somebody's look and write."""
        self.depth += 1
        fault, self.store.fault = self.store.fault, ""
        blind, self.blind = self.blind, False
        self.act(self.actors[self.rng.choice(AGENTS)])
        self.store.fault, self.blind = fault, blind
        self.depth -= 1

    def time_goes_by(self) -> None:
        step = self.rng.choice(STEPS)
        self.monotonic += step
        self.wall += step
        if self.boot and self.rng.random() < 0.2:
            self.wall += self.rng.choice((-DAY, DAY))  # somebody sets the clock
        self.trail.append(f"+{step}")

    def die(self, actor: Actor) -> None:
        self.trail.append(f"{actor.name} dies")
        if not actor.sandboxed:
            self.dead.add(self.process(actor))
        self.store.alive.discard(actor.name)
        actor.start += 1

    def act(self, actor: Actor) -> None:
        name, room_id, rng = actor.name, self.room.room_id, self.rng
        lease, turn = actor.held or ("never", 0)
        text = {"status": f"work {self.drawn}", "next_action": "more"}
        others = rng.choice([a for a in AGENTS if a != name])
        current = self.room.turn_id - rng.choice((0, 0, 0, 1))
        menu: list[tuple[int, str, Callable[[], Mapping[str, Any]]]] = [
            (2, "join", lambda: self.joined(actor)),
            (6, "wait", lambda: self.rooms.wait(name, room_id, lease if actor.held else None)),
            (2, "wait anew", lambda: self.rooms.wait(name, room_id)),
            (3, "enlist", lambda: self.enlisted(actor, room_id)),
            (1, "delist", lambda: self.delisted(actor, room_id)),
            (2, "renew", lambda: self.rooms.heartbeat(name, room_id, lease, turn)),
            (5, "release", lambda: self.rooms.release(name, room_id, lease, turn, text)),
            (3, "pass", lambda: self.rooms.pass_on(name, room_id, lease, turn, others, text)),
            (1, "close", lambda: self.rooms.close(name, room_id, lease, turn, text)),
            (2, "reopen", lambda: self.rooms.reopen(name, room_id)),
            (4, "takeover", lambda: self.rooms.takeover(name, room_id, "why", max(0, current))),
            (3, "tell", lambda: self.rooms.do(Tell(name, room_id, rng.choice(TOLD), "a note"))),
            (2, "ask", lambda: self.rooms.do(Ask(name, room_id, "why"))),
            (3, "read", lambda: self.shown(name)),
            (1, "leave", lambda: self.rooms.leave(name, room_id)),
            (1, "leave by force", lambda: self.rooms.leave(name, room_id, force=True)),
        ]
        weights = [weight for weight, _, _ in menu]
        member = any(m.agent_id == name for m in self.room.members)
        holds = self.room.lease is not None and self.room.lease.lease_id == lease
        if not member and rng.random() < 0.7:
            weights = [int(what == "join") for _, what, _ in menu]
        elif holds and rng.random() < 0.7:
            weights = [int(what in ("release", "pass", "close", "renew")) for _, what, _ in menu]
        _, what, act = rng.choices(menu, weights)[0]
        self.ask(actor, what, act, text)

    def shown(self, name: str) -> Mapping[str, Any]:
        """Have a member shown what it has not read, as its hooks and commands do."""
        told = notes.deliver(self.rooms, "", name, NOWHERE, lambda found, cut: b"shown")
        self.ledger.shown += [(name, note.number) for note in told]
        hold(len(set(self.ledger.shown)) == len(self.ledger.shown), "a note was shown twice")
        return {"done": bool(told)}

    def ask(
        self,
        actor: Actor,
        what: str,
        act: Callable[[], Mapping[str, Any]],
        text: Mapping[str, object] | None = None,
    ) -> Mapping[str, Any] | None:
        """Do it, and hold the answer to what was published meanwhile by this very operation."""
        self.trail.append(f"{'  ' * self.depth}{actor.name} {what}")
        try:
            answer, done = act(), True
        except Refusal as refusal:
            self.refused += 1
            self.trail[-1] += f" refused {refusal.code}"
            done = bool(refusal.details.get("done"))
            told: Any = refusal.details.get("answer")
            answer = told if done else {}
        except OSError:
            self.trail[-1] += " failed"
            answer, done = {}, False
        own = self._judge_publishes()
        if not done:
            hold(not own, f"{what} was refused, and changed the room")
            return None
        self._judge_answer(actor, what, answer, own, text)
        return answer

    def _judge_publishes(self) -> list[Publish]:
        """Judge what was published since: by this operation, for those in between judged theirs."""
        own = self.store.published[self.judged :]
        self.judged = len(self.store.published)
        for publish in own:
            self.judge(publish)
        return own

    def _judge_answer(
        self,
        actor: Actor,
        what: str,
        answer: Mapping[str, Any],
        own: list[Publish],
        text: Mapping[str, object] | None,
    ) -> None:
        status = answer.get("status")
        given = [p for p in own if p.after.turn_id != p.before.turn_id]
        hold((status == "your_turn") == bool(given), f"{what} answered {status}")
        if status == "your_turn":
            self.granted += 1
            lease = given[-1].after.lease
            hold(lease and lease.lease_id == answer["lease_id"], "the answer names another lease")
            hold(lease and lease.holder == actor.name, "the turn went to somebody else")
            actor.held = answer["lease_id"], answer["turn_id"]
            self._judge_delivery(given[-1], answer)
        elif what in ("release", "pass", "close") and text:
            hold(len(own) == 1, "an acknowledged handoff was not published")
            letter = own[-1].after.letter
            said = letter and (letter.handoff.status, letter.author)
            hold(said == (text["status"], actor.name), "an acknowledged handoff is not there")
            hold(own[-1].after.pending, "an acknowledged handoff is not pending")
        elif status == "already_owner":
            now = self.room.lease
            hold(now and now.holder == actor.name, "already_owner, but of nothing")

    def _judge_delivery(self, given: Publish, answer: Mapping[str, Any]) -> None:
        """A handoff comes with the turn: the pending one, or the newest where a turn was cut short."""
        letter = given.before.letter
        cut_short = given.before.lease or given.events[-1].event_type == "takeover"
        due = letter if letter and (given.before.pending or cut_short) else None
        told = answer["handoff"] and answer["handoff"]["status"], answer["from_agent_id"]
        hold(told == ((due.handoff.status, due.author) if due else (None, None)), "a lost handoff")

    # --- the law, once more

    def judge(self, publish: Publish) -> None:
        before, after, ledger = publish.before, publish.after, self.ledger
        hold(before.turn_id == ledger.turn, "a state was put over another that it did not see")
        hold(after.turn_id - before.turn_id in (0, 1), "a turn was skipped or went back")
        seqs = [event.event_seq for event in publish.events]
        hold(seqs == list(range(ledger.seq + 1, after.event_seq + 1)), "the log has a gap")
        hold(not (after.lease and after.reservation), "held and promised at once")
        hold(not (after.closed and (after.lease or after.reservation)), "closed, and held")
        names = [m.agent_id for m in after.members]
        keeper = after.lease.holder if after.lease else None
        heir = after.reservation.recipient if after.reservation else None
        hold({keeper, heir} - {None} <= set(names), "the keeper is no member")
        if after.turn_id != before.turn_id:
            self._judge_grant(publish)
        elif after.lease and after.lease != before.lease:
            hold(
                before.lease and after.lease.lease_id == before.lease.lease_id,
                "a lease without a turn",
            )
        if before.lease and not after.lease:
            types = [event.event_type for event in publish.events]
            hold(types in (["release"], ["pass"], ["close"], ["leave"]), f"put down by {types}")
        for event in publish.events:
            if event.handoff:
                ledger.newest = event.handoff, str(event.from_agent_id)
                ledger.pending = True
            if event.event_type == "leave" and before.lease and not after.lease:
                ledger.pending = ledger.newest is not None
        letter = (after.letter.handoff, after.letter.author) if after.letter else None
        hold(letter == ledger.newest, "the newest handoff is lost")
        hold(after.pending == ledger.pending, "a handoff that nobody was given is not pending")
        self._judge_words(publish)
        ledger.turn, ledger.seq = after.turn_id, after.event_seq

    def _judge_words(self, publish: Publish) -> None:
        """Notes and asks give nobody the stick; who they are for has them until they are shown."""
        before, after = publish.before, publish.after
        words = [event for event in publish.events if event.event_type in ("note", "ask")]
        if words:
            same = (before.lease, before.reservation, before.turn_id, before.letter)
            hold(same == (after.lease, after.reservation, after.turn_id, after.letter), "an order")
        unread = {m.agent_id: m.unread for m in before.members}
        for event in words:
            to = [event.to_agent_id] if event.to_agent_id else list(unread)
            for name in to:
                if name != event.from_agent_id:
                    unread[name] = (*unread[name], event.event_seq)[-20:]
        for member in after.members:
            kept = unread.get(member.agent_id, ())
            gone = [number for number in kept if number not in member.unread]
            hold(set(member.unread) <= set(kept), "a note came to somebody it was not for")
            self.ledger.taken += [(member.agent_id, number) for number in gone]
        asks = {a.agent_id for a in after.asks}
        holder = after.lease.holder if after.lease else None
        hold(not asks or holder, "an ask of nobody")
        hold(holder not in asks, "the holder asks itself")

    def _judge_grant(self, publish: Publish) -> None:
        before, after = publish.before, publish.after
        lease, event = after.lease, publish.events[-1]
        assert lease
        hold(lease.lease_id not in self.ledger.leases, "a lease id was given twice")
        hold(not before.closed, "a grant in a closed room")
        self.ledger.leases.add(lease.lease_id)
        self.ledger.pending = False
        held, promised = before.lease, before.reservation
        keeper = held.holder if held else promised.recipient if promised else None
        if event.event_type == "claim":
            hold(keeper in (None, lease.holder), f"{lease.holder} got what is {keeper}'s")
            return
        promise = held or promised
        hold(event.event_type == "takeover" and promise, "a takeover of nothing")
        assert promise
        hold(keeper != lease.holder, "a takeover by the keeper itself")
        over = promise.expires_at <= publish.now
        hold(over or self.is_gone(before, str(keeper), publish.now), "an early takeover")
        hold(lease.expires_at > publish.now, "a lease that is over when it begins")
        hold((event.from_agent_id, event.to_agent_id) == (keeper, lease.holder), "a false event")

    def is_gone(self, room: Room, name: str, now: int) -> bool:
        member: Member = next(m for m in room.members if m.agent_id == name)
        proven = [p.dead or p in self.dead for p in member.processes]
        return bool(proven) and all(proven) and now - member.last_seen_at >= room.policy.gone_grace

    # --- what actors do

    def join(self, actor: Actor) -> None:
        self.ask(actor, "join", lambda: self.joined(actor))

    def joined(self, actor: Actor) -> Mapping[str, Any]:
        return self.rooms.join(actor.name, "", process=self.process(actor))

    def enlisted(self, actor: Actor, room_id: str) -> Mapping[str, Any]:
        answer = self.rooms.enlist(actor.name, room_id)
        if any(w.agent_id == actor.name for w in self.room.waiters):
            self.store.alive.add(actor.name)
        return answer

    def delisted(self, actor: Actor, room_id: str) -> Mapping[str, Any]:
        self.store.alive.discard(actor.name)
        return self.rooms.delist(actor.name, room_id)

    def last_one_standing(self, actor: Actor) -> None:
        """All others are dead or away for a day: this one gets the stick."""
        for other in self.actors.values():
            if other is not actor:
                self.die(other)
        self.monotonic += DAY
        self.wall += DAY
        self.trail.append(f"only {actor.name} is left")
        self.join(actor)
        room_id = self.room.room_id
        if self.room.closed:
            self.ask(actor, "reopen", lambda: self.rooms.reopen(actor.name, room_id))
        answer = self.ask(actor, "wait", lambda: self.rooms.wait(actor.name, room_id))
        if answer and answer["status"] == "takeover_available":
            turn = answer["turn_id"]
            answer = self.ask(
                actor, "takeover", lambda: self.rooms.takeover(actor.name, room_id, "why", turn)
            )
        hold(answer and answer["status"] == "your_turn", f"the last one gets {answer}")
        events = self.rooms.events(room_id, 0, 500)
        hold([e["event_seq"] for e in events] == list(range(1, len(events) + 1)), "gaps in the log")


@dataclass
class Tally:
    schedules: int = 0
    granted: int = 0
    sets: int = 0
    refused: int = 0
    published: int = 0
    failures: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.schedules} schedules: {self.published} publishes, {self.granted} grants,"
            f" {self.refused} refusals, {len(self.failures)} wrong"
        )


def run(
    seeds: range,
    length: int = 40,
    store: Callable[[], MemoryStore] = MemoryStore,
    kind: type[Simulation] = Simulation,
) -> Tally:
    tally = Tally()
    for seed in seeds:
        simulation = kind(seed, store())
        try:
            simulation.run(length)
        except Exception as error:
            last = "; ".join(simulation.trail[-12:])
            tally.failures.append(f"seed {seed}: {type(error).__name__}: {error} [{last}]")
        tally.schedules += 1
        tally.granted += simulation.granted
        tally.sets += simulation.sets
        tally.refused += simulation.refused
        tally.published += len(simulation.store.published)
    return tally


def main(arguments: list[str], kind: type[Simulation] = Simulation) -> int:
    """Run schedules of a kind, as a command line says. Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seeds", type=int, default=3000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--length", type=int, default=40)
    given = parser.parse_args(arguments)
    began = time.monotonic()
    tally = run(range(given.first, given.first + given.seeds), given.length, kind=kind)
    for failure in tally.failures[:20]:
        print(failure)
    print(f"{tally}, {time.monotonic() - began:.1f} s")
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
