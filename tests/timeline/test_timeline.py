"""What the rows, spans, marks and figures of a timeline say of what happened."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from stickhooks.protocol.model import Policy
from stickhooks.timeline import model
from stickhooks.timeline.happenings import Happening, Now
from stickhooks.timeline.model import (
    BYPASS,
    HELD,
    HOLDING,
    LOST,
    OUTSIDE,
    REFUSED,
    RESERVED,
    TAKEOVER,
    WAITING,
    Row,
    Timeline,
)
from tests.support import story
from tests.support.world import HOUR, MINUTE, Table, outcome


def of(
    *told: tuple[object, ...], end: int = 100, since: int | None = None, **now: object
) -> Timeline:
    happenings = [Happening(*one) for one in told]  # type: ignore[arg-type]
    return model.of(happenings, Now(end * MINUTE, **now), since)  # type: ignore[arg-type]


def row(line: Timeline, name: str) -> Row:
    return next(row for row in line.rows if row.name == name)


def spans(line: Timeline, name: str, *kinds: str) -> list[tuple[int, int, str]]:
    """Return from and to in minutes, and how it ended."""
    found = row(line, name).spans
    return [(s.start // MINUTE, s.end // MINUTE, s.how) for s in found if s.kind in kinds]


def at(
    minute: int, what: str, who: str, other: str = "", kind: str = "", told: str = ""
) -> tuple[object, ...]:
    return (minute * MINUTE, what, who, other, kind, told)


CLAIM, RELEASE = at(10, "claim", "ada"), at(30, "release", "ada")


# --- holding


def test_a_turn_is_held_from_its_claim_until_it_is_put_down_with_what_was_done() -> None:
    line = of(CLAIM, at(30, "release", "ada", told="the login"))
    assert spans(line, "ada", HELD) == [(10, 30, "released")]
    assert row(line, "ada").spans[0].told == "the login"
    assert (line.turns, line.held, line.start, line.end) == (
        1,
        20 * MINUTE,
        10 * MINUTE,
        100 * MINUTE,
    )


def test_a_turn_says_what_it_was_taken_for_also_after_its_lease_was_recovered() -> None:
    day = story.Day()
    day.at("09:00").take("ada", "mend the login")
    day.at("10:00").wait("ada")
    day.at("10:10").release(
        {"status": "mended", "next_action": "rest", "artifacts": ["a.py", "b.py"]}
    )
    found = [span for row in day.timeline().rows for span in row.spans]
    assert [(span.why, span.files) for span in found] == [
        ("mend the login", ""), ("mend the login", "a.py, b.py"),
    ]  # fmt: skip


def test_a_commit_is_a_mark_of_who_held_then_and_of_nobody_else() -> None:
    told = [
        Happening(1000, "commit", "", told="before"), Happening(2000, "claim", "ada"),
        Happening(3999, "commit", "", told="in it"), Happening(4000, "release", "ada"),
        Happening(4999, "commit", "", told="of its second"), Happening(9999, "commit", "", told="past"),
    ]  # fmt: skip
    line = model.of(told, Now(10_000))
    assert [mark.told for row in line.rows for mark in row.marks] == ["in it", "of its second"]


def test_who_holds_at_the_end_holds_until_now() -> None:
    line = of(CLAIM)
    assert spans(line, "ada", HELD) == [(10, 100, "")]
    assert line.holder == "ada"
    assert line.share == 1.0


def test_a_turn_that_was_taken_over_is_lost_from_its_beginning() -> None:
    line = of(CLAIM, at(40, "takeover", "bob", "ada", told="it died"))
    assert spans(line, "ada", *HOLDING) == [(10, 40, "taken over by bob")]
    assert row(line, "ada").spans[0].kind == LOST
    assert spans(line, "bob", HELD) == [(40, 100, "")]
    [mark] = row(line, "bob").marks
    assert (mark.kind, mark.told) == (TAKEOVER, "from ada: it died")


def test_a_holder_whose_lease_was_recovered_goes_on_in_another_turn() -> None:
    line = of(CLAIM, at(20, "claim", "ada", "ada"), RELEASE)
    assert [s[:2] for s in spans(line, "ada", HELD)] == [(10, 20), (20, 30)]
    assert line.turns == 2


def test_leaving_and_closing_end_a_turn() -> None:
    assert spans(of(CLAIM, at(20, "leave", "ada")), "ada", HELD) == [
        (10, 20, "left while holding the stick")
    ]
    assert spans(of(CLAIM, at(20, "close", "ada")), "ada", HELD) == [(10, 20, "closed the room")]


# --- reservations


def test_what_is_handed_to_a_member_is_reserved_until_it_comes() -> None:
    line = of(CLAIM, at(20, "pass", "ada", "bob"), at(35, "claim", "bob", "ada"))
    assert spans(line, "bob", RESERVED) == [(20, 35, "came for it")]
    assert spans(line, "ada", HELD) == [(10, 20, "handed to bob")]


def test_a_reservation_that_was_taken_over_says_so_whoever_made_it() -> None:
    for put_down in (at(20, "pass", "ada", "bob"), at(20, "release", "ada")):
        line = of(CLAIM, put_down, at(50, "takeover", "cy", "bob"))
        assert spans(line, "bob", RESERVED) == [(20, 50, "taken over by cy")]


def test_what_is_reserved_now_is_reserved_since_it_was_put_down() -> None:
    assert spans(of(CLAIM, RELEASE, reserved_for="bob"), "bob", RESERVED) == [(30, 100, "")]


# --- waits


def test_a_wait_lasts_until_the_stick_came() -> None:
    line = of(CLAIM, at(12, "wait", "bob"), RELEASE, at(30, "claim", "bob", "ada"))
    assert spans(line, "bob", WAITING) == [(12, 30, "got the stick")]
    assert line.waits == (18 * MINUTE,)
    assert line.median_wait == 18 * MINUTE


def test_a_wait_that_was_given_up_is_shown_and_counts_for_no_median() -> None:
    line = of(CLAIM, at(12, "wait", "bob"), at(20, "stop", "bob", kind="timeout"))
    assert spans(line, "bob", WAITING) == [(12, 20, "timeout")]
    assert line.median_wait is None


def test_a_wait_that_goes_on_within_a_minute_is_the_same_wait() -> None:
    again = of(
        CLAIM, at(12, "wait", "bob"), at(20, "stop", "bob", kind="timeout"), at(21, "wait", "bob"),
        RELEASE, at(30, "claim", "bob", "ada"),
    )  # fmt: skip
    assert spans(again, "bob", WAITING) == [(12, 30, "got the stick")]
    later = of(
        CLAIM, at(12, "wait", "bob"), at(20, "stop", "bob", kind="timeout"), at(22, "wait", "bob"),
        RELEASE, at(30, "claim", "bob", "ada"),
    )  # fmt: skip
    assert spans(later, "bob", WAITING) == [(12, 20, "timeout"), (22, 30, "got the stick")]


def test_a_killed_waiter_is_shown_until_its_place_in_the_line_was_lost() -> None:
    told = (CLAIM, at(12, "wait", "bob"), RELEASE, at(40, "claim", "cy", "ada"))
    assert spans(of(*told), "bob", WAITING) == [(12, 30, "was gone")]
    assert spans(of(*told, waiting=frozenset({"bob"})), "bob", WAITING) == [(12, 100, "")]


def test_of_a_holder_no_wait_is_believed() -> None:
    line = of(CLAIM, at(12, "wait", "ada"), RELEASE)
    assert not spans(line, "ada", WAITING)


# --- marks, figures, windows


def test_marks_are_counted_by_their_kind_and_refusals_by_their_gate() -> None:
    line = of(
        CLAIM, at(11, REFUSED, "bob", kind="git"), at(12, REFUSED, "bob", kind="edit"),
        at(13, REFUSED, "cy", kind="edit"), at(14, BYPASS, "bob"), at(15, OUTSIDE, "cy"),
    )  # fmt: skip
    assert [line.count(kind) for kind in (REFUSED, BYPASS, OUTSIDE, TAKEOVER)] == [3, 1, 1, 0]
    assert line.gates() == {"edit": 2, "git": 1}
    assert list(line.gates()) == ["edit", "git"]


def test_a_window_cuts_what_began_before_it_and_counts_nothing_that_was_over() -> None:
    line = of(
        at(5, REFUSED, "bob"), CLAIM, at(11, REFUSED, "bob"), at(12, "wait", "bob"), RELEASE,
        at(30, "claim", "bob", "ada"), at(60, "release", "bob"), at(61, "claim", "ada", "bob"),
        since=40 * MINUTE,
    )  # fmt: skip
    assert [r.name for r in line.rows] == ["bob", "ada"]
    assert spans(line, "bob", HELD) == [(40, 60, "released")]
    assert (line.turns, line.count(REFUSED), line.median_wait) == (2, 0, None)


def test_rows_stand_in_the_order_in_which_members_appear() -> None:
    line = of(at(1, "wait", "bob"), CLAIM, RELEASE, at(40, "claim", "cy", "ada"))
    assert [r.name for r in line.rows] == ["bob", "ada", "cy"]


def test_nothing_that_happened_is_a_picture_of_no_time() -> None:
    line = of()
    assert (line.rows, line.length, line.share, line.median_wait) == ((), 0, 0.0, None)


def test_a_clock_that_went_back_makes_no_two_hold_at_once() -> None:
    line = of(CLAIM, at(30, "release", "ada"), at(20, "claim", "bob"), at(25, "release", "bob"))
    assert spans(line, "bob", HELD) == [(30, 30, "released")]
    assert of((1 << 62, "claim", "ada"), at(20, "release", "ada")).share <= 1


def test_the_figures_of_a_day_are_what_the_day_was() -> None:
    line = story.day().timeline()
    assert [r.name for r in line.rows] == ["ada", "codex:a1", "claude:b2", "bob"]
    assert (line.turns, line.holder, line.median_wait) == (9, "ada", 41 * MINUTE)
    assert line.gates() == {"edit": 2, "git": 2, "editor": 1, "shell": 1}
    assert [line.count(kind) for kind in (TAKEOVER, BYPASS, OUTSIDE)] == [1, 1, 1]
    free = (
        (11 * 60 + 47 - 11 * 60 - 30) + (13 * 60 + 5 - 12 * 60 - 25) + (16 * 60 + 30 - 15 * 60 - 40)
    )
    assert line.held == line.length - free * MINUTE


# --- against the law


NAMES = ("ada", "bob", "cy")
ACTS: Sequence[Callable[[Table, str, str], object]] = (
    lambda table, who, other: table.take(who),
    lambda table, who, other: table.release(),
    lambda table, who, other: table.pass_to(other),
    lambda table, who, other: table.takeover(who),
    lambda table, who, other: table.enlist(who),
    lambda table, who, other: table.leave(who, force=True),
    lambda table, who, other: table.join(who),
    lambda table, who, other: table.close(),
    lambda table, who, other: table.reopen(who),
    lambda table, who, other: table.wait(who),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from((0, 1, MINUTE, HOUR)), st.integers(0, len(ACTS) - 1),
        st.sampled_from(NAMES), st.sampled_from(NAMES),
    ),
    min_size=1, max_size=60,
)  # fmt: skip


def life(steps: list[tuple[int, int, str, str]]) -> tuple[Table, list[tuple[int, int, str]]]:
    """Let a room live, and return who held it from when to when, as its state said."""
    table = Table(*NAMES, policy=Policy(owner_lease_ttl=30 * MINUTE))
    table.now, held = HOUR, []
    for pause, act, who, other in steps:
        lease, before = table.room.lease, table.now
        table.now += pause
        if lease:
            held.append((before, table.now, lease.holder))
        try:
            outcome(lambda act=act, who=who, other=other: ACTS[act](table, who, other))  # type: ignore[misc]
        except AssertionError:
            continue  # it did not get what it asked for
    return table, held


@given(STEPS, st.floats(0, 1))
@example([(0, 0, "ada", "ada"), (HOUR, 3, "bob", "ada"), (HOUR, 1, "bob", "bob")], 0.5)
def test_of_any_legal_log_each_row_is_held_as_long_as_the_room_said(
    steps: list[tuple[int, int, str, str]], part: float
) -> None:
    table, held = life(steps)
    told = story.happenings(table.log, [])
    first = told[0].at if told else table.now
    for start in (None, first + int(part * (table.now - first))):
        line = model.of(told, Now(table.now), start)
        begin = first if start is None else start
        expected = {
            name: sum(max(0, to - max(begin, since)) for since, to, who in held if who == name)
            for name in NAMES
        }
        found = {r.name: r.held for r in line.rows}
        assert {n: found.get(n, 0) for n in NAMES} == expected
        assert line.held <= line.length
    assert model.of(told, Now(table.now)).turns == table.room.turn_id


@given(STEPS)
def test_of_any_legal_log_no_two_hold_at_once_and_no_span_ends_before_it_begins(
    steps: list[tuple[int, int, str, str]],
) -> None:
    table, _ = life(steps)
    line = model.of(story.happenings(table.log, []), Now(table.now))
    held = sorted(s[1:3] for r in line.rows for s in r.spans if s.kind in HOLDING)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(held))
    assert all(line.start <= s.start <= s.end <= line.end for r in line.rows for s in r.spans)


@given(st.lists(st.tuples(
    st.integers(-5, 200), st.sampled_from((*model._ACTS, "reopen", "nonsense")),
    st.sampled_from(("", "ada", "bob")), st.sampled_from(("", "ada", "cy")),
)))  # fmt: skip
def test_an_order_that_no_rule_allows_is_drawn_all_the_same(
    told: list[tuple[int, str, str, str]],
) -> None:
    line = of(*((at_ * MINUTE, *rest) for at_, *rest in told))
    assert 0 <= line.share <= 1
    assert all(s.start <= s.end for r in line.rows for s in r.spans)
