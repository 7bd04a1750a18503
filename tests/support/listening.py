"""Whether a server that a test started answers."""

from __future__ import annotations

import socket
import subprocess
import time

PATIENCE_S = 60.0


def listens(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Wait until somebody listens at a port of this machine; False where the server ended, or is too slow."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            time.sleep(0.05)
    return False
