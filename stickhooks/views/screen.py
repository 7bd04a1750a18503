"""A terminal taken over for a while by ``rich.live``: its other screen, and keys one by one."""

from __future__ import annotations

import contextlib
import io
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType
from typing import Final

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

LEAVING: Final = (b"q", b"Q", b"")  # nothing to read: the terminal is gone


class Screen:
    """The terminal on standard output, with keys from standard input where that is one too."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.lines: list[Text] = []
        self.keys = os.isatty(0)

    @property
    def size(self) -> tuple[int, int]:
        """Return columns and rows, as they are now, whatever the environment says of them."""
        size = os.get_terminal_size(1)
        return size.columns or 80, size.lines or 24

    def show(self, lines: list[Text]) -> None:
        """Draw lines from the top, each already cut to the width. The same lines write nothing."""
        if lines != self.lines:
            self.live.console.size = self.size
            self.live.update(Group(*lines), refresh=True)
            self.lines = lines

    def is_left(self, seconds: float) -> bool:
        """Wait so long, or until a key is pressed; tell whether it was ``q``."""
        if not self.keys:
            time.sleep(seconds)
            return False
        return bool(select.select([0], [], [], seconds)[0]) and os.read(0, 1) in LEAVING


@contextlib.contextmanager
def taken() -> Iterator[Screen]:
    """Take the terminal over, and give it back however this ends: Ctrl-C, a signal, a fault."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    live = Live(
        console=console(),
        screen=True,
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with _keys_unseen(), _ended_by_signals(), live:
        yield Screen(live)


def console() -> Console:
    """Return a console with colour, unless NO_COLOR is set to something."""
    no_color = bool(os.environ.get("NO_COLOR"))
    return Console(force_terminal=True, highlight=False, legacy_windows=False, no_color=no_color)


@contextlib.contextmanager
def _keys_unseen() -> Iterator[None]:
    """Read keys as they are pressed and show none of them. Ctrl-C stays what it is; Ctrl-Z is a key
    like others: a stopped program would leave the shell a screen without a cursor."""
    if not os.isatty(0) or sys.platform == "win32":
        yield
        return
    import termios
    import tty

    before = termios.tcgetattr(0)
    tty.setcbreak(0)
    keys = termios.tcgetattr(0)
    keys[tty.CC][termios.VSUSP] = bytes([os.fpathconf(0, "PC_VDISABLE") & 0xFF])
    termios.tcsetattr(0, termios.TCSANOW, keys)
    try:
        yield
    finally:
        termios.tcsetattr(0, termios.TCSAFLUSH, before)


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Leave by way of the program's end where a signal would kill it on the spot."""
    numbers = [n for name in ("SIGTERM", "SIGHUP") if (n := getattr(signal, name, None))]
    before = {number: signal.signal(number, _end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
