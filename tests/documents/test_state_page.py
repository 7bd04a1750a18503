"""docs/reference/state-on-disk.md names every file of ours, and what happens when one is deleted."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from stickhooks.store import layout
from tests.support.documents import page
from tests.support.shells import Shell

PAGE = page("reference/state-on-disk")
COMMIT = "git commit -q --allow-empty -m x"


def named() -> set[str]:
    """Return the names in the first cells of the tables, a folder's and a file's for themselves."""
    cells = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    rest = [
        " ".join(line.split("|")[2:3])
        for line in PAGE.splitlines()
        if line.startswith("| `snapshots")
    ]
    paths = re.findall(r"`([^`]+)`", " ".join([*cells, *rest, *re.findall("## In.*", PAGE)]))
    return {part for path in paths for part in path.split("/") if part}


def spelled() -> set[str]:
    """Return every name that the layout of the store has."""
    values = [value for key, value in vars(layout).items() if not key.startswith("_")]
    lists = [value for value in values if isinstance(value, tuple)]
    return {v for v in [*values, *sum(lists, ())] if isinstance(v, str) and not v.startswith("_")}


def test_every_file_of_ours_is_on_the_page() -> None:
    told = named()
    stems = {name.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ-.") for name in told}
    names = {value for value in spelled() if "\n" not in value and value != layout.__name__}
    gone = {v for v in names if v not in told and v.rstrip("-.") not in stems}
    assert not gone - {layout.__file__, layout.__package__}


def test_the_folder_of_the_tree_comes_back(ada: Shell, bob: Shell, room: Path) -> None:
    ada.stick("take").ok()
    shutil.rmtree(room / ".talking-stick")
    bob.run(COMMIT).fails(1)
    bob.stick("take").fails(75, "ada holds")
    ada.run(COMMIT).ok()


def test_the_lock_is_made_anew(ada: Shell, room: Path) -> None:
    (room / ".talking-stick/lock").unlink()
    ada.stick("take").ok()
    assert (room / ".talking-stick/lock").exists()


def test_with_both_folders_the_room_is_gone(ada: Shell, bob: Shell, room: Path) -> None:
    ada.stick("take").ok()
    shutil.rmtree(room / ".talking-stick")
    shutil.rmtree(room / ".git/stickhooks")
    assert "no room" in bob.stick("status").text
    bob.stick("init --only git").ok()
    bob.stick("join --as bob").ok()
    bob.stick("take").ok()
