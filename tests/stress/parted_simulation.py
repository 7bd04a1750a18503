"""Schedules of ``simulation`` in which members take paths side by side, and hand sets of them on.

What must hold is told once more, of each part as of a room: never two holders of one path, never a lost
handoff, a set whole or not at all, turns and events without a gap.

    python -m tests.stress.parted_simulation --seeds 100000 --first 1
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from stickhooks.operations.wishes import Wish
from stickhooks.protocol import parts
from stickhooks.protocol.commands import Ask, Command, Heartbeat, Pass, Release, Tell
from stickhooks.protocol.model import Event, Part, Room

from .memory_store import MemoryStore, Publish, hold
from .simulation import AGENTS, DAY, TOLD, Actor, Simulation, main

PATHS: Final = ("a", "a/b", "ab", "a/b/c", "d", "D")
GRANTS: Final = ("claim", "takeover")
PUT_DOWN: Final = ("release", "pass", "close", "leave")
Token = tuple[str, int]


class PartedSimulation(Simulation):
    """One schedule with parts. ``mine`` are the leases and turns that each member remembers."""

    def __init__(self, seed: int, store: MemoryStore | None = None) -> None:
        super().__init__(seed, store)
        self.folds = seed % 4 == 0  # the disk takes names in another case for the same, or not
        self.mine: dict[str, list[Token]] = {name: [] for name in AGENTS}
        self.written: dict[int, str] = {}
        self.told: set[int] = set()

    def act(self, actor: Actor) -> None:
        name, room_id, rng = actor.name, self.room.room_id, self.rng
        known = self.mine[name] or [("never", 0)]
        token = rng.choice(known)
        text = {"status": f"work {self.drawn}.", "next_action": "more"}
        other = rng.choice([a for a in AGENTS if a != name])
        turn = rng.choice([self.room.turn_id, *(part.turn_id for part in self.room.parts)])
        wish = Wish(
            parts.merged(rng.sample(PATHS, rng.randrange(1, 4)), self.folds), folds=self.folds
        )
        whole = Wish(whole=True)
        lease = token[0] if rng.random() < 0.7 else None
        every = [t for t in known if t[1] in self.turns_of(name)] or [token]
        do, do_all, wait = self.rooms.do, self.rooms.do_all, self.rooms.wait
        menu: list[tuple[int, str, Callable[[], Mapping[str, Any]]]] = [
            (2, "join", lambda: self.joined(actor)),
            (9, f"take {wish.paths}", lambda: wait(name, room_id, lease, wish=wish)),
            (3, "wait", lambda: wait(name, room_id, lease)),
            (2, "take all", lambda: wait(name, room_id, lease, wish=whole)),
            (3, f"enlist {wish.paths}", lambda: self.enlisted_for(actor, room_id, wish)),
            (1, "enlist for all", lambda: self.enlisted_for(actor, room_id, whole)),
            (1, "enlist", lambda: self.enlisted(actor, room_id)),
            (1, "delist", lambda: self.delisted(actor, room_id)),
            (2, "renew", lambda: do_all(room_id, self.each(Heartbeat, name, every))),
            (4, "release", lambda: do(Release(name, room_id, *token, text))),
            (2, "release all", lambda: do_all(room_id, self.each(Release, name, every, text))),
            (3, "pass", lambda: do(Pass(name, room_id, *token, other, text))),
            (2, "pass all", lambda: do_all(room_id, self.each(Pass, name, every, other, text))),
            (1, "close", lambda: self.rooms.close(name, room_id, *token, text)),
            (2, "reopen", lambda: self.rooms.reopen(name, room_id)),
            (4, "takeover", lambda: self.rooms.takeover(name, room_id, "why", turn)),
            (2, "tell", lambda: do(Tell(name, room_id, rng.choice(TOLD), "a note"))),
            (2, "ask", lambda: do(Ask(name, room_id, "why", for_turn=turn))),
            (3, "read", lambda: self.shown(name)),
            (1, "leave", lambda: self.rooms.leave(name, room_id)),
            (1, "leave by force", lambda: self.rooms.leave(name, room_id, force=True)),
        ]
        weights = [weight for weight, _, _ in menu]
        member = any(m.agent_id == name for m in self.room.members)
        if not member and rng.random() < 0.7:
            weights = [int(what == "join") for _, what, _ in menu]
        elif self.turns_of(name) and rng.random() < 0.4:
            ends = ("release", "release all", "pass", "pass all", "renew")
            weights = [int(what in ends) for _, what, _ in menu]
        _, what, deed = rng.choices(menu, weights)[0]
        self.ask(actor, what, deed, text)

    def each(
        self, kind: Callable[..., Command], name: str, tokens: list[Token], *more: object
    ) -> list[Command]:
        """Return one command for each of some turns of a member."""
        return [kind(name, self.room.room_id, *token, *more) for token in tokens]

    def turns_of(self, name: str) -> list[int]:
        """Return the turns that a member holds now."""
        views = _views(self.room)
        return [t for t, one in views.items() if one.lease and one.lease.holder == name]

    def enlisted_for(self, actor: Actor, room_id: str, wish: Wish) -> Mapping[str, Any]:
        answer = self.rooms.enlist(actor.name, room_id, wish=wish)
        if any(w.agent_id == actor.name for w in self.room.waiters):
            self.store.alive.add(actor.name)
        return answer

    # --- what an answer says

    def _judge_answer(
        self,
        actor: Actor,
        what: str,
        answer: Mapping[str, Any],
        own: list[Publish],
        text: Mapping[str, object] | None,
    ) -> None:
        every = [*answer.get("also", ()), answer]
        granted = [one for one in every if one.get("status") == "your_turn"]
        given = sum(p.after.latest_turn - p.before.latest_turn for p in own)
        hold(given == len(granted), f"{what} answered {answer.get('status')}, and gave {given}")
        for one in granted:
            self.granted += 1
            now = _views(own[-1].after)[one["turn_id"]]
            lease = now.lease
            hold(lease and lease.lease_id == one["lease_id"], "the answer names another lease")
            hold(lease and lease.holder == actor.name, "the turn went to somebody else")
            self.mine[actor.name] = [*self.mine[actor.name], (one["lease_id"], one["turn_id"])][-4:]
            self._judge_delivery(own[-1], one)
        if what.startswith("take (") and answer["status"] != "not_yet":
            self._judge_set(actor.name, what, answer)
        if what.startswith(("release", "pass")) and text:
            said = [e.handoff.status for p in own for e in p.events if e.handoff]
            hold(said and set(said) == {text["status"]}, "an acknowledged handoff is not there")
        self._judge_handoffs([e for p in own for e in p.events], every)

    def _judge_set(self, name: str, what: str, answer: Mapping[str, Any]) -> None:
        """A set that was given is all there; one that was offered or refused left no piece behind."""
        if answer["status"] not in ("your_turn", "already_owner"):
            return
        wanted = eval(what.removeprefix("take "))
        own = parts.held_by(self.room, name)
        missing = [p for p in wanted if not any(parts.has(part, p, self.folds) for part in own)]
        hold(not missing, f"half a set of paths: {missing} of {wanted}")
        self.sets += len(wanted) > 1

    def _judge_delivery(self, given: Publish, answer: Mapping[str, Any]) -> None:
        """The handoff that waits comes with the turn, and the newest where a turn was cut short."""
        before, after, turn = given.before, given.after, answer["turn_id"]
        was = _before(before, after, turn)
        if was is None:  # new paths of the rest: its handoff only where that was promised
            due = before.letter if before.reservation and before.pending else None
        else:
            types = [event.event_type for event in given.events if event.turn_id == turn]
            cut_short = was.lease or "takeover" in types
            due = was.letter if was.letter and (was.pending or cut_short) else None
        told = answer["handoff"] and answer["handoff"]["status"], answer["from_agent_id"]
        hold(told == ((due.handoff.status, due.author) if due else (None, None)), "a lost handoff")

    def _judge_handoffs(self, events: list[Event], answers: list[Mapping[str, Any]]) -> None:
        """Each handoff waits, was told with a turn, or in a note, or counts among those told of as unread."""
        for one in answers:
            if not one.get("handoff"):
                continue
            first, told = one.get("unread_from"), one["handoff"]["status"]
            self.told |= {n for n, text in self.written.items() if text == told}
            self.told |= {n for n in self.written if first is not None and n >= first}
        for event in events:
            if event.event_type == "note":
                self.told |= {n for n, text in self.written.items() if text in str(event.reason)}
        waiting: set[int] = set()
        for view in _views(self.room).values():
            if view.letter is not None:
                first = view.letter.unread_from
                shown = view.letter.handoff.status  # who closes gives back all with the same words
                same = {n for n, text in self.written.items() if text == shown}
                waiting |= same if view.pending else set()
                waiting |= {n for n in self.written if first is not None and n >= first}
        lost = self.written.keys() - self.told - waiting
        hold(not lost, f"a lost handoff: that of event {sorted(lost)}")

    # --- the law, once more

    def judge(self, publish: Publish) -> None:
        before, after, ledger = publish.before, publish.after, self.ledger
        hold(before.latest_turn == ledger.turn, "a state was put over another that it did not see")
        seqs = [event.event_seq for event in publish.events]
        hold(seqs == list(range(ledger.seq + 1, after.event_seq + 1)), "the log has a gap")
        grants = [event.turn_id for event in publish.events if event.event_type in GRANTS]
        expected = list(range(ledger.turn + 1, after.latest_turn + 1))
        hold(grants == expected, f"turns {grants} after {ledger.turn}")
        self.written |= {e.event_seq: e.handoff.status for e in publish.events if e.handoff}
        self._judge_parts(after)
        names = {m.agent_id for m in after.members}
        hold(parts.keepers(after) <= names, "the keeper is no member")
        for turn in grants:
            self._judge_part_grant(publish, turn)
        self._judge_leases(publish)
        words_alone = {event.event_type for event in publish.events} <= {"note", "ask"}
        if (
            words_alone and _views(before).keys() == _views(after).keys()
        ):  # no promise ended in a note
            self._judge_words(publish)
        else:
            self._judge_unread(publish)
        ledger.turn, ledger.seq = after.latest_turn, after.event_seq

    def _judge_parts(self, room: Room) -> None:
        """No path has two holders, and nothing is held and promised at once."""
        hold(not (room.closed and parts.keepers(room)), "closed, and held")
        views = _views(room)
        hold(len(views) == 1 + len(room.parts), "two parts of one turn")
        for one in views.values():
            hold(not (one.lease and one.reservation), "held and promised at once")
            hold(not one.asks or one.lease, "an ask of nobody")
        for number, part in enumerate(room.parts):
            hold(part.lease or part.reservation, "a part of nobody")
            for other in room.parts[number + 1 :]:
                hold(not parts.touches(part, other.paths, other.folds), "a path of two parts")

    def _judge_part_grant(self, publish: Publish, turn: int) -> None:
        """Who got a turn was promised it, held it, found it free, or found it abandoned."""
        before, after = publish.before, publish.after
        event = next(e for e in publish.events if e.turn_id == turn and e.event_type in GRANTS)
        given = _views(after)[turn].lease
        assert given
        hold(given.lease_id not in self.ledger.leases, "a lease id was given twice")
        self.ledger.leases.add(given.lease_id)
        hold(not before.closed, "a grant in a closed room")
        was = _before(before, after, turn)
        keeper = _keeper(before if was is None else was)
        if event.event_type == "claim":
            hold(keeper in (None, given.holder), f"{given.holder} got what is {keeper}'s")
            new = parts.for_turn(after, turn)
            others = parts.of_others(before, given.holder) if new else []
            met = [p for p in others if new and parts.touches(p, new.paths, new.folds)]
            hold(not met, f"{given.holder} got paths of {met}")
            return
        hold(was is not None and keeper, "a takeover of nothing")
        assert was is not None
        promise = was.lease or was.reservation
        assert promise
        hold(keeper != given.holder, "a takeover by the keeper itself")
        over = promise.expires_at <= publish.now
        hold(over or self.is_gone(before, str(keeper), publish.now), "an early takeover")
        hold((event.from_agent_id, event.to_agent_id) == (keeper, given.holder), "a false event")

    def _judge_leases(self, publish: Publish) -> None:
        """A lease changes by renewal alone, and ends by its holder's word or with a new turn."""
        before, after = _views(publish.before), _views(publish.after)
        taken = {str(e.from_agent_id) for e in publish.events if e.event_type in GRANTS}
        ended = {str(e.from_agent_id) for e in publish.events if e.event_type in PUT_DOWN}
        for turn, was in before.items():
            now = after[turn].lease if turn in after else None
            if was.lease is None:
                hold(now is None, "a lease without a turn")
            elif now is not None:
                hold(now.lease_id == was.lease.lease_id, "a lease without a turn")
            else:
                hold(was.lease.holder in taken | ended | self._again(publish), "put down by nobody")

    def _again(self, publish: Publish) -> set[str]:
        """Return who got something of its own anew, by a claim that revokes nobody."""
        return {str(e.to_agent_id) for e in publish.events if e.event_type == "claim"}

    def _judge_unread(self, publish: Publish) -> None:
        """What a member has not read stays unread, unless the member goes."""
        unread = {m.agent_id: set(m.unread) for m in publish.before.members}
        for member in publish.after.members:
            gone = unread.get(member.agent_id, set()) - set(member.unread)
            rejoined = len(member.unread) == 20  # the oldest falls out
            hold(not gone or rejoined, f"{member.agent_id} was not shown {gone}")

    # --- the end

    def last_one_standing(self, actor: Actor) -> None:
        """All others are dead or away for a day: this one gets the whole room, part by part."""
        for other in self.actors.values():
            if other is not actor:
                self.die(other)
        self.monotonic += DAY
        self.wall += DAY
        self.trail.append(f"only {actor.name} is left")
        self.join(actor)
        name, room_id, whole = actor.name, self.room.room_id, Wish(whole=True)
        if self.room.closed:
            self.ask(actor, "reopen", lambda: self.rooms.reopen(name, room_id))
        for _ in range(2 * len(self.room.parts) + 3):
            answer = self.ask(actor, "take all", lambda: self.rooms.wait(name, room_id, wish=whole))
            if not answer or answer["status"] != "takeover_available":
                break
            turn = answer.get("for_turn", answer["turn_id"])
            takeover = partial(self.rooms.takeover, name, room_id, "why", turn)
            self.ask(actor, "takeover", takeover)
        hold(answer and answer["status"] in ("your_turn", "already_owner"), f"it gets {answer}")
        hold(not parts.of_others(self.room, name), "others have parts of the whole")
        events = self.rooms.events(room_id, 0, 500)
        hold([e["event_seq"] for e in events] == list(range(1, len(events) + 1)), "gaps in the log")


def _views(room: Room) -> dict[int, Room | Part]:
    """Return the rest of a room and its parts, by turn."""
    return {room.turn_id: room, **{part.turn_id: part for part in room.parts}}


def _keeper(one: Room | Part) -> str | None:
    if one.lease:
        return one.lease.holder
    return one.reservation.recipient if one.reservation else None


def _before(before: Room, after: Room, turn: int) -> Room | Part | None:
    """Return what a turn was given of: the rest, a part as it was, or None where the paths were in none."""
    new = parts.for_turn(after, turn)
    if new is None:
        return before
    known = {part.turn_id for part in after.parts}
    gone = [part for part in before.parts if part.turn_id not in known]
    return next((p for p in gone if all(parts.has(new, path, new.folds) for path in p.paths)), None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], PartedSimulation))
