"""Claude Code (2.1.224 and later): a line to the inbox socket that its hooks find in their environment.

Idle it begins a turn, also in its terminal, where a draft stays; busy it is told with the running
tool's result. The socket answers nothing. Under ``bypassPermissions`` it keeps such messages back for
its user, unless that user set ``crossSessionInbound``: so what is sent then is ``ambiguous``.
Seen in runs of 2.1.332.
"""

from __future__ import annotations

from stickhooks.fast import json
from stickhooks.waking import sockets
from stickhooks.waking.outcome import AMBIGUOUS, SUBMITTED, Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

NAME: Final = "claude-code"
VARIABLE: Final = "CLAUDE_CODE_MESSAGING_SOCKET"
HELD_BACK: Final = "in bypassPermissions it may hold the message back for its user"


def reach_of(env: Mapping[str, str], payload: Mapping[str, object], pid: int) -> dict[str, object]:
    """Return what reaches a session, by the environment and payload of one of its hooks; empty: nothing."""
    socket = env.get(VARIABLE, "")
    return {"socket": socket, "mode": payload.get("permission_mode")} if socket else {}


def send(reach: Mapping[str, object], text: str, seconds: float) -> Outcome:
    message = {"type": "user", "message": {"role": "user", "content": text}}
    failed = sockets.send_line(reach.get("socket"), json.write(message).encode() + b"\n", seconds)
    if failed:
        return failed
    held = reach.get("mode") == "bypassPermissions"
    return Outcome(AMBIGUOUS, HELD_BACK) if held else Outcome(SUBMITTED)
