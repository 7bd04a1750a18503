"""A stash of everything takes the room's folder along: refused, to the holder as well, and the line works."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.shells import Shell, Shells

pytestmark = pytest.mark.sampled(4)


@pytest.fixture
def room(repo: Path, shells: Shells) -> Path:
    shells.person(repo).stick("init --only git").ok()
    with (repo / ".git/info/exclude").open("a") as file:
        file.write("\nbuilt/\n")
    return repo


@pytest.fixture
def ada(ada: Shell) -> Shell:
    ada.stick("take").ok()
    ada.run("echo work >> app.py; echo n > new.txt; mkdir -p built; echo b > built/b").ok()
    return ada


def files(tree: Path) -> dict[str, bytes]:
    left_out = (".git", ".talking-stick")
    return {
        str(path.relative_to(tree)): path.read_bytes()
        for path in sorted(tree.rglob("*"))
        if path.is_file() and path.relative_to(tree).parts[0] not in left_out
    }


def line_of(text: str) -> str:
    return next(x.split("next:")[1].strip() for x in text.splitlines() if "next:" in x)


@pytest.mark.parametrize(
    "command",
    [
        "git stash --all", "git stash push -a", "git stash -a -m 'half done'", "git stash save -a half",
        "git stash -a -q -k", "git stash push --all -- app.py .talking-stick built",
        "git stash push -a -- .", "cd src && git stash -a", "git -c x.y=z stash --all",
    ],
)  # fmt: skip
def test_it_is_refused_with_the_tree_as_it_was_and_the_printed_line_works(
    ada: Shell, room: Path, command: str
) -> None:
    ada.run("git add app.py").ok()
    before, status = files(room), ada.run("git status --porcelain").ok().out
    done = ada.run(f"({command})")
    assert done.code
    assert "NOT STASHED" in done.err
    assert files(room) == before
    assert ada.run("git status --porcelain; git stash list").ok().out == status
    folder = room / "src" if "src" in command else room
    ada.run(line_of(done.err), cwd=folder).ok()
    assert (room / ".talking-stick/room.json").exists()
    assert not (room / "built").exists()
    assert "work" not in (room / "app.py").read_text() or "-k" in command
    if "-k" in command:
        ada.run("git reset -q --hard").ok()
    ada.run("git stash pop -q").ok()
    assert files(room) == before
    assert "ada (you) holds" in ada.stick("status").ok().out


def test_it_is_refused_in_a_linked_worktree(ada: Shell, room: Path, shells: Shells) -> None:
    ada.run("git worktree add -q ../side").ok()
    other = shells.person(room.parent / "side")
    other.run("stick join --as ada && stick take").ok()
    other.run("echo x >> app.py")
    told = other.run("git stash -a").fails(128, "NOT STASHED").err
    other.run(line_of(told)).ok()
    other.run("git stash pop -q").ok()


def test_a_folder_of_a_room_further_down_is_excluded_as_well(ada: Shell, room: Path) -> None:
    ada.run("mkdir -p docs/.talking-stick && echo '*' > docs/.talking-stick/.gitignore").ok()
    told = ada.run("git stash -a").fails(128, "NOT STASHED").err
    assert "docs/.talking-stick" in line_of(told)
    ada.run(line_of(told)).ok()
    assert (room / "docs/.talking-stick/.gitignore").exists()


def test_who_does_not_hold_is_refused_as_well(ada: Shell, bob: Shell, room: Path) -> None:
    before = files(room)
    bob.run("git stash -a").fails(128)
    assert files(room) == before


def test_other_stashes_go_on_as_they_did(ada: Shell, room: Path) -> None:
    ada.run("git stash push -q -u && git stash pop -q").ok()
    ada.run("git stash push -q -- app.py && git stash apply -q && git stash drop -q").ok()
    made = ada.run("git stash create").ok().out.strip()
    ada.run(f"git stash store -m kept {made}").ok()
