"""Two people in two clones, with the rooms on an etcd: what each is told, and what each may do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.etcd_servers import Servers
from tests.support.shells import Shells
from tests.support.team import HANDOFF, close

Make = Callable[[str], Path]


class Team:
    """Ada and bob, each in a clone of one's own, with rooms of a name."""

    def __init__(self, make: Make, shells: Shells, name: str) -> None:
        self.name = name
        self.folders = make("ada"), make("bob")
        for clone in self.folders:
            shells.person(clone).stick(f"init --only git --engine '{name}'").ok()
        self.ada, self.bob = (shells.member(clone, clone.name) for clone in self.folders)


@pytest.fixture
def team(make_repository: Make, shells: Shells, name: str) -> Team:
    return Team(make_repository, shells, name)


def test_the_stick_goes_from_clone_to_clone(team: Team) -> None:
    ada, bob = team.ada, team.bob
    ada.stick("take --why 'the login'").ok()
    ada.run("git commit -q --allow-empty -m one").ok()
    bob.stick("take").fails(75, "ada holds", "the login")
    bob.run("git commit -q --allow-empty -m two").fails(1, "NOT COMMITTED", "ada holds")
    bob.stick("join --as ada").fails(77, "from another clone")
    ada.run(f"(sleep 0.5; stick {HANDOFF}) >/dev/null 2>&1 &")
    assert "half of it" in bob.stick("wait --timeout 120s").ok().text
    bob.run("git commit -q --allow-empty -m two").ok()
    ada.run("git commit -q --allow-empty -m three").fails(1, "NOT COMMITTED")
    assert "bob took the stick from ada" in ada.stick("log").ok().text
    told = ada.stick("engine").ok().text
    assert "it answers" in told
    assert "a waiter is told at once" in told


def test_a_room_moves_to_etcd_and_back(make_repository: Make, shells: Shells, name: str) -> None:
    clone = make_repository("ada")
    shells.person(clone).stick("init --only git").ok()
    ada = shells.member(clone, "ada")
    ada.stick("take --why 'the login'").ok()
    ada.stick(f"engine --move '{name}'").ok()
    ada.run("git commit -q --allow-empty -m one").ok()
    assert "the login" in ada.stick("status").ok().text
    ada.stick("engine --move files").ok()
    ada.run("git commit -q --allow-empty -m two").ok()


def test_where_there_is_no_etcd_the_holder_goes_on_for_two_thirds_of_the_lease(
    make_repository: Make, shells: Shells, tmp_path: Path
) -> None:
    servers = Servers(tmp_path / "etcd")
    servers.start()
    try:
        team = Team(make_repository, shells, servers.name("shop"))
        ada = team.ada
        ada.stick("take").ok()
        servers.stop()
        ada.run("git commit -q --allow-empty -m one").ok()
        close(team.folders[0])
        ada.run("git commit -q --allow-empty -m two").fails(1, "cannot be confirmed")
        assert ada.stick("check --json").json["code"] == "unconfirmed"
        ada.stick(HANDOFF).fails(74, "no member of it can be reached; nothing was changed")
        ada.stick("status").fails(74, "connection refused", "next:    etcdctl --endpoints")
        servers.start()
        ada.run("git commit -q --allow-empty -m two").ok()
    finally:
        servers.stop()
