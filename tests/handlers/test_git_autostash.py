"""A refused rebase gives back what git had taken out of the tree before it asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.shells import Shell, Shells

pytestmark = pytest.mark.sampled(5)

STATES = (
    "echo w >> app.py",
    "echo s >> app.py; git add app.py; echo w >> app.py",
    "echo n > new.txt; git add new.txt",
    "echo n > new.txt; git add new.txt; echo more >> new.txt",
    "git rm -q docs/guide.md",
    "rm README",
    "git mv app.py b.py; echo w >> b.py",
    "chmod +x app.py; git add app.py",
    "ln -s app.py link; git add link",
    "rm app.py; ln -s README app.py",
    "head -c 3000 /dev/urandom > bin; git add bin; : > empty; git add empty; echo w >> src/core.py",
    "printf 'a\\r\\nb' >> app.py; mkdir -p d/e; echo x > d/e/f; git add d; echo u > untracked",
)  # fmt: skip
REBASES = (
    "git rebase --autostash side", "git pull -q --rebase --autostash . side",
    "git -c rebase.autoStash=true pull --rebase . side", "git rebase --apply --autostash side",
    "git -c rebase.autoStash=true rebase -i side", "git rebase --autostash --onto side HEAD~1",
)  # fmt: skip
SEEN = (
    "git ls-files -s; git diff --binary; git diff --cached --binary; git status --porcelain;"
    " git rev-parse HEAD; git stash list; ls -lR --time-style=+ . | grep -v total"
)


@pytest.fixture
def room(repo: Path, shells: Shells) -> Path:
    shell = shells.person(repo)
    shell.run(
        "git switch -qc side && echo s > side.txt && git add . && git commit -qm side && git switch -q main;"
        " echo m > m.txt && git add m.txt && git commit -qm main && stick init --only git"
    ).ok()
    return repo


@pytest.fixture
def ada(shells: Shells, room: Path) -> Shell:
    return shells.holder(room, "ada")


@pytest.mark.parametrize("state", STATES)
def test_index_and_tree_are_as_they_were(ada: Shell, bob: Shell, state: str) -> None:
    ada.run(state).ok()
    before = ada.run(SEEN).ok().out
    told = bob.run(REBASES[0])
    assert told.code
    assert "were put back" in told.err
    assert ada.run(SEEN).ok().out == before


@pytest.mark.parametrize("command", REBASES)
def test_however_it_is_asked_for(ada: Shell, bob: Shell, room: Path, command: str) -> None:
    ada.run(STATES[1]).ok()
    before = ada.run(SEEN).ok().out
    done = bob.run(f"GIT_SEQUENCE_EDITOR=true {command}")
    assert done.code
    assert "ada holds" in done.err
    assert ada.run(SEEN).ok().out == before
    assert not list((room / ".git").glob("rebase-*"))


@pytest.mark.parametrize(
    "command", ["merge --autostash side", "pull -q --no-rebase --autostash . side"]
)
def test_a_merge_asks_before_it_stashes(ada: Shell, bob: Shell, command: str) -> None:
    ada.run(STATES[1]).ok()
    before = ada.run(SEEN).ok().out
    bob.run(f"git {command}").fails(128, "ada holds") if "merge" in command else bob.run(
        f"git {command}"
    )
    assert ada.run(SEEN).ok().out == before


def test_in_a_linked_worktree(room: Path, shells: Shells, ada: Shell) -> None:
    ada.run("git worktree add -q ../linked -b linked").ok()
    holder, other = shells.person(room.parent / "linked"), shells.person(room.parent / "linked")
    holder.run("stick join --as cleo && stick take").ok()
    holder.run(STATES[1]).ok()
    before = holder.run(SEEN).ok().out
    assert "were put back" in other.run(REBASES[0]).err
    assert holder.run(SEEN).ok().out == before


def test_the_holder_is_told_who_and_what(ada: Shell, bob: Shell) -> None:
    ada.run(STATES[0]).ok()
    bob.run(REBASES[0])
    told = ada.stick("status").ok().text
    assert "bob" in told
    assert "rebase --autostash" in told
    assert "rebase --autostash" in ada.stick("log").ok().out


def test_where_it_cannot_be_put_back_the_way_back_works_later(
    ada: Shell, bob: Shell, room: Path
) -> None:
    """The holder's editor saves at that very moment a file that the stash has as well."""
    ada.run("echo n > new.txt; git add new.txt; echo w >> app.py").ok()
    before = ada.run(SEEN).ok().out
    hook = room / ".git/hooks/post-index-change"
    hook.write_text(
        "#!/bin/sh\n[ -e .git/rebase-merge/autostash ] || exit 0\n"
        "[ -e .git/once ] || { : > .git/once; echo mine > new.txt; }\n"
    )
    hook.chmod(0o755)
    told = bob.run(REBASES[0])
    assert "restoring them failed" in told.err
    back = next(x.split("back:")[1].strip() for x in told.err.splitlines() if "back:" in x)
    hook.unlink()
    (room / "new.txt").unlink()
    bob.run(back).ok()
    assert ada.run(SEEN).ok().out == before


def test_a_rebase_under_way_with_an_autostash_is_left_alone(ada: Shell, bob: Shell) -> None:
    ada.run(
        "echo w >> app.py; git -c sequence.editor='sed -i 1ibreak' rebase -q --autostash -i HEAD~1"
    ).ok()
    bob.run("stick hook pre-rebase --git $$").fails(3)
    assert "w" not in ada.run("git diff").out
    ada.run("git rebase --continue").ok()
    assert "+w" in ada.run("git diff").out
