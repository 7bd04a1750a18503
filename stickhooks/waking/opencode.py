"""OpenCode: a socket of our own plugin, which has the session prompted. Seen with ``serve`` of 1.18.33."""

from __future__ import annotations

from stickhooks.fast import json
from stickhooks.waking import sockets
from stickhooks.waking.outcome import SUBMITTED, Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

NAME: Final = "opencode"


def reach_of(env: Mapping[str, str], payload: Mapping[str, object], pid: int) -> dict[str, object]:
    """Return what reaches a session: our plugin tells its socket in what it sends to its hooks."""
    socket, session = payload.get("wake_socket"), payload.get("session_id")
    return {"socket": socket, "session": session} if socket and session else {}


def send(reach: Mapping[str, object], text: str, seconds: float) -> Outcome:
    message = {"session": reach.get("session"), "text": text}
    failed = sockets.send_line(reach.get("socket"), json.write(message).encode() + b"\n", seconds)
    return failed or Outcome(SUBMITTED)
