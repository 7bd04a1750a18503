"""The list of verbs that ``stick --help`` shows, in groups: what to begin with, then by what they are for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from typer.core import TyperGroup

from stickhooks.cli.command import VERBS

#: What somebody types who has never seen it.
START: Final = ("init", "join", "demo", "agents-md", "skill", "help")
#: What is done rarely, to the room or to the machine.
HOUSE: Final = ("policy", "completion", "version")
#: By the module that a verb is written in; what is in none of these is about the house.
BY_MODULE: Final = {"turn_commands": "Turn", "note_commands": "Notes", "view_commands": "Look"}
TITLES: Final = ("Start", "Turn", "Notes", "Look", "Undo", "House")


def group_of(name: str) -> str:
    """Return the title of the group that a verb stands in."""
    if name in START:
        return "Start"
    if name in HOUSE or name not in VERBS:
        return "House"
    module = VERBS[name].function.__module__
    if "recovery" in module or "undo" in module:
        return "Undo"
    return BY_MODULE.get(module.rpartition(".")[2], "House")


def grouped(names: Iterable[str]) -> dict[str, list[str]]:
    """Return verbs by their group, in the order in which groups and verbs are shown."""
    every = sorted(names, key=lambda name: START.index(name) if name in START else len(START))
    groups = {title: [name for name in every if group_of(name) == title] for title in TITLES}
    return {title: verbs for title, verbs in groups.items() if verbs}


class Grouped(TyperGroup):
    """The program's own help; each verb stands in one group."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        commands = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        width = formatter.width - 6 - max(map(len, commands))
        for title, names in grouped(commands).items():
            rows = [(name, commands[name].get_short_help_str(width)) for name in names]  # type: ignore[union-attr]
            with formatter.section(title):
                formatter.write_dl(rows)
