"""Text on so many columns: no line is wider, and no word is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from stickhooks.views import columns

TEXT = some.text(some.characters(categories=["L", "N", "P", "Zs", "Mn"]), max_size=80)


@given(TEXT, some.integers(1, 40))
def test_a_cut_line_is_never_wider_than_the_columns(text: str, wide: int) -> None:
    assert columns.width(columns.cut(text, wide)) <= wide


@given(TEXT, some.integers(2, 40))
def test_wrapped_lines_are_never_wider_and_hold_every_visible_character(
    text: str, wide: int
) -> None:
    lines = columns.wrapped(text, wide)
    assert all(columns.width(line) <= wide for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_wide_characters_take_two_columns_and_marks_none() -> None:
    assert columns.width("日本") == 4
    assert columns.width("e\u0301") == 1
    assert columns.cut("日本語", 5) == "日本…"


def test_what_fits_is_not_touched() -> None:
    assert columns.cut("as it is", 8) == "as it is"
    assert columns.wrapped("as it is", 8) == ["as it is"]


def test_where_there_is_no_terminal_there_are_no_columns() -> None:
    assert columns.of_terminal(99) == 0
