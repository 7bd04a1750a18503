"""The names that shell completions offer: members, rooms. Silent where there are none."""

from stickhooks.errors import Refusal
from stickhooks.fast.os import os
from stickhooks.views import nearby

MEMBERS = "members"
ROOMS = "rooms"
RECIPIENTS = "recipients"  # of a note


def main(arguments: "list[str]") -> "int | None":
    """Print a name a line, and return 0; None for what is not understood here.

    The scripts of version 0.1 ask so, wherever they were kept.
    """
    if len(arguments) != 1 or arguments[0] not in KINDS:
        return None
    try:
        write(KINDS[arguments[0]]())
    except (Refusal, OSError, ValueError):
        pass  # a completion that cannot look completes nothing
    return 0


def write(lines: "list[str]") -> None:
    """Print the lines that a shell can take; nobody may be there to read them."""
    shown = [f"{line}\n" for line in lines if line.replace("\t", "").isprintable()]
    try:
        os.write(1, "".join(shown).encode("utf-8", "backslashreplace"))
    except OSError:
        pass


def members() -> "list[str]":
    here = nearby.Near(nearby.folder_of(""))
    raw = here.state()
    here.close()
    return [m["agent_id"] for m in raw["members"]] if raw else []  # type: ignore[attr-defined]


def rooms() -> "list[str]":
    """Return the rooms of the workspace as somebody here would type them, but for the one of here."""
    folder = nearby.folder_of("")
    here = nearby.Near(folder)
    here.close()
    paths = [here.shown(room) for room in sorted(here.rooms)]
    inside = folder.rstrip("/") + "/"
    return [path.removeprefix(inside) for path in paths if path != folder]


def recipients() -> "list[str]":
    return ["holder", "all", *members()]


KINDS = {MEMBERS: members, ROOMS: rooms, RECIPIENTS: recipients}
