"""How much of a timeline a picture shows: nothing is lost, what is too small is shown as one."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from stickhooks.timeline.model import HELD, REFUSED, WAITING, Mark, Row, Span
from stickhooks.timeline.scale import bars, busiest, cells, heaps, of_kind

SPANS = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 100))).map(
    lambda found: sorted(Span(HELD, start, start + length) for start, length in found)
)


@given(SPANS, st.floats(0.1, 200))
def test_bars_cover_every_span_in_order_and_count_them_all(spans: list[Span], pixel: float) -> None:
    found = bars(spans, pixel)
    assert sum(bar.number for bar in found) == len(spans)
    assert sum(bar.covered for bar in found) == sum(span.length for span in spans)
    assert all(any(b.start <= s.start and s.end <= b.end for b in found) for s in spans)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert all(0 <= bar.share <= 1 for bar in found)


@given(SPANS, st.floats(1, 200))
def test_there_are_never_more_bars_than_pixels_for_them(spans: list[Span], pixel: float) -> None:
    assert len(bars(spans, pixel)) <= 1100 / pixel + 2


def test_long_turns_that_follow_each_other_stay_two_and_short_ones_become_one() -> None:
    long = [Span(HELD, 0, 100), Span(HELD, 100, 200)]
    assert [bar.number for bar in bars(long, 1)] == [1, 1]
    short = [Span(HELD, 0, 1), Span(HELD, 1, 2), Span(HELD, 50, 51)]
    assert [bar.number for bar in bars(short, 1)] == [2, 1]


def test_only_spans_of_the_kind_are_taken_in_their_order() -> None:
    told = [Span(HELD, 5, 6), Span(WAITING, 1, 2), Span(HELD, 3, 4)]
    assert of_kind(told, HELD) == [told[2], told[0]]


@given(SPANS)
def test_the_cells_of_a_row_come_to_what_its_spans_come_to(spans: list[Span]) -> None:
    found = cells(spans, HELD, 0, 11.0, 100)
    assert abs(sum(found) * 11 - sum(span.length for span in spans)) < 1e-6


def test_marks_near_each_other_are_one_heap_with_their_number() -> None:
    marks = [Mark(REFUSED, at) for at in (0, 3, 9, 10, 30)]
    assert [(heap.at, heap.number) for heap in heaps(marks, REFUSED, 10)] == [
        (0, 3),
        (10, 1),
        (30, 1),
    ]


def test_the_busiest_rows_are_shown_in_their_order_and_the_rest_is_summed() -> None:
    rows = [Row(f"m{i}", [Span(HELD, 0, i)], [Mark(REFUSED, i)], i, 0, 1) for i in range(10)]
    shown, rest = busiest(rows, 4)
    assert [row.name for row in shown] == ["m7", "m8", "m9"]
    assert rest is not None
    assert (rest.name, rest.held, rest.turns, len(rest.spans)) == ("7 others", sum(range(7)), 7, 7)
    assert busiest(rows, 10) == (rows, None)
