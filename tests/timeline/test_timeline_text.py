"""The timeline as text: in any width, in signs that any stream takes, safe for a terminal."""

from __future__ import annotations

import time

import pytest

from stickhooks.protocol.commands import Ask, Release, Takeover, Wait
from stickhooks.timeline import html, model, svg, text
from stickhooks.timeline.happenings import Happening, Now
from stickhooks.timeline.kinds import KINDS
from stickhooks.timeline.labels import lasting, ticks
from stickhooks.timeline.model import Mark, Row, Timeline
from stickhooks.timeline.text import ASCII, UNICODE, Glyphs
from stickhooks.views.columns import width as columns
from tests.support import story
from tests.support.world import Table, process

MINUTE = 60_000


def drawn(line: Timeline, width: int = 100, glyphs: Glyphs = UNICODE) -> list[str]:
    return text.draw(line, "/srv/shop", width, glyphs, time.gmtime)


def row(lines: list[str], name: str) -> str:
    return next(line for line in lines if line.startswith(name))


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
@pytest.mark.parametrize("width", [20, 40, 72, 80, 100, 200, 5000])
def test_no_line_is_wider_than_the_terminal(width: int, glyphs: Glyphs) -> None:
    lines = drawn(story.day().timeline(), width, glyphs)
    widest = max(text.NARROWEST, min(width, text.WIDEST))
    assert all(columns(line) <= widest for line in lines), lines


def test_in_ascii_there_is_nothing_but_ascii() -> None:
    line = model.of([Happening(0, "claim", "Jürgen 日本")], Now(MINUTE))
    assert all(text.isascii() for text in drawn(line, glyphs=ASCII))


def test_every_kind_has_a_sign_of_its_own_and_the_legend_says_which() -> None:
    for glyphs in (UNICODE, ASCII):
        assert len(set(glyphs.signs.values())) == len(glyphs.signs)
        told = "\n".join(drawn(story.day().timeline(), 100, glyphs))
        for kind, words in ((kind, of.words) for kind, of in KINDS.items()):
            if kind in (model.PART, model.PATHS):  # the story has no turn for paths
                continue
            assert f"{glyphs.signs[kind]} {words}" in told


def test_any_two_marks_may_fall_into_one_cell() -> None:
    marks = {kind for kind, of in KINDS.items() if of.shape}
    assert marks == set(text.MARKS)
    line = Timeline(0, MINUTE, (Row("ada", [], [Mark(kind, 0, "told") for kind in marks]),))
    assert any(UNICODE.signs[text.MARKS[0]] in told for told in drawn(line, 60))


def test_a_turn_for_paths_is_a_mark_and_moves_no_stick() -> None:
    table = Table("ada", "bob")
    table.ask(Wait("bob", "R", paths=("docs", "src")))
    table.take("ada", "the rest")
    [part] = table.room.parts
    assert part.lease
    table.ask(Ask("ada", "R", "one line", for_turn=1))
    handoff = {"status": "written", "next_action": "n"}
    table.ask(Release("bob", "R", part.lease.lease_id, 1, handoff))
    line = model.of(story.happenings(table.log, []), Now(MINUTE))
    assert line.holder == "ada"
    [bob, ada] = line.rows
    assert [mark.told for mark in ada.marks if mark.kind == model.ASK] == [
        "to bob: docs, src (turn 1): one line"
    ]
    assert "bob took docs, src (turn 1)" in "\n".join(drawn(line))
    assert [mark.told for mark in bob.marks if mark.kind == model.PART] == [
        "took docs, src (turn 1)", "gave back docs, src (turn 1): written",
    ]  # fmt: skip
    assert [(span.kind, span.paths, span.how) for span in bob.spans] == [
        (model.PATHS, "docs, src", "given back")
    ]
    assert (line.turns, line.path_turns) == (1, 1)


@pytest.mark.parametrize("width", [40, 100, 300])
def test_turns_for_paths_are_drawn_beside_the_turn_for_the_rest(width: int) -> None:
    shown = drawn(side_by_side(), width)
    ada, bob, eve = (row(shown, name) for name in ("ada", "bob", "eve"))
    assert "▬" in ada
    assert "█" in eve
    assert "▬" in bob
    assert "2 turns for paths" in "\n".join(shown) or width < 100
    assert any("▬ has some paths alone" in one for one in shown)


def side_by_side() -> Timeline:
    """Ada and bob have paths while eve has the rest; ada's are taken over by bob, who has two turns then."""
    table = Table("bob", "eve")
    table.join("ada", process(7))
    for name, paths in (("ada", ("src", "docs")), ("bob", ("tests",))):
        table.ask(Wait(name, "R", paths=paths))
        table.now += 10 * MINUTE
    table.take("eve")
    table.now += 10 * MINUTE
    table.dead.add(process(7))
    table.ask(Takeover("bob", "R", "gone", 1))
    table.now += 10 * MINUTE
    return model.of(story.happenings(table.log, []), Now(table.now))


def test_a_takeover_of_paths_is_marked_as_one() -> None:
    line = side_by_side()
    told = [m.told for row in line.rows for m in row.marks if m.kind == model.TAKEOVER]
    assert told == ["from ada: src, docs (turn 4): gone"]
    assert "bob took over from ada: src, docs (turn 4): gone" in "\n".join(drawn(line, 200))


