"""Codex: its own ``codex queue``, by the executable and home of the session; it comes as its user's words.

It says "Queued" for a session that has ended as well, so the session's process is looked for first.
``codex exec`` takes none (openai/codex#41060). Seen in runs of 0.171.0: 0.2 s, then a turn after 1 to 5 s.
"""

from __future__ import annotations

import os
import subprocess

from stickhooks.system import processes
from stickhooks.waking.outcome import AMBIGUOUS, FAILED, SUBMITTED, Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

NAME: Final = "codex"
HOME: Final = "CODEX_HOME"


def reach_of(env: Mapping[str, str], payload: Mapping[str, object], pid: int) -> dict[str, object]:
    """Return what reaches a session; nothing for ``codex exec``, and where its process is not seen."""
    session, there = payload.get("session_id"), processes.see(pid) if pid else None
    program = processes.executable_of(pid) if there else ""
    if not session or there is None or not program or "exec" in processes.command_of(pid)[1:]:
        return {}
    return {
        "session": session, "program": program, "home": env.get(HOME, ""),
        "pid": pid, "start": there.start,
    }  # fmt: skip


def send(reach: Mapping[str, object], text: str, seconds: float) -> Outcome:
    pid, program = reach.get("pid"), reach.get("program")
    there = processes.see(pid) if type(pid) is int else None
    if there is None or there.start != reach.get("start"):
        return Outcome(FAILED, "its process has ended")
    command = [str(program), "queue", "--thread", str(reach.get("session")), "--message", text]
    env = {**os.environ, HOME: str(reach["home"])} if reach.get("home") else None
    nowhere = subprocess.DEVNULL
    try:
        queue = subprocess.Popen(
            command, stdin=nowhere, stdout=nowhere, stderr=nowhere, env=env, start_new_session=True
        )
    except OSError:
        return Outcome(FAILED, "its program cannot be run any more")
    try:
        code = queue.wait(seconds)
    except subprocess.TimeoutExpired:  # it goes on by itself
        return Outcome(AMBIGUOUS, "its queue had not answered yet")
    return Outcome(SUBMITTED) if code == 0 else Outcome(FAILED, f"its queue ended with code {code}")
