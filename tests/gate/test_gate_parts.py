"""Whose a path is in a room with leases of paths, and what a write to a folder asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stickhooks.gate import decision
from stickhooks.gate.decision import Ruling
from stickhooks.gate.parts import FEW, REST, Parts
from stickhooks.operations.wishes import Wish
from stickhooks.protocol.commands import Ask
from stickhooks.store import reader, schema, schema_parts
from stickhooks.workspace import paths
from tests.support.asking import Gate
from tests.support.world import HANDOFF, MINUTE, Workspace, git_repo, refused

LEASE = {
    "holder": "ada", "lease_id": "x", "granted_at": 1, "renewed_at": 1, "expires_at": 9, "why": None,
    "auto_from": None,
}  # fmt: skip


def part(turn: int, *paths: str, **more: object) -> dict[str, object]:
    return {"paths": list(paths), "turn_id": turn, "lease": LEASE, **more}


def parts(tmp_path: Path, *some: dict[str, object]) -> Parts:
    ruling = Ruling(paths.Workspace(str(tmp_path), None), "")
    ruling.raw = {"parts": list(some)}
    with reader.Survey(str(tmp_path), None) as survey:
        return Parts(survey, ruling)


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("src/login", [0]),
        ("src/login/a/b.py", [0]),
        ("src/log", [REST]),
        ("src/logins", [REST]),
        ("src", [0, 2, REST]),
        ("docs", [1]),
        ("docs/x", [1]),
        ("README.md", [REST]),
        ("src/pay/a", [2]),
        ("Src/Login", [REST]),
        (None, [0, 1, 2, REST]),
    ],
)
@pytest.mark.parametrize("times", [1, FEW + 2])
def test_a_path_asks_who_has_it_and_a_folder_all_below(
    path: str | None, asked: list[int], times: int, tmp_path: Path
) -> None:
    known = parts(tmp_path, part(1, "src/login"), part(2, "docs"), part(3, "src/pay", "x/y"))
    for _ in range(times):
        found = known.keepers(path)
    assert found == asked


def test_names_are_compared_as_the_disk_does(tmp_path: Path) -> None:
    known = parts(tmp_path, part(1, "Src/Caf\u00e9", folds=True))
    assert known.keepers("src/cafe\u0301/a.py") == [0]
    assert known.keepers("SRC") == [0, REST]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"parts": {}}, "parts"),
        ({"parts": [part(1)]}, "parts"),
        ({"parts": [part(1, "")]}, "parts"),
        ({"parts": [part(1, "../out")]}, "parts"),
        ({"parts": [part(1, "/etc")]}, "parts"),
        ({"parts": [part(1, "a\0")]}, "parts"),
        ({"parts": [part(1, "a", reservation={"recipient": "ada", "expires_at": 1})]}, "parts"),
        ({"parts": [{"paths": ["a"], "turn_id": 1}]}, "parts"),
        ({"parts": [part(1, "a", lease={**LEASE, "expires_at": True})]}, "parts"),
        ({"parts": [part(1, "a", lease={**LEASE, "holder": "\ud800"})]}, "parts"),
        ({"parts": [part(1, "a", pending=1)]}, "parts"),
        ({"parts": [part(1, "a", lease={**LEASE, "holder": "eve"})]}, "not a member"),
        ({"parts": [part(1, "a"), part(1, "b")]}, "twice"),
        ({"parts": [part(9, "a")]}, "never given"),
        ({"parts": [part(True, "a")]}, "parts"),
        ({"last_turn": None}, "last_turn"),
        ({"last_turn": True}, "last_turn"),
        ({"last_turn": -1}, "last_turn"),
    ],
)
def test_a_state_whose_parts_are_not_sound_is_not_believed(
    wrong: dict[str, Any], told: str, tmp_path: Path
) -> None:
    raw = {"turn_id": 0, "last_turn": 2, "members": [{"agent_id": "ada"}], "parts": []}
    assert schema_parts.complaint({**raw, "parts": [part(1, "a"), part(2, "b")]}) is None
    complaint = schema_parts.complaint({**raw, **wrong})
    assert complaint is not None
    assert told in complaint


def test_what_is_looked_at_all_at_once_is_judged_as_one_by_one() -> None:
    """A part with a further key is looked at alone."""
    odd: list[object] = [
        None,
        True,
        0,
        -1,
        3,
        1 << 63,
        -(1 << 63),
        "",
        "x",
        "\ud800",
        "\u00e9",
        [],
        {},
    ]
    fields = [{key: value} for key in ("paths", "turn_id", "lease", "reservation") for value in odd]
    places = ([""], ["a", ""], ["", ""], ["a/../b"], ["a\0"], ["\u00e9"], [1], ["a", None], ["a/"])
    fields += [{"paths": list(place)} for place in places]
    for key in LEASE:
        fields += [{"lease": {**LEASE, key: value}} for value in odd]
        fields.append({"lease": {name: value for name, value in LEASE.items() if name != key}})
    raw = {"turn_id": 1, "last_turn": 9, "members": [{"agent_id": "ada"}]}
    right = [part(turn, f"docs/{turn}") for turn in (4, 5)]
    for field in fields:
        one = {**part(2, "src"), **field}
        alone = {"letter": None, **one}
        said = [
            schema_parts.complaint({**raw, "parts": some})
            for some in ([one], [*right, one], [one, *right], [alone])
        ]
        assert len(set(said)) == 1, (field, said)


def test_a_state_with_parts_is_of_a_later_schema_and_without_them_it_is_not(
    tmp_path: Path,
) -> None:
    ws = Workspace(git_repo(tmp_path / "ws"), git=True)
    room_id = ws.join("ada")
    _, _, lease, turn = ws.take("ada", room_id)
    before = json.loads(ws.state.read_text())
    assert before["schema"] == schema.SCHEMA
    assert not {"parts", "last_turn"} & before.keys()
    ws.rooms.wait("ada", room_id, lease, wish=Wish(("docs",)))
    raw = json.loads(ws.state.read_text())
    assert (raw["schema"], raw["last_turn"]) == (schema.PARTED, 2)
    assert json.loads(ws.anchor.read_text())["rooms"][""]["turn"] == 2
    old = {key: value for key, value in raw.items() if key not in ("parts", "last_turn")}
    assert schema.is_newer({**old, "schema": 2})
    own = raw["parts"][0]["lease"]["lease_id"]
    ws.rooms.release("ada", room_id, own, 2, {"status": "s", "next_action": "n"})
    ws.rooms.release("ada", room_id, lease, turn, {"status": "s", "next_action": "n"})
    assert json.loads(ws.state.read_text())["last_turn"] == 2
    ws.take("ada", room_id)
    after = json.loads(ws.state.read_text())
    assert (after["schema"], after["turn_id"]) == (schema.SCHEMA, 3)
    assert after.keys() == before.keys()


def test_a_state_of_before_the_last_part_is_lost(tmp_path: Path) -> None:
    ws = Workspace(git_repo(tmp_path / "ws"), git=True)
    room_id = ws.join("ada")
    ws.take("ada", room_id)
    old = ws.state.read_bytes()
    ws.join("bob")
    lease = json.loads(ws.state.read_text())["lease"]["lease_id"]
    ws.rooms.wait("ada", room_id, lease, wish=Wish(("docs",)))
    ws.state.write_bytes(old)
    with reader.Survey(str(ws.root), str(ws.git_dir)) as survey:
        refused(lambda: survey.load(""), "state_lost")


def renewed(gate: Gate, path: str) -> list[int]:
    """Return the turns of ana's that a write of hers renews."""
    verdict = gate.ask("ana", path)
    assert verdict.ok
    due = [one for one in verdict.allowed if decision.RENEW in one.due]
    return sorted(int(one.raw["turn_id"]) for one in due if one.raw)  # type: ignore[call-overload]


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    """Ana has the rest, for turn 1, and docs, for turn 2; it took both four minutes ago."""
    found = Gate(tmp_path)
    found.policy(idle_after=10 * MINUTE)
    found.ahead = 4 * MINUTE
    lease = found.take("ana")[2]
    found.rooms.wait("ana", found.room, lease, wish=Wish(("docs",)))
    found.ahead = 0
    return found


