"""``stick completion``: one script a shell, made from the verbs and options as they are.

Printed, never installed. The scripts ask ``stick __names`` for members and rooms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import typer.main

from stickhooks.cli import command, completion_names
from stickhooks.operations import policy
from stickhooks.setup import templates

#: What an option's or a place's value is completed with, beside ``words:…`` (one of them) and
#: ``list:…`` (some of them, with commas): what ``offers`` in the verbs' options says.
TEXT: Final = ""  # one's own words: nothing to offer
FILES: Final = "files"
FOLDERS: Final = "folders"
POLICY_VALUE: Final = "policy_value"


@dataclass(frozen=True)
class Option:
    """One option of a verb: its names, its help, and what its value is (None: it takes none)."""

    names: tuple[str, ...]
    help: str
    kind: str | None


@dataclass(frozen=True)
class Verb:
    """One verb: its options, and what stands in its places; ``many`` words may in the last."""

    name: str
    help: str
    options: list[Option]
    places: list[str]
    many: bool
    foreign: bool


def verbs() -> list[Verb]:
    """Return all verbs that people type."""
    from stickhooks.cli import app

    group = typer.main.get_command(app.app)
    helps = {name: one.get_short_help_str(60) for name, one in group.commands.items()}  # type: ignore[attr-defined]
    return [_verb(one, helps[name]) for name, one in command.VERBS.items()]


def _verb(verb: command.Verb, help: str) -> Verb:
    named = [Option(("--help",), "help", None)]
    places = []
    for option in (*verb.options.values(), *command.COMMON.values()):
        kind = option.offers() if callable(option.offers) else option.offers
        if option.flags:
            value = None if option.kind == command.FLAG else kind
            named.append(Option(option.flags, _plain(option.help), value))
        else:
            places.append(kind)
    many = any(not one.flags and one.kind == command.TEXTS for one in verb.options.values())
    return Verb(verb.name, _plain(help), named, places, many, verb.foreign)


def _plain(text: str) -> str:
    """Return a help text without what any of the shells would take for its own."""
    return text.translate(dict.fromkeys(map(ord, "'\"`$\\[]:"), "")).rstrip(".")


def script(shell: str) -> str:
    """Return the script for a shell."""
    return SHELLS[shell](templates.template(f"completion/stick.{shell}").rstrip())


# --- bash


def _bash(text: str) -> str:
    found = verbs()
    options = [f"        {v.name}) printf '%s\\n' {' '.join(_flags(v))} ;;" for v in found]
    values = [
        f"        {v.name}:{name}) echo '{option.kind or 'text'}' ;;"
        for v in found for option in v.options if option.kind is not None for name in option.names
    ]  # fmt: skip
    places = [
        f"        {v.name}:{'*' if v.many else i}:*) echo '{kind}' ;;"
        for v in found for i, kind in enumerate(v.places, 1) if kind not in (TEXT, POLICY_VALUE)
    ]  # fmt: skip
    places += [f"        policy:2:{k}) echo 'words:{' '.join(c)}' ;;" for k, c in _choices()]
    return _filled(text, VERBS=" ".join(v.name for v in found), OPTIONS="\n".join(options),
                   VALUES="\n".join(values), PLACES="\n".join(places))  # fmt: skip


def _flags(verb: Verb) -> Iterator[str]:
    return (name for option in verb.options for name in option.names)


def _choices() -> list[tuple[str, tuple[str, ...]]]:
    return list(policy.CHOICES.items())


# --- zsh


def _zsh(text: str) -> str:
    found = verbs()
    lines = [f"        '{v.name}:{v.help}'" for v in found]
    cases = [f"        {v.name}) _arguments -S {' '.join(_zsh_specs(v))} ;;" for v in found]
    policy = [f"        {key}) values=({' '.join(values)}) ;;" for key, values in _choices()]
    return _filled(text, VERBS="\n".join(lines), CASES="\n".join(cases), POLICY="\n".join(policy))


def _zsh_specs(verb: Verb) -> Iterator[str]:
    for option in verb.options:
        value = "" if option.kind is None else f":value:{_zsh_action(option.kind)}"
        yield from (f"'*{name}[{option.help}]{value}'" for name in option.names)
    for i, kind in enumerate(verb.places, 1):
        place = "*" if verb.many else i
        yield f"'{place}: :{_zsh_action(kind)}'"


def _zsh_action(kind: str) -> str:
    word, _, rest = kind.partition(":")
    known = {
        completion_names.MEMBERS: "_stick_members", completion_names.ROOMS: "_stick_rooms", FILES: "_files",
        FOLDERS: "_files -/", POLICY_VALUE: "_stick_policy_value", "words": f"({rest})",
        "list": f"_values -s , name {rest}",
    }  # fmt: skip
    return known.get(word, " ")


# --- fish


def _fish(text: str) -> str:
    lines = [line for verb in verbs() for line in _fish_lines(verb)]
    for key, values in _choices():
        lines.append(f"-n '__stick_after policy {key}' -a '{' '.join(values)}'")
    told = "\n".join(f"    complete -c $program {line}" for line in lines)
    return _filled(text, LINES=told, FLAGS=" ".join(_without_value()))


def _without_value() -> list[str]:
    options = [option for verb in verbs() for option in verb.options if option.kind is None]
    return sorted({name for option in options for name in option.names})


def _fish_lines(verb: Verb) -> Iterator[str]:
    yield f"-n 'test (count (commandline -opc)) -eq 1' -a {verb.name} -d '{verb.help}'"
    for option in verb.options:
        value = "" if option.kind is None else f" {_fish_value(option.kind)}"
        for name in option.names:
            form = f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"
            yield f"-n '__stick_at {verb.name}' {form}{value} -d '{option.help}'"
    for i, kind in enumerate(verb.places, 1):
        if kind not in (TEXT, POLICY_VALUE):
            anywhere = verb.many and not verb.foreign
            where = f"__stick_at {verb.name}" if anywhere else f"__stick_place {verb.name} {i}"
            yield f"-n '{where}' {_fish_value(kind).removeprefix('-r ')}"


def _fish_value(kind: str) -> str:
    word, _, rest = kind.partition(":")
    known = {
        completion_names.MEMBERS: "-r -f -a '(__stick_names members)'",
        completion_names.ROOMS: "-r -f -a '(__stick_names rooms; __fish_complete_directories)'",
        FILES: "-r -F", FOLDERS: "-r -f -a '(__fish_complete_directories)'",
        "words": f"-r -f -a '{rest}'", "list": f"-r -f -a '(__stick_list {rest})'",
    }  # fmt: skip
    return known.get(word, "-r -f")


def _filled(text: str, **values: str) -> str:
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text


SHELLS: Final[dict[str, Callable[[str], str]]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
