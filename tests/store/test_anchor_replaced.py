"""What lies in the place of the anchor, a state or our folder and says nothing is no loss."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stickhooks.store import anchor_rebuild
from tests.support.asking import Outsider
from tests.support.rights import bound, give_up_rights
from tests.support.shells import Shell
from tests.support.world import Workspace, refused

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes lie in no folder on Windows")


def to_pipe(place: Path) -> None:
    aside(place)
    os.mkfifo(place)


def to_folder(place: Path) -> None:
    aside(place)
    (place / "inside").mkdir(parents=True)


def to_link(place: Path) -> None:
    aside(place)
    place.symlink_to("/etc/hostname")


def to_loop(place: Path) -> None:
    aside(place)
    place.symlink_to(place.name)


def to_very_much(place: Path) -> None:
    place.write_bytes(b" " * (5 << 20))


def aside(place: Path) -> None:
    place.rename(place.with_name(f"{place.name}.was"))


INSTEAD = [to_pipe, to_folder, to_link, to_loop]
Replace = Callable[[Path], None]


def room_of(repo: Path) -> tuple[str, str]:
    raw = json.loads((repo / ".talking-stick/room.json").read_text())
    return raw["room_id"], raw["lease"] and raw["lease"]["lease_id"]


@pytest.mark.parametrize("replace", [*INSTEAD, to_very_much])
def test_whatever_lies_in_its_place_the_anchor_is_made_again(
    replace: Replace, held: Workspace
) -> None:
    before, marks = room_of(held.root), json.loads(held.anchor.read_text())
    replace(held.anchor)
    assert anchor_rebuild.is_replaced(str(held.anchor))
    assert not held.store.anchor_hindrance()
    assert held.store.rebuild_anchor() == [""]
    assert json.loads(held.anchor.read_text()) == marks
    assert room_of(held.root) == before


@pytest.mark.sampled(2)
@pytest.mark.parametrize("replace", [*INSTEAD, to_very_much])
def test_an_anchor_that_is_none_is_io_and_made_again_with_the_same_turn(
    replace: Replace, ada: Shell, room: Path, env: dict[str, str]
) -> None:
    ada.stick("take --why 'half a day'").ok()
    before = room_of(room)
    replace(room / ".git/stickhooks/anchor.json")
    answer = bound(room, "check app.py", env)
    assert answer.returncode == 74, answer
    assert "doctor --fix" not in answer.stderr
    assert "nothing is lost" in answer.stderr
    commit = ada.run("git commit --allow-empty -m x").fails(1, "cannot be read")
    assert "doctor --fix" not in commit.text
    assert "no turn was touched" in ada.stick("doctor --fix").out
    assert room_of(room) == before
    ada.stick("renew").ok()
    ada.run("git commit --allow-empty -m x").ok()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("replace", INSTEAD)
@pytest.mark.parametrize("place", [".talking-stick/room.json", ".talking-stick"])
def test_a_state_or_folder_that_is_none_comes_back_as_the_same_room(
    replace: Replace, place: str, ada: Shell, room: Path
) -> None:
    ada.stick("take --why 'half a day'").ok()
    before = room_of(room)
    replace(room / place)
    ada.stick("doctor --fix")
    assert room_of(room) == before
    ada.stick("renew").ok()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("replace", INSTEAD)
def test_anchor_and_state_replaced_together_come_back_from_the_copy(
    replace: Replace, ada: Shell, room: Path
) -> None:
    ada.stick("take --why 'half a day'").ok()
    before = room_of(room)
    replace(room / ".git/stickhooks/anchor.json")
    replace(room / ".talking-stick/room.json")
    ada.stick("doctor --fix")
    assert room_of(room) == before
    ada.stick("renew").ok()


def test_a_state_older_than_its_copy_is_not_believed(held: Workspace) -> None:
    raw = json.loads(held.state.read_text())
    raw["event_seq"] -= 1
    held.state.write_text(json.dumps(raw))
    to_pipe(held.anchor)
    assert "older than its copy" in held.store.anchor_hindrance()
    assert "older than its copy" in refused(lambda: held.store.rebuild_anchor(), "io").message
    assert not held.anchor.is_file()


def test_a_state_without_a_copy_of_this_git_dir_is_not_believed(
    held: Workspace, tmp_path: Path
) -> None:
    there = tmp_path / "copied"
    subprocess.run(["cp", "-a", str(held.folder.parent), str(there)], check=True)
    copied = Workspace(there, git=True)
    to_pipe(copied.anchor)
    assert "without a copy" in copied.store.anchor_hindrance()


def test_what_cannot_be_made_again_is_refused_and_a_person_ends_it(
    ada: Shell, room: Path, env: dict[str, str]
) -> None:
    ada.stick("take --why 'half a day'").ok()
    before = room_of(room)
    to_folder(room / ".git/stickhooks/anchor.json")
    (room / ".git/stickhooks/copies").rename(room / ".git/stickhooks/copies.was")
    refusal = ada.stick("doctor --fix").fails(74, "cannot be made again", "stick uninit --force")
    assert "mended" not in refusal.out
    assert room_of(room) == before
    ada.stick("uninit --force").ok()
    assert not (room / ".talking-stick").exists()
    ada.stick("init --only git").ok()
    ada.stick("join --as ada").ok()
    ada.stick("take --why again").ok()


@pytest.mark.parametrize("place", ["anchor.json", ""])
def test_a_mode_that_bars_the_anchor_is_told_as_that(
    place: str, ada: Shell, room: Path, env: dict[str, str]
) -> None:
    ada.stick("take --why 'half a day'").ok()
    before = room_of(room)
    shut = room / ".git/stickhooks" / place
    shut.chmod(0)
    try:
        seen = subprocess.run(["test", "-r", str(shut)], preexec_fn=give_up_rights, check=False)
        if seen.returncode == 0:
            pytest.skip("FILE MODES DO NOT BIND ROOT HERE")
        asked = bound(room, "check app.py", env)
        done = bound(room, "doctor --fix", env)
    finally:
        if shut.stat().st_mode & 0o777 == 0:
            shut.chmod(0o700)
    assert asked.returncode == 74, asked
    assert "doctor --fix" not in asked.stderr
    assert "Traceback" not in done.stderr
    assert room_of(room) == before
    ada.stick("renew").ok()


def test_a_file_in_the_place_of_the_anchors_folder_is_not_no_anchor(held: Workspace) -> None:
    to_pipe(held.anchor.parent)
    assert "cannot be read" in refused(lambda: held.store.load(""), "io").message
    Outsider(held.folder.parent).is_refused()
