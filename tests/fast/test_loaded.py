"""What a start loads: held as lists of modules, for times are no test."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from stickhooks.operations.context import Desk
from stickhooks.recovery.lists import Place
from tests.conftest import MakeRepository
from tests.support import late_leases
from tests.support.modules import copy_of_the_package

SESSION = "0f0e0d0c"
#: Of Python's own, what the verbs need: the lock, JSON, and what ends the process.
PYTHONS = {"_json", "fcntl", "errno", "gc", "__future__"}
#: Of ours, what runs before it is known which core is needed.
BEFORE = {"", "__main__"}


class Start:
    """A repository with a room, and a copy of the package with its bundle."""

    def __init__(self, package: Path, repo: Path, env: Mapping[str, str]) -> None:
        self.package, self.repo = package, repo
        self.env = env
        self.bare = self.loaded("-c", "pass")

    def loaded(self, *arguments: object, stdin: str = "") -> set[str]:
        """Return the modules that a start imports one by one: those of a core are not among them."""
        done = subprocess.run(
            [sys.executable, "-I", "-X", "importtime", *map(str, arguments)],
            cwd=self.repo, env=self.env, input=stdin, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-500:]
        return set(re.findall(r"^import time:.*\| +([\w.]+)$", done.stderr, re.MULTILINE))

    def stick(self, *words: str) -> tuple[set[str], set[str]]:
        """Run a verb. Return which modules of Python's own, and of ours, it imports one by one."""
        path = f"sys.path.insert(0, {str(self.package.parent)!r}); sys.argv = {['stick', *words]!r}"
        code = f"import sys; {path}; from stickhooks.__main__ import main; main()"
        return split(self.loaded("-c", code) - self.bare)

    def asked(self, session: str, tool: str, **given: str) -> tuple[set[str], set[str]]:
        """Ask for a tool as Claude Code does."""
        payload = {
            "session_id": session, "cwd": str(self.repo), "hook_event_name": "PreToolUse",
            "tool_name": tool, "tool_input": given,
        }  # fmt: skip
        gate = ("-S", self.package / "hook.py", "pre-edit", "--client", "claude-code")
        return split(self.loaded(*gate, stdin=json.dumps(payload)) - self.bare)

    def wrote(self) -> tuple[set[str], set[str]]:
        """Tell of an edit that was made, as Claude Code does: it is kept."""
        (self.repo / "app.py").write_text("edited\n")
        payload = {
            "session_id": SESSION, "cwd": str(self.repo), "hook_event_name": "PostToolUse",
            "tool_name": "Edit", "tool_input": {"file_path": str(self.repo / "app.py")},
        }  # fmt: skip
        hook = ("-S", self.package / "hook.py", "after-tool", "--client", "claude-code")
        found = self.loaded(*hook, stdin=json.dumps(payload))
        assert list(self.repo.glob(".git/stickhooks/snapshots/main/lists/*.edits"))
        return split(found - self.bare)


def split(found: set[str]) -> tuple[set[str], set[str]]:
    ours = {name for name in found if name.partition(".")[0] == "stickhooks"}
    return found - ours, {name.partition(".")[2] for name in ours}


@pytest.fixture
def place(tmp_path: Path, make_repository: MakeRepository, env: dict[str, str]) -> Start:
    package = copy_of_the_package(tmp_path / "lib")
    place = Start(package, make_repository("shop"), env)
    place.stick("init", "--only", "git")
    place.stick("join", "--as", "ana")
    place.stick("take")  # a snapshot of the tree follows it, made by git; the next is not due yet
    snapshots = Place.of(Desk(str(place.repo)).workspace)
    assert snapshots
    os.utime(snapshots.due, (2e9, 2e9))
    Desk(str(place.repo)).rooms.join("ana", "", session=f"claude:{SESSION}")
    return place


def test_the_verbs_that_agents_type_most_import_only_their_core(place: Start) -> None:
    """Above all no filelock, no typing, no re. Each module that is looked for alone costs 0.015 B0."""
    for words in ["take"], ["renew"], ["join"]:
        pythons, ours = place.stick(*words)
        assert pythons <= PYTHONS, words
        assert ours <= BEFORE, words


def test_a_gate_that_renews_the_lease_imports_only_what_writes(place: Start) -> None:
    early = late_leases.shorten(place.repo)
    pythons, ours = place.asked(SESSION, "Edit", file_path=str(place.repo / "app.py"))
    assert late_leases.expiry(place.repo) > early  # it was renewed
    assert pythons <= PYTHONS
    assert not ours


@pytest.mark.parametrize("session", [SESSION, "another-session"])
def test_a_shell_command_that_plainly_reads_loads_one_core_more(place: Start, session: str) -> None:
    pythons, ours = place.asked(session, "Bash", command="ls -l | head -3 && git status")
    assert pythons <= PYTHONS
    assert not ours


def test_a_gate_of_paths_and_one_on_an_engine_load_one_core_more(
    place: Start, tmp_path: Path
) -> None:
    """With imports of their own they would cost 0.05 of the gate more."""
    path, origin = str(place.repo / "app.py"), str(tmp_path / "origin.git")
    place.stick("take", "docs")
    pythons, ours = place.asked(SESSION, "Edit", file_path=path)
    assert pythons <= PYTHONS
    assert not ours
    place.stick("release", "--turn", "2", "-m", "read")
    for words in (["init", "-q", "--bare", origin], ["remote", "add", "origin", origin]):
        subprocess.run(["git", *words], cwd=place.repo, env=place.env, check=True)
    place.stick("engine", "--move", "git:origin")
    pythons, ours = place.asked(SESSION, "Edit", file_path=path)
    assert pythons <= PYTHONS
    assert not ours


def test_a_hook_after_an_edit_imports_what_keeps_one_file_and_no_more(place: Start) -> None:
    """Neither os, nor hashlib, nor what starts git or writes a whole snapshot."""
    pythons, ours = place.wrote()
    assert pythons <= {"_json", "errno", "gc", "__future__", "zlib", "_sha1"}
    assert ours <= {
        "fast.bundle", "fast.records", "clients.claude_code", "clients.after", "handlers.client_after",
        "handlers.client_edit", "handlers.written", "store.activity", "recovery", "recovery.edits",
        "recovery.entries", "recovery.files", "recovery.lists", "recovery.loose", "recovery.tracked",
        "workspace.head", "clients.payloads", "system.deadline",
    }  # fmt: skip
