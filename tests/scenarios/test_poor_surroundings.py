"""Accounts without a home, trees of another owner, settings of git that would change its answers."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stickhooks.errors import Refusal
from stickhooks.system import homes
from stickhooks.workspace import git
from tests.support.shells import Shell, Shells


def _unknown() -> str:
    return "env -u HOME unshare -U --map-user=12345"


def _can_be_nobody() -> bool:
    try:
        done = subprocess.run(
            ["unshare", "-U", "--map-user=12345", "id", "-u"], capture_output=True, text=True
        )
    except OSError:
        return False
    return done.stdout.strip() == "12345"


@pytest.mark.skipif(not _can_be_nobody(), reason="needs a user namespace")
@pytest.mark.sampled(6)
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("init", 0), ("status", 0), ("whoami", 0), ("board --once", None), ("doctor", None),
        ("init --user --only claude", 78), ("uninit --user", 78), ("editor vim --install", 78),
        ("editor neovim --install", 78), ("completion bash", 0), ("statusline", None),
        ("join", 0), ("uninit --dry-run", 0), ("log", 0), ("report -o - --format svg", 0),
    ],
)  # fmt: skip
def test_an_account_without_name_and_home(
    repo: Path, shells: Shells, command: str, code: int | None
) -> None:
    person = shells.person(repo)
    trust = "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'"
    person.run(f"{trust} {_unknown()} stick init").ok()
    person.run(f"{trust} {_unknown()} stick join").ok()
    told = person.run(f"{trust} {_unknown()} stick {command}")
    assert "internal error" not in told.text
    assert "Traceback" not in told.text
    assert code is None or told.code == code, told.text
    if code == 78:
        assert "no home folder" in told.text


@pytest.mark.parametrize("value", ["", "relative"])
def test_a_home_that_is_none(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HOME", value)
    assert homes.home() is None
    with pytest.raises(Refusal, match="no home folder"):
        homes.needed()


def test_a_tree_of_another_owner(repo: Path, shells: Shells) -> None:
    person = shells.person(repo, {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"})
    refused = person.stick("init --only git")
    refused.fails(74, f"next:    git config --global --add safe.directory {repo}")
    assert "\\n" not in refused.text
    joined = person.stick("join --as ada").ok()
    assert "cannot be seen" in joined.text
    assert "members" in person.stick("status").ok().out


@pytest.fixture
def odd(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ada: Shell) -> Path:
    """Return a file that is there once a program of the user's settings was run."""
    mark = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {mark}\necho odd\nexit 0\n")
    program.chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(
        "[user]\nname = T\nemail = t@example.invalid\n"
        "[color]\nui = always\nstatus = always\n[log]\nshowSignature = true\nmailmap = true\n"
        f"[core]\nquotePath = true\nfsmonitor = {program}\npager = {program}\n"
        f"[gpg]\nprogram = {program}\n[diff]\nrelative = true\nexternal = {program}\nnoprefix = true\n"
        "[status]\nbranch = true\nrelativePaths = true\nshowStash = true\n[pager]\nlog = true\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    for name in ("GIT_TRACE", "GIT_TRACE2_EVENT", "GIT_TRACE_SETUP"):
        monkeypatch.setenv(name, str(repo / f"{name}.log"))
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(program))
    monkeypatch.setenv("GIT_PAGER", str(program))
    return mark


def test_settings_of_users_change_no_answer(repo: Path, odd: Path) -> None:
    signed = (
        "tree {}\nparent {}\nauthor T <t@e> 4102444800 +0000\ncommitter T <t@e> 4102444800 +0000\n"
    )
    signed += (
        "gpgsig -----BEGIN PGP SIGNATURE-----\n \n odd\n -----END PGP SIGNATURE-----\n\nsigned ü\n"
    )
    quiet = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_TRACE", "GIT_EXT"))}

    def ask(*words: str, given: str = "") -> str:
        done = subprocess.run(
            ["git", *words], cwd=repo, env=quiet, input=given, capture_output=True, text=True
        )
        return done.stdout.strip()

    odd.unlink(missing_ok=True)
    (repo / "ü.txt").write_text("x")
    assert git.uncommitted(str(repo), "", [".claude"]) == ["ü.txt"]
    assert git.staged(str(repo), os.environ) == []
    assert not odd.exists()
    commit = ask(
        "hash-object", "-t", "commit", "-w", "--stdin",
        given=signed.format(ask("mktree"), ask("rev-parse", "HEAD")),
    )  # fmt: skip
    (repo / ".git/refs/heads/main").write_text(commit + "\n")
    odd.unlink(missing_ok=True)
    assert git.commits_since(str(repo), 1_000_000_000, "", []) == ["signed ü", "shop"]
    assert "app.py" in git.tracked_files(str(repo))
    assert git.version()[0] >= 2
    assert not odd.exists()
    assert not [name for name in os.listdir(repo) if name.startswith("GIT_TRACE")]
