"""Tables of the reference that are made from the code: what is decided there stands nowhere twice.

python -m tests.documents.generated           # prints them
python -m tests.documents.generated --write   # puts them into their pages
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Final

from stickhooks.protocol import moment, phases, rules
from stickhooks.protocol.commands import (  # fmt: skip
    Ask,
    Close,
    Command,
    Heartbeat,
    Leave,
    Pass,
    Release,
    Reopen,
    SetPolicy,
    Takeover,
    Tell,
    Wait,
)
from stickhooks.setup.clients import PLACES
from tests.support.documents import DOCS, marked

#: The roles, and what they are called above a column.
ROLES: Final = {
    moment.HOLDER: "the holder",
    moment.RECIPIENT: "who it is reserved for",
    moment.SENDER: "the author of the handoff",
    moment.OTHER: "anybody else",
    moment.ASKER: "who asked the holder",
}
#: The phases of a room, as users are shown them, and what is meant.
PHASES: Final = {
    "`idle`, `dormant` (free)": (phases.IDLE, phases.DORMANT),
    "`owned`": (phases.OWNED,),
    "`stale_owner` (lease ran out)": (phases.STALE_OWNER,),
    "`owner_gone` (process proven dead)": (phases.OWNER_GONE,),
    "`owner_idle` (was asked, does nothing)": (phases.OWNER_IDLE,),
    "`reserved`": (phases.RESERVED,),
    "`reserved`, window over": (phases.STALE_CLAIM,),
    "`recipient_gone` (process proven dead)": (phases.RECIPIENT_GONE,),
    "`closed`": (phases.CLOSED,),
}
WAIT: Final = {
    "grant": "gets the turn",
    "resume": "goes on",
    "not_yet": "waits",
    "offer": "is offered a takeover",
    "say_closed": "is told that it is closed",
}
TAKEOVER: Final = {"seize": "takes over", "ineligible": "is refused"}
#: What a member asks for, by the verbs that do.
VERBS: Final[dict[str, type[Command]]] = {
    "`take`, `wait`": Wait,
    "`takeover`": Takeover,
    "`renew`": Heartbeat,
    "`release`": Release,
    "`handoff`": Pass,
    "`ask`": Ask,
    "`tell`": Tell,
    "`policy`": SetPolicy,
    "`close`": Close,
    "`reopen`": Reopen,
    "`leave`": Leave,
}

Rows = Sequence[Sequence[str]]


def turns() -> Rows:
    """Return what `stick take` comes to, and in brackets `stick takeover`, by phase and role."""
    head = ["the room is", *ROLES.values()]
    return [
        head,
        *([name, *(_turn(role, alike) for role in ROLES)] for name, alike in PHASES.items()),
    ]


def _turn(role: str, alike: Sequence[str]) -> str:
    cells = {_one(rules.RULES[role].get(phase, {})) for phase in alike}
    [cell] = cells  # those that share a line decide alike
    return cell


def _one(cell: object) -> str:
    assert isinstance(cell, dict)
    if Wait not in cell:
        return ""
    takeover = f" [{TAKEOVER[cell[Takeover].__name__]}]" if Takeover in cell else ""
    return WAIT[cell[Wait].__name__] + takeover


def verbs() -> Rows:
    """Return in which phases each role may do what a verb asks for."""
    return [
        ["verb", *ROLES.values()],
        *([verb, *(_where(role, command) for role in ROLES)] for verb, command in VERBS.items()),
    ]


def _where(role: str, command: type[Command]) -> str:
    every = rules.RULES[role]
    refusing = ("not_yet", "offer", "ineligible", "say_closed")
    found = [
        p for p, cell in every.items() if command in cell and cell[command].__name__ not in refusing
    ]
    if len(found) == len(every):
        return "yes"
    names = [f"`{phases.shown(p)}`" for p in found]
    late = {phases.STALE_CLAIM: " (window over)"}
    told = [name + late.get(p, "") for p, name in zip(found, names, strict=True)]
    return ", ".join(told)


def clients() -> Rows:
    """Return what is stopped in each client, and what is not."""
    head = [
        "client",
        "is stopped, unless it holds the stick",
        "is not stopped",
        "nor, with hooks of the project only",
    ]
    return [
        head,
        *(
            [
                place.title,
                " ".join(f"`{tool}`" for tool in place.tools),
                "; ".join(place.lets),
                "; ".join(place.lets_of_project),
            ]
            for place in PLACES
        ),
    ]


#: The tables by their page and the name of their place in it.
TABLES: Final[dict[tuple[str, str], Callable[[], Rows]]] = {
    ("reference/rules", "rules"): turns,
    ("reference/rules", "verbs"): verbs,
    ("reference/clients", "clients"): clients,
}


def table(rows: Rows) -> str:
    head, *rest = ["| " + " | ".join(row) + " |" for row in rows]
    lines = [head, "|" + "---|" * len(rows[0]), *rest]
    return "\n".join(line.replace("  ", " ") for line in lines)


def filled(text: str, name: str, rows: Rows) -> str:
    """Return a page with its table of that name made anew."""
    old = f"<!-- {name} -->{marked(text, name)}<!-- /{name} -->"
    return text.replace(old, f"<!-- {name} -->\n{table(rows)}\n<!-- /{name} -->")


def main(words: Sequence[str]) -> None:
    for (page, name), rows in TABLES.items():
        if "--write" in words:
            file = DOCS / f"{page}.md"
            file.write_text(filled(file.read_text("utf-8"), name, rows()), "utf-8")
        else:
            print(f"{page}: {name}\n\n{table(rows())}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
