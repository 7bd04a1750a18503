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
    from stickhooks.shell.state import Found, State

#: Stands for any words at the end of an entry.
ANYTHING: Final = ("…", "...")
#: These run what they are told, beside shells, interpreters and the programs that run others.
_RUNNING: Final = """
    git env xargs eval exec source . find fd fdfind watch flock trap alias parallel ssh stick stickhooks awk
    gawk mawk nawk sed script tmux screen expect su chroot unshare nsenter docker podman
"""
_BEFORE_OPTIONS: Final = ("-", "+", "@")
#: Every word of these is one more thing to be done, by a file of the folder that they are called in.
_BUILDING: Final = (
    "make", "gmake", "bmake", "ninja", "just", "task", "rake", "mage", "gradle", "gradlew", "mvn", "mvnw",
    "ant", "invoke", "inv", "doit", "scons", "waf", "nox", "tox",
)  # fmt: skip
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
    return fits and (
        anything or (not (rest and words[0] in _BUILDING) and not any(map(_orders, rest)))
    )


def _orders(word: str) -> bool:
    """Tell whether a word is an option, or gives a variable a value as those of make do."""
    name, equals, _ = word.partition("=")
    return word.startswith(_BEFORE_OPTIONS) or (bool(equals) and name.rstrip(":+?!").isidentifier())


def may_run(words: list[str], state: State, found: Found) -> bool:
    """Tell whether a command is an entry, where nothing was set that it could look at before."""
    if _is_by_folder(words) and state.cwds != (found.start,):
        return False
    return _is_as_ever(state.variables, found.given) and covers(found.reads, words)


def _is_by_folder(words: list[str]) -> bool:
    """Tell whether a command means something else in another folder."""
    return "/" in words[0] or words[0] in _BUILDING


def _is_as_ever(variables: Iterable[str], given: frozenset[str]) -> bool:
    """Tell whether a command has set no variable that a program may look at: a counter is none."""
    return all(len(name) == 1 or name in given for name in variables)


def is_plain(node: Node) -> bool:
    """Tell whether a command has neither assignments nor expansions, and reads and writes no file."""
    parts = [part for word in node.get("Args", []) for part in word.get("Parts", [])]
    while parts:
        part = parts.pop()
        if part["Type"] not in _PLAIN_PARTS:
            return False
        parts += part.get("Parts", [])
    return not node.get("Assigns") and node.get("stdin") is None and not node.get("files")
