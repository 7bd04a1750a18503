"""Options and operands of a command's words, as getopt takes them apart."""

from __future__ import annotations

from stickhooks.shell.words import UNKNOWN, as_typed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

SHORTEST_ABBREVIATION: Final = 3  # --in for --in-place: GNU takes any beginning that is clear


class Options:
    """What was given: options by their names without dashes, then operands, in their order."""

    def __init__(self) -> None:
        self.given: list[tuple[str, str]] = []
        self.operands: list[str] = []

    def has(self, names: str) -> bool:
        return any(_is(given, name) for given, _ in self.given for name in names.split())

    def values(self, names: str) -> list[str]:
        wanted = names.split()
        return [value for given, value in self.given if any(_is(given, name) for name in wanted)]


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
    found, valued, rest = Options(), takes.split(), list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            found.operands += rest
            break
        if word.startswith("--"):
            _long(word[2:], valued, rest, found)
        elif word.startswith("-") and word != "-" and word[1] != UNKNOWN:
            _short(as_typed(word[1:]), (valued, attached), rest, found)
        elif permute:
            found.operands.append(word)
        else:
            found.operands += [word, *rest]
            break
    return found


def _long(word: str, valued: list[str], rest: list[str], found: Options) -> None:
    name, equals, value = word.partition("=")
    if not equals and rest and any(len(option) > 1 and _is(name, option) for option in valued):
        value = rest.pop(0)
    found.given.append((name, value))


def _short(letters: str, takes: tuple[list[str], str], rest: list[str], found: Options) -> None:
    for place, letter in enumerate(letters):
        if letter in takes[1]:
            found.given.append((letter, letters[place + 1 :]))
            return
        if letter in takes[0]:
            value = letters[place + 1 :] or (rest.pop(0) if rest else "")
            found.given.append((letter, value))
            return
        found.given.append((letter, letters[place + 1 :]))
