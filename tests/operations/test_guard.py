"""`stick guard --chmod`: file modes follow the stick, and every mode comes back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.shells import Shell, Shells, difference, snapshot

HANDOFF = '--status "done" --next "go on"'
OURS = (".talking-stick", ".git")


@pytest.fixture
def ada(shells: Shells, repo: Path) -> Shell:
    (repo / "app.py").chmod(0o755)
    (repo / "docs/guide.md").chmod(0o600)
    (repo / "README").chmod(0o444)
    ada = shells.person(repo)
    ada.run("ln -s app.py link && git add . && git commit -qm modes && stick init --only git").ok()
    ada.stick("join --as ada").ok()
    return ada


def modes(repo: Path) -> dict[str, int]:
    names = ("app.py", "docs/guide.md", "README", "src/core.py")
    return {name: (repo / name).stat().st_mode & 0o777 for name in names}


def test_files_are_read_only_while_nobody_holds_and_get_their_exact_modes_back(
    ada: Shell, repo: Path
) -> None:
    before = snapshot(repo, skip=OURS)
    assert "not stopped: root" in ada.stick("guard --chmod").ok().out
    assert modes(repo) == {
        "app.py": 0o555, "docs/guide.md": 0o400, "README": 0o444, "src/core.py": 0o444,
    }  # fmt: skip
    ada.stick("take").ok()
    assert not difference(before, snapshot(repo, skip=OURS))
    ada.stick(f"release {HANDOFF}").ok()
    assert modes(repo)["app.py"] == 0o555
    ada.stick("run -- sh -c 'test $(stat -c %a app.py) = 755'").ok()
    assert modes(repo)["app.py"] == 0o555
    assert "modes back" in ada.stick("guard --off").ok().out
    assert not difference(before, snapshot(repo, skip=OURS))


def test_what_git_makes_writable_is_shut_again_and_its_new_mode_given_back(
    ada: Shell, repo: Path
) -> None:
    ada.stick("guard --chmod").ok()
    os.unlink(repo / "src/core.py")
    ada.run("git checkout -q -- src/core.py").ok()
    assert modes(repo)["src/core.py"] & 0o200
    ada.stick("join --as ada").ok()
    assert modes(repo)["src/core.py"] == 0o444
    (repo / "src/core.py").chmod(0o640)
    ada.stick("guard --off").ok()
    assert modes(repo)["src/core.py"] == 0o640


def test_each_room_goes_by_its_own_stick(ada: Shell, repo: Path) -> None:
    ada.run("stick join --new src && stick guard --chmod && stick take --room src").ok()
    assert modes(repo)["src/core.py"] & 0o200
    assert modes(repo)["app.py"] == 0o555


def test_a_claim_by_a_hook_opens_the_files(ada: Shell, repo: Path) -> None:
    ada.run("stick policy on_idle claim && stick guard --chmod").ok()
    ada.run("git commit -q --allow-empty -m x").ok()
    assert modes(repo)["app.py"] == 0o755


def test_uninit_gives_the_modes_back(ada: Shell, repo: Path) -> None:
    before = snapshot(repo, skip=OURS)
    ada.run("stick guard --chmod && stick uninit").ok()
    assert not difference(before, snapshot(repo, skip=OURS))
    assert not (repo / ".git/stickhooks").exists()


def test_without_git_or_with_both_options_it_says_so(
    ada: Shell, shells: Shells, tmp_path: Path
) -> None:
    ada.stick("guard --chmod --off").fails(2, "one of")
    assert "off" in ada.stick("guard").ok().out
    plain = tmp_path / "plain"
    plain.mkdir()
    other = shells.person(plain)
    other.run("stick join --as ada && stick guard --chmod").fails(2, "no git here")
