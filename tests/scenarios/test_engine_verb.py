"""``stick engine``: where the rooms are, with and without an answer; in and out; deleted."""

from __future__ import annotations

from tests.support.shells import Shells
from tests.support.team import Team


def test_it_shows_where_the_rooms_are_and_says_so_offline(team: Team) -> None:
    ada, bob = team.people()
    ada.stick("take").ok()
    told = ada.stick("engine --json").ok().json
    clone = told["clone"]
    assert (told["engine"], told["room_name"], told["reached"]) == ("git:origin", "main", True)
    assert told["members"] == {"here": ["ada"], "elsewhere": ["bob"]}
    assert told["revision"] == 4  # made, two joined, one took
    [opening] = told["open"]
    assert 0 < opening["for_ms"] <= 30 * 60_000
    assert told["can"]["least_lease_ms"] == 15 * 60_000
    assert bob.stick("engine --json").ok().json["open"] == []
    team.away()
    text = ada.stick("engine").ok().text
    assert "NOT REACHED: git:origin did not do that: there is no repository at that place" in text
    assert "ada writes until" in text
    assert "git ls-remote origin" in text
    offline = ada.stick("engine --json").ok().json
    assert (offline["reached"], offline["revision"], offline["clone"]) == (False, 4, clone)
    assert offline["mirror_age_ms"] >= 0


def test_a_room_of_this_machine_says_so(team: Team, shells: Shells) -> None:
    ada = shells.member(team.folders[0], "ada")
    assert "of this machine alone" in ada.stick("engine").ok().text
    assert ada.stick("engine --json").ok().json["engine"] is None


def test_two_engines_are_said_to_be_two(team: Team) -> None:
    ada, _ = team.people()
    (team.folders[0] / ".git" / "stickhooks" / "anchor.json").unlink()
    ada.stick("engine").fails(78, "no room is opened", "stick init --engine git:origin")
