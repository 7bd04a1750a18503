"""Living with other hook tools: the real pre-commit, husky and lefthook, before us and after us."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.shells import Shell, Shells, difference, snapshot

COMMIT = "echo x >> new.txt && git add new.txt && git commit -qm x"
PRE_COMMIT = """
repos:
- repo: local
  hooks:
  - {id: mark, name: mark, entry: sh -c 'echo ran >> ../ran', language: system, always_run: true}
"""
LEFTHOOK = "pre-commit:\n  commands:\n    mark:\n      run: echo ran >> ../ran\n"
SKIP = (".git/objects", ".git/index", ".git/logs", ".git/COMMIT_EDITMSG", ".git/refs", "new.txt")


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install husky and lefthook once."""
    if shutil.which("npm") is None:
        pytest.skip("npm is missing: husky and lefthook are not tried")
    folder = tmp_path_factory.mktemp("node")
    (folder / "package.json").write_text("{}")
    done = subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "husky@9", "lefthook@2"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"husky and lefthook could not be installed: {done.stderr[-300:]}")
    return folder / "node_modules"


class Neighbour:
    """A hook tool: how it is put into a repository, and whether its own check ran."""

    def __init__(self, name: str, repo: Path, request: pytest.FixtureRequest) -> None:
        self.repo = repo
        self.name = name
        self.path = ""  # what its hook needs to find itself
        if name == "pre-commit":
            (repo / ".pre-commit-config.yaml").write_text(PRE_COMMIT)
            self.command = "pre-commit install"
        elif name == "lefthook":
            (repo / "lefthook.yml").write_text(LEFTHOOK)
            tools = f"{request.getfixturevalue('node_modules')}/.bin"
            self.path = f"export PATH='{tools}':\"$PATH\"; "
            self.command = f"({self.path} lefthook install)"
        else:
            (repo / ".husky").mkdir()
            (repo / ".husky/pre-commit").write_text("echo ran >> ../ran\n")
            self.command = f"node {request.getfixturevalue('node_modules')}/husky/bin.js"

    @property
    def runs(self) -> int:
        ran = self.repo.parent / "ran"
        return len(ran.read_text().splitlines()) if ran.exists() else 0


@pytest.fixture(params=["pre-commit", "husky", "lefthook"])
def neighbour(request: pytest.FixtureRequest, repo: Path, ada: Shell) -> Neighbour:
    made = Neighbour(request.param, repo, request)
    ada.run("git add . && git commit -qm tools").ok()
    return made


@pytest.fixture
def ada(shells: Shells, repo: Path) -> Shell:
    return shells.person(repo)


@pytest.fixture
def bob(shells: Shells, repo: Path) -> Shell:
    return shells.person(repo)


def join(ada: Shell, bob: Shell) -> None:
    ada.run("stick join --as ada && stick take").ok()
    bob.stick("join --as bob").ok()


def test_the_gate_comes_before_a_tool_that_was_there_and_all_is_put_back(
    neighbour: Neighbour, ada: Shell, bob: Shell, repo: Path
) -> None:
    ada.run(neighbour.command).ok()
    before = snapshot(repo, skip=SKIP)
    ada.stick("init --only git").ok()
    join(ada, bob)
    bob.run(COMMIT).fails(1, "NOT COMMITTED  ada holds")
    assert neighbour.runs == 0
    ada.run(f"({neighbour.path}{COMMIT})").ok()
    assert neighbour.runs == 1
    bob.run(f"{COMMIT} --no-verify").fails(1, "ada holds")
    ada.stick("uninit").ok()
    assert not difference(before, snapshot(repo, skip=SKIP))


def test_a_tool_that_comes_later_is_put_behind_the_gate_at_the_next_command(
    neighbour: Neighbour, ada: Shell, bob: Shell, repo: Path
) -> None:
    ada.stick("init --only git").ok()
    ada.run(neighbour.command).ok()
    told = ada.run("stick join --as ada && stick take").ok().err
    bob.stick("join --as bob").ok()
    assert "ours come first again" in told
    assert ada.stick("doctor").ok()
    bob.run(COMMIT).fails(1, "NOT COMMITTED  ada holds")
    runs = neighbour.runs
    ada.run(f"({neighbour.path}{COMMIT})").ok()
    assert neighbour.runs == runs + 1


def test_the_framework_does_not_take_anybodys_unstaged_work_away_for_a_commit_that_is_refused(
    ada: Shell, bob: Shell, repo: Path
) -> None:
    """It takes unstaged work out of the tree while it runs; what is saved meanwhile is lost."""
    watching = "sh -c 'cat app.py > ../seen'"
    config = PRE_COMMIT.replace("sh -c 'echo ran >> ../ran'", watching)
    (repo / ".pre-commit-config.yaml").write_text(config)
    ada.run("git add . && git commit -qm tools && pre-commit install && stick init --only git").ok()
    join(ada, bob)
    (repo / "app.py").write_text("ada's unsaved work\n")
    bob.run("echo x > bob.txt && git add bob.txt")
    bob.run("git commit -m x").fails(1, "ada holds")
    assert not (repo.parent / "seen").exists()
    assert (repo / "app.py").read_text() == "ada's unsaved work\n"


def test_we_are_a_repository_for_the_framework_as_well(repo: Path, ada: Shell) -> None:
    ours = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"
    ada.run(f"pre-commit validate-manifest '{ours}'").ok()
    text = ours.read_text()
    assert "entry: stick hook pre-commit" in text
    ada.run("stick join --as ada && stick hook pre-commit").fails(3, "stick take")


def test_a_folder_for_hooks_outside_the_repository_is_left_alone_and_runs_behind_ours(
    repo: Path, ada: Shell, bob: Shell, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    ada.run(f"git config core.hooksPath '{shared}'").ok()
    (shared / "commit-msg").write_text("#!/bin/sh\necho ran $0\n")
    (shared / "commit-msg").chmod(0o755)
    ada.stick("init --only git").ok()
    assert [path.name for path in shared.iterdir()] == ["commit-msg"]
    join(ada, bob)
    bob.run(COMMIT).fails(1, "ada holds")
    assert f"ran {shared}/commit-msg" in ada.run(COMMIT).ok().text
    ada.stick("uninit").ok()
    assert ada.run("git config core.hooksPath").ok().out.strip() == str(shared)


def test_a_relative_folder_for_hooks_that_git_ignores_is_used(
    repo: Path, ada: Shell, bob: Shell
) -> None:
    ada.run("git config core.hooksPath .hooks && echo /.hooks/ >> .git/info/exclude").ok()
    ada.stick("init --only git").ok()
    join(ada, bob)
    bob.run(COMMIT).fails(1, "ada holds")
    ada.stick("uninit").ok()
    assert not (repo / ".hooks").exists()
