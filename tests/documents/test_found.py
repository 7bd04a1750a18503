"""What readers come for is at most two clicks from the front page.

A click counts only where its line says what the reader has in mind: nobody tries every link.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.documents import DOCS, REPOSITORY, linked, links

FRONT_PAGE = REPOSITORY / "README.md"
#: What a reader has in mind, a word of it, the page with the answer, and words of the answer.
QUESTIONS = {
    "my git GUI is refused": ("GUI", "how-to/gui-programs", "stick join --as ada --programs"),
    "a container works here as root": (
        "container", "how-to/containers-and-accounts", 'docker run --user "$(id -u):$(id -g)"',
    ),
    "husky is installed later": ("husky", "how-to/hook-tools", "## It is installed later"),
    "does it see MCP tools": ("MCP", "how-to/agents", "## Does it see MCP tools?"),
    "somebody left with the stick": (
        "holder is gone|left with the stick", "how-to/takeover-and-bypass", "stick takeover --reason",
    ),
    "get back what a reset took": ("get .* back", "how-to/get-work-back", "stick restore --apply"),
    "what lies in .talking-stick, and may I delete it": (
        "on disk", "reference/state-on-disk", "## May I delete it?",
    ),
    "exit code 75 in a script": ("exit code", "reference/exit-codes-and-json", "| 75 |"),
    "a server": ("server", "how-to/server", "pre-receive"),
    "a second machine": ("machines", "how-to/several-machines", "stick init --engine"),
    "how do I get rid of it": ("Get rid of it", "how-to/uninstall", "stick uninit"),
}  # fmt: skip


def told(text: str, word: str) -> list[str]:
    """Return where a page's links lead whose item, sentence or row has the word."""
    items = re.split(r"\n(?=- |\n)|(?<=[.|]) ", text)
    return [target for item in items if re.search(word, item, re.I) for target in links(item)]


def clicks(start: Path, page: Path, word: str) -> int | None:
    """Return how many clicks lead to a page (two at most), each on what the reader looks for."""
    first = {linked(start, target)[0] for target in told(start.read_text("utf-8"), word)}
    if page in first:
        return 1
    everywhere = {linked(start, target)[0] for target in links(start.read_text("utf-8"))}
    lists = [DOCS / "README.md"] if DOCS / "README.md" in everywhere else []
    for place in {*first, *lists}:
        if place.suffix == ".md" and place.is_file():
            ends = told(place.read_text("utf-8"), word)
            if page in {linked(place, target)[0] for target in ends}:
                return 2
    return None


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_is_found_in_two_clicks(question: str) -> None:
    word, name, answer = QUESTIONS[question]
    page = DOCS / f"{name}.md"
    assert clicks(FRONT_PAGE, page, word), question
    assert answer in page.read_text("utf-8")


def test_what_no_line_tells_is_not_found() -> None:
    assert clicks(FRONT_PAGE, DOCS / "how-to/hook-tools.md", "a word of nobody") is None
    assert clicks(FRONT_PAGE, DOCS / "gone.md", "GUI") is None
