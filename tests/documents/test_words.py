"""One name for a thing, and the actor named: in all pages, in help, and in every message."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.documents import REPOSITORY, pages

PACKAGE = REPOSITORY / "stickhooks"
#: A word of which a reader makes nothing, or a second name; and what it is called instead.
INSTEAD = {
    r"\bNOT GUARDED\b": "NOT ENFORCED",
    r"\bmcp_harness\b|\bhuman_(?:cli|guardian)\b": "an agent, a person",
    r"\bnobody knows (?:what|whether)\b|\bof which nobody knows\b": "stick does not know",
    r"\b[Aa]sk who\b": "ask the person who",
    r"\bchanges too fast\b": "others changed it meanwhile",
    r"\bis silent\b": "has no entry",
    r"\bnobody is named\b": "by whom is not recorded",
    r"(?:^|[.:;|] )Who (?:waits|calls|has|may|types|frees|leaves|pushes|holds)\b": "whoever, a member that",
    r"(?:;|,| and| where| for) who (?:waits|calls|frees|pushes) ": "whoever, a member that",
    r"\bby who\b|\bto who\b|\bthat who has\b|\bfrom who\b": "whoever, the member that",
    r"\bfaults? of stick\b": "an internal error",
    r"\bwait(?:ing)? queue\b": "the line",
}  # fmt: skip
#: Names in files and answers of programs, not words for a reader.
NAMES = {"protocol/model.py", "protocol/members.py", "protocol/phases.py", "operations/joining.py"}


def messages(module: Path) -> Iterator[tuple[int, str]]:
    """Yield the texts of a module, with their lines: all but its docstrings, which readers of code see."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    verbs, docstrings = set[int](), set[int]()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(
            "verb" in ast.unparse(d) for d in node.decorator_list
        ):
            verbs |= {id(node)}
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and id(node) not in verbs:
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr):
                docstrings.add(id(first.value))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
        ):
            yield node.lineno, node.value


@functools.cache
def places() -> list[tuple[str, str]]:
    """Return every text that a user may read, with its place."""
    return list(_texts())


def _texts() -> Iterator[tuple[str, str]]:
    for module in sorted(PACKAGE.rglob("*.py")):
        name = module.relative_to(PACKAGE).as_posix()
        if name not in NAMES:
            yield from ((f"{name}:{line}", text) for line, text in messages(module))
    for path in pages():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            yield f"{path.relative_to(REPOSITORY)}:{number}", line


@pytest.mark.parametrize("word", INSTEAD)
def test_no_text_for_a_user_has_a_word_that_is_put_otherwise(word: str) -> None:
    found = [f"{place}: {text[:90]}" for place, text in places() if re.search(word, text)]
    assert not found, f"say {INSTEAD[word]!r}"


def test_every_kind_of_text_is_looked_at() -> None:
    every = dict(places())
    assert len(every) > 5000
    assert any("nothing proves that the holder is gone" in text for text in every.values())
    assert any(text.startswith("Ask whether you may write") for text in every.values())
    assert "README.md:1" in every
