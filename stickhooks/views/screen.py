"""A whole terminal for a while: its other screen, keys one by one, everything as it was at the end."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType
from typing import Final

from stickhooks.system.folder import write_all

ENTER: Final = "\x1b[?1049h\x1b[?25l"
LEAVE: Final = "\x1b[?25h\x1b[?1049l"
LEAVING: Final = (b"q", b"Q", b"")  # nothing to read: the terminal is gone


class Screen:
    """The terminal on standard output, with keys from standard input where that is one too."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.keys = os.isatty(0)

    @property
    def size(self) -> tuple[int, int]:
        """Return columns and rows, as they are now."""
        found = os.get_terminal_size(1)
        return found.columns or 80, found.lines or 24

    def show(self, lines: list[str]) -> None:
        """Draw lines from the top, each already cut to the width. The same lines write nothing."""
        if lines != self.shown:
            text = "\r\n".join(f"{line}\x1b[K" for line in lines)
            write_all(1, f"\x1b[H{text}\x1b[J".encode("utf-8", "backslashreplace"))
            self.shown = lines

    def is_left(self, seconds: float) -> bool:
        """Wait so long, or until a key is pressed; tell whether it was ``q``."""
        if not self.keys:
            time.sleep(seconds)
            return False
        return bool(select.select([0], [], [], seconds)[0]) and os.read(0, 1) in LEAVING


@contextlib.contextmanager
def taken() -> Iterator[Screen]:
    """Take the terminal over, and give it back however this ends: Ctrl-C, a signal, a fault."""
    with _keys_unseen(), _ended_by_signals():
        write_all(1, ENTER.encode())
        try:
            yield Screen()
        finally:
            write_all(1, LEAVE.encode())


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
