"""Every link of the front page and of docs/ leads to a page and a heading that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.documents import DOCS, REPOSITORY, anchors, linked, links, pages

EVERY = [*pages(), REPOSITORY / "CONTRIBUTING.md"]
PAGES = pytest.mark.parametrize("file", EVERY, ids=lambda p: str(p.relative_to(REPOSITORY)))


def is_there(place: Path, heading: str) -> bool:
    if not heading:
        return place.exists()
    return place.is_file() and heading in anchors(place.read_text(encoding="utf-8"))


def broken(file: Path, text: str) -> list[str]:
    return [target for target in links(text) if not is_there(*linked(file, target))]


@PAGES
def test_every_link_leads_somewhere(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not broken(file, text)


def test_a_link_that_leads_nowhere_is_seen() -> None:
    text = "[a](tutorial.md) [b](gone.md) [c](tutorial.md#gone) [d](tutorial.md#5-look) `[e](f)`"
    assert broken(DOCS / "README.md", text) == ["gone.md", "tutorial.md#gone"]


def test_every_page_is_on_the_list_of_all_pages() -> None:
    start = DOCS / "README.md"
    listed = {linked(start, target)[0] for target in links(start.read_text(encoding="utf-8"))}
    assert set(DOCS.rglob("*.md")) - {start} <= listed
