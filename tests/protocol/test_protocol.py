"""Sections 2 to 4 of the protocol where the traces are silent: the line, grace, leaving, closing, limits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from stickhooks.errors import EXIT
from stickhooks.fast.records import replace
from stickhooks.protocol import commands, moment, phases, rules, transitions
from stickhooks.protocol.commands import (
    Close,
    Command,
    Delist,
    Enlist,
    Heard,
    Heartbeat,
    Join,
    Leave,
    Pass,
    Release,
    Reopen,
    SetPolicy,
    Takeover,
    Wait,
)
from stickhooks.protocol.model import Handoff, Letter, Policy
from stickhooks.protocol.rules import RULES, decide
from tests.support.world import (
    DAY,
    HANDOFF,
    HOUR,
    MINUTE,
    Table,
    Workspace,
    content,
    process,
    refused,
)

ORDER = Policy(reserve="order")

# --- the table -------------------------------------------------------------------------


@pytest.mark.parametrize("role", RULES)
@pytest.mark.parametrize("phase", [phases.OWNED, phases.RESERVED, phases.IDLE, phases.DORMANT])
def test_nothing_can_be_taken_over_before_its_time(role: str, phase: str) -> None:
    assert Takeover not in RULES[role].get(phase, {})


@pytest.mark.parametrize("role", RULES)
def test_no_cell_of_a_closed_room_gives_a_turn(role: str) -> None:
    cell = RULES[role].get(phases.CLOSED, {})
    assert not {transitions.grant, transitions.resume, transitions.seize} & set(cell.values())
    assert cell.get(Wait, transitions.say_closed) is transitions.say_closed


@pytest.mark.parametrize("role", [moment.HOLDER, moment.RECIPIENT, moment.SENDER])
def test_only_an_other_can_seize(role: str) -> None:
    cells = [cell for cell in RULES[role].values() if Takeover in cell]
    assert all(cell[Takeover] is transitions.ineligible for cell in cells)


def test_what_needs_the_lease_stands_in_the_holders_cells_only() -> None:
    for role in (moment.RECIPIENT, moment.SENDER, moment.OTHER):
        for cell in RULES[role].values():
            assert not {Heartbeat, Release, Pass, Close} & set(cell)


# --- gone, and the grace ---------------------------------------------------------------


def test_a_dead_holder_is_gone_only_when_the_grace_is_over() -> None:
    table = Table("bo")
    table.join("ana", process(7))
    table.take("ana")
    table.dead = {process(7)}
    table.now = MINUTE - 1
    assert table.phase == phases.OWNED
    assert refused(lambda: table.takeover("bo")).code == "takeover_not_available"
    table.now = MINUTE
    assert table.phase == phases.OWNER_GONE
    assert table.takeover("bo")["reason"] == "owner_gone"


def test_a_sign_of_life_from_the_future_gives_no_grace() -> None:
    """The clock was a day ahead then, was put right, and the machine started anew."""
    table = Table("bo")
    table.now = DAY
    table.join("ana", process(7))
    table.take("ana")
    table.now, table.dead = 0, {process(7)}
    assert table.phase == phases.OWNER_GONE


def test_a_sign_of_life_begins_the_grace_anew() -> None:
    table = Table("bo")
    table.join("ana", process(7))
    table.take("ana")
    table.dead = {process(7)}
    table.now = 50_000
    table.ask(Heartbeat(*table.held()))
    table.now = 109_999
    assert table.phase == phases.OWNED
    table.now = 110_000
    assert table.phase == phases.OWNER_GONE


def test_one_living_process_keeps_a_member() -> None:
    table = Table("bo")
    table.join("ana", process(7))
    table.join("ana", process(8), beside=True)
    table.take("ana")
    table.dead, table.now = {process(7)}, 10 * MINUTE
    assert table.phase == phases.OWNED
    table.dead.add(process(8))
    assert table.phase == phases.OWNER_GONE


def test_a_proof_of_death_that_was_written_down_counts() -> None:
    table = Table("bo")
    table.join("ana", replace(process(7), dead=True))
    table.take("ana")
    table.now = MINUTE
    assert table.phase == phases.OWNER_GONE


def test_a_member_without_a_process_is_never_gone() -> None:
    table = Table("ana", "bo")
    table.take("ana")
    table.now = 44 * MINUTE
    assert table.phase == phases.OWNED
    table.now = 45 * MINUTE
    assert table.phase == phases.STALE_OWNER


def test_gone_comes_before_the_end_of_the_lease() -> None:
    table = Table("bo")
    table.join("ana", process(7))
    table.take("ana")
    table.dead, table.now = {process(7)}, 2 * HOUR
    assert table.phase == phases.OWNER_GONE
    table.dead = set()
    assert table.phase == phases.STALE_OWNER


def test_a_gone_holder_with_the_right_lease_still_releases() -> None:
    table = Table("bo")
    table.join("ana", process(7))
    table.take("ana")
    table.dead, table.now = {process(7)}, 2 * HOUR
    assert table.release()["status"] == "released"


def test_a_gone_recipient_that_asks_is_granted_its_turn() -> None:
    table = Table("ana")
    table.join("bo", process(8))
    table.take("ana")
    table.pass_to("bo")
    table.dead, table.now = {process(8)}, MINUTE
    assert table.phase == phases.RECIPIENT_GONE
    assert table.take("bo")["handoff"] == HANDOFF


def test_who_asks_does_not_change_what_others_may_do() -> None:
    table = Table("bo")
    table.join("ana", process(7))
    table.take("ana")
    table.dead, table.now = {process(7)}, MINUTE
    before = table.room
    table.wait("ana", table.held()[2])
    table.room = before
    assert table.wait("bo")["status"] == "takeover_available"


# --- the line --------------------------------------------------------------------------


def test_a_release_promises_the_stick_to_who_waits_longest() -> None:
    table = Table("ana", "bo", "cy", "di")
    table.take("ana")
    for agent in ("di", "cy"):
        table.enlist(agent)
    assert table.release()["reserved_for"] == "di"
    assert table.wait("cy")["status"] == "not_yet"
    assert table.take("di")["reason"] == "sequence"
    assert table.release()["reserved_for"] == "cy"


@pytest.mark.parametrize("policy", [Policy(), ORDER])
def test_a_living_waiter_comes_before_the_order_of_joining(policy: Policy) -> None:
    table = Table("ana", "bo", "cy", policy=policy)
    table.take("ana")
    table.enlist("cy")
    assert table.release()["reserved_for"] == "cy"


def test_where_nobody_waits_the_stick_is_free_for_all() -> None:
    table = Table("ana", "bo")
    table.take("ana")
    assert table.release()["reserved_for"] is None
    assert table.phase == phases.IDLE
    assert table.take("bo")["handoff"] == HANDOFF


def test_under_order_the_next_member_who_is_here_gets_the_promise() -> None:
    table = Table("ana", policy=ORDER)
    table.join("bo", process(8))
    table.join("cy")
    table.dead, table.now = {process(8)}, MINUTE
    table.take("ana")
    assert table.release()["reserved_for"] == "cy"


def test_under_order_the_ring_wraps_and_never_names_the_holder() -> None:
    table = Table("ana", "bo", policy=ORDER)
    table.take("bo")
    assert table.release()["reserved_for"] == "ana"
    alone = Table("ana", policy=ORDER)
    alone.take("ana")
    assert alone.release()["reserved_for"] is None


def test_a_waiter_is_present_however_long_it_waits() -> None:
    table = Table("ana", "bo", policy=ORDER)
    table.take("ana")
    table.enlist("bo")
    table.now = 5 * DAY
    assert table.release()["reserved_for"] == "bo"
    assert Table("ana").phase == phases.IDLE


def test_a_room_where_somebody_waits_is_not_dormant() -> None:
    table = Table("ana")
    table.enlist("ana")
    table.now = 5 * DAY
    assert table.phase == phases.IDLE
    table.waiting.clear()
    assert table.phase == phases.DORMANT


def test_a_place_outlives_its_process_until_a_release_finds_nobody_there() -> None:
    table = Table("ana", "bo", "cy")
    table.take("ana")
    table.enlist("bo", alive=False)
    table.enlist("cy")
    table.ask(Heartbeat(*table.held()))
    assert table.line == ["bo", "cy"]
    assert table.release()["reserved_for"] == "cy"
    assert table.line == ["cy"]


def test_who_waits_again_keeps_the_place() -> None:
    table = Table("ana", "bo", "cy")
    table.take("ana")
    table.enlist("bo")
    table.enlist("cy")
    table.waiting.remove("bo")
    table.enlist("bo")
    assert table.line == ["bo", "cy"]
    assert table.release()["reserved_for"] == "bo"


def test_a_grant_takes_one_out_of_the_line() -> None:
    table = Table("ana", "bo")
    table.take("ana")
    table.enlist("bo")
    table.release()
    table.take("bo")
    assert table.line == []


def test_the_holder_has_no_place_in_the_line() -> None:
    table = Table("ana")
    table.take("ana")
    table.enlist("ana")
    assert table.line == []


def test_a_pass_goes_to_its_recipient_and_not_to_the_line() -> None:
    table = Table("ana", "bo", "cy")
    table.take("ana")
    table.enlist("bo")
    assert table.pass_to("cy")["reserved_for"] == "cy"
    assert table.line == ["bo"]
    assert table.take("cy")["reason"] == "direct_pass"


@pytest.mark.parametrize("heir", ["ana", "nobody", "bo", "cy"])
def test_a_pass_needs_somebody_else_who_is_here(heir: str) -> None:
    table = Table("ana", policy=Policy(presence_ttl=HOUR))
    table.join("bo", process(8))
    table.join("cy")
    table.dead, table.now = {process(8)}, HOUR + 1
    table.take("ana")
    refusal = refused(lambda: table.pass_to(heir))
    if heir == "ana":
        assert (refusal.code, refusal.details) == ("invalid_input", {"field": "to_agent_id"})
    else:
        assert (refusal.code, refusal.details) == ("unknown_member", {"to_agent_id": heir})


def test_the_sender_is_held_back_only_while_somebody_else_waits() -> None:
    table = Table("ana", "bo", "cy")
    table.take("ana")
    table.pass_to("bo")
    table.enlist("cy")
    table.now = 20 * MINUTE
    assert table.wait("ana")["status"] == "not_yet"
    assert refused(lambda: table.takeover("ana")).code == "takeover_ineligible"
    table.waiting.clear()
    assert table.takeover("ana")["reason"] == "claim_timeout"


def test_under_order_the_sender_is_held_back_by_anybody_who_is_here() -> None:
    table = Table("ana", "bo", "cy", policy=ORDER)
    table.take("ana")
    table.pass_to("bo")
    table.now = 20 * MINUTE
    assert refused(lambda: table.takeover("ana")).code == "takeover_ineligible"
    table.now = 5 * HOUR
    assert table.takeover("ana")["revoked_agent_id"] == "bo"


def test_the_recipient_comes_late_but_comes_first() -> None:
    table = Table("ana", "bo", "cy")
    table.take("ana")
    table.pass_to("bo")
    table.now = HOUR
    assert table.wait("cy")["status"] == "takeover_available"
    assert refused(lambda: table.takeover("bo")).code == "takeover_ineligible"
    assert table.take("bo")["reason"] == "direct_pass"


def test_a_holder_never_takes_over_its_own_room() -> None:
    table = Table("ana")
    table.take("ana")
    assert refused(lambda: table.takeover("ana")).code == "takeover_not_available"
    table.now = HOUR
    refusal = refused(lambda: table.takeover("ana"), "takeover_ineligible")
    assert refusal.details == {"current_owner": "ana", "room_state": "stale_owner"}
    assert table.take("ana")["reason"] == "recovered"


# --- leaving ---------------------------------------------------------------------------


def test_a_holder_releases_before_it_leaves() -> None:
    table = Table("ana", "bo")
    table.take("ana")
    before = table.room
    assert refused(lambda: table.leave("ana")).next
    assert table.room is before


def test_leaving_by_force_voids_the_lease_and_makes_the_handoff_pending_again() -> None:
    table = Table("ana", "bo")
    table.take("ana")
    table.release()
    table.take("bo")
    table.leave("bo", force=True)
    assert table.room.lease is None
    assert table.names == ["ana"]
    assert table.log[-1].event_type == "leave"
    assert table.log[-1].from_agent_id == "bo"
    turn = table.room.turn_id
    answer = table.take("ana")
    assert (answer["handoff"], answer["from_agent_id"]) == (HANDOFF, "ana")
    assert answer["turn_id"] == turn + 1


def test_leaving_by_force_without_any_handoff_leaves_none() -> None:
    table = Table("ana", "bo")
    table.take("ana")
    table.leave("ana", force=True)
    assert table.take("bo")["reason"] == "open_claim"


def test_a_voided_lease_is_worth_nothing() -> None:
    table = Table("ana", "bo")
    table.take("ana")
    held = table.held()
    table.leave("ana", force=True)
    table.join("ana")
    assert refused(lambda: table.ask(Release(*held, HANDOFF))).code == "stale_lease"


def test_the_handoff_of_a_recipient_who_leaves_goes_to_the_next() -> None:
    table = Table("ana", "bo", "cy")
    table.take("ana")
    table.pass_to("bo")
    table.leave("bo")
    assert table.room.reservation is None
    assert table.room.pending
    assert table.take("cy")["handoff"] == HANDOFF


def test_a_recipient_who_leaves_gives_the_promise_to_the_line() -> None:
    table = Table("ana", "bo", "cy")
    table.take("ana")
    table.enlist("cy")
    table.pass_to("bo")
    table.leave("bo")
    assert table.heir == "cy"


def test_a_recipient_who_gives_up_its_place_gives_the_promise_to_the_line() -> None:
    table = Table("ana", "bo", "cy")
    table.take("ana")
    table.enlist("bo")
    table.enlist("cy")
    assert table.release()["reserved_for"] == "bo"
    table.ask(Delist("bo", "R"))
    assert (table.heir, table.line, table.room.pending) == ("cy", ["cy"], True)
    table.ask(Delist("cy", "R"))
    assert (table.heir, table.phase) == (None, phases.IDLE)
    assert table.take("bo")["handoff"] == HANDOFF


def test_what_was_handed_over_by_name_stays_with_who_gives_up_its_place() -> None:
    table = Table("ana", "bo", "cy")
    table.take("ana")
    table.enlist("bo")
    table.enlist("cy")
    table.pass_to("bo")
    table.ask(Delist("bo", "R"))
    assert (table.heir, table.line) == ("bo", ["cy"])


def test_who_leaves_gives_up_its_place_and_changes_nothing_else() -> None:
    table = Table("ana", "bo")
    table.take("ana")
    table.enlist("bo")
    lease = table.room.lease
    table.leave("bo")
    assert (table.names, table.line, table.room.lease) == (["ana"], [], lease)
    assert refused(lambda: table.wait("bo")).details == {"agent_id": "bo"}


def test_the_ordinal_of_one_who_left_is_not_the_next_ones() -> None:
    table = Table("ana", "bo", "cy")
    table.leave("bo")
    table.join("di")
    assert {m.agent_id: m.ordinal for m in table.room.members} == {"ana": 0, "cy": 2, "di": 3}


# --- closing ---------------------------------------------------------------------------


def closed() -> Table:
    table = Table("ana", "bo")
    table.take("ana")
    table.enlist("bo")
    table.close()
    return table


def test_closing_ends_the_lease_and_promises_nothing() -> None:
    table = closed()
    assert (table.room.lease, table.room.reservation) == (None, None)
    assert table.room.pending
    assert table.log[-1].event_type == "close"


def test_a_closed_room_has_no_turns() -> None:
    table = closed()
    turn = table.room.turn_id
    assert table.wait("bo")["status"] == "closed"
    assert refused(lambda: table.takeover("bo")).code == "room_closed"
    assert refused(lambda: table.set_policy("bo", ORDER)).code == "room_closed"
    assert table.room.turn_id == turn


def test_only_the_holder_closes() -> None:
    table = Table("ana", "bo")
    table.take("ana")
    _, room, lease, turn = table.held()
    assert refused(lambda: table.ask(Close("bo", room, lease, turn, HANDOFF))).code == "stale_lease"
    assert refused(lambda: table.close(None)).code == "invalid_handoff"


def test_any_member_reopens_and_gets_the_handoff() -> None:
    table = closed()
    assert refused(lambda: table.reopen("di")).code == "unknown_member"
    assert table.reopen("bo")["status"] == "reopened"
    assert table.log[-1].event_type == "reopen"
    answer = table.take("bo")
    assert (answer["handoff"], answer["from_agent_id"]) == (HANDOFF, "ana")


@pytest.mark.parametrize("kind", ["human_cli", "mcp_harness"])
def test_what_a_person_closed_opens_to_an_agent_only_for_a_reason(kind: str) -> None:
    table = Table("bo")
    table.join("ana", session_kind=kind)
    table.take("ana")
    table.close()
    asked = Reopen("bo", "R", None, person=False)
    if kind == "human_cli":
        assert refused(lambda: table.ask(asked)).code == "room_closed"
        assert refused(lambda: table.ask(Reopen("bo", "R", " "))).code == "invalid_input"
        asked = Reopen("bo", "R", "she said so", person=False)
    assert table.ask(asked)["status"] == "reopened"
    assert table.log[-1].reason == asked.reason
    told = table.room.closing
    assert (told and told.by) == ("ana" if kind == "human_cli" else None)
    table.ask(Heard("bo", "R"))
    assert table.room.closing == told
    table.ask(Heard("ana", "R"))
    assert table.room.closing is None


@pytest.mark.parametrize(("author", "barred"), [("ana", True), ("bot", False), ("left", True)])
def test_a_state_that_tells_no_closer_is_judged_by_its_last_handoff(
    author: str, barred: bool
) -> None:
    table = Table("bot")
    table.join("ana", session_kind="human_cli")
    letter = Letter(Handoff("half", "the rest"), author, 1, "close")
    room = replace(table.room, closed=True, letter=letter, pending=True)
    assert rules.bars(room, person=False) is barred
    assert not rules.bars(room, person=True)


def test_to_reopen_an_open_room_changes_nothing_but_the_last_sight() -> None:
    table = Table("ana")
    table.take("ana")
    before, events = table.room, list(table.log)
    table.reopen("ana")
    assert (table.room, table.log) == (before, events)


def test_members_come_and_go_while_a_room_is_closed() -> None:
    table = closed()
    table.join("cy")
    table.leave("ana")
    assert table.names == ["bo", "cy"]
    assert table.room.closed


# --- policy ----------------------------------------------------------------------------


def test_the_policy_is_changed_by_the_holder_or_while_free() -> None:
    table = Table("ana", "bo")
    table.set_policy("bo", ORDER)
    assert table.room.policy == ORDER
    table.take("ana")
    assert refused(lambda: table.set_policy("bo", Policy())).code == "held"
    table.set_policy("ana", Policy())
    assert table.room.policy == Policy()


def test_nobody_changes_the_policy_of_a_reserved_room() -> None:
    table = Table("ana", "bo", "cy")
    table.take("ana")
    table.pass_to("bo")
    for agent in ("ana", "bo", "cy"):
        command = SetPolicy(agent, "R", ORDER)
        assert refused(partial(table.ask, command)).code == "reserved"


def test_a_stranger_changes_no_policy() -> None:
    assert refused(lambda: Table("ana").set_policy("di", ORDER)).code == "unknown_member"


# --- members and bindings --------------------------------------------------------------


def test_a_session_belongs_to_who_joined_with_it_last() -> None:
    table = Table()
    table.join("ana", session="claude:1")
    table.enlist("ana")
    table.join("bo", session="claude:1")
    assert [m.sessions for m in table.room.members] == [(), ("claude:1",)]


def test_a_holders_only_session_takes_no_other_name() -> None:
    table = Table()
    table.join("ana", session="claude:1")
    table.take("ana")
    told = refused(lambda: table.join("bo", session="claude:1"), "held")
    assert "you are ana here and hold the stick" in told.message
    table.join("bo", session="claude:2")
    assert [m.sessions for m in table.room.members] == [("claude:1",), ("claude:2",)]
    table.pass_to("bo")
    told = refused(lambda: table.join("cy", session="claude:2"), "held")
    assert "you are bo here and have the next turn" in told.message


def test_who_joins_under_another_name_leaves_the_first_one_only_where_it_is_needed() -> None:
    for needed in (False, True):
        table = Table()
        table.join("ana", process(7), session="claude:1")
        table.join("bo", process(8))
        if needed:
            table.take("bo")
            table.enlist("ana")
        table.join("cy", process(7), session="claude:1")
        assert table.names == (["ana", "bo", "cy"] if needed else ["bo", "cy"])


def test_a_process_belongs_to_who_joined_with_it_last() -> None:
    table = Table()
    table.join("ana", process(7))
    table.join("ana", process(8), beside=True)
    table.join("bo", process(7))
    assert [m.processes for m in table.room.members] == [(process(8),), (process(7),)]


def test_a_session_found_by_the_gate_moves_as_well() -> None:
    table = Table("bo")
    table.join("ana", session="claude:1")
    table.ask(commands.Bind("bo", "R", "claude:1"))
    sessions = {m.agent_id: m.sessions for m in table.room.members}
    assert sessions == {"ana": (), "bo": ("claude:1",)}


def test_a_second_terminal_is_added_and_a_dead_one_makes_room() -> None:
    table = Table()
    table.join("ana", process(7))
    table.join("ana", process(8), beside=True)
    assert table.room.members[0].processes == (process(7), process(8))
    table.dead = {process(7)}
    table.join("ana", process(9), beside=True)
    assert table.room.members[0].processes == (process(8), process(9))


def test_a_holder_keeps_an_exact_process_against_an_inexact_one() -> None:
    table = Table()
    table.join("ana", process(7))
    table.take("ana")
    table.join("ana", process(9, None))
    assert table.room.members[0].process == process(7)
    table.dead = {process(7)}
    table.join("ana", process(9, None))
    assert table.room.members[0].process == process(9, None)


def test_members_absent_for_thirty_days_are_forgotten_at_the_next_join() -> None:
    table = Table("ana", "bo")
    table.now = 30 * DAY - 1
    table.join("cy")
    assert table.names == ["ana", "bo", "cy"]
    table.now = 30 * DAY
    table.join("di")
    assert table.names == ["cy", "di"]


def test_a_holder_a_recipient_and_a_waiter_are_never_forgotten() -> None:
    table = Table("ana", "bo", "cy")
    table.take("ana")
    table.enlist("cy", alive=False)
    table.now = 60 * DAY
    table.join("di")
    assert table.names == ["ana", "cy", "di"]
    promised = Table("ana", "bo")
    promised.take("ana")
    promised.pass_to("bo")
    promised.now = 60 * DAY
    promised.join("di")
    assert promised.names == ["bo", "di"]


def test_one_who_comes_back_after_thirty_days_is_a_member() -> None:
    table = Table("ana", "bo")
    table.now = 31 * DAY
    table.join("ana")
    assert "ana" in table.names
    assert table.take("ana")["status"] == "your_turn"


# --- rooms within rooms ----------------------------------------------------------------


def test_a_room_is_carved_out_while_nobody_else_holds_the_one_above() -> None:
    table = Table("ana", "bo")
    at = table.moment()
    rules.check_carving(None, "bo", at, deed="make")
    rules.check_carving(table.room, "bo", at, deed="make")
    table.take("ana")
    rules.check_carving(table.room, "ana", at, deed="make")
    refusal = refused(lambda: rules.check_carving(table.room, "bo", at, deed="make"), "room_held")
    assert refusal.details["current_owner"] == "ana"


def test_an_expired_lease_above_still_holds_the_room() -> None:
    table = Table("ana", "bo")
    table.take("ana")
    table.now = 2 * HOUR
    code = refused(lambda: rules.check_carving(table.room, "bo", table.moment(), deed="make")).code
    assert code == "room_held"


def test_a_nested_room_is_made_and_removed_under_the_same_condition(tmp_path: Path) -> None:
    ws = Workspace(tmp_path)
    root = ws.join("ana")
    ws.join("bo")
    held = ws.take("ana", root)
    assert refused(lambda: ws.join("bo", "lib", new=True)).code == "room_held"
    assert ws.store.paths() == [""]
    nested = ws.join("ana", "lib", new=True)
    assert ws.join("bo", "lib/deep/file.py") == nested
    assert refused(lambda: ws.rooms.remove("bo", nested)).code == "room_held"
    ws.rooms.release(*held, HANDOFF)
    mine = ws.take("bo", nested)
    assert refused(lambda: ws.rooms.remove("ana", nested)).code == "held"
    ws.rooms.release(*mine, HANDOFF)
    ws.rooms.remove("bo", nested)
    assert ws.join("bo", "lib/deep/file.py") == root


# --- limits ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["", " ", "x" * 65, "a\nb", "a\x1b[2J", "a\x7f", "a\u202eb", "a\u200fb", "\ud800", " ana",
     "\u2028", None, 7],
)  # fmt: skip
def test_a_name_is_short_and_visible(name: Any) -> None:
    refusal = refused(lambda: Table().join(name), "invalid_input")
    assert refusal.details == {"field": "agent_id"}


@pytest.mark.parametrize("name", ["x" * 64, "claude:1a2b3c4d", "Ada Lovelace", "日本語", "ü"])
def test_a_name_may_be_in_any_language(name: str) -> None:
    assert Table(name).names == [name]


def with_status(value: object) -> dict[str, object]:
    return {"status": value, "next_action": "n"}


def with_artifacts(value: object) -> dict[str, object]:
    return {"status": "s", "next_action": "n", "artifacts": value}


@pytest.mark.parametrize(
    ("handoff", "field"),
    [
        (None, "handoff"),
        ("done", "handoff"),
        ([], "handoff"),
        ({}, "status"),
        (with_status(" \n\t"), "status"),
        (with_status(7), "status"),
        (with_status("x" * (16 * 1024 + 1)), "status"),
        (with_status("ü" * (8 * 1024) + "x"), "status"),
        ({"status": "s"}, "next_action"),
        ({"status": "s", "next_action": ["n"]}, "next_action"),
        ({"status": "s", "next_action": "x" * (16 * 1024 + 1)}, "next_action"),
        (with_artifacts("file"), "artifacts"),
        (with_artifacts({"a": 1}), "artifacts"),
        (with_artifacts(["a"] * 101), "artifacts"),
        (with_artifacts(["x" * 501]), "artifacts"),
        (with_artifacts([""]), "artifacts"),
        (with_artifacts([7]), "artifacts"),
    ],
)
def test_a_handoff_out_of_bounds_is_refused_by_its_field(handoff: object, field: str) -> None:
    table = Table("ana")
    table.take("ana")
    before = table.room
    refusal = refused(lambda: table.release(handoff), "invalid_handoff")
    assert refusal.details == {"field": field}
    assert table.room is before


@pytest.mark.parametrize(
    "handoff",
    [
        with_status("x" * 16 * 1024),
        with_status("ü" * 8 * 1024),
        with_artifacts([]),
        with_artifacts(None),
        with_artifacts(["x" * 500] * 100),
        with_artifacts(["ü" * 500]),
    ],
)
def test_a_handoff_at_the_limit_arrives_whole(handoff: dict[str, object]) -> None:
    table = Table("ana", "bo")
    table.take("ana")
    table.release(handoff)
    arrived = table.take("bo")["handoff"]
    assert arrived == {key: value for key, value in handoff.items() if value is not None}


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, None, 7])
def test_a_takeover_has_a_reason_of_at_most_500(reason: Any) -> None:
    table = Table("ana", "bo")
    table.take("ana")
    table.now = HOUR
    refusal = refused(lambda: table.takeover("bo", reason), "invalid_input")
    assert refusal.details == {"field": "reason"}
    assert table.takeover("bo", "x" * 500)["turn_id"] == 2


# --- the order of checks ---------------------------------------------------------------

ROOM = Table("ana", "bo")
ROOM.take("ana")
ROOM_LEASE = ROOM.held()[2]


@pytest.mark.parametrize(
    ("command", "code", "field"),
    [
        (Release("", "", "", -1, None), "invalid_input", "agent_id"),
        (Release("zed", " ", "", -1, None), "invalid_input", "room_id"),
        (Release("zed", "R", "\t", -1, None), "invalid_input", "lease_id"),
        (Release("zed", "R", "x", -1, None), "invalid_input", "expected_turn_id"),
        (Release("zed", "R", "x", True, None), "invalid_input", "expected_turn_id"),
        (Release("zed", "R", "x", 9, None), "invalid_handoff", "handoff"),
        (Release("zed", "R", "x", 9, HANDOFF), "turn_mismatch", None),
        (Release("zed", "R", "x", 1, HANDOFF), "stale_lease", None),
        (Release("zed", "R", ROOM_LEASE, 1, HANDOFF), "stale_lease", None),
        (Pass("ana", "R", "x", 9, " ", None), "invalid_input", "to_agent_id"),
        (Pass("ana", "R", "x", 9, "ana", None), "invalid_input", "to_agent_id"),
        (Pass("ana", "R", "x", 9, "zed", None), "invalid_handoff", "handoff"),
        (Pass("ana", "R", "x", 9, "zed", HANDOFF), "turn_mismatch", None),
        (Pass("ana", "R", "x", 1, "zed", HANDOFF), "stale_lease", None),
        (Pass("ana", "R", ROOM_LEASE, 1, "zed", HANDOFF), "unknown_member", None),
        (Takeover("", "R", "", -1), "invalid_input", "agent_id"),
        (Takeover("zed", "R", " ", -1), "invalid_input", "reason"),
        (Takeover("zed", "R", "why", -1), "invalid_input", "expected_turn_id"),
        (Takeover("zed", "R", "why", 0), "turn_mismatch", None),
        (Takeover("zed", "R", "why", 1), "unknown_member", None),
        (Takeover("bo", "R", "why", 1), "takeover_not_available", None),
        (Wait("zed", "R"), "unknown_member", None),
        (Leave("zed", "R", True), "unknown_member", None),
        (SetPolicy("zed", "R", ORDER), "unknown_member", None),
        (SetPolicy("bo", "R", ORDER), "held", None),
        (Join(" ", " "), "invalid_input", "agent_id"),
        (Join("ana", " "), "invalid_input", "context_path"),
    ],
)
def test_what_is_wrong_first_is_told_first(command: Command, code: str, field: str | None) -> None:
    refusal = refused(lambda: decide(ROOM.room, command, ROOM.moment()), code)
    assert refusal.details.get("field") == field


@pytest.mark.parametrize(
    "command",
    [
        Wait("zed", "R9"), Enlist("zed", "R9"), Heartbeat("zed", "R9", "x", 9), Leave("zed", "R9"),
        Release("zed", "R9", "x", 9, HANDOFF), Takeover("zed", "R9", "why", 9), Reopen("zed", "R9"),
    ],
)  # fmt: skip
def test_a_room_that_is_not_there_comes_before_turn_and_member(command: Command) -> None:
    assert refused(lambda: decide(None, command, ROOM.moment())).code == "room_not_found"


def test_a_refused_turn_or_lease_tells_how_things_stand() -> None:
    told = {"current_owner": "ana", "current_turn_id": 1, "room_state": "owned"}
    for lease, turn in (("x", 1), (ROOM_LEASE, 2)):
        command = Heartbeat("ana", "R", lease, turn)
        assert refused(partial(ROOM.ask, command)).details == told


REFUSED: dict[str, Callable[[Workspace, str, tuple[str, str, str, int]], object]] = {
    "held": lambda ws, room, held: ws.rooms.set_policy("bo", room, ORDER),
    "unknown_member": lambda ws, room, held: ws.rooms.wait("zed", room),
    "turn_mismatch": lambda ws, room, held: ws.rooms.heartbeat(*held[:3], 9),
    "stale_lease": lambda ws, room, held: ws.rooms.heartbeat("bo", *held[1:]),
    "invalid_handoff": lambda ws, room, held: ws.rooms.release(*held, None),
    "invalid_input": lambda ws, room, held: ws.rooms.pass_on(*held, "ana", HANDOFF),
    "takeover_not_available": lambda ws, room, held: ws.rooms.takeover("bo", room, "why", 1),
    "room_not_found": lambda ws, room, held: ws.rooms.wait("ana", "R9"),
    "room_held": lambda ws, room, held: ws.join("bo", "lib", new=True),
}


@pytest.mark.parametrize("code", REFUSED)
def test_a_refusal_leaves_the_disk_byte_for_byte(code: str, tmp_path: Path) -> None:
    ws = Workspace(tmp_path)
    room = ws.join("ana")
    ws.join("bo")
    held = ws.take("ana", room)
    ws.wall += MINUTE
    before = content(tmp_path)
    refused(lambda: REFUSED[code](ws, room, held), code)
    assert content(tmp_path) == before


def test_reading_leaves_the_disk_byte_for_byte(tmp_path: Path) -> None:
    ws = Workspace(tmp_path)
    room = ws.join("ana")
    before = content(tmp_path)
    ws.wall += MINUTE
    ws.rooms.state(room)
    ws.rooms.list_rooms("a/b")
    ws.rooms.events(room)
    assert content(tmp_path) == before


def test_a_success_is_a_sign_of_life(tmp_path: Path) -> None:
    ws = Workspace(tmp_path)
    room = ws.join("ana")
    ws.wall += MINUTE
    ws.rooms.wait("ana", room)
    (member,) = ws.rooms.look("")[0].members
    assert member.last_seen_at == ws.wall


@pytest.mark.parametrize("code", EXIT)
def test_every_code_of_a_refusal_has_an_exit_code(code: str) -> None:
    assert 0 <= EXIT[code] <= 130


# --- events ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "limit", "field"),
    [(-1, 1, "after_event_seq"), (True, 1, "after_event_seq"), ("0", 1, "after_event_seq"),
     (0, 0, "limit"), (0, -1, "limit"), (0, 1.5, "limit"), (-1, 0, "after_event_seq")],
)  # fmt: skip
def test_the_numbers_of_events_are_checked(
    after: object, limit: object, field: str, tmp_path: Path
) -> None:
    ws = Workspace(tmp_path)
    room = ws.join("ana")
    assert refused(lambda: ws.rooms.events(room, after, limit)).details == {"field": field}
    assert refused(lambda: ws.rooms.events("R9")).code == "room_not_found"


def test_joins_and_signs_of_life_are_no_events() -> None:
    table = Table("ana", "bo")
    table.take("ana")
    table.ask(Heartbeat(*table.held()))
    table.wait("bo")
    table.enlist("bo")
    assert [(e.event_seq, e.event_type) for e in table.log] == [(1, "claim")]
