"""The names that shell completions ask for: members, rooms. Silent where there are none."""

from stickhooks.errors import Refusal
from stickhooks.fast.os import os
from stickhooks.views import nearby

MEMBERS = "members"
ROOMS = "rooms"


def main(arguments: "list[str]", env: "dict[str, str]") -> "int | None":
    """Print a name a line, and return 0; None for what is not understood here."""
    if arguments not in ([MEMBERS], [ROOMS]):
        return None
    try:
        found = _members() if arguments == [MEMBERS] else _rooms()
    except (Refusal, OSError, ValueError):
        return 0  # a completion that cannot look completes nothing
    lines = [f"{name}\n" for name in found if name.isprintable()]
    try:
        os.write(1, "".join(lines).encode("utf-8", "backslashreplace"))
    except OSError:
        pass
    return 0


def _members() -> "list[str]":
    here = nearby.Near(nearby.folder_of(""))
    raw = here.state()
    here.close()
    return [m["agent_id"] for m in raw["members"]] if raw else []  # type: ignore[attr-defined]


def _rooms() -> "list[str]":
    """Return the rooms of the workspace as somebody here would type them, but for the one of here."""
    folder = nearby.folder_of("")
    here = nearby.Near(folder)
    here.close()
    found = [here.shown(room) for room in sorted(here.rooms)]
    return [_typed(path, folder) for path in found if path != folder]


def _typed(path: str, folder: str) -> str:
    inside = folder.rstrip("/") + "/"
    return path[len(inside) :] if path.startswith(inside) else path
