"""Leases of paths: which paths meet, and what the law makes of parts beside the rest of a room."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from stickhooks.errors import Refusal
from stickhooks.protocol import parts, phases
from stickhooks.protocol.commands import (
    Ask,
    Close,
    Command,
    Delist,
    Enlist,
    Heartbeat,
    Leave,
    Pass,
    Release,
    SetPolicy,
    Takeover,
    Wait,
)
from stickhooks.protocol.model import Event, Part, Policy, Room
from tests.support.world import DAY, HANDOFF, HOUR, MINUTE, Table, process, refused

# --- which paths meet ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "folds", "met"),
    [
        ("a", "a", False, True),
        ("a", "a/b", False, True),
        ("a/b", "a", False, True),
        ("a", "ab", False, False),
        ("a/b", "a/bc", False, False),
        ("a", "A", False, False),
        ("a", "A/b", True, True),
        ("caf\u00e9", "cafe\u0301/x", False, False),
        ("caf\u00e9", "cafe\u0301/x", True, True),
        ("STRASSE", "stra\u00dfe", True, True),
        ("a/b", "b", False, False),
    ],
)
def test_two_paths_meet_where_one_is_or_lies_in_the_other(
    one: str, other: str, folds: bool, met: bool
) -> None:
    assert parts.meet(one, other, folds) == parts.meet(other, one, folds) == met


def test_a_part_that_folds_names_meets_by_its_own_disk() -> None:
    part = Part(("Src/Login",), 1, folds=True)
    assert parts.touches(part, ["src"])
    assert parts.has(part, "SRC/login/new.py")
    assert not parts.has(part, "src")


def test_a_path_in_another_one_of_the_same_set_says_no_more() -> None:
    assert parts.merged(["a/b", "c", "a", "c/d", "ab"]) == ("c", "a", "ab")
    assert parts.merged(["A", "a/b"], folds=True) == ("A",)


# --- the law ---------------------------------------------------------------------------


class Paths(Table):
    """A table whose members take paths."""

    def get(self, agent: str, *paths: str, lease: str | None = None) -> Mapping[str, Any]:
        return self.ask(Wait(agent, "R", lease, paths=paths))

    def part(self, agent: str, *paths: str) -> Part:
        answer = self.get(agent, *paths)
        assert answer["status"] == "your_turn", answer
        return self.of(int(answer["turn_id"]))

    def of(self, turn: int) -> Part:
        part = parts.for_turn(self.room, turn)
        assert part is not None
        return part

    def token(self, part: Part) -> tuple[str, str, str, int]:
        assert part.lease
        return part.lease.holder, "R", part.lease.lease_id, part.turn_id

    def give(self, part: Part, handoff: object = HANDOFF) -> Mapping[str, Any]:
        return self.ask(Release(*self.token(part), handoff))

    @property
    def turns(self) -> list[int]:
        return [self.room.turn_id, *(part.turn_id for part in self.room.parts)]

    def queue(self, agent: str, *paths: str, whole: bool = False) -> None:
        self.ask(Enlist(agent, "R", paths=paths, whole=whole))
        self.waiting.add(agent)


@pytest.fixture
def table() -> Paths:
    return Paths("ada", "bob", "eve")


def test_three_members_have_paths_side_by_side(table: Paths) -> None:
    ada, bob = table.part("ada", "src/login"), table.part("bob", "docs", "README.md")
    table.take("eve")
    assert (ada.turn_id, bob.turn_id, table.room.turn_id) == (1, 2, 3)
    assert table.room.last_turn == 3
    assert [event.paths for event in table.log] == [("src/login",), ("docs", "README.md"), ()]


@pytest.mark.parametrize("wanted", ["src", "src/login", "src/login/new/file.py"])
def test_what_another_has_is_not_given_twice_and_nothing_beside_it_is(
    table: Paths, wanted: str
) -> None:
    table.part("ada", "src/login")
    before = table.room.parts
    answer = table.get("bob", "docs", wanted, "tests")
    assert answer["status"] == "not_yet"
    assert (answer["current_owner"], answer["for_turn"]) == ("ada", 1)
    assert table.room.parts == before
    assert table.room.turn_id == 0
    assert not table.log[1:]


def test_paths_beside_by_letters_are_free(table: Paths) -> None:
    table.part("ada", "src/log")
    assert table.part("bob", "src/login").turn_id == 2


def test_paths_of_a_rest_that_another_holds_or_is_promised_are_not_given(table: Paths) -> None:
    table.take("ada")
    assert table.get("bob", "docs")["status"] == "not_yet"
    assert table.part("ada", "docs").turn_id == 2
    table.pass_to("bob")
    answer = table.get("ada", "tests")
    assert (answer["status"], answer["reserved_for"]) == ("not_yet", "bob")
    assert not [part for part in table.room.parts if part.turn_id > 2]


def test_who_is_promised_the_rest_and_wants_paths_is_given_its_handoff(table: Paths) -> None:
    table.take("ada")
    table.pass_to("bob")
    answer = table.get("bob", "docs")
    assert (answer["status"], answer["reason"], answer["from_agent_id"]) == (
        "your_turn", "direct_pass", "ada",
    )  # fmt: skip
    assert answer["handoff"] == HANDOFF
    assert table.heir is None
    assert not table.room.pending
    assert table.take("eve")["handoff"] is None


def test_a_holder_adds_paths_to_its_turn(table: Paths) -> None:
    ada = table.part("ada", "src/login")
    table.now += MINUTE
    answer = table.get("ada", "tests", "src/login/x", lease=table.token(ada)[2])
    assert (answer["status"], answer["turn_id"]) == ("already_owner", 1)
    assert table.of(1).paths == ("src/login", "tests")
    assert table.log[-1].event_type == "add"
    assert table.log[-1].paths == ("tests",)
    assert table.get("bob", "tests/unit")["status"] == "not_yet"
    assert table.room.last_turn == 1


def test_a_holder_without_its_lease_id_has_its_part_again_by_a_new_turn(table: Paths) -> None:
    old = table.token(table.part("ada", "src"))
    answer = table.get("ada", "src/a.py")
    assert (answer["status"], answer["reason"], answer["turn_id"]) == ("your_turn", "recovered", 2)
    assert table.of(2).paths == ("src",)
    refused(lambda: table.ask(Heartbeat(*old)), "turn_mismatch")


def test_no_turn_is_given_twice_whoever_takes_in_which_order(table: Paths) -> None:
    ada = table.part("ada", "a")
    table.take("bob")
    eve = table.part("bob", "b")
    table.give(ada)
    table.release()
    table.give(eve)
    assert (table.room.turn_id, table.room.last_turn, table.room.parts) == (2, 3, ())
    assert table.take("eve")["turn_id"] == 4
    assert table.room.last_turn == 0


def test_a_part_given_back_leaves_its_handoff_to_whoever_takes_the_rest(table: Paths) -> None:
    answer = table.give(table.part("ada", "docs"))
    assert (answer["status"], answer["reserved_for"], answer["paths"]) == (
        "released", None, ["docs"],
    )  # fmt: skip
    assert table.room.parts == ()
    taken = table.take("bob")
    assert (taken["handoff"], taken["from_agent_id"]) == (HANDOFF, "ada")


def test_handoffs_that_nobody_was_given_are_told_of_with_the_newest(table: Paths) -> None:
    ada, bob, eve = (table.part(name, name) for name in ("ada", "bob", "eve"))
    first = table.give(ada)["event_seq"]
    table.give(bob)
    table.give(eve)
    taken = table.take("ada")
    assert (taken["from_agent_id"], taken["unread_from"]) == ("eve", first)
    table.release()
    assert "unread_from" not in table.take("bob")


def test_who_has_the_rest_is_left_a_note_of_a_part_that_ends(table: Paths) -> None:
    ada = table.part("ada", "docs")
    table.take("bob")
    table.give(ada)
    note = table.log[-1]
    assert (note.event_type, note.from_agent_id, note.to_agent_id) == ("note", "ada", "bob")
    assert note.reason is not None
    assert "half of it" in note.reason
    assert "docs" in note.reason
    assert [m.unread for m in table.room.members] == [(), (note.event_seq,), ()]
    assert not table.room.pending
    table.now += DAY
    assert table.takeover("eve")["handoff"] == HANDOFF


def test_a_promise_of_the_rest_keeps_its_own_handoff_when_a_part_ends(table: Paths) -> None:
    ada = table.part("ada", "docs")
    table.take("bob")
    table.pass_to("eve", {"status": "bob's", "next_action": "on"})
    table.give(ada)
    assert table.take("eve")["handoff"] == {"status": "bob's", "next_action": "on"}
    assert table.room.members[2].unread


def test_a_set_of_paths_is_handed_over_as_one(table: Paths) -> None:
    ada = table.part("ada", "docs", "src/login")
    table.take("eve")
    table.ask(Pass(*table.token(ada), "bob", HANDOFF))
    part = table.of(1)
    assert parts.keeper_of(part) == "bob"
    assert table.get("ada", "docs")["reserved_for"] == "bob"
    taken = table.wait("bob")
    assert (taken["status"], taken["reason"], taken["turn_id"]) == ("your_turn", "direct_pass", 3)
    assert taken["paths"] == ["docs", "src/login"]
    assert taken["handoff"] == HANDOFF


def test_what_is_promised_comes_before_the_rest(table: Paths) -> None:
    table.ask(Pass(*table.token(table.part("ada", "docs")), "bob", HANDOFF))
    assert table.wait("bob")["paths"] == ["docs"]
    assert "paths" not in table.wait("bob")
    assert table.room.lease


def test_a_line_for_paths_is_served_when_all_of_them_are_free(table: Paths) -> None:
    table.join("dan")
    ada, bob = table.part("ada", "a"), table.part("bob", "b")
    table.queue("eve", "a", "b/x")
    table.queue("dan", "b")
    assert table.give(ada)["reserved_for"] is None
    assert table.give(bob)["reserved_for"] == "eve"
    assert table.of(2).paths == ("a", "b/x")
    taken = table.get("eve", "a", "b/x")
    assert (taken["reason"], taken["from_agent_id"], taken["turn_id"]) == ("sequence", "bob", 3)
    assert table.line == ["dan"]
    assert table.part("ada", "b/y").turn_id == 4


def test_who_waits_for_paths_is_promised_the_rest_that_they_are_in(table: Paths) -> None:
    table.take("ada")
    table.queue("bob", "docs")
    assert table.release()["reserved_for"] == "bob"
    assert table.get("bob", "docs")["handoff"] == HANDOFF
    assert table.take("eve")["turn_id"] == 3


def test_the_whole_room_is_given_when_no_part_of_others_is_out(table: Paths) -> None:
    ada, own = table.part("ada", "a"), table.part("bob", "b")
    assert table.ask(Wait("bob", "R", whole=True))["current_owner"] == "ada"
    table.queue("bob", whole=True)
    answer = table.get("eve", "c")
    assert (answer["status"], answer["waits_for_all"]) == ("not_yet", "bob")
    assert table.get("ada", "d", lease=table.token(ada)[2])["status"] == "already_owner"
    table.give(table.of(1))
    assert table.ask(Wait("bob", "R", whole=True))["status"] == "your_turn"
    assert [part.turn_id for part in table.room.parts] == [own.turn_id]


def test_who_waits_for_the_whole_room_is_not_passed_by_paths_that_go_round(table: Paths) -> None:
    ada, own = table.part("ada", "a"), table.part("bob", "b")
    table.queue("bob", whole=True)
    table.queue("eve", "a")
    assert table.give(ada)["reserved_for"] is None
    assert table.ask(Wait("bob", "R", whole=True))["status"] == "your_turn"
    assert [part.turn_id for part in table.room.parts] == [own.turn_id]


def test_who_is_promised_the_rest_gets_paths_of_it_though_another_waits_for_all(
    table: Paths,
) -> None:
    table.take("ada")
    table.queue("bob", "a")
    table.queue("eve", whole=True)
    assert table.release()["reserved_for"] == "bob"
    assert table.get("bob", "a")["status"] == "your_turn"


def test_the_last_part_that_ends_promises_the_room_to_who_waits_for_all_of_it(
    table: Paths,
) -> None:
    ada = table.part("ada", "a")
    table.queue("bob", whole=True)
    table.give(ada)
    assert table.heir == "bob"
    assert table.get("eve", "c")["status"] == "not_yet"
    taken = table.ask(Wait("bob", "R", whole=True))
    assert (taken["handoff"], taken["from_agent_id"]) == (HANDOFF, "ada")


def test_a_part_whose_holder_is_gone_is_taken_over_alone(table: Paths) -> None:
    table.join("dan", process(7))
    dan, ada = table.part("dan", "a"), table.part("ada", "b")
    table.take("bob")
    table.now += 2 * MINUTE
    for name in ("ada", "bob", "eve"):
        table.ask(Delist(name, "R"))
    table.dead.add(process(7))
    offer = table.get("eve", "a/x", "c")
    assert (offer["status"], offer["reason"], offer["turn_id"]) == (
        "takeover_available", "owner_gone", 1,
    )  # fmt: skip
    refused(lambda: table.ask(Takeover("eve", "R", "why", ada.turn_id)), "takeover_not_available")
    refused(lambda: table.ask(Takeover("eve", "R", "why", 3)), "takeover_not_available")
    taken = table.ask(Takeover("eve", "R", "why", dan.turn_id))
    assert (taken["turn_id"], taken["paths"], taken["revoked_agent_id"]) == (4, ["a"], "dan")
    assert table.phase == phases.OWNED
    assert table.of(ada.turn_id) == ada
    refused(lambda: table.ask(Release(*table.token(dan), HANDOFF)), "turn_mismatch")


def test_the_end_of_a_parts_time_frees_nothing_but_the_part(table: Paths) -> None:
    ada = table.part("ada", "a")
    table.now += 30 * MINUTE
    table.take("bob")
    table.now += 20 * MINUTE
    assert table.get("eve", "a")["status"] == "takeover_available"
    assert table.get("eve", "b")["status"] == "not_yet"
    table.ask(Heartbeat(*table.token(ada)))
    assert table.get("eve", "a")["status"] == "not_yet"


def test_a_part_that_was_promised_and_not_claimed_goes_on(table: Paths) -> None:
    table.ask(Pass(*table.token(table.part("ada", "a")), "bob", HANDOFF))
    table.now += HOUR
    assert table.get("eve", "a")["reason"] == "claim_timeout"
    assert table.ask(Takeover("eve", "R", "why", 1))["handoff"] == HANDOFF


def test_an_ask_for_a_part_reaches_its_holder_and_ends_with_its_turn(table: Paths) -> None:
    ada = table.part("ada", "a")
    table.take("bob")
    asked = table.ask(Ask("eve", "R", "please", for_turn=1))
    assert asked["holder"] == "ada"
    assert table.room.asks == ()
    assert table.of(1).asks[0].agent_id == "eve"
    assert table.room.members[0].unread
    table.give(ada)
    assert not any(part.asks for part in table.room.parts)
    refused(lambda: table.ask(Ask("eve", "R", "please", for_turn=1)), "turn_mismatch")


def test_leaving_gives_back_what_is_held_by_force_alone(table: Paths) -> None:
    table.part("ada", "a")
    table.ask(Pass(*table.token(table.part("bob", "b")), "ada", HANDOFF))
    before = table.room
    refused(lambda: table.leave("ada"), "invalid_handoff")
    assert table.room == before
    table.leave("ada", force=True)
    assert table.room.parts == ()
    assert table.names == ["bob", "eve"]
    assert [e.event_type for e in table.log[-3:]] == ["leave", "leave", "leave"]
    assert table.take("eve")["handoff"] == HANDOFF


def test_a_promise_by_the_line_is_turned_down_with_the_place_in_it(table: Paths) -> None:
    ada = table.part("ada", "a")
    table.queue("bob", "a")
    table.queue("eve", "a")
    table.give(ada)
    assert parts.keeper_of(table.of(1)) == "bob"
    table.waiting.discard("bob")
    table.ask(Delist("bob", "R"))
    assert parts.keeper_of(table.of(1)) == "eve"
    table.waiting.discard("eve")
    table.ask(Delist("eve", "R"))
    assert table.room.parts == ()
    assert table.take("ada")["handoff"] == HANDOFF


def test_a_room_is_closed_when_nobody_else_has_a_part(table: Paths) -> None:
    ada = table.part("ada", "a")
    table.take("bob")
    bob = table.part("bob", "b")
    refused(table.close, "held")
    refused(lambda: table.ask(Close(*table.token(bob), HANDOFF)), "invalid_input")
    table.give(ada)
    table.close()
    assert (table.room.closed, table.room.parts) == (True, ())
    assert [(e.event_type, e.turn_id, e.paths) for e in table.log[-2:]] == [
        ("release", 3, ("b",)), ("close", 2, ()),
    ]  # fmt: skip
    assert table.get("eve", "c")["status"] == "closed"


def test_the_policy_of_a_free_room_stays_while_others_have_parts(table: Paths) -> None:
    table.part("ada", "a")
    refused(lambda: table.set_policy("bob", Policy(claim_ttl=1)), "held")
    table.take("bob")
    table.ask(SetPolicy("bob", "R", Policy(claim_ttl=1)))
    assert table.room.policy.claim_ttl == 1


def test_members_who_have_a_part_are_never_forgotten(table: Paths) -> None:
    table.part("ada", "a")
    table.ask(Pass(*table.token(table.part("bob", "b")), "eve", HANDOFF))
    table.now += 40 * DAY
    table.join("new")
    assert table.names == ["ada", "eve", "new"]


def test_a_room_has_so_many_parts_and_no_more(table: Paths) -> None:
    for number in range(parts.LIMIT):
        table.join(f"m{number}")
        table.part(f"m{number}", f"p{number}")
    assert "64" in refused(lambda: table.get("ada", "more"), "held").message
    assert (
        table.get("m1", "more", lease=table.room.parts[1].lease.lease_id)[  # type: ignore[union-attr]
            "status"
        ]
        == "already_owner"
    )


def test_a_stranger_is_given_nothing(table: Paths) -> None:
    refused(lambda: table.get("who", "a"), "unknown_member")
    table.part("ada", "a")
    refused(lambda: table.ask(Leave("who", "R")), "unknown_member")


# --- at random -------------------------------------------------------------------------


class Walk:
    """Members that do at random what they may, and what has to hold after each step."""

    NAMES = ("ada", "bob", "eve", "dan")
    PATHS = ("a", "a/b", "ab", "a/b/c", "d", "D")

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.folds = (
            seed % 4 == 0
        )  # a disk takes names in another case for the same, or it does not
        policy = Policy(reserve=self.chance.choice(["waiters", "order"]))
        self.table = Paths(policy=policy)
        for number, name in enumerate(self.NAMES):
            self.table.join(name, process(number))
        self.given: set[int] = set()
        self.written: dict[int, str] = {}
        self.told: set[int] = set()

    def step(self) -> None:
        table, before = self.table, self.table.room
        agent = self.chance.choice(self.NAMES)
        table.now += self.chance.choice([0, 0, MINUTE, 7 * MINUTE, 40 * MINUTE])
        if self.chance.random() < 0.3:
            table.waiting ^= {self.chance.choice(self.NAMES)}
        if self.chance.random() < 0.05:
            table.dead ^= {process(self.chance.randrange(4))}
        length = len(table.log)
        try:
            answer = table.ask(self.command(agent))
        except Refusal:
            assert table.room is before
            return
        self.check(before, table.room, answer, table.log[length:])

    def command(self, agent: str) -> Command:
        table, chance = self.table, self.chance
        paths = tuple(chance.sample(self.PATHS, chance.randrange(1, 3)))
        own = [part for part in table.room.parts if chance.random() < 0.6]
        holdings = [(part.turn_id, part.lease) for part in (*own, *own)]
        turn, lease = chance.choice([(table.room.turn_id, table.room.lease), *holdings])
        holder, lease_id = (lease.holder, lease.lease_id) if lease else (agent, "none")
        token: tuple[str, str, str, int] = holder, "R", lease_id, turn
        text = {"status": f"text {table.room.event_seq}", "next_action": "on"}
        makes: list[Callable[[], Command]] = [
            lambda: Wait(agent, "R", token[2], paths=paths, folds=self.folds),
            lambda: Wait(agent, "R", token[2], paths=paths, folds=self.folds),
            lambda: Wait(agent, "R", token[2], whole=chance.random() < 0.3),
            lambda: Enlist(agent, "R", paths=paths, folds=self.folds),
            lambda: Enlist(agent, "R", whole=chance.random() < 0.5),
            lambda: Delist(agent, "R"),
            lambda: Release(*token, text),
            lambda: Release(*token, text),
            lambda: Pass(*token, chance.choice(self.NAMES), text),
            lambda: Heartbeat(*token),
            lambda: Takeover(agent, "R", "why", turn),
            lambda: Ask(agent, "R", for_turn=turn),
        ]
        return chance.choice(makes)()

    def check(
        self, before: Room, room: Room, answer: Mapping[str, Any], events: list[Event]
    ) -> None:
        turns = [room.turn_id, *(part.turn_id for part in room.parts)]
        assert len(set(turns)) == len(turns)
        assert room.latest_turn == max(turns) or not room.parts or room.last_turn > max(turns)
        assert room.latest_turn >= before.latest_turn
        for event in events:
            if event.event_type in ("claim", "takeover"):
                assert event.turn_id not in self.given
                assert event.turn_id > max(self.given, default=0)
                self.given.add(event.turn_id)
        for number, part in enumerate(room.parts):
            assert bool(part.lease) != bool(part.reservation)
            for other in room.parts[number + 1 :]:
                assert not parts.touches(part, other.paths, other.folds), (part, other)
        self._handoffs(room, answer, events)

    def _handoffs(self, room: Room, answer: Mapping[str, Any], events: list[Event]) -> None:
        for event in events:
            if event.handoff is not None:
                self.written[event.event_seq] = event.handoff.status
            if event.event_type == "note":
                self.told |= {n for n, text in self.written.items() if text in str(event.reason)}
        for given in [answer, *answer.get("also", ())]:
            if not given.get("handoff"):
                continue
            first, told = given.get("unread_from"), given["handoff"]["status"]
            self.told |= {n for n, text in self.written.items() if text == told}
            self.told |= {n for n in self.written if first is not None and n >= first}
        waiting: set[int] = set()
        letters = [(room.letter, room.pending), *((p.letter, p.pending) for p in room.parts)]
        for letter, pending in letters:
            if letter is not None:
                first = letter.unread_from
                waiting |= {letter.event_seq} if pending else set()
                waiting |= {n for n in self.written if first is not None and n >= first}
        lost = self.written.keys() - self.told - waiting
        assert not lost, (lost, room)


@pytest.mark.parametrize("seed", range(40))
def test_no_path_has_two_holders_no_turn_comes_twice_and_no_handoff_is_lost(seed: int) -> None:
    walk = Walk(seed)
    for _ in range(250):
        walk.step()
    assert len(walk.given) > 15
