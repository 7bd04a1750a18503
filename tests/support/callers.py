"""Callers as values: what might be seen of a process that asks, in a shell or below a client."""

from __future__ import annotations

from typing import Any

from stickhooks.clients import CLIENTS
from stickhooks.identity.resolver import Sighting
from stickhooks.system.processes import INITIAL_PIDNS, Seen

PLACE = ("machine", "boot", INITIAL_PIDNS)
CLAUDE = CLIENTS["claude-code"]


def seen(pid: int, name: str = "bash") -> Seen:
    return Seen(pid, pid - 1, pid * 10, name, "S", 1)


STICK, CLIENT, SHELL, INIT = seen(40, "sh"), seen(30, "claude"), seen(20), seen(1, "init")


def sighting(**fields: Any) -> Sighting:
    """Return a caller as it might be seen: in a shell, outside every client."""
    found = object.__new__(Sighting)
    known: dict[str, Any] = {
        "place": PLACE, "ancestors": [STICK, SHELL, INIT], "leader": SHELL, "client": None,
        "client_process": None, "session": "", "inside_client": False,
        "name": "", "lease": "", "own": None, "life": None, "below": "",
    }  # fmt: skip
    for field, value in {**known, **fields}.items():
        setattr(found, field, value)
    return found


def in_client(session: str = "claude:1", client: Any = CLAUDE, **fields: Any) -> Sighting:
    """Return a caller below a client, which a shell started."""
    inside = {
        "ancestors": [STICK, CLIENT, SHELL, INIT], "leader": None, "client": client,
        "client_process": CLIENT, "session": session, "inside_client": True,
    }  # fmt: skip
    return sighting(**{**inside, **fields})
