"""What may follow the words of a command line, by the verbs and options as they are.

The scripts of ``hooks/completion`` are printed by ``stick completion``, never installed. At each Tab
they run ``stick __offers`` with the words so far; the last of them is the one to complete.
"""

from __future__ import annotations

from stickhooks.cli import completion_names, help_commands
from stickhooks.cli.command import COMMON, FLAG, TEXTS, VERBS, Option
from stickhooks.errors import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, TypeAlias

assert help_commands.MODULES  # importing it enters all verbs
#: What a value is completed with, beside ``words:…`` (one of them) and ``list:…`` (some of them, with
#: commas): what ``offers`` in the verbs' options says.
TEXT: Final = ""  # one's own words: nothing to offer
FILES: Final = "files"
FOLDERS: Final = "folders"
POLICY_VALUE: Final = "policy_value"

#: Which paths may stand there (``FILES``, ``FOLDERS``, ``""`` for none), and words with their help.
Offers: TypeAlias = "tuple[str, dict[str, str]]"
TOP_OPTIONS: Final = {"--help": "Show this help.", "--version": "Show the version."}


def main(words: list[str]) -> int:
    """Print which paths may stand there, then a word a line: the word, a tab, its help."""
    try:
        kind, offered = offers(words)
    except (Refusal, OSError, ValueError):
        return 0  # a completion that cannot look completes nothing
    lines = [kind, *(f"{name}\t{help}".rstrip("\t") for name, help in offered.items())]
    completion_names.write(lines)
    return 0


def offers(words: list[str]) -> Offers:
    """Return what may stand in the place of the last word."""
    *before, current = words or [""]
    if not before:
        verbs = {verb.name: _help(verb.function.__doc__) for verb in VERBS.values()}
        return "", TOP_OPTIONS if current.startswith("-") else verbs
    verb = VERBS.get(before[0])
    if verb is None:
        return "", {}
    options = [*verb.options.values(), *COMMON.values()]
    flags = {flag: option for option in options for flag in option.flags}
    places = [option for option in options if not option.flags]
    expected: Option | None = None
    for word in before[1:]:
        if expected is not None:
            expected = None
        elif word == "--":
            return FILES, {}
        elif word.startswith("-"):
            option = flags.get(word)
            expected = option if option and option.kind != FLAG else None
        elif places and places[0].kind != TEXTS:
            places.pop(0)
    flag, equals, value = current.partition("=")
    if expected is None and equals and flag in flags:
        kind, offered = _values(flags[flag], value, "")
        return kind, {f"{flag}={name}": help for name, help in offered.items()}
    if expected is None and current.startswith("-"):
        return "", {"--help": "Show this help.", **{f: o.help for f, o in flags.items()}}
    place = expected or next(iter(places), None)
    return _values(place, current, before[-1]) if place else ("", {})


def _values(option: Option, current: str, previous: str) -> Offers:
    """Return what an option or a place takes; some of a list go on after the last comma."""
    said = option.offers() if callable(option.offers) else option.offers
    kind, _, listed = said.partition(":")
    if kind in (TEXT, FILES, FOLDERS):
        return kind, {}
    if kind in completion_names.KINDS:
        paths = FOLDERS if kind == completion_names.ROOMS else ""
        return paths, dict.fromkeys(completion_names.KINDS[kind](), "")
    if kind == POLICY_VALUE:
        from stickhooks.operations import policy

        return "", dict.fromkeys(policy.CHOICES.get(previous, ()), "")
    head = current[: current.rfind(",") + 1] if kind == "list" else ""
    return "", {head + name: "" for name in listed.split()}


def _help(text: str | None) -> str:
    return (text or "").partition(" Example:")[0].partition("\n")[0]
