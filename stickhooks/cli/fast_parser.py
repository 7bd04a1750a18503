"""The short road: plain command lines, read without typer, whose start takes longer than their work.

It knows the verbs and options that ``cli.app`` knows, from the same table, and reads only what can
be read in one way. Whatever is odd (help, a mistake, a value that looks like an option) is left to
``cli.app``, which explains it.
"""

# bundle: verbs
from __future__ import annotations

from stickhooks.cli import command, turn_commands
from stickhooks.cli.command import COMMON, FLAG, NUMBER, TEXTS, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

#: Importing them is what enters their verbs; those of the other modules are not in a hurry.
VERBS = (turn_commands,)
#: Verbs that are read here as well, by the module that is loaded only when one of them is typed.
LATER = {
    **dict.fromkeys(
        ("status", "rooms", "log", "report", "whoami", "policy", "check"), "view_commands"
    ),
    **dict.fromkeys(("tell", "ask", "notes"), "note_commands"),
}


def read(arguments: Sequence[str]) -> Callable[[], int] | None:
    """Return what runs a plain command line, None where this is none."""
    name, *words = arguments or [""]
    if name in LATER:
        __import__(f"{__package__}.{LATER[name]}")
    verb = command.VERBS.get(name)
    if verb is None or verb.foreign:
        return None
    values = given({**verb.options, **COMMON}, words)
    return None if values is None else lambda: command.perform(verb, values)


def given(options: dict[str, Option], words: Sequence[str]) -> dict[str, Any] | None:
    """Return the value of every option, or None where a word is not understood."""
    named = {one.flags[0]: key for key, one in options.items() if one.flags}
    places = [key for key, one in options.items() if not one.flags]
    values: dict[str, Any] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        key = named.get(name)
        if key is None:
            if word.startswith("-") or not word or not places:
                return None
            _take(values, places[0], options[places[0]].kind, word)
            if options[places[0]].kind != TEXTS:
                places.pop(0)
        elif options[key].kind == FLAG:
            if equals:
                return None
            values[key] = True
        else:
            if not equals and not rest:
                return None
            value = value if equals else rest.pop(0)
            if value.startswith("-") or not _take(values, key, options[key].kind, value):
                return None
    for key, one in options.items():
        if key not in values and one.required:
            return None
        values.setdefault(key, one.default)
    return values


def _take(values: dict[str, Any], key: str, kind: str, value: str) -> bool:
    """Take an option's value. Tell whether it can be one."""
    if kind == TEXTS:
        values.setdefault(key, []).append(value)
        return True
    if kind == NUMBER and not (value.isascii() and value.isdigit() and len(value) < 19):
        return False
    values[key] = int(value) if kind == NUMBER else value
    return True
