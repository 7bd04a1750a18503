"""git's before-hook goes in where nobody set core.fsmonitor, comes out byte for byte, and disturbs nobody."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.support.shells import Shell, Shells, difference, git_snapshot

FILE = ".git/stickhooks/before-hook"
GET = "git config --get core.fsmonitor"


@pytest.fixture
def ada(shells: Shells, room: Path) -> Shell:
    return shells.person(room)


def init(shell: Shell) -> None:
    shell.stick("init --only git --before-hook").ok()


def test_it_is_off_until_somebody_turns_it_on_and_comes_out_byte_for_byte(
    shells: Shells, repo: Path
) -> None:
    ada = shells.person(repo)
    before = git_snapshot(repo)
    config = (repo / ".git/config").read_bytes()
    assert "stick init --before-hook" in ada.stick("init --only git").ok().text
    assert ada.run(GET).code == 1
    init(ada)
    assert "before-hook" in ada.run(GET).ok().out
    assert "already there" in ada.stick("init --only git --before-hook").ok().text
    assert "before-hook already there" in ada.stick("init --only git").ok().text
    ada.stick("uninit").ok()
    assert (repo / ".git/config").read_bytes() == config
    assert difference(before, git_snapshot(repo)) == []


@pytest.mark.parametrize("where", ["--local", "--global", "--worktree"])
def test_somebody_elses_setting_stays_and_is_told(ada: Shell, tmp_path: Path, where: str) -> None:
    env = {"GIT_CONFIG_GLOBAL": str(tmp_path / "theirs")}
    if where == "--worktree":
        ada.run("git config extensions.worktreeConfig true").ok()
    ada.run(f"git config {where} core.fsmonitor ./watchman-hook", env).ok()
    told = ada.stick("init --only git --before-hook", env).fails(78, "NOT installed", "stays")
    assert "git config --show-origin --get-all core.fsmonitor" in told.text
    assert ada.run(GET, env).ok().out == "./watchman-hook\n"
    assert not (ada.cwd / FILE).exists()
    ada.stick("uninit", env).ok()
    assert ada.run(GET, env).ok().out == "./watchman-hook\n"


def test_it_is_a_setting_of_a_repository(ada: Shell) -> None:
    ada.stick("init --user --before-hook").fails(2, "--before-hook")
    ada.stick("init --only claude --before-hook").fails(2, "--before-hook")


def test_with_its_file_gone_git_works_on_in_silence_and_doctor_mends_it(ada: Shell) -> None:
    init(ada)
    assert ada.stick("doctor").ok().out
    (ada.cwd / FILE).unlink()
    for command in ("git status --short", "git checkout .", "git clean -fdq"):
        assert ada.run(command).ok().err.replace("Updated 0 paths from the index\n", "") == ""
    ada.stick("doctor").fails(78, "before-hook", "stick init --before-hook")
    ada.stick("doctor --fix").ok()
    assert (ada.cwd / FILE).exists()
    ada.stick("doctor").ok()


def test_doctor_sees_a_setting_that_another_took_and_a_file_that_answers_nobody(ada: Shell) -> None:
    init(ada)
    text = (ada.cwd / FILE).read_text()
    (ada.cwd / FILE).write_text(text.replace("hook.py", "gone.py"))
    ada.stick("doctor").fails(78, "does not answer")
    ada.run("git config core.fsmonitor true").ok()
    ada.stick("doctor").fails(78, "set to another's")


def test_a_repository_that_was_moved_or_copied_asks_nobody_and_says_so(
    shells: Shells, ada: Shell
) -> None:
    init(ada)
    elsewhere = ada.cwd.with_name("elsewhere")
    shutil.copytree(ada.cwd, elsewhere, symlinks=True)
    shutil.rmtree(ada.cwd / ".git/stickhooks")
    copy = shells.person(elsewhere)
    copy.run("git checkout .").ok()
    copy.stick("init --only git").ok()
    assert str(elsewhere) in copy.run(GET).ok().out


def test_a_status_without_optional_locks_leaves_a_watched_index_alone(ada: Shell) -> None:
    """With them it writes it each time: a program that runs it whenever the index changes goes round."""
    init(ada)
    ada.run("git status").ok()
    index = ada.cwd / ".git/index"

    def after(env: dict[str, str]) -> tuple[int, int]:
        ada.run("git status", env).ok()
        return index.stat().st_mtime_ns, index.stat().st_ino

    assert after({"GIT_OPTIONAL_LOCKS": "0"}) == after({"GIT_OPTIONAL_LOCKS": "0"})
    assert after({}) != after({})  # what the documentation says of it, and why it is a choice


def test_a_path_that_no_shell_likes_is_asked_too(
    shells: Shells, make_repository: object, tmp_path: Path
) -> None:
    odd = make_repository("it's a $HOME shop; [x] \\ &")  # type: ignore[operator]
    ada = shells.person(odd)
    ada.stick("init --only git --before-hook").ok()
    ada.stick("doctor").ok()  # git was started, and the hook answered
    ada.run("echo work > app.py; git checkout .").ok()
    assert os.path.isdir(odd / ".git/stickhooks/snapshots/main/lists")
