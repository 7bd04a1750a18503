"""Three hosts with a member of etcd each, and a clone on two of them; the network between them is cut.

Each clone asks the member of its own host. Who is cut off goes on for two thirds of the lease, and is refused
before anybody else may take over.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import etcd_servers, hosts
from tests.support.hosts import Host
from tests.support.shells import Result, Shell, Shells

COMMIT = "git commit -q --allow-empty -m x"
NAME = "etcd://127.0.0.1:2379/shop"
Make = Callable[[str], Path]


@pytest.fixture
def three(tmp_path: Path) -> Iterator[list[Host]]:
    if not etcd_servers.PROGRAM:
        pytest.skip("no etcd: neither in the path nor named by STICK_ETCD")
    with hosts.connected(3) as made:
        cluster = ",".join(f"m{i}=http://{host.address}:2380" for i, host in enumerate(made))
        members = []
        for number, host in enumerate(made):
            command = [
                etcd_servers.PROGRAM, "--unsafe-no-fsync", "--logger=zap", "--log-level=error",
                "--heartbeat-interval=50", "--election-timeout=500", f"--name=m{number}",
                f"--data-dir={tmp_path}/m{number}", "--listen-client-urls=http://127.0.0.1:2379",
                "--advertise-client-urls=http://127.0.0.1:2379",
                f"--listen-peer-urls=http://{host.address}:2380",
                f"--initial-advertise-peer-urls=http://{host.address}:2380",
                f"--initial-cluster={cluster}",
            ]  # fmt: skip
            members.append(host.begin(command, f"{tmp_path}/m{number}.log"))
        try:
            yield made
        finally:
            for member in members:
                member.send_signal(signal.SIGKILL)
                member.wait()


class There:
    """A member's shell, whose commands run on a host."""

    def __init__(self, shell: Shell, host: Host) -> None:
        self.shell, self.host = shell, host

    def run(self, command: str) -> Result:
        return self.shell.run(f"{' '.join(self.host.prefix)} {command}")

    def stick(self, words: str) -> Result:
        return self.run(f"stick {words}")

    def until_ok(self, words: str, seconds: float) -> Result:
        until = time.monotonic() + seconds
        while True:
            done = self.stick(words)
            if done.code == 0 or time.monotonic() > until:
                return done.ok()
            time.sleep(0.1)


@pytest.mark.long
def test_who_is_cut_off_is_refused_before_anybody_else_holds(
    three: list[Host], make_repository: Make, shells: Shells
) -> None:
    people = []
    for name, host in zip(("ada", "bob"), three, strict=False):
        one = There(shells.person(make_repository(name)), host)
        one.until_ok(f"init --only git --engine {NAME}", 60)
        one.stick(f"join --as {name}").ok()
        people.append(one)
    ada, bob = people
    ada.stick("policy owner_lease_ttl 9s").ok()
    ada.stick("take --why 'the login'").ok()
    ada.run(COMMIT).ok()
    three[0].cut()
    ada.run(COMMIT).ok()  # two thirds of the lease, without asking
    allowed = refused = time.monotonic()
    taken = None
    until = time.monotonic() + 120
    while taken is None and time.monotonic() < until:
        if ada.run(COMMIT).code == 0:
            allowed = time.monotonic()
        else:
            refused = refused if refused > allowed else time.monotonic()
        begun = time.monotonic()
        if bob.stick("takeover --reason 'ada is cut off'").code == 0:
            taken = begun
    assert taken is not None
    assert allowed < refused < taken
    ada.run(COMMIT).fails(1, "cannot be confirmed")
    bob.run(COMMIT).ok()
    three[0].heal()
    ada.until_ok("status", 60)
    ada.run(COMMIT).fails(1, "NOT COMMITTED", "bob holds")


@pytest.mark.long
def test_without_two_of_three_nobody_is_given_the_stick_and_it_comes_back(
    three: list[Host], make_repository: Make, shells: Shells
) -> None:
    one = There(shells.person(make_repository("ada")), three[0])
    one.until_ok(f"init --only git --engine {NAME}", 60)
    one.stick("join --as ada").ok()
    for host in three:
        host.cut()
    time.sleep(2)
    one.stick("take").fails(74)
    for host in three:
        host.heal()
    one.until_ok("take", 60)
    one.run(COMMIT).ok()
