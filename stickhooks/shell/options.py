"""Options and operands of a command's words, as getopt takes them apart.

``listed`` does so by a list of what options there may be, ``options`` by those that take a value. A
list is words with blanks between them. The first holds the letters of the short options, ``-`` stands
for none and ``#`` for all digits; then come the long options. What follows a name:

====== ==================================================================
``:``  it takes a value; ``=`` after a long name
``?``  its value stands in the same word, or nowhere
``>``  its value is a file that is written
``$``  its value is a program that is run with more arguments
``!``  it writes or runs something, and stands here for its abbreviations
====== ==================================================================
"""

from __future__ import annotations

from stickhooks.shell.words import UNKNOWN, as_typed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

_MARKS: Final = ":=?>$!"
_TAKING: Final = ":=>$"
_DIGITS: Final = "0123456789"
#: The list of what may have any option whatever.
ANY: Final = "*"
SHORTEST_ABBREVIATION: Final = 3  # --in for --in-place: GNU takes any beginning that is clear


class Options:
    """What was given: options by their names without dashes, then operands, in their order.

    ``odd`` is the first word with an option that is not listed or marked with ``!``, ``written`` are
    the files and ``run`` the programs that options name.
    """

    def __init__(self) -> None:
        self.given: list[tuple[str, str]] = []
        self.operands: list[str] = []
        self.odd: str | None = None
        self.written: list[str] = []
        self.run: list[str] = []

    def has(self, names: str) -> bool:
        return bool(self.values(names))

    def values(self, names: str) -> list[str]:
        wanted = names.split()
        return [value for given, value in self.given if any(_is(given, name) for name in wanted)]

    def note(self, name: str, kind: str, value: str, word: str) -> None:
        self.given.append((name, value))
        if kind == "!":
            self.odd = self.odd or word
        elif kind == ">":
            self.written.append(value)
        elif kind == "$":
            self.run.append(value)


def _is(given: str, name: str) -> bool:
    if len(name) == 1 or len(given) < SHORTEST_ABBREVIATION - 1:
        return given == name
    return name.startswith(given)


def options(words: list[str], takes: str = "", permute: bool = True, attached: str = "") -> Options:
    """Take words apart. ``takes`` names the options with a value, short and long, with blanks,
    ``attached`` the letters whose value stands in the same word or nowhere.

    An unknown word counts as an operand. With ``permute`` false all after the first operand are
    operands too, as for commands that run others.
    """
    valued = takes.split()
    kinds = {**dict.fromkeys(valued, ":"), **dict.fromkeys(attached, "?")}

    def long_kind(typed: str) -> tuple[str, str]:
        takes_value = any(len(name) > 1 and _is(typed, name) for name in valued)
        return typed, ":" if takes_value else ""

    return _apart(words, permute, long_kind, lambda letter: kinds.get(letter, ""))


def listed(words: list[str], spec: str, permute: bool = True) -> Options:
    """Take words apart by a list. With ``permute`` false all after the first operand are operands."""
    shorts, longs = _parsed(spec)

    def short_kind(letter: str) -> str | None:
        return None if letter == UNKNOWN else shorts.get(letter, "!")

    return _apart(words, permute, lambda typed: _meant(typed, longs), short_kind)


def both(one: str, other: str) -> str:
    """Return the list of all options of two."""
    first, second = one.partition(" "), other.partition(" ")
    letters = (first[0] + second[0]).replace("-", "")
    return f"{letters or '-'} {first[2]} {second[2]}"


def one_dash(words: list[str]) -> list[str]:
    """Return words with a second dash before options whose long names have one; ``-`` is no option."""
    return [
        "-" + word if word[:1] == "-" and word[1:2] not in ("", "-") else word for word in words
    ]


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


def _meant(typed: str, longs: dict[str, str]) -> tuple[str, str] | None:
    """Return the listed option that is meant, with its kind: by any clear beginning, as GNU and git
    take it."""
    if typed in longs or (typed.startswith("no-") and typed[3:] in longs):
        return typed, longs.get(typed, "")
    if len(typed) < SHORTEST_ABBREVIATION or UNKNOWN in typed:
        return None
    meant = [(name, kind) for name, kind in longs.items() if name.startswith(typed)]
    return min(meant, key=lambda option: option[1] not in ("!", ">", "$"), default=None)


def _apart(
    words: list[str],
    permute: bool,
    long_kind: Callable[[str], tuple[str, str] | None],
    short_kind: Callable[[str], str | None],
) -> Options:
    """Take words apart. ``long_kind`` gives an option as it is listed, None where it is not;
    ``short_kind`` None for a letter that is not known, which counts as an operand."""
    result, rest = Options(), list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            result.operands += rest
            break
        if word.startswith("--"):
            _long(word, long_kind, rest, result)
        elif word.startswith("-") and word != "-" and word[1] != UNKNOWN:
            _short(word, short_kind, rest, result)
        elif permute:
            result.operands.append(word)
        else:
            result.operands += [word, *rest]
            break
    return result


def _long(
    word: str,
    long_kind: Callable[[str], tuple[str, str] | None],
    rest: list[str],
    result: Options,
) -> None:
    typed, equals, value = word[2:].partition("=")
    option = long_kind(typed)
    if option is None:
        result.odd = result.odd or word
        return
    name, kind = option
    if kind and kind in _TAKING and not equals and rest:
        value = rest.pop(0)
    result.note(name, kind, value, word)


def _short(
    word: str, short_kind: Callable[[str], str | None], rest: list[str], result: Options
) -> None:
    letters = as_typed(word[1:])
    for place, letter in enumerate(letters):
        kind, after = short_kind(letter), letters[place + 1 :]
        if kind is None:
            return
        if kind and kind in _TAKING:
            after = after or (rest.pop(0) if rest else "")
        result.note(letter, kind, after, word)
        if kind and kind in _TAKING + "?":
            return
