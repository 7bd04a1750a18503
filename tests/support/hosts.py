"""Several hosts on one machine: network namespaces on a bridge, whose links can be set down (ip-netns(8))."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest


class Host:
    """One network namespace, with a link to the others."""

    def __init__(self, name: str, address: str) -> None:
        self.name, self.address = name, address

    def begin(self, command: Sequence[str], log: str) -> subprocess.Popen[bytes]:
        """Start a program there."""
        with open(log, "ab") as out:
            return subprocess.Popen([*self.prefix, *command], stdout=out, stderr=out)

    @property
    def prefix(self) -> list[str]:
        """What a command begins with that is to run there."""
        return ["ip", "netns", "exec", self.name]

    def cut(self) -> None:
        _ip("-n", self.name, "link", "set", "up0", "down")

    def heal(self) -> None:
        _ip("-n", self.name, "link", "set", "up0", "up")


@contextmanager
def connected(count: int) -> Iterator[list[Host]]:
    """Make hosts that see each other, and take them away again. Skips where that may not be done."""
    mark = f"stick{os.getpid()}"
    hosts = [Host(f"{mark}-{number}", f"10.97.53.{number + 1}") for number in range(count)]
    if not shutil.which("ip") or os.name != "posix" or os.geteuid() != 0:
        pytest.skip("no ip(8), or not root: no network namespaces")
    middle = f"{mark}-m"
    made: list[str] = []
    try:
        for name in (middle, *(host.name for host in hosts)):
            if subprocess.run(["ip", "netns", "add", name], capture_output=True).returncode:
                pytest.skip("network namespaces cannot be made here")
            made.append(name)
        _ip("-n", middle, "link", "add", "br0", "type", "bridge")
        _ip("-n", middle, "link", "set", "br0", "up")
        for number, host in enumerate(hosts):
            there = f"to{number}"
            _ip("-n", middle, "link", "add", there, "type", "veth", "peer", "name", "up0",
                "netns", host.name)  # fmt: skip
            _ip("-n", middle, "link", "set", there, "master", "br0", "up")
            _ip("-n", host.name, "addr", "add", f"{host.address}/24", "dev", "up0")
            _ip("-n", host.name, "link", "set", "lo", "up")
            host.heal()
        yield hosts
    except _Failed as failed:
        pytest.skip(f"network namespaces cannot be connected here: {failed}")
    finally:
        for name in made:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)


class _Failed(Exception):  # noqa: N818 - a machine without veth or bridges
    pass


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise _Failed(done.stderr.strip())
