"""A socket in the place of a coding client's inbox: what came in, line by line."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Inbox:
    """Takes what is sent, and answers nothing, as the client does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.server.bind(str(path))
        self.server.listen(8)
        self.server.setblocking(False)

    def lines(self) -> list[Any]:
        """Return what was sent until now: who sent it has ended."""
        found: list[Any] = []
        while True:
            try:
                caller = self.server.accept()[0]
            except BlockingIOError:
                return found
            with caller, caller.makefile("rb") as file:
                caller.settimeout(30)
                found += [json.loads(line) for line in file]

    def texts(self) -> list[str]:
        return [line["message"]["content"] for line in self.lines()]


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    """Give a folder whose path is short: that of a socket may have some hundred bytes, unix(7)."""
    short = "/tmp" if os.path.isdir("/tmp") else None
    with tempfile.TemporaryDirectory(prefix="stick-", dir=short) as folder:
        yield Path(folder)
