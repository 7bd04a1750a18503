"""What is noted beside the events: at no price, within bounds, the newest kept."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from stickhooks.store import activity, layout
from tests.support.shells import Shell, Shells, difference, snapshot
from tests.support.world import Workspace, activity_file


@pytest.fixture
def here(tmp_path: Path) -> tuple[str, str]:
    return str(tmp_path), Workspace(tmp_path).join("ana")


def noted(here: tuple[str, str], **what: object) -> list[object]:
    return [line["n"] for line in activity.read(*here) if "n" in line]


def test_notes_are_read_back_in_order(here: tuple[str, str]) -> None:
    for n in range(3):
        assert activity.note(*here, "x", n=n)
    assert noted(here) == [0, 1, 2]


def test_a_full_file_makes_way_and_the_newest_notes_are_kept(
    here: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "LIMIT", 2000)
    for n in range(300):
        assert activity.note(*here, "x", n=n)
    found = noted(here)
    assert found == list(range(300))[-len(found) :]
    assert len(found) > 40
    folder = activity_file(*here).parent
    sizes = {file.name: file.stat().st_size for file in folder.iterdir()}
    assert sizes.keys() == {layout.ACTIVITY, layout.OLDER_ACTIVITY}
    assert max(sizes.values()) < 2100


def test_only_the_end_is_read_where_that_is_asked_for(here: tuple[str, str]) -> None:
    for n in range(100):
        activity.note(*here, "x", n=n)
    found = [line["n"] for line in activity.read(*here, 500)]
    assert found == list(range(100))[-len(found) :]
    assert 5 < len(found) < 15


def test_what_is_said_again_at_once_is_noted_once_where_that_is_asked_for(
    here: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in ("ana", "bo", "ana", "ana"):
        assert activity.note(*here, "refused", sparing=True, agent_id=who)
    assert [line["agent_id"] for line in activity.read(*here)] == ["ana", "bo"]
    activity.note(*here, "refused", agent_id="ana")
    monkeypatch.setattr(activity, "AGAIN_MS", 0)
    activity.note(*here, "refused", sparing=True, agent_id="ana")
    assert len(activity.read(*here)) == 4


def test_a_note_that_a_full_disk_cut_takes_no_other_along(here: tuple[str, str]) -> None:
    activity.note(*here, "x", n=1)
    with open(activity_file(*here), "a") as file:
        file.write('{"at":12,"wha')
    activity.note(*here, "x", n=2)
    assert noted(here) == [1, 2]


@pytest.mark.parametrize("odd", ["folder", "link", "pipe", "older folder"])
def test_odd_files_in_its_place_are_neither_followed_nor_waited_for(
    here: tuple[str, str], tmp_path: Path, odd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = activity_file(*here)
    place.parent.mkdir(parents=True, exist_ok=True)
    target = tmp_path / "target"
    target.write_text('{"at":1,"what":"x","n":1}\n')
    if odd == "folder":
        place.mkdir()
    elif odd == "link":
        place.symlink_to(target)
    elif odd == "pipe":
        os.mkfifo(place)
    else:
        (place.parent / layout.OLDER_ACTIVITY).mkdir()
        place.write_text("x")
        monkeypatch.setattr(activity, "LIMIT", 1)
    assert not activity.note(*here, "x", n=2)
    assert noted(here) == []
    assert target.read_text().count("\n") == 1


def test_where_there_is_no_folder_none_is_made(tmp_path: Path) -> None:
    assert not activity.note(str(tmp_path), "R", "x")
    assert activity.read(str(tmp_path), "R") == []
    assert list(tmp_path.iterdir()) == []


# --- the gates


@pytest.fixture
def ada(shells: Shells, room: Path) -> Shell:
    return shells.holder(room, "ada")


def test_an_allowed_write_notes_nothing(ada: Shell, room: Path) -> None:
    before = snapshot(room / ".talking-stick")
    ada.stick("hook pre-save --path app.py").ok()
    ada.stick("check --path app.py").ok()
    ada.run("git commit -q --allow-empty -m x").ok()
    assert difference(before, snapshot(room / ".talking-stick")) == []


def test_a_check_by_hand_notes_nothing_when_it_refuses(
    ada: Shell, room: Path, shells: Shells
) -> None:
    bob = shells.person(room)
    before = snapshot(room)
    for purpose in ("", "--for git", "--for editor"):
        bob.stick(f"check --path app.py {purpose}").fails(75)
    assert difference(before, snapshot(room)) == []


def test_a_write_that_is_refused_again_at_once_is_one_note(
    ada: Shell, room: Path, shells: Shells
) -> None:
    bob = shells.person(room)
    for _ in range(2):
        bob.run("git commit --no-verify --allow-empty -m x").fails(1)
    bob.run("git update-ref -d refs/heads/main").fails(128)
    [log] = (room / ".talking-stick/log").glob("*/sightings.jsonl")
    kinds = [json.loads(line)["kind"] for line in log.read_text().splitlines()]
    assert kinds == ["commit", "refs"]


def without_ages(text: str) -> str:
    return re.sub(r"\(\d+ s\)", "", text)


@pytest.mark.parametrize("trouble", ["full disk", "no file", "read-only"])
def test_a_refusal_is_the_same_where_it_cannot_be_noted(
    ada: Shell, room: Path, shells: Shells, trouble: str
) -> None:
    bob = shells.person(room)
    bob.stick("hook pre-save --path app.py").fails(75)
    told = without_ages(bob.stick("hook pre-save --path app.py").fails(75).text)
    [log] = (room / ".talking-stick/log").glob("*/sightings.jsonl")
    limit = "trap '' XFSZ; ulimit -f 64;" if trouble == "full disk" else ""
    if trouble == "full disk":  # no file may grow beyond 32 KiB
        log.write_bytes(b"\n" * 40_000)
    if trouble == "no file":
        log.unlink()
        log.mkdir()
    if trouble == "read-only":
        log.chmod(0o400)
        log.parent.chmod(0o500)
    command = "git commit --allow-empty -m x"
    bob.run(f"{limit} stick hook pre-save --path README").fails(75, "ada holds")
    again = bob.run(f"{limit} stick hook pre-save --path app.py").fails(75).text
    assert without_ages(again) == told
    bob.run(f"{limit} {command}").fails(1, "NOT COMMITTED", "ada holds")
    log.parent.chmod(0o700)
