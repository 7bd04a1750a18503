"""Packing refs is never refused, in sh and, for more refs than sh looks at, in Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.shells import Shell, Shells


@pytest.fixture
def bob(shells: Shells, repo: Path) -> Shell:
    ada = shells.person(repo)
    ada.run("stick init --only git && stick join --as ada && stick take").ok()
    return shells.person(repo)


@pytest.mark.parametrize("branches", [3, 100])
def test_packing_passes_and_deleting_what_is_packed_does_not(
    bob: Shell, repo: Path, branches: int
) -> None:
    bob.run(f"for n in $(seq {branches}); do echo create refs/heads/b$n HEAD; done > ../new").ok()
    bob.run("git update-ref --stdin < ../new").ok()
    bob.run("git pack-refs --all --prune").ok()
    assert not (repo / ".git/refs/heads/b1").exists()
    bob.run("git gc -q").ok()
    bob.run("git branch -D b1").fails(128, "ada holds")
    bob.run("sed 's/create/delete/; s/ HEAD//' ../new | git update-ref --stdin").fails(
        128, "ada holds"
    )
    assert bob.run("git branch --list 'b*' | wc -l").out.strip() == str(branches)


def test_a_deletion_is_packing_only_while_the_packed_refs_are_not_locked(
    bob: Shell, repo: Path
) -> None:
    """As gits ask that show one transaction for both places of a ref; 2.39 shows two."""
    bob.run("git update-ref refs/heads/b1 HEAD && git pack-refs --all --no-prune").ok()
    line = f"$(git rev-parse HEAD) {'0' * 40} refs/heads/b1"
    ask = f'echo "{line}" | .git/hooks/reference-transaction prepared'
    bob.run(ask).ok()
    bob.run(f"touch .git/packed-refs.lock && {ask}").fails(1, "ada holds")


def test_a_fetch_of_many_refs_passes(bob: Shell, repo: Path) -> None:
    bob.run("git init -q -b main ../far && cd ../far && git commit -q --allow-empty -m x").ok()
    bob.run("for n in $(seq 200); do echo create refs/heads/b$n HEAD; done > ../new").ok()
    bob.run("cd ../far && git update-ref --stdin < ../new").ok()
    bob.run("git remote add far ../far && git fetch -q far").ok()
    bob.run("git fetch -q far 'refs/heads/*:refs/heads/far/*'").ok()
    bob.run("git fetch -q -p far").ok()
