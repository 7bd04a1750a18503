"""Options taken apart by a list of what they may be; the first that is not listed is told.

A list is words with blanks between them. The first holds the letters of the short options, ``-``
stands for none and ``#`` for all digits; then come the long options. What follows a name:

====== ==================================================================
``:``  it takes a value; ``=`` after a long name
``?``  its value stands in the same word, or nowhere
``>``  its value is a file that is written
``$``  its value is a program that is run with more arguments
``!``  it writes or runs something, and stands here for its abbreviations
====== ==================================================================
"""

from __future__ import annotations

from stickhooks.shell.options import SHORTEST_ABBREVIATION, Options
from stickhooks.shell.words import UNKNOWN, as_typed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_MARKS: Final = ":=?>$!"
_TAKING: Final = ":=>$"
_DIGITS: Final = "0123456789"
#: The spelling of what may have any option whatever.
ANY: Final = "*"


class Listed(Options):
    """Options and operands, with what the list says of them."""

    def __init__(self) -> None:
        super().__init__()
        self.odd: str | None = None
        self.written: list[str] = []
        self.run: list[str] = []

    def note(self, name: str, kind: str, value: str, word: str) -> None:
        self.given.append((name, value))
        if kind == "!":
            self.odd = self.odd or word
        elif kind == ">":
            self.written.append(value)
        elif kind == "$":
            self.run.append(value)


def listed(words: list[str], spec: str, permute: bool = True) -> Listed:
    """Take words apart by a list. With ``permute`` false all after the first operand are operands."""
    found, rest = Listed(), list(words)
    shorts, longs = _parsed(spec)
    while rest:
        word = rest.pop(0)
        if word == "--":
            found.operands += rest
            break
        if word.startswith("--"):
            _long(word, longs, rest, found)
        elif word.startswith("-") and word != "-" and word[1] != UNKNOWN:
            _short(word, shorts, rest, found)
        elif permute:
            found.operands.append(word)
        else:
            found.operands += [word, *rest]
            break
    return found


def _parsed(spec: str) -> tuple[dict[str, str], dict[str, str]]:
    letters, *names = spec.split()
    shorts: dict[str, str] = {}
    last = ""
    for letter in letters.replace("#", _DIGITS) if letters != "-" else "":
        if letter in _MARKS:
            shorts[last] = letter
        else:
            last, shorts[letter] = letter, ""
    longs = {}
    for name in names:
        kind = name[-1] if name[-1] in _MARKS else ""
        longs[name.removesuffix(kind)] = kind
    return shorts, longs


def _long(word: str, longs: dict[str, str], rest: list[str], found: Listed) -> None:
    typed, equals, value = word[2:].partition("=")
    name = _full_name(typed, longs)
    if name is None:
        found.odd = found.odd or word
        return
    kind = longs.get(name, "")
    if kind and kind in _TAKING and not equals and rest:
        value = rest.pop(0)
    found.note(name, kind, value, word)


def _full_name(typed: str, longs: dict[str, str]) -> str | None:
    """Return the listed name that is meant: by any clear beginning, as GNU and git take it."""
    if typed in longs:
        return typed
    if typed.startswith("no-") and typed[3:] in longs:
        return typed
    if len(typed) < SHORTEST_ABBREVIATION or UNKNOWN in typed:
        return None
    meant = [name for name in longs if name.startswith(typed)]
    meant.sort(key=lambda name: longs[name] not in ("!", ">", "$"))
    return meant[0] if meant else None


def _short(word: str, shorts: dict[str, str], rest: list[str], found: Listed) -> None:
    letters = as_typed(word[1:])
    for place, letter in enumerate(letters):
        after = letters[place + 1 :]
        kind = shorts.get(letter, "!")
        if letter == UNKNOWN:  # an expansion that is not known counts as an operand
            return
        if kind and kind in _TAKING:
            found.note(letter, kind, after or (rest.pop(0) if rest else ""), word)
            return
        found.note(letter, kind, after, word)
        if kind == "?":
            return
