"""Prove each way to wake somebody, by a socket or a program of our own: nobody's session is touched."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from stickhooks.fast import json
from stickhooks.system import desktop, processes
from stickhooks.waking import claude_code, codex, opencode
from stickhooks.waking.outcome import SUBMITTED, Outcome

WORDS: Final = "stick doctor: is this way open?"
SECONDS: Final = 2.0
PROVEN: Final = "proven"
CLOSED: Final = "not open: "
UNTRIED: Final = "could not be tried: "
_PROGRAM: Final = '#!/bin/sh\nprintf "%s\\n" "$@" > "$0.told.new" && mv "$0.told.new" "$0.told"\n'


def is_closed(told: str) -> bool:
    return told.startswith(CLOSED)


def results() -> dict[str, str]:
    """Return, by the way, ``proven``, why it is not, or that it cannot be here."""
    found = {"desktop": _desktop(os.environ)}
    if not hasattr(socket, "AF_UNIX"):
        return found
    ways: dict[str, Callable[[Path], str]] = {
        claude_code.NAME: lambda place: _by_socket(place, claude_code.send, _claude),
        opencode.NAME: lambda place: _by_socket(
            place, opencode.send, lambda told: told.get("text")
        ),
        codex.NAME: _by_program,
    }
    return {**{name: _tried(prove) for name, prove in ways.items()}, **found}


def _tried(prove: Callable[[Path], str]) -> str:
    """Return what a proof says; where it cannot be tried (no socket may be made), that proves nothing."""
    try:
        with tempfile.TemporaryDirectory(prefix="stick-") as folder:
            return prove(Path(folder))
    except (OSError, ValueError) as error:
        return f"{UNTRIED}{getattr(error, 'strerror', None) or error}"


def _claude(told: Mapping[str, Any]) -> object:
    return told.get("message", {}).get("content")


def _by_socket(
    folder: Path,
    send: Callable[[Mapping[str, object], str, float], Outcome],
    text_of: Callable[[Mapping[str, Any]], object],
) -> str:
    path = folder / f"inbox-{time.monotonic_ns()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as inbox:
        inbox.bind(str(path))
        inbox.listen(1)
        inbox.settimeout(SECONDS)
        outcome = send({"socket": str(path), "session": "stick-doctor"}, WORDS, SECONDS)
        if outcome.wake != SUBMITTED:
            return f"{CLOSED}{outcome.why}"
        with inbox.accept()[0] as caller:
            caller.settimeout(SECONDS)
            line = _line(caller)
    told = json.read(line.decode()) if line.endswith(b"\n") else None
    fits = isinstance(told, dict) and text_of(told) == WORDS
    return PROVEN if fits else f"{CLOSED}other words arrived"


def _line(caller: socket.socket) -> bytes:
    data = b""
    while not data.endswith(b"\n") and (piece := caller.recv(1 << 16)):
        data += piece
    return data


def _by_program(folder: Path) -> str:
    """Have a program of ours in the place of Codex say what it was told."""
    program, me = folder / "codex", processes.see(os.getpid())
    program.write_text(_PROGRAM)
    program.chmod(stat.S_IRWXU)
    if not os.access(program, os.X_OK):  # the file system is mounted noexec
        return f"{UNTRIED}no program may be run in {folder.parent}"
    reach = {
        "session": "stick-doctor", "program": str(program), "home": "",
        "pid": os.getpid(), "start": me.start if me else None,
    }  # fmt: skip
    outcome = codex.send(reach, WORDS, SECONDS)
    if outcome.wake != SUBMITTED:
        return f"{CLOSED}{outcome.why}"
    told = Path(f"{program}.told").read_text().splitlines()
    wanted = ["queue", "--thread", "stick-doctor", "--message", WORDS]
    return PROVEN if told == wanted else f"{CLOSED}other words arrived"


def _desktop(env: Mapping[str, str]) -> str:
    command = desktop.command("", env, sys.platform)
    if not command:
        return "there is no desktop here"
    return PROVEN if shutil.which(command[0]) else f"{CLOSED}{command[0]} is not installed"
