"""Rooms on a real etcd of one member."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator

from stickhooks.store.engine.etcd import Etcd
from tests.support import etcd_servers

from .engines import Clone, asked, handed
from .figures import Row, spread
from .ground import Ground


def rows(ground: Ground, rounds: int) -> Iterator[Row]:
    if not etcd_servers.PROGRAM:
        print("no etcd: neither in the path nor named by STICK_ETCD", file=sys.stderr)
        return
    servers = etcd_servers.Servers(ground.folder / "etcd")
    servers.start()
    try:
        yield from asked("etcd", Etcd(servers.name("asked"), "/", "/"), rounds * 10)
        name = servers.name("handed")
        ada, bob = (Clone(ground.folder, Etcd(name, "/", "/"), who) for who in ("ada", "bob"))
        yield handed("etcd", ada, bob, rounds, 50.0)
    finally:
        servers.stop()
    yield _started(rounds)


def _started(rounds: int) -> Row:
    """Measure what the import of the engine takes."""
    command = "import time; t = time.perf_counter(); import stickhooks.store.engine.etcd;"
    program = [sys.executable, "-c", f"{command} print(time.perf_counter() - t)"]
    times = [float(subprocess.check_output(program)) * 1000 for _ in range(rounds)]
    return Row("etcd: the import", statistics.median(times), spread(times), unit=" ms")
