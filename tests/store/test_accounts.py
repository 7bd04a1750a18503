"""One account a room: what is there and cannot be read is never called lost, nor made anew."""

from __future__ import annotations

import json
import os
import resource
import subprocess
from pathlib import Path

import pytest

from stickhooks.store import accounts
from tests.support.asking import Outsider
from tests.support.world import Workspace, git_repo, refused

ANOTHER = 12345

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")


def give(*places: Path) -> None:
    for place in places:
        for one in [place, *place.rglob("*")]:
            os.chown(one, ANOTHER, ANOTHER)


@needs_root
@pytest.mark.parametrize("part", ["state", "anchor", "folder", "all"])
def test_a_room_of_another_account_is_told_as_that_and_never_made_anew(
    part: str, held: Workspace
) -> None:
    parts = {"state": [held.state], "anchor": [held.anchor.parent], "folder": [held.folder]}
    before = held.state.read_bytes()
    give(*parts.get(part, [held.folder, held.anchor.parent]))
    assert "belongs to uid 12345" in refused(lambda: held.store.load(""), "io").message
    assert "belongs to uid 12345" in refused(lambda: held.rooms.remake(""), "io").message
    assert held.state.read_bytes() == before
    Outsider(held.folder.parent).is_refused()


@needs_root
def test_root_makes_nothing_in_the_tree_of_another(tmp_path: Path) -> None:
    root = git_repo(tmp_path / "shop")
    os.chown(root, ANOTHER, ANOTHER)
    ws = Workspace(root, git=True)
    assert "its owner" in refused(lambda: ws.join("ana"), "io").message
    assert not ws.folder.exists()


@needs_root
@pytest.mark.parametrize(
    "verb", ["status", "doctor", "doctor --fix", "uninit", "join", "log", "take"]
)
def test_every_verb_says_whose_room_it_is(verb: str, held: Workspace) -> None:
    from tests.support.shells import STICK

    give(held.folder, held.anchor.parent)
    before = held.state.read_bytes()
    answer = subprocess.run(
        [str(STICK), *verb.split(), "--json"],
        cwd=held.folder.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 74, answer.stdout + answer.stderr
    told = answer.stdout + answer.stderr
    assert "belongs to uid 12345" in told
    assert "doctor --fix" not in told
    assert "Traceback" not in told
    assert json.loads(answer.stdout)["code"] == "io"
    assert held.state.read_bytes() == before


def test_too_many_open_files_is_no_loss(held: Workspace) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    opened = [os.dup(0)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(opened) + 1, hard))
    try:
        found = refused(lambda: held.store.load(""), "io")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        os.close(opened[0])
    assert "nothing is lost" in found.message


def test_an_account_that_is_not_known_is_told_by_its_number() -> None:
    assert accounts.label(3_999_999_999) == "uid 3999999999"


def test_a_socket_in_the_place_of_a_state_is_damage(held: Workspace) -> None:
    held.state.unlink()
    os.mkfifo(held.state)
    refused(lambda: held.store.load(""), "state_corrupt")
