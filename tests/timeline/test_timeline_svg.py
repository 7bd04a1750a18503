"""The timeline as SVG: well formed, self-contained, bounded, readable by eye and ear."""

from __future__ import annotations

import itertools
import re
import time
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stickhooks.timeline import html, labels, model
from stickhooks.timeline import svg as timeline_svg
from stickhooks.timeline.happenings import Happening, Now
from stickhooks.timeline.kinds import KINDS
from stickhooks.timeline.model import Mark, Row, Timeline
from tests.support import story
from tests.support.happenings import EVIL, hostile

SVG = "{http://www.w3.org/2000/svg}"
MINUTE = 60_000


def drawn(line: Timeline) -> str:
    return timeline_svg.draw(line, story.ROOM, time.gmtime)


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def test_the_picture_of_the_front_page_is_what_the_code_draws() -> None:
    """To draw it anew: python -m tests.support.story > docs/timeline.svg"""
    assert story.drawn() == story.PICTURE.read_text(encoding="utf-8")


def test_the_picture_is_well_formed_and_tells_its_headline_in_text() -> None:
    root = parsed(story.drawn())
    told = texts(root)
    assert "Who held the stick in shop" in told
    assert any("held 80% of 9 h 5 min" in text for text in told)
    assert {"ada", "codex:a1", "claude:b2", "bob"} <= set(told)


def boxes(line: Timeline, zone: labels.Clock) -> list[tuple[float, float, str]]:
    """Return where the labels of the axis begin and end, as wide as their widest digits are."""
    root = parsed(timeline_svg.draw(line, story.ROOM, zone))
    axis = [e for e in root.iter(f"{SVG}text") if (e.get("class") or "").endswith("small middle")]
    wide = [(float(e.get("x") or 0), e.text or "") for e in axis]
    return sorted((x - 3.1 * len(t), x + 3.1 * len(t), t) for x, t in wide)


@given(
    minutes=st.integers(1, 6 * 365 * 24 * 60), name=st.sampled_from(["a", "m" * 60]),
    start=st.integers(0, 60 * 24 * 400),
)  # fmt: skip
def test_labels_of_the_axis_never_collide_and_the_last_says_now(
    minutes: int, name: str, start: int
) -> None:
    begin = start * MINUTE
    line = model.of([Happening(begin, "claim", name)], Now(begin + minutes * MINUTE))
    found = boxes(line, time.gmtime)
    assert found[-1][2] == "now"
    assert all(one[1] < two[0] for one, two in itertools.pairwise(found)), found


def test_who_cannot_see_the_picture_is_told_all_of_it() -> None:
    root = parsed(story.drawn())
    title, words = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert words is not None
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {words.get('id')}"
    told = words.text or ""
    assert "codex:a1: 2 h 48 min in 3 turns" in told
    assert "14:06 ada took over from codex:a1: its container was killed" in told


def test_every_bar_and_mark_says_what_it_is() -> None:
    root = parsed(story.drawn())
    told = [element.text or "" for element in root.iter(f"{SVG}title")]
    assert any(
        text.startswith("held 37 min, 09:38 to 10:15, released: login tested") for text in told
    )
    assert "09:05 was refused a write (edit): app.py" in told
    assert "15:11 went past the gate (git): shop is down: hotfix" in told


def test_the_picture_loads_nothing_and_runs_nothing() -> None:
    text = story.drawn()
    assert "<script" not in text
    assert re.findall(r"https?://[^\"' ]+", text) == ["http://www.w3.org/2000/svg"]
    assert set(re.findall(r"url\(([^)]*)\)", text)) == {"#stick-lost"}


def test_there_are_colours_for_light_and_for_dark() -> None:
    text = story.drawn()
    light, dark = text.split("@media (prefers-color-scheme:dark)")
    for colours in (light, dark.split("</style>")[0]):
        assert {"paper", "held", "waiting", "refused"} <= set(
            re.findall(r"\.stick \.(\w+)\{", colours)
        )


@pytest.mark.parametrize("draw", [timeline_svg.draw, html.draw])
def test_hostile_names_and_reasons_are_text_and_nothing_else(draw: object) -> None:
    line = model.of(hostile(400), Now(500 * MINUTE))
    text = draw(line, EVIL, time.gmtime)  # type: ignore[operator]
    assert "<script" not in text
    assert all(char == "\n" or char.isprintable() for char in text)
    text.encode()
    svg = text[text.index("<svg") : text.index("</svg>") + 6]
    assert any(
        "<script>alert(1)</script>&\"'\\x00\\e]]>" in (e.text or "") for e in parsed(svg).iter()
    )


@pytest.mark.parametrize("draw", [timeline_svg.draw, html.draw])
@pytest.mark.parametrize("number", [30_000])
def test_whatever_the_log_holds_the_picture_stays_below_a_megabyte(
    draw: object, number: int
) -> None:
    line = model.of(hostile(number), Now(number * MINUTE))
    assert len(draw(line, EVIL, time.gmtime).encode()) < 1_000_000  # type: ignore[operator]


def test_a_thousand_members_are_some_rows_and_one_that_says_how_many_others() -> None:
    told = []
    for i in range(1000):
        told += [Happening(2 * i, "claim", f"m{i:04}"), Happening(2 * i + 1, "release", f"m{i:04}")]
    told += [Happening(2000, "claim", "m0500"), Happening(9000, "release", "m0500")]
    names = texts(parsed(drawn(model.of(told, Now(10_000)))))
    assert f"{1000 - timeline_svg.ROWS + 1} others" in names
    assert "m0500" in names  # the busiest of all


def test_a_room_where_nothing_happened_has_a_picture_that_says_so() -> None:
    assert "nothing happened yet" in texts(parsed(drawn(model.of([], Now(MINUTE)))))


def test_every_kind_of_mark_is_drawn_and_has_its_colour() -> None:
    marks = {kind for kind, of in KINDS.items() if of.shape}
    assert marks == set(timeline_svg.MARKED)
    row = Row("ada", [], [Mark(kind, at * 1000, "told") for at, kind in enumerate(sorted(marks))])
    told = drawn(Timeline(0, MINUTE, (row,)))
    for kind in marks:
        assert f'<path class="{kind}"' in told
        assert f".stick .{kind}{{" in told
