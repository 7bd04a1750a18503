"""A proxy for TCP that cuts some connections once the question went through: the answer is lost."""

from __future__ import annotations

import random
import socket
import threading
from typing import Final

SIZE: Final = 1 << 16


class CuttingProxy:
    """Passes connections on to a port of this machine. Of what is asked under ``path``, one answer in
    ``1 / share`` is not given, by chance; nothing is cut before ``share`` is set."""

    def __init__(self, port: int, path: bytes, seed: int) -> None:
        self.target, self.path, self.share = port, path, 0.0
        self.cut = 0
        self._random = random.Random(seed)
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                asker, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[asker], daemon=True).start()

    def _serve(self, asker: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:  # the server is down, or not up yet: the asker sees that as well
            _end(asker)
            return
        self._open += [asker, server]
        asked: list[bytes] = []
        threading.Thread(target=self._pass_on, args=[asker, server, asked], daemon=True).start()
        try:
            while answer := server.recv(SIZE):
                if any(self.path in part for part in asked) and self._random.random() < self.share:
                    self.cut += 1
                    break
                asked.clear()
                asker.sendall(answer)
        except OSError:
            pass
        _end(asker, server)

    def _pass_on(self, asker: socket.socket, server: socket.socket, asked: list[bytes]) -> None:
        try:
            while question := asker.recv(SIZE):
                asked.append(question)
                server.sendall(question)
        except OSError:
            pass
        _end(asker, server)

    def end(self) -> None:
        """End all connections that there are."""
        _end(*self._open)
        self._open.clear()

    def close(self) -> None:
        self._listener.close()
        self.end()


def _end(*sockets: socket.socket) -> None:
    for one in sockets:
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        one.close()
