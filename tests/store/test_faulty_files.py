"""Another thing in the place of one of our files, or a file that cannot be read: for each verb and hook
a sentence, no traceback, no waiting for ever, and no living turn that is made void."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.stress import sample
from tests.support import faulty_files
from tests.support.rights import give_up_rights
from tests.support.shells import Shell

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="pipes, devices and limits of Linux"
)

PLACES = sample.count("SPOILED", 9)  # so many are spoiled; 0: all, with every verb
IO = {"gate": 2, "pre-commit": 3, "post-checkout": 0, "statusline": 0}
QUIET = ("post-checkout", "statusline")
REPAIRS = ("doctor --fix", "release -m done", "uninit", "join")


def tried(repo: Path, env: dict[str, str], seed: int) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, faulty_files.__file__, repo, str(seed), str(PLACES)],
        env=env, capture_output=True, text=True, check=False, preexec_fn=give_up_rights,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_what_lies_in_the_place_of_a_file_keeps_nobody_waiting_and_ends_no_turn(
    repo: Path, env: dict[str, str]
) -> None:
    found = tried(repo, env, sample.seed())
    assert len(found) >= max(1, 3 * PLACES)
    for case in found:
        assert case["code"] is not None, f"it does not end: {case}"
        assert "Traceback" not in case["text"], case
        assert "internal error" not in case["text"], case
        assert case["code"] not in (98, 99), case
        hold_barred(case) if case["fault"] == "barred" else hold_strange(case)


def hold_strange(case: dict[str, Any]) -> None:
    """Hold a case to what is true where a file is another thing than a file."""
    assert case["verb"] in REPAIRS or case["holder"] in ("ada", "?"), case


def hold_barred(case: dict[str, Any]) -> None:
    """Hold a case to what is true where a file cannot be read: that is told, and voids no turn."""
    assert case["verb"] in ("release -m done", "uninit") or case["holder"] == "ada", case
    if case["file"] in faulty_files.NEEDED and case["verb"] != "uninit":
        assert case["verb"] == "board" or case["code"] == IO.get(case["verb"], 74), case
        assert "doctor --fix" not in case["text"], case
        assert "gone" not in case["text"], case
        named = "annot be read" in case["text"] or "ermission" in case["text"]
        assert case["verb"] in QUIET or named, case


@pytest.mark.parametrize("thing", ["pipe", "file", "link"])
def test_another_thing_in_the_place_of_our_folder_in_the_git_dir_shuts_the_gate_and_locks_nobody_out(
    thing: str, ada: Shell, bob: Shell, room: Path
) -> None:
    ada.stick("take").ok()
    ada.stick("release -m half").ok()
    place = room / ".git/stickhooks"
    shutil.rmtree(place)
    if thing == "pipe":
        os.mkfifo(place)
    elif thing == "link":
        place.symlink_to("../app.py")
    else:
        place.write_text("")
    for verb in ("take", "release -m x", "status", "doctor --fix"):
        ada.stick(verb).fails(74, "is not a folder", "nothing is lost")
    bob.stick("check --path app.py").fails(74, "is not a folder")
    assert "the log is kept" in ada.stick("uninit --force").ok().text
    ada.run("git commit -q --allow-empty -m on").ok()


@pytest.mark.parametrize(
    "name", ["pass", "head", "heads", "begun", "begun.ended", "stashes", "back.0"]
)
def test_a_pipe_in_the_place_of_a_note_of_the_hooks_stops_no_git(
    name: str, ada: Shell, room: Path
) -> None:
    ada.stick("take").ok()
    ada.run("git commit -q --allow-empty -m one").ok()  # leaves what the next one looks at
    place = room / ".git/stickhooks" / name
    place.unlink(missing_ok=True)
    os.mkfifo(place)
    ada.run("git commit -q --allow-empty -m two && git checkout -q -b other").ok()
    ada.run(
        "echo mine >> app.py && git stash -q && git stash pop -q && git checkout -q app.py"
    ).ok()
    ada.stick("status").ok()
