"""What all linked worktrees share: the list of stashes, and objects that stand for others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.shells import Shell, Shells

pytestmark = pytest.mark.sampled(4)

MAKE = "echo {0} >> app.py && git stash -q -m {0}"
LISTED = "git stash list; git rev-parse refs/stash"


@pytest.fixture
def ada(ada: Shell) -> Shell:
    ada.run("stick take && git worktree add -q ../linked -b linked").ok()
    return ada


@pytest.fixture
def linked(ada: Shell, room: Path, shells: Shells) -> Shell:
    """Return somebody in a linked worktree, which has no room."""
    return shells.person(room.parent / "linked")


@pytest.mark.parametrize(
    "end", ["git stash drop -q", "git stash clear", "git update-ref -d refs/stash"]
)
def test_what_the_holder_stashed_is_not_taken_away_from_another_worktree(
    ada: Shell, linked: Shell, end: str
) -> None:
    ada.run(MAKE.format("hers")).ok()
    told = linked.run(end)
    assert told.code
    assert "ada holds" in told.err
    assert "all linked worktrees share it" in told.err
    assert ada.run("git rev-parse -q --verify refs/stash").code == 0
    ada.run("git update-ref -d refs/stash").ok()  # her own


def test_it_is_not_cleared_with_ones_own_on_top(ada: Shell, linked: Shell) -> None:
    ada.run(MAKE.format("hers")).ok()
    linked.run(MAKE.format("his")).ok()
    assert "look before you pop" in ada.stick("status").err
    before = ada.run(LISTED).ok().out
    linked.run("git stash clear").fails(128, "ada holds")
    assert ada.run(LISTED).out == before


def test_ones_own_entries_are_ones_own(ada: Shell, linked: Shell) -> None:
    linked.run(
        f"{MAKE.format('his')} && git stash pop -q && git stash -q && git stash drop -q"
    ).ok()
    linked.run(f"{MAKE.format('his')} && {MAKE.format('more')} && git stash clear").ok()


def test_a_holder_of_the_other_worktrees_room_is_held_back_as_well(
    ada: Shell, linked: Shell
) -> None:
    ada.run(MAKE.format("hers")).ok()
    linked.run("stick join --as cleo && stick take").ok()
    linked.run("git stash drop -q").fails(128, "ada holds")
    ada.run("git stash drop -q").ok()


def test_what_nobody_is_known_to_have_stashed_is_free(
    ada: Shell, linked: Shell, room: Path
) -> None:
    ada.run(MAKE.format("hers")).ok()
    (room / ".git/stickhooks/stashes").unlink()
    linked.run("git stash drop -q").ok()


@pytest.mark.parametrize(
    "command",
    [
        "git replace main main~1", "git replace --graft main", "git replace -d two", "git replace -f two one",
        "git update-ref refs/replace/$(git rev-parse main) one",
        "git fetch -q . one:refs/replace/$(git rev-parse main)",
    ],
)  # fmt: skip
@pytest.mark.parametrize("where", ["here", "linked"])
def test_objects_are_replaced_by_the_holder_alone(
    ada: Shell, bob: Shell, linked: Shell, command: str, where: str
) -> None:
    commit = "git commit -q --allow-empty -m"
    ada.run(f"git tag one && {commit} 2 && git tag two && {commit} 3 && git replace two main").ok()
    seen = "git for-each-ref refs/replace"
    before = ada.run(seen).ok().out
    told = (bob if where == "here" else linked).run(command)
    assert told.code
    assert "ada holds" in told.err
    assert ada.run(seen).out == before
    ada.run("git pack-refs --all && git gc -q && git replace -d two").ok()


def test_packing_and_what_else_goes_on_in_a_worktree_without_a_room(
    ada: Shell, linked: Shell
) -> None:
    ada.run(
        f"git commit -q --allow-empty -m more; git replace HEAD HEAD~1; {MAKE.format('hers')}"
    ).ok()
    linked.run(
        "git pack-refs --all && git gc -q && git commit -q --allow-empty -m x && git branch fresh &&"
        " git branch -D fresh && git tag t && git notes add -m n && git checkout -q --detach &&"
        " git switch -q linked && git reset -q --hard && git fetch -q . linked:copy"
    ).ok()
