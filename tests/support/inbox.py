"""A socket in the place of a coding client's inbox: what came in, line by line."""

from __future__ import annotations

import json
import socket
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
