"""A refusal's next command names its room wherever that is not the one that governs the caller's folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import build
from tests.support.sessions import Session
from tests.support.shells import Shell, Shells

STEP = "stick join --room {0} && stick wait --room {0}"


@pytest.fixture
def other(room: Path, shells: Shells) -> Path:
    """Return another repository, whose room somebody else holds."""
    repo = build(room.parent / "other repo", {"b.py": "b = 1\n"})
    owner = shells.person(repo)
    owner.run("stick init --only git && stick join --as owner && stick take").ok()
    return repo


def test_an_edit_and_a_command_in_another_repository_name_its_room(
    ada: Shell, shells: Shells, room: Path, other: Path
) -> None:
    session = Session(shells, room, "copilot")
    named = STEP.format(f"'{other}'")
    for said in (
        session.edit(str(other / "b.py")),
        session.call("pre-edit", tool_name="Bash", tool_input={"command": f"rm '{other}/b.py'"}),
        session.call("pre-edit", tool_name="mcp__f__frob", tool_input={"path": f"{other}/b.py"}),
        session.run(f"git -C '{other}' commit --allow-empty -m x"),
    ):
        assert named in said.err, said
    inside = session.call(
        "pre-edit", cwd=str(other), tool_name="Bash", tool_input={"command": "rm b.py"}
    )
    assert "--room" not in inside.err
    assert "stick join && stick wait" in inside.err
    # what is typed acts on that room, and the session's own stays as it is
    before = (room / ".talking-stick/room.json").read_bytes()
    session.run(named.replace(" wait", " wait --timeout 1ms"))
    assert (room / ".talking-stick/room.json").read_bytes() == before
    members = json.loads((other / ".talking-stick/room.json").read_text())["members"]
    assert len(members) == 2


def test_a_nested_room_and_the_one_above_name_each_other(
    ada: Shell, bob: Shell, shells: Shells, room: Path
) -> None:
    (room / "sub").mkdir(exist_ok=True)
    ada.stick("join --new sub").ok()
    ada.run("stick take && stick take --room sub").ok()
    session = Session(shells, room, "copilot")
    assert f"--room {room}/sub" in session.edit("sub/x.py").err
    assert "--room" not in session.edit("x.py").err
    below = session.call(
        "pre-edit", cwd=str(room / "sub"), tool_name="Bash", tool_input={"command": "rm ../x.py"}
    )
    assert f"stick wait --room {room}\n" in below.err
    same = session.call(
        "pre-edit", cwd=str(room / "sub"), tool_name="Bash", tool_input={"command": "rm x.py"}
    )
    assert "--room" not in same.err
    assert f"--room {room}" in bob.run("cd sub && git commit --allow-empty -m x").err


@pytest.mark.parametrize("trouble", ["{", ""])
def test_a_state_that_is_broken_elsewhere_names_its_room(
    ada: Shell, shells: Shells, room: Path, other: Path, trouble: str
) -> None:
    session = Session(shells, room, "copilot")
    (other / ".talking-stick/room.json").write_text(trouble)
    assert f"stick doctor --room '{other}'" in session.edit(str(other / "b.py")).err
