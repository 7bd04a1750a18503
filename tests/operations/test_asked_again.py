"""What is asked again, because the answer was lost, is answered again and not done twice."""

from __future__ import annotations

from pathlib import Path

from stickhooks.operations import replay
from tests.support.shells import Shell
from tests.support.world import DAY, Workspace

HANDOFF = '--status "half" --next "the rest"'


def events(shell: Shell) -> list[str]:
    return [event["event_type"] for event in shell.stick("log --json").ok().json["events"]]


def test_a_takeover_asked_again_is_the_same_turn(ada: Shell, bob: Shell) -> None:
    bob.stick("policy gone_grace 0s").ok()
    ada.stick("take").ok()
    ada.stick(f"release {HANDOFF}").ok()
    ada.stick("take").ok()
    ada.kill()
    first = bob.stick("takeover --reason killed --json").ok().json
    assert (first["turn_id"], first["revoked_agent_id"]) == (3, "ada")
    for line in ("--reason killed", "--reason killed --expect 2"):
        same = bob.stick(f"takeover {line} --json").ok().json
        told = ("status", "turn_id", "lease_id", "lease_expires_at", "reason", "revoked_agent_id")
        for key in (*told, "handoff", "from_agent_id"):
            assert same[key] == first[key], key
    assert events(bob) == ["claim", "release", "claim", "takeover"]
    bob.stick("takeover --reason killed --expect 3").fails(77)


def test_only_the_takeover_that_came_last_is_answered_again(tmp_path: Path) -> None:
    ws = Workspace(tmp_path)
    room = ws.join("ana")
    ws.join("bo")
    ws.take("ana", room)
    assert replay.taken_over(ws.rooms, "", "ana") is None
    ws.wall += DAY
    first = ws.rooms.takeover("bo", room, "she left", 1)
    assert replay.taken_over(ws.rooms, "", "bo") == first
    assert replay.taken_over(ws.rooms, "", "ana") is None
    ws.wall += DAY
    assert replay.taken_over(ws.rooms, "", "bo") is None
    ws.rooms.takeover("ana", room, "he left", 2)
    assert replay.taken_over(ws.rooms, "", "bo") is None


def test_who_took_the_turn_took_nothing_over(ada: Shell) -> None:
    ada.stick("take").ok()
    ada.stick("takeover --reason why").fails(77)
    assert events(ada) == ["claim"]


def test_who_left_has_left_however_often_it_is_asked(ada: Shell, bob: Shell) -> None:
    for _ in range(2):
        left = bob.stick("leave --as bob --json").ok().json
        assert (left["status"], left["agent_id"]) == ("left", "bob")
    bob.stick("leave --as cy").fails(66, "have not joined")
    ada.stick("take").ok()
    bob.stick("leave --as bob").fails(66, "have not joined")
    assert events(ada) == ["leave", "claim"]


def test_a_room_removed_again_takes_no_room_above_along(ada: Shell) -> None:
    for folder in ("services", "services/web"):
        first = ada.stick(f"join --new {folder} --json").ok().json
        assert ada.stick(f"join --new {folder} --json").ok().json["room_id"] == first["room_id"]
    removed = ada.stick("close --remove --room services/web --json").ok().json
    again = ada.stick("close --remove --room services/web --json").ok().json
    assert removed["status"] == again["status"] == "removed"
    listed = [room["canonical_path"] for room in ada.stick("rooms --json").ok().json["rooms"]]
    assert [path.rpartition("/")[2] for path in listed] == ["shop", "services"]


def test_a_setting_set_again_is_set_whoever_holds_by_now(ada: Shell, bob: Shell) -> None:
    ada.stick("policy claim_ttl 10m").ok()
    bob.stick("take").ok()
    assert "claim_ttl 10m" in ada.stick("policy claim_ttl 10m").ok().out
    ada.stick("policy claim_ttl 11m").fails(75)


def test_a_room_reopened_again_is_open_and_its_holder_keeps_the_stick(
    ada: Shell, bob: Shell
) -> None:
    ada.stick("take").ok()
    ada.stick(f"close {HANDOFF}").ok()
    ada.stick("reopen").ok()
    bob.stick("take").ok()
    ada.stick("reopen").ok()
    assert events(ada) == ["claim", "close", "reopen", "claim"]
