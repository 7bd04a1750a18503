"""A person: the desktop's own notification, where ``stick join --notify`` was typed on one."""

from __future__ import annotations

import os
import sys

from stickhooks.system import desktop
from stickhooks.waking.outcome import FAILED, SUBMITTED, Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

NAME: Final = "desktop"
#: What a desktop is found by on Linux and the BSDs.
VARIABLES: Final = (
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "XAUTHORITY",
)


def reach_of(env: Mapping[str, str]) -> dict[str, object]:
    """Return what reaches a person's desktop; empty where there is none."""
    here = {name: env[name] for name in VARIABLES if env.get(name)}
    return {"env": here} if desktop.command("", here, sys.platform) else {}


def send(reach: Mapping[str, object], text: str, seconds: float) -> Outcome:
    told = reach.get("env")
    env = {**os.environ, **told} if isinstance(told, dict) else dict(os.environ)
    command = desktop.command(text, env, sys.platform)
    if not command or not desktop.spawned(command, env):
        return Outcome(FAILED, "there is nothing to notify by")
    return Outcome(SUBMITTED)