def test_the_lease_of_a_part_is_renewed_early_while_somebody_asks_for_it(gate: Gate) -> None:
    assert renewed(gate, "docs/a") == []
    gate.rooms.do(Ask("bo", gate.room, for_turn=2))
    assert renewed(gate, "docs/a") == [2]


@pytest.mark.parametrize(("turn", "elsewhere"), [(2, "app.py"), (1, "docs/a")])
def test_who_works_in_one_of_its_turns_is_idle_in_none_that_is_asked_for(
    turn: int, elsewhere: str, gate: Gate
) -> None:
    gate.rooms.do(Ask("bo", gate.room, for_turn=turn))
    assert renewed(gate, elsewhere) == [turn]
    gate.policy_of_holder(idle_after=0)
    assert renewed(gate, elsewhere) == []


def test_a_promised_part_is_in_nobodys_way_where_another_is_asked_for(gate: Gate) -> None:
    gate.rooms.do(Ask("bo", gate.room, for_turn=2))
    lease = gate.rooms.look("")[0].lease
    assert lease
    gate.rooms.pass_on("ana", gate.room, lease.lease_id, 1, "bo", HANDOFF)
    gate.rooms.wait("bo", gate.room, wish=Wish(("src",)))
    [_, part] = gate.rooms.look("")[0].parts
    assert part.lease
    gate.rooms.pass_on("bo", gate.room, part.lease.lease_id, 3, "ana", HANDOFF)
    assert renewed(gate, "docs/a") == [2]
    assert not gate.ask("ana", "src/a").ok
