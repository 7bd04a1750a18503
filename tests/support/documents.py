"""The pages for users: the front page, and those below docs/."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"


def page(name: str) -> str:
    """Return the text of a page below docs/, named without its suffix: ``reference/git``."""
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def front_page() -> str:
    return (REPOSITORY / "README.md").read_text(encoding="utf-8")


def marked(text: str, name: str) -> str:
    """Return what stands between ``<!-- name -->`` and ``<!-- /name -->``."""
    return text.split(f"<!-- {name} -->")[1].split(f"<!-- /{name} -->", maxsplit=1)[0]


def rows(text: str, name: str) -> list[list[str]]:
    """Return the cells of a marked table, row by row, without its head."""
    lines = marked(text, name).strip().splitlines()[2:]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]


def anchors(text: str) -> set[str]:
    """Return what ``#...`` may follow a link to this page, made from its headings as GitHub does."""
    plain = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ +(.+?) *$", plain, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(text: str) -> list[str]:
    """Return the targets of a page's links and pictures that lie in this repository."""
    plain = re.sub(r"`[^`]*`", "", text)
    targets = re.findall(r"\]\(([^)\s]+)\)", plain)
    return [target for target in targets if "://" not in target]


def linked(file: Path, target: str) -> tuple[Path, str]:
    """Return the file that a link of ``file`` leads to, and the heading in it ("" for the top)."""
    path, _, heading = target.partition("#")
    return (file.parent / path).resolve() if path else file, heading


def pages() -> list[Path]:
    """Return the front page and every page below docs/."""
    return [REPOSITORY / "README.md", *sorted(DOCS.rglob("*.md"))]


def blocks(text: str) -> list[str]:
    """Return the blocks that a reader would type: fenced ones without a language, indented ones.

    Jobs of a CI are played by tests/documents/test_ci_examples.py.
    """
    pairs = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    fenced = [block for language, block in pairs if language in ("", "sh")]
    rest = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    indented = re.findall(r"(?:(?<=\n\n) {4}\S.*\n(?: {4}.*\n)*)", rest)
    return [
        *fenced,
        *(re.sub(r"^ {4}", "", block, flags=re.MULTILINE) for block in indented),
    ]


def typed(block: str) -> list[str]:
    """Return the commands of a block: one a line, but where a line ends in a backslash."""
    joined = block.replace("\\\n", "\\\0")
    lines = [line.replace("\0", "\n").strip() for line in joined.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]
