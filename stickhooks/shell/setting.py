"""The shell's builtins that give variables new values or count: bash runs a command in a subscript.

``printf -v 'a[$(…)]'``, ``test -v 'a[$(…)]'`` and ``let 'a[$(…)]'`` expand what stands in quotes.
"""

from __future__ import annotations

from stickhooks.fast.records import replace
from stickhooks.shell import variables
from stickhooks.shell.grammar import Unclear
from stickhooks.shell.state import Call, Outcome
from stickhooks.shell.words import UNKNOWN, as_typed, is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

#: Builtins that give variables new values, with the options they may have; ``*`` for any.
SETTING: Final = {
    "read": "a:d:ein:N:p:rst:u:",
    "mapfile": "d:n:O:s:tu:c:C!",
    "readarray": "d:n:O:s:tu:c:C!",
    "unset": "fvn",
    **dict.fromkeys(("shift", "set", "getopts", "export", "readonly"), "*"),
    **dict.fromkeys(("declare", "typeset", "local", "let", "printf"), "*"),
}
#: Of these every word may be the name of a variable that gets a value which cannot be told here.
_NAMING: Final = ("read", "mapfile", "readarray", "getopts", "printf")
#: Others, whose options may be these alone.
OTHERS: Final = {
    "wait": "nf",
    "hash": "rlt",
    "history": "-",
    "jobs": "lnprs",
    "compgen": "abcdefgjksuvo:A:G:W:P:S:X:",
}


def forget(call: Call) -> Outcome:
    """Judge what gives variables new values: ``read``, ``unset``, ``shift``, ``printf -v``."""
    spec = SETTING[call.name]
    _no_subscript(call, call.words if call.name != "printf" else _after(call.words, "-v"))
    if spec != "*":
        call.listed(spec)
    if call.name == "set" and any(_is_physical(word) for word in map(plain, call.words)):
        raise Unclear("cd follows links before each .. from here on")
    state = call.state
    given = {name for word in map(plain, call.words) for name in _names(word)}
    whole = call.name in ("shift", "set") or not all(map(is_known, call.words))
    values = {
        name: UNKNOWN if name in given or (whole and name.isdigit()) else value
        for name, value in state.variables.items()
    }
    read = (call.stdin or "").split() if call.name in ("read", "mapfile", "readarray") else []
    _no_subscript(call, read)
    if call.name in _NAMING:
        words = _after(call.words, "-v") if call.name == "printf" else call.words
        for word in dict.fromkeys(words):
            variables.set_somehow(call, plain(word))
    after = replace(state, variables=values)
    return Outcome(after, after)


def _names(word: str) -> set[str]:
    """Return the names that a word may give a value to, also one behind the letters of an option: `-vD`."""
    if word.startswith("-"):
        return {word[place:] for place in range(2, len(word))}
    return {word.partition("=")[0]}


def _is_physical(word: str) -> bool:
    return word == "physical" or (
        word.startswith("-") and "P" in word and not word.startswith("--")
    )


def other(call: Call) -> None:
    call.listed(OTHERS[call.name])
    if call.name == "compgen" and any("$(" in word or "`" in word for word in call.words):
        call.nobody_knows("compgen expands the words that it is given")


def options_of_bash(call: Call) -> None:
    if "cdable_vars" in map(plain, call.words):
        raise Unclear("with cdable_vars a word of cd may be a variable's name")


def test(call: Call) -> None:
    _no_subscript(call, _after(call.words, "-v") + _after(call.words, "-R"))


def _after(words: list[str], option: str) -> list[str]:
    """Return the values of a short option, in the next word or in the same."""
    values = [words[place + 1] for place, word in enumerate(words[:-1]) if word == option]
    return values + [word[2:] for word in words if word.startswith(option) and word != option]


def _no_subscript(call: Call, words: list[str]) -> None:
    for word in words:
        if variables.runs_when_counted(as_typed(word)):
            call.nobody_knows(f"{call.name} runs a command in a subscript: {plain(word)}")


HANDLERS: Final[dict[str, Callable[[Call], Outcome | None]]] = {
    **dict.fromkeys(SETTING, forget),
    **dict.fromkeys(OTHERS, other),
    "test": test,
    "[": test,
    "[[": test,  # where it is no keyword
    "shopt": options_of_bash,
}
