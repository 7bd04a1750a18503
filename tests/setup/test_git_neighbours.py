"""The framework of pre-commit, and folders for hooks, beside ours; ``test_hook_tools`` has the tools."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.shells import Shell, Shells

COMMIT = "echo x >> new.txt && git add new.txt && git commit -qm x"
PRE_COMMIT = """
repos:
- repo: local
  hooks:
  - {id: mark, name: mark, entry: sh -c 'echo ran >> ../ran', language: system, always_run: true}
"""


@pytest.fixture
def ada(shells: Shells, repo: Path) -> Shell:
    return shells.person(repo)


@pytest.fixture
def bob(shells: Shells, repo: Path) -> Shell:
    return shells.person(repo)


def join(ada: Shell, bob: Shell) -> None:
    ada.run("stick join --as ada && stick take").ok()
    bob.stick("join --as bob").ok()


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
