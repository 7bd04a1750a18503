"""Tell a person who looks elsewhere that a wait is over: the bell, the terminal, the desktop.

As well as can be: whatever is not there or fails is passed over, nothing is waited for, no
shell is asked, and the text is made plain first, for it may name what others chose.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from stickhooks.errors import Refusal
from stickhooks.operations.reply import Reply
from stickhooks.system import desktop
from stickhooks.system.folder import write_all
from stickhooks.text import plain

LIMIT: Final = 200
BELL: Final = "\a"
TMUX_S: Final = 1.0
#: OSC 9, iTerm2's, and what the terminals that show it as a notification call themselves.
OSC_9: Final = "\x1b]9;{title}: {text}\a"
NAMES: Final = ("iterm", "wezterm", "ghostty", "warp", "windows terminal", "kitty", "foot")
BY_VARIABLE: Final = {
    "KITTY_WINDOW_ID": "kitty", "WT_SESSION": "windows terminal",
    "ITERM_SESSION_ID": "iterm", "WEZTERM_PANE": "wezterm",
}  # fmt: skip


class Notice:
    """What to say when a wait is over; nothing unless ``said`` is set."""

    said = ""

    def of(self, reply: Reply) -> Reply:
        """Say a reply's first line, and hand the reply on."""
        self.said = next(iter(reply.lines), "")
        return reply


@contextlib.contextmanager
def at_the_end(wanted: bool, env: Mapping[str, str]) -> Iterator[Notice]:
    """Notify of what the block's notice says, or of the refusal that it ends with.

    An interrupt is no news to the person who pressed the keys.
    """
    notice = Notice()
    try:
        yield notice
    except Refusal as refusal:
        if refusal.code != "interrupted":
            notice.said = refusal.message
        raise
    finally:
        if wanted and notice.said:
            send(notice.said, env)


def send(text: str, env: Mapping[str, str], platform: str = sys.platform) -> None:
    """Notify by what there is. Raises nothing."""
    message = plain(text, LIMIT)
    stream = next((fd for fd in (2, 1) if os.isatty(fd)), None)
    sequence = ""
    if stream is not None:
        sequence = for_terminal(message, env)
        with contextlib.suppress(OSError):
            write_all(stream, (BELL + sequence).encode("utf-8", "backslashreplace"))
    command = [] if sequence else desktop.command(message, env, platform)
    if command:
        desktop.spawned(command, os.environ)


def for_terminal(text: str, env: Mapping[str, str], ask: Callable[[], str] | None = None) -> str:
    """Return the sequence by which this terminal shows a text, ``""`` where it is not known to do so.

    Within tmux it is wrapped for the terminal outside; tmux drops that unless its user set
    ``allow-passthrough``.
    """
    inside = bool(env.get("TMUX"))
    known = f"{env.get('TERM', '')} {env.get('TERM_PROGRAM', '')}"
    name = (ask or _outside_tmux)() if inside else known
    marks = " ".join(word for key, word in BY_VARIABLE.items() if env.get(key))
    if not any(word in f"{name} {marks}".lower() for word in NAMES):
        return ""
    sequence = OSC_9.format(title=desktop.TITLE, text=text.replace(";", ","))
    return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\" if inside else sequence


def _outside_tmux() -> str:
    """Return what tmux knows of the terminal that it is shown on, ``""`` where it does not answer."""
    command = ["tmux", "display-message", "-p", "#{client_termname} #{client_termtype}"]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TMUX_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")