def test_what_ended_a_turn_for_paths_is_said_of_its_span() -> None:
    spans = {row.name: row.spans for row in side_by_side().rows}
    assert [(s.paths, s.how, s.length // MINUTE) for s in spans["ada"]] == [
        ("src, docs", "taken over by bob", 30)
    ]
    assert [(s.paths, s.how) for s in spans["bob"]] == [("tests", ""), ("src, docs", "")]
    assert [s.kind for s in spans["eve"]] == [model.HELD]


def test_a_picture_and_a_page_show_turns_for_paths() -> None:
    picture = svg.draw(side_by_side(), "/srv/shop", time.gmtime)
    assert 'class="paths"' in picture
    assert "held src, docs for 30 min" in picture
    page = html.draw(side_by_side(), "/srv/shop", time.gmtime)
    assert "src, docs" in page
    assert "taken over by bob" in page


def test_the_headline_has_the_figures() -> None:
    told = "\n".join(drawn(story.day().timeline())[:4])
    for words in (
        "/srv/shop, 23 Nov 2026, 09:00 to 18:05", "held 80% of 9 h 5 min", "9 turns",
        "median wait 41 min", "6 refused writes (2 edit, 2 git, 1 editor, 1 shell)", "1 takeover",
        "1 bypass", "1 change outside",
    ):  # fmt: skip
        assert words in told


def test_a_row_shows_who_held_when_and_what_it_came_to() -> None:
    line = model.of(
        [Happening(0, "claim", "ada"), Happening(50 * MINUTE, "release", "ada")],
        Now(100 * MINUTE),
    )
    cells = row(drawn(line, 99), "ada").removeprefix("ada ")
    assert set(cells[:-1]) == {"█"}
    assert abs(len(cells) - 95 / 2) <= 1
    assert row(drawn(line, 100), "ada").endswith("  50 min, 1 turn")


def test_a_cell_that_is_held_in_part_is_lower() -> None:
    told = [Happening(0, "claim", "ada"), Happening(MINUTE, "release", "ada")]
    line = model.of(told, Now(500 * MINUTE))
    assert row(drawn(line, 72), "ada").removeprefix("ada ").strip() in "▁▂"


def test_at_sixty_columns_a_refusal_is_seen_however_many_there_are() -> None:
    """A row that every cell of would be a mark shows some of them, and says that they are some."""
    for number in (1, 30, 2000):
        times = [i * 2000 // number for i in range(number)]
        told = [Happening(at, "refused", "bob", kind="edit") for at in times]
        lines = drawn(model.of(told, Now(2000)), 60)
        row = next(line for line in lines if line.startswith("bob "))
        assert "x" in row
        assert row.count("x") <= 60 // 3
        assert ("(a mark may stand for several)" in "\n".join(lines)) == (number > 1)


def test_the_axis_ends_now() -> None:
    for width in (40, 60, 120, 200):
        axis = next(line for line in drawn(story.day().timeline(), width) if "│" in line)
        assert axis.endswith("now")


def test_names_and_reasons_do_nothing_to_a_terminal() -> None:
    evil = "\x1b[2J\x07\u202e\r\nbob"
    told = [
        Happening(0, "claim", evil), Happening(1, "bypass", evil, told=evil, kind=evil),
        Happening(2, "takeover", "ada", evil, told=evil), Happening(3, "outside", evil, told=evil),
    ]  # fmt: skip
    lines = drawn(model.of(told, Now(MINUTE)))
    assert all(line.isprintable() for line in lines), lines
    assert any("\\e[2J" in line for line in lines)


def test_wide_names_keep_the_columns_straight() -> None:
    told = [Happening(0, "claim", "日本語"), Happening(MINUTE, "takeover", "ada", "日本語")]
    lines = drawn(model.of(told, Now(2 * MINUTE)), 60)
    place = [
        columns(row(lines, name).partition("▼")[0].partition("▒")[0]) for name in ("日本", "ada")
    ]
    assert place[0] == columns("日本語 ")


def test_a_thousand_members_are_some_rows_and_one_that_says_how_many_others() -> None:
    told = [Happening(i, "claim", f"m{i:04}") for i in range(1000)]
    lines = drawn(model.of(told, Now(1000)))
    assert len(lines) < text.ROWS + 12
    assert row(lines, f"{1000 - text.ROWS + 1} others")


def test_colours_are_beside_the_signs_and_never_instead() -> None:
    def paint(kind: str, text: str) -> str:
        return f"<{kind}>{text}</>"

    line = story.day().timeline()
    told = text.draw(line, "/srv/shop", 80, UNICODE, time.gmtime, paint)
    bare = "\n".join(told)
    for kind in UNICODE.signs:
        bare = bare.replace(f"<{kind}>", "")
    assert bare.replace("</>", "").splitlines() == drawn(line, 80)


def test_durations_are_told_in_two_units() -> None:
    told = {0: "0 s", 40_000: "40 s", 14 * MINUTE + 5: "14 min", 570 * MINUTE: "9 h 30 min"}
    told |= {60 * MINUTE: "1 h", 76 * 60 * MINUTE: "3 d 4 h", -5: "0 s"}
    assert {ms: lasting(ms) for ms in told} == told


@pytest.mark.parametrize("minutes", [1, 7, 90, 600, 3000, 50_000, 1_000_000])
def test_the_hours_are_round_few_and_within_the_picture(minutes: int) -> None:
    line = Timeline(story.MONDAY + 12_345, story.MONDAY + 12_345 + minutes * MINUTE)
    found = list(ticks(line, 10, time.gmtime))
    assert 1 <= len(found) <= 10
    assert all(line.start < at <= line.end for at, _ in found)
    assert len({at for at, _ in found}) == len(found)


def test_where_a_day_begins_its_date_is_told() -> None:
    line = Timeline(story.MONDAY + 20 * 60 * MINUTE, story.MONDAY + 28 * 60 * MINUTE)
    assert "24 Nov" in [label for _, label in ticks(line, 10, time.gmtime)]
