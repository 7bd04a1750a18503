"""Be told by etcd that something changed (etcd.io, "Watch"): a hint, and nothing more.

Any byte on the stream says "look again", and so do its end and its being cancelled; whether there was
something is what the look says. Who waits looks from time to time all the same, for a member that is cut
off from the others stays silent.
"""

from __future__ import annotations

import http.client
import select
import ssl

from stickhooks.fast import json
from stickhooks.store.engine.etcd_wire import Trouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from stickhooks.store.engine.etcd_wire import Wire

MOST: Final = 1 << 16  # bytes that are read at once
CANCELLED: Final = b'"canceled":true'


class Stream:
    """What one member says of changes. See ``Hints`` of ``store.engine.interface``."""

    def __init__(self, wire: Wire, connection: http.client.HTTPConnection) -> None:
        self._wire, self._connection = wire, connection
        self._place, self._over = wire.place, False
        connection.sock.setblocking(False)

    def fileno(self) -> int:
        return int(self._connection.sock.fileno())

    def hear(self) -> None:
        try:
            while data := self._connection.sock.recv(MOST):
                self._over = self._over or CANCELLED in data
            self._over = True
        except (BlockingIOError, ssl.SSLWantReadError):
            pass  # that was all for now
        except OSError:
            self._over = True

    @property
    def lasts(self) -> bool:
        """Whether it goes on, and comes from the member that answers questions."""
        return not self._over and self._place == self._wire.place

    def close(self) -> None:
        self._connection.close()


def begin(wire: Wire, keys: Mapping[str, object]) -> Stream | None:
    """Have the member that is asked tell of changes from now on, None where that cannot be."""
    if not hasattr(select, "poll"):  # Windows: who waits there looks from time to time
        return None
    try:
        connection = wire.connection(wire.seconds)
    except Trouble:
        return None
    try:
        connection.sock.settimeout(wire.seconds)
        asked = json.write({"create_request": keys})
        connection.request("POST", "/v3/watch", asked, wire.headers())
        response = connection.getresponse()
        line = response.readline() if response.status == http.client.OK else b""
        if line and CANCELLED not in line:  # it says that it begins
            return Stream(wire, connection)
    except (OSError, http.client.HTTPException):
        pass
    connection.close()
    return None
