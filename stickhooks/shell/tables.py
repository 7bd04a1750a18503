"""Tables of options and names, as text beside this file.

A line at the margin names programs; behind a ``|`` their verbs, and behind another one the second
words of these. Indented lines below one or several such lines are the options that all of them may
have, in the form that ``options`` describes. There ``@NAME`` stands for the long options of an entry
above, in the first place for its letters as well. Entries in capitals are only there for that.
"""

from __future__ import annotations

from stickhooks.fast.os import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    #: A program, its verb, its verb's second word: as many as there are.
    Key = tuple[str, ...]


_tables: dict[str, dict[Key, str]] = {}


def load(name: str) -> dict[Key, str]:
    """Return the options of a table by program and verb; the file is read once."""
    if name not in _tables:
        _tables[name] = _read(name)
    return _tables[name]


def by_program(name: str) -> dict[str, str]:
    """Return the options of a table whose programs have no verbs."""
    return {program: options for (program,), options in load(name).items()}


def _read(name: str) -> dict[Key, str]:
    table: dict[Key, str] = {}
    for heads, options in _entries(os.path.join(os.path.dirname(__file__), f"{name}.txt")):
        whole = _whole(options.split(), table) if "@" in options else options
        for head in heads:
            table.update(dict.fromkeys(_keys(head), whole))
    return {key: options for key, options in table.items() if not key[0].isupper()}


def _entries(path: str) -> Iterator[tuple[list[str], str]]:
    """Yield lines at the margin, and what stands below them."""
    heads: list[str] = []
    options = ""
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith(" "):
                options += line
            elif line.strip() and not line.startswith("#"):
                if options:
                    yield heads, options.strip()
                    heads, options = [], ""
                heads.append(line)
    yield heads, options.strip()


def _whole(words: list[str], table: dict[Key, str]) -> str:
    """Return a list of options in which the options of other entries stand in their places."""
    whole: list[str] = []
    for word in words:
        if word.startswith("@"):
            whole += table[word[1:],].split()[bool(whole) :]
        else:
            whole.append(word)
    return " ".join(whole)


def _keys(head: str) -> list[Key]:
    keys: list[Key] = [()]
    for names in head.split("|"):
        keys = [(*key, name) for key in keys for name in names.split()]
    return keys
