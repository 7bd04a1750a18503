"""A connection over the network within a time limit, whatever the look for its host's name takes."""

from __future__ import annotations

import re
import select
import socket
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_NUMERIC: Final = re.compile(r"[0-9.]+|.*:.*|localhost")


def connected(host: str, port: int, seconds: float) -> socket.socket:
    """Return a connection. Raises OSError, TimeoutError after ``seconds``.

    The system looks for a name as long as its settings say, 20 s and more (resolv.conf(5), ``timeout`` and
    ``attempts``), and cannot be asked to stop: it looks in a thread, which nobody waits for then.
    """
    if _NUMERIC.fullmatch(host):
        return _made(host, port, seconds)
    made: list[socket.socket] = []
    faults: list[OSError] = []
    lock = threading.Lock()
    late = False

    def make() -> None:
        try:
            found = _made(host, port, seconds)
        except OSError as error:
            faults.append(error)
            return
        with lock:
            if late:
                found.close()
            else:
                made.append(found)

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    thread.join(seconds)
    with lock:
        late = True
    if made:
        return made[0]
    raise faults[0] if faults else TimeoutError(f"no connection within {seconds:.1f} s")


def _made(host: str, port: int, seconds: float) -> socket.socket:
    made = socket.create_connection((host, port), seconds)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def is_readable(connection: socket.socket) -> bool:
    """Tell whether a connection has something to read, its end for one, without waiting."""
    if not hasattr(select, "poll"):  # Windows
        return bool(select.select([connection], [], [], 0)[0])
    asked = select.poll()
    asked.register(connection, select.POLLIN)
    return bool(asked.poll(0))
