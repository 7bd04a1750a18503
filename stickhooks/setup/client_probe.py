"""Proves an installed hook: calls it as its client would, for an edit that nobody may make."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stickhooks.setup.client_places import PRE_EDIT, Answer, Place
from stickhooks.setup.client_settings import commands
from stickhooks.store import layout

LIMIT_S: Final = 15.0


def unproven(place: Place, path: Path, text: str, launcher: Path, root: str) -> str:
    """Call what a client's file names; return what is wrong with the answer, ``""`` if it refuses.

    An edit tool may never change the room's own state, whoever holds the stick. Takes up
    to ``LIMIT_S`` a hook.
    """
    for command, payload in calls(place, path, text, launcher, root):
        answer = call(command, payload, root)
        if answer.code is None:
            return f"did not answer in {LIMIT_S:.0f} s"
        if not place.blocks(answer):
            return f"let an edit of {layout.FOLDER} pass (exit {answer.code})"
        if layout.FOLDER not in answer.out + answer.err:
            said = " ".join((answer.err or answer.out).split())[:150]
            return f"refuses everything: {said}"
    return ""


def calls(
    place: Place, path: Path, text: str, launcher: Path, root: str
) -> list[tuple[Sequence[str], object]]:
    """Return every command that a client's file names for edits, with what to send to it."""
    state = str(Path(root, layout.FOLDER, layout.state_name("")))
    sent = place.asks(root, state)
    if place.kind == "settings":
        return [(["sh", "-c", command], sent) for command in dict.fromkeys(commands(place, text))]
    if place.kind == "script":
        return [([str(path)], sent)]
    node = shutil.which("node")
    if node is None:  # the client has an interpreter of its own; what it would call can be called
        return [([str(launcher / PRE_EDIT), place.name], sent)]
    return [([node, "-e", place.host], [text, root, state])]


def call(command: Sequence[str], sent: object, root: str) -> Answer:
    """Run a hook with a payload on standard input, from the root of the working tree."""
    try:
        done = subprocess.run(
            command,
            cwd=root,
            env={**os.environ, "PWD": root},
            input=json.dumps(sent),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(None, "", "")
    except OSError as error:
        return Answer(127, "", str(error))
    return Answer(done.returncode, done.stdout, done.stderr)
