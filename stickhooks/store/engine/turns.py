"""Who holds which room, line by line: what our ``pre-receive`` reads on a server without JSON or Python.

The file ``turns`` lies beside the document in each commit of a git remote, and is made of it. A room is some
lines of a word and its value, from ``room`` to the next one; the first line has the document's revision.
"""

from __future__ import annotations

import time

from stickhooks.fast import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final

FILE: Final = "turns"


def lines_of(data: bytes) -> bytes:
    """Return the lines for a document, as bytes that the engine is about to have."""
    raw: Any = json.read(data.decode())
    rooms = raw.get("rooms") or {}
    lines = [line for path in sorted(rooms) for line in _of_room(path, rooms[path])]
    text = "\n".join([f"revision {raw['revision']}", *lines])
    return f"{text}\n".encode("utf-8", "surrogateescape")


def _of_room(path: str, room: Mapping[str, Any]) -> list[str]:
    lease = room.get("lease")
    told = [f"room {escaped(path)}", f"turn {room['turn_id']}"]
    told += [f"exempt {escaped(glob)}" for glob in room["policy"].get("exempt") or ()]
    if not lease:
        return told
    facts = {
        "clone": lease.get("clone", ""),
        "operation": lease.get("operation", ""),
        "who": lease["holder"],
        "place": lease.get("place", ""),
        "since": _stamp(lease.get("wall")),
    }
    return [*told, *(f"{word} {escaped(str(value))}" for word, value in facts.items())]


def _stamp(wall: object) -> str:
    if type(wall) is not int:
        return ""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(wall // 1000))


def escaped(value: str) -> str:
    """Return a value on one line: ``printf %b`` gives it back."""
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
