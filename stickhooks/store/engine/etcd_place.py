"""A place in the line that is seen in every clone for as long as its process lives: a key on a short lease of
etcd's, which is kept alive (etcd.io, "Lease"). A kill ends it 15 seconds later."""

from __future__ import annotations

import time

from stickhooks.errors import Refusal
from stickhooks.store.engine.interface import NoAnswer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from stickhooks.store.engine.etcd_wire import Wire

LASTS: Final = 15  # seconds
EVERY: Final = 4.0  # seconds; who waits looks every ten at the latest


class EtcdPlace:
    """One member's place. ``put`` is the request that makes its key, but for the lease. See ``Place``."""

    def __init__(self, wire: Wire, put: Mapping[str, object]) -> None:
        self._wire, self._put = wire, put
        self._lease = ""
        self._next = 0.0

    def refresh(self) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY
        try:
            if not (self._lease and self._lives()):
                self._lease = self._wire.ask("lease/grant", {"TTL": str(LASTS)})["ID"]
                self._wire.tell("kv/put", {**self._put, "lease": self._lease})
        except (Refusal, NoAnswer):
            self._lease = ""  # the next time makes it anew

    def _lives(self) -> bool:
        told = self._wire.ask("lease/keepalive", {"ID": self._lease})
        return int(told.get("TTL", 0)) > 0

    def end(self) -> None:
        try:
            if self._lease:
                self._wire.ask("lease/revoke", {"ID": self._lease})
        except Refusal:
            pass  # it ends by itself
