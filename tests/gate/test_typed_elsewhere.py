"""A refusal of `git -C TREE …` is read in the folder where that was typed, and its steps work there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.shells import Shell


@pytest.fixture
def elsewhere(ada: Shell, bob: Shell, room: Path, tmp_path: Path) -> Shell:
    """Return a member that stands outside of the tree, in which ada has committed and staged."""
    bob.cwd = tmp_path / "elsewhere"
    bob.cwd.mkdir()
    ada.stick("take").ok()
    ada.run(
        "echo one >> app.py && git commit -qam one && echo two > new.txt && git add new.txt"
    ).ok()
    return bob


def step(text: str, label: str) -> str:
    [line] = [line for line in text.splitlines() if label in line]
    return line.partition(label)[2].partition("   (")[0].strip()


def test_a_way_back_leads_into_the_tree(elsewhere: Shell, ada: Shell, room: Path) -> None:
    told = elsewhere.run(f"git -C {room} reset -q --hard HEAD~1").text
    assert step(told, "back:").startswith(f"cd {room} && git ")
    elsewhere.run(step(told, "back:")).ok()
    assert "one" in (room / "app.py").read_text()
    elsewhere.run(step(told, "find:")).ok()
    said = ada.stick("status").ok().text
    assert "refused: too late for the files" in said
    assert "too late: too late" not in said


def test_who_stands_in_the_tree_is_led_nowhere(bob: Shell, ada: Shell, room: Path) -> None:
    ada.stick("take").ok()
    ada.run("echo one >> app.py && git commit -qam one").ok()
    told = bob.run(f"mkdir -p {room}/sub && cd {room}/sub && git reset -q --hard HEAD~1").text
    assert step(told, "back:").startswith("git read-tree")


def test_a_stash_without_the_room_is_named_with_its_folder(
    elsewhere: Shell, ada: Shell, room: Path
) -> None:
    ada.stick("release --status done --next more").ok()
    elsewhere.stick(f"take --room {room}").ok()
    told = elsewhere.run(f"git -C {room} stash --all").text
    assert step(told, "next:").startswith(f"cd {room} && git stash push --all")
    elsewhere.run(step(told, "next:")).ok()


def test_the_part_of_a_mixed_commit_is_committed_from_there(
    elsewhere: Shell, ada: Shell, room: Path
) -> None:
    (room / "sub").mkdir()
    ada.stick("join --new sub").ok()
    elsewhere.run(f"stick join {room}/sub && stick take --room {room}/sub").ok()
    elsewhere.run(f"echo x > {room}/sub/x && git -C {room} add sub/x").ok()
    told = elsewhere.run(f"git -C {room} commit -qm both").fails(1).text
    part = step(told, "next:")
    assert part.startswith(f"cd {room} && git commit -- sub/x")
    elsewhere.run(part.replace(" -- ", " -m part -- ")).ok()
