"""An etcd of three members, of which some are killed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stickhooks.store.engine.etcd import Etcd
from tests.stress import etcd_ring, sample
from tests.support.etcd_servers import Servers
from tests.support.shells import Shells
from tests.support.world import refused


def test_the_stick_goes_round_while_leaders_are_killed(tmp_path: Path) -> None:
    handoffs = sample.count("ETCD_HANDOFFS", 30)
    made = etcd_ring.ring(tmp_path, handoffs, kills=max(1, handoffs // 60))
    assert made.faults == []
    assert len(made.turns) >= handoffs


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Servers]:
    servers = Servers(tmp_path / "etcd", 3)
    servers.start()
    yield servers
    servers.stop()


def test_without_most_members_nothing_is_done_and_it_is_said(three: Servers) -> None:
    engine = Etcd(three.name("shop"), "/", "/", 60)
    version = engine.swap(None, b'{"revision":1,"clock":0,"rooms":{}}', {})
    three.kill(0, 1)
    engine.seconds = engine.hurried
    begun = time.monotonic()
    refusal = refused(engine.load, "engine")
    assert time.monotonic() - begun < 30  # measured: 1.3 s
    assert "most of its members are down" in refusal.message
    assert "nothing was changed" in refusal.message
    three.start(0)
    engine.seconds = 60
    assert engine.load() == version
    engine.delete(version, b"")
    engine.wire.close()


def test_doctor_names_the_quorum_that_is_lost_and_nothing_once_it_is_back(
    three: Servers, make_repository: Callable[[str], Path], shells: Shells
) -> None:
    tree = make_repository("ada")
    shells.person(tree).stick(f"init --only git --engine '{three.name('shop')}'").ok()
    ada = shells.member(tree, "ada")
    ada.stick("take").ok()
    three.kill(0, 1)
    told = ada.stick("doctor").fails(74, "it has no leader: most of its members", "etcdctl")
    assert "nothing is wrong" not in told.text
    assert ada.stick("doctor --json").json["findings"][0]["code"] == "engine"
    ada.stick("doctor --fix").fails(74, "it has no leader")
    three.start(0, 1)
    assert "engine" not in [found["code"] for found in ada.stick("doctor --json").json["findings"]]
    ada.stick("renew").ok()
