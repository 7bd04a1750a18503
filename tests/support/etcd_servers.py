"""Real etcd for the tests: one member or more, in a folder of their own, on free ports of this machine.

``etcd`` of the path is taken, or what ``STICK_ETCD`` names. Elections take a fifth of the usual time, so
that a lease may be of one second.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

PROGRAM: Final = os.environ.get("STICK_ETCD") or shutil.which("etcd") or ""
PATIENCE_S: Final = 60.0
_FAST: Final = (
    "--unsafe-no-fsync", "--heartbeat-interval=20", "--election-timeout=200", "--bcrypt-cost=4",
    "--logger=zap", "--log-level=error",
)  # fmt: skip


class Servers:
    """The members of one etcd. ``flags`` are further ones of each."""

    def __init__(self, folder: Path, count: int = 1, flags: Sequence[str] = ()) -> None:
        if not PROGRAM:
            pytest.skip("no etcd: neither in the path nor named by STICK_ETCD")
        self.folder, self.flags = folder, flags
        self.kind = "https" if any("--cert-file" in flag for flag in flags) else "http"
        self.ports = free_ports(2 * count)
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        self.count = count

    def name(self, prefix: str, host: str = "127.0.0.1", user: str = "") -> str:
        hosts = ",".join(f"{host}:{port}" for port in self.ports[: self.count])
        scheme = "etcds" if self.kind == "https" else "etcd"
        return f"{scheme}://{user}{hosts}/{prefix}"

    def start(self, *numbers: int) -> None:
        """Start members, all where none is named, and wait until they answer."""
        wanted = numbers or range(self.count)
        for number in wanted:
            self.processes[number] = self._started(number)
        for number in wanted:
            self._until_up(number)

    def _started(self, number: int) -> subprocess.Popen[bytes]:
        client, peer = self.ports[number], self.ports[self.count + number]
        peers = self.ports[self.count :]
        cluster = ",".join(f"m{i}=http://127.0.0.1:{port}" for i, port in enumerate(peers))
        place = f"{self.kind}://127.0.0.1:{client}"
        command = [
            PROGRAM, *_FAST, *self.flags, f"--name=m{number}", f"--data-dir={self.folder}/m{number}",
            f"--listen-client-urls={place}", f"--advertise-client-urls={place}",
            f"--listen-peer-urls=http://127.0.0.1:{peer}",
            f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
            f"--initial-cluster={cluster}",
        ]  # fmt: skip
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"m{number}.log").open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=_end_with_us)

    def _until_up(self, number: int) -> None:
        until = time.monotonic() + PATIENCE_S
        while self.status(number).get("leader", "0") == "0":
            log = self.folder / f"m{number}.log"
            assert self.processes[number].poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.02)

    def status(self, number: int) -> Any:
        """Return what a member says of itself, {} for nothing."""
        place = f"{self.kind}://127.0.0.1:{self.ports[number]}/v3/maintenance/status"
        anyone = ssl.create_default_context()
        anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
        try:
            with urllib.request.urlopen(place, b"{}", timeout=2, context=anyone) as answer:
                return json.load(answer)
        except OSError:
            return {}

    def leader(self) -> int:
        """Return the number of the member that leads."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            for number in self.processes:
                told = self.status(number)
                if told and told.get("leader") == told["header"]["member_id"]:
                    return number
            time.sleep(0.02)
        raise AssertionError("no member leads")

    def kill(self, *numbers: int) -> None:
        for number in numbers:
            process = self.processes.pop(number)
            process.kill()
            process.wait()

    def stop(self) -> None:
        self.kill(*self.processes)


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens at."""
    sockets = [socket.socket() for _ in range(count)]
    for it in sockets:
        it.bind(("127.0.0.1", 0))
    ports = [int(it.getsockname()[1]) for it in sockets]
    for it in sockets:
        it.close()
    return ports


def _end_with_us() -> None:
    """Have the kernel end a server with the process that runs the tests (prctl(2), PR_SET_PDEATHSIG)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
