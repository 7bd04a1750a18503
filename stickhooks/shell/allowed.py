"""Commands that a room's people call harmless: ``stick policy reads 'pytest -q, cargo check'``.

A simple command is compared word by word with an entry. Behind that only words may follow that are
no option, or anything where the entry ends in ``…``: ``ruff check`` is not ``ruff check --fix``.
"""

from __future__ import annotations

from stickhooks.fast.os import os
from stickhooks.shell import simple
from stickhooks.shell.words import as_typed, is_known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from stickhooks.shell.grammar import Node

#: Stands for any words at the end of an entry.
ANYTHING: Final = ("…", "...")
#: These run what they are told, beside shells, interpreters and the programs that run others.
_RUNNING: Final = """
    git env xargs eval exec source . find fd fdfind watch flock trap alias parallel ssh stick stickhooks awk
    gawk mawk nawk sed script tmux screen expect su chroot unshare nsenter docker podman
"""
_BEFORE_OPTIONS: Final = ("-", "+", "@")
_PLAIN_PARTS: Final = ("Lit", "SglQuoted", "DblQuoted")


def trouble(entry: str) -> str:
    """Return why an entry cannot be allowed, "" where it can."""
    from stickhooks.shell import interpreters, runners

    lines = simple.statements(entry)
    words = entry.split()
    if lines is None or len(lines) != 1 or lines[0]["Cmd"]["Type"] != "CallExpr":
        return "only one simple command, without quotes, variables or redirections"
    if any(mark in entry for mark in "'\"*?[~<>&"):
        return "only one simple command, without quotes, variables or redirections"
    name = os.path.basename(words[0])
    bare = interpreters.is_versioned(name) or name
    if bare in (*runners.SHELLS, *runners.WRAPPERS, *interpreters.INTERPRETERS, *_RUNNING.split()):
        return f"{name} runs what it is told"
    if words[0] in ANYTHING or any(word in ANYTHING for word in words[:-1]):
        return "… may only stand at the end"
    return ""


def covers(entries: Iterable[str], words: list[str]) -> bool:
    """Tell whether a simple command is one of the entries."""
    typed = [as_typed(word) for word in words]
    return all(map(is_known, words)) and any(_is(entry.split(), typed) for entry in entries)


def _is(entry: list[str], words: list[str]) -> bool:
    last = entry[-1].removesuffix("…").removesuffix("...")
    anything = last != entry[-1]
    begins = [*entry[:-1], *([last] if last else [])]
    rest = words[len(begins) :]
    fits = words[: len(begins)] == begins
    return fits and (anything or not any(word.startswith(_BEFORE_OPTIONS) for word in rest))


def is_plain(node: Node) -> bool:
    """Tell whether a command has neither assignments nor expansions, and reads and writes no file."""
    parts = [part for word in node.get("Args", []) for part in word.get("Parts", [])]
    while parts:
        part = parts.pop()
        if part["Type"] not in _PLAIN_PARTS:
            return False
        parts += part.get("Parts", [])
    return not node.get("Assigns") and node.get("stdin") is None and not node.get("files")
