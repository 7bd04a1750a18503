"""Every bug that ``tests/stress/planted.py`` plants still fits the source; and claims of the gate,
asked in this very process, by which the planted bugs of the gate are seen at once.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from stickhooks.fast import json as fast_json
from stickhooks.gate import decision
from stickhooks.protocol import phases
from stickhooks.store.files import FileStore
from tests.stress.planted import PLANTS, REPOSITORY, Plant
from tests.support.asking import Gate
from tests.support.world import MINUTE, refused

HANDOFF = {"status": "half", "next_action": "rest"}
TESTS = {file.stem for file in (REPOSITORY / "tests").rglob("test_*.py")}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_every_plant_still_fits(plant: Plant) -> None:
    source = (REPOSITORY / "stickhooks" / plant.file).read_text()
    bugged = plant.into(source)
    assert bugged != source
    if plant.file.endswith(".py"):
        compile(bugged, plant.file, "exec")
    else:
        subprocess.run(["sh", "-n"], input=bugged, text=True, check=True)
    assert set(plant.tests) <= TESTS


def test_there_are_plants_enough_and_no_two_are_the_same() -> None:
    assert len({plant.name for plant in PLANTS}) == len(PLANTS) >= 30
    assert len({(plant.file, plant.old, plant.new) for plant in PLANTS}) == len(PLANTS)


# --- the gate, in process


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path)


def test_only_the_holder_may_write(gate: Gate) -> None:
    gate.take("ana")
    assert gate.ask("ana").ok
    assert not gate.ask("bo").ok
    assert not gate.ask("a-stranger").ok


def test_a_free_stick_must_be_taken_first(gate: Gate) -> None:
    assert not gate.ask("ana").ok


def test_no_tool_edits_our_folder_or_the_git_dir_whoever_holds(gate: Gate) -> None:
    gate.take("ana")
    for path in (".git", ".git/config", ".git/hooks/pre-commit", ".talking-stick/room.json"):
        assert not gate.ask("ana", path).ok, path


@pytest.mark.parametrize("loss", ["state", "folder", "damage", "anchor"])
def test_what_is_lost_or_cannot_be_read_shuts_the_gate(loss: str, gate: Gate) -> None:
    gate.take("ana")
    state = gate.root / ".talking-stick/room.json"
    if loss == "state":
        state.unlink()
    elif loss == "folder":
        (gate.root / ".talking-stick").rename(gate.root / "elsewhere")
    elif loss == "damage":
        state.write_text("{")
    else:
        (gate.root / ".git/stickhooks/anchor.json").write_text("{")
    assert not gate.ask("ana").ok
    assert not gate.ask("a-stranger").ok


def test_a_nested_room_has_a_holder_of_its_own(gate: Gate) -> None:
    nested = gate.join("bo", "src")
    gate.take("ana")
    gate.take("bo", nested)
    assert gate.ask("ana", "app.py").ok
    assert gate.ask("bo", "src/a.py").ok
    assert not gate.ask("ana", "src/a.py").ok
    assert not gate.ask("bo", "app.py").ok
    assert not gate.ask("ana", "app.py", "src/a.py").ok
    assert not gate.ask("ana", "src/a.py", "app.py").ok
    assert not gate.ask("ana", "app.py", "src/a.py", kind=decision.COMMIT).ok


def test_a_path_is_exempt_by_its_own_room_alone(gate: Gate) -> None:
    nested = gate.join("bo", "src")
    gate.policy(exempt=("*.md",))
    gate.take("ana")
    gate.take("bo", nested)
    assert gate.ask("a-stranger", "a.md").ok
    assert not gate.ask("a-stranger", "a.py").ok
    assert not gate.ask("a-stranger", "src/a.md").ok


def test_a_bypass_is_for_people_alone(gate: Gate) -> None:
    gate.take("ana")
    env = {"STICK_BYPASS": "it burns"}
    assert not gate.ask("bo", env=env).ok
    assert not gate.ask("a-stranger", kind=decision.COMMIT, env=env).ok


def test_nobody_writes_in_a_closed_room(gate: Gate) -> None:
    held = gate.take("ana")
    gate.rooms.close(*held, HANDOFF)
    assert not gate.ask("ana").ok
    state = gate.root / ".talking-stick/room.json"
    raw = json.loads(state.read_text())
    name, _, lease_id, _ = held
    raw["lease"] = {
        "holder": name, "lease_id": lease_id, "granted_at": 0, "renewed_at": 0,
        "expires_at": 1 << 50, "why": None,
    }  # fmt: skip
    state.write_text(json.dumps(raw))  # closed and held: no operation leaves it so
    assert not gate.ask("ana").ok


def test_a_fresh_lease_is_left_alone(gate: Gate) -> None:
    gate.take("ana")
    [ruling] = gate.ask("ana").allowed
    assert ruling.due == []


def test_a_lease_past_a_quarter_of_its_time_is_renewed(gate: Gate) -> None:
    gate.ahead = 12 * MINUTE
    gate.take("ana")
    [ruling] = gate.ask("ana").allowed
    assert (ruling.due, ruling.must) == ([decision.RENEW], False)


def test_a_lease_that_ran_out_is_renewed_or_the_edit_is_refused(gate: Gate) -> None:
    gate.ahead = 46 * MINUTE
    gate.take("ana")
    [ruling] = gate.ask("ana").allowed
    assert (ruling.due, ruling.must) == ([decision.RENEW], True)


def test_a_promised_stick_is_claimed_before_it_writes(gate: Gate) -> None:
    gate.policy(on_idle="claim")
    gate.rooms.pass_on(*gate.take("ana"), "bo", HANDOFF)
    assert not gate.ask("bo").ok
    assert not gate.ask("ana").ok


def test_a_handoff_of_another_is_read_before_a_claim(gate: Gate) -> None:
    gate.policy(on_idle="claim")
    gate.rooms.release(*gate.take("ana"), HANDOFF)
    assert not gate.ask("bo").ok
    [ruling] = gate.ask("ana").allowed
    assert (ruling.due, ruling.must) == ([decision.CLAIM], True)


def test_a_name_in_the_environment_opens_nothing(gate: Gate) -> None:
    gate.take("ana")
    assert not gate.ask("bo", env={"STICK_AGENT": "ana"}).ok
    assert not gate.ask("a-stranger", env={"STICK_AGENT": "ana"}).ok


# --- what else was missed once


def test_a_lock_that_somebody_keeps_is_waited_for_and_not_passed_over(tmp_path: Path) -> None:
    first = FileStore(str(tmp_path))
    second = FileStore(str(tmp_path), lock_timeout=0.05)
    with first.exclusive():
        refused(lambda: second.exclusive().__enter__(), "io")
    with second.exclusive():
        pass


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a":-Infinity}'])
def test_what_is_no_number_is_no_json(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        fast_json.read(text, floats=True)


def test_a_lease_is_over_at_the_very_millisecond() -> None:
    assert phases.is_over(5, 5)
    assert not phases.is_over(4, 5)


def test_the_plants_are_not_in_the_source_that_is_tested() -> None:
    assert os.path.samefile(Path(decision.__file__).parents[1], REPOSITORY / "stickhooks")
