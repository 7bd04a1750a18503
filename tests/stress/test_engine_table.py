"""Some of each count of ``engine_table``: the large ones are commands of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from stickhooks.store.engine.git_remote import GitRemote
from stickhooks.store.engine.interface import Moved, Version
from tests.stress import engine_table
from tests.support import engine_places
from tests.support.engine_places import KINDS

FEW = {"races": 3, "stale": 3, "lost": 12, "traces": 1, "ring": 4}
CASES = [
    pytest.param(what, kind, id=f"{what}-{kind}")
    for what in FEW
    for kind in KINDS
    if (what, kind) != ("lost", "git")  # between files lies nothing that could be cut
]


@pytest.mark.sampled(4)
@pytest.mark.parametrize(("what", "kind"), CASES)
def test_a_count_is_right(what: str, kind: str) -> None:
    done, wrong = engine_table.told(what, kind, FEW[what], 3)
    assert wrong == [], done


def test_a_wrong_engine_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swap = GitRemote.swap

    def careless(self: GitRemote, before: Version | None, *rest: object) -> Version:
        try:
            return swap(self, before, *rest)  # type: ignore[arg-type]
        except Moved:
            return Version("taken", b"")

    monkeypatch.setattr(GitRemote, "swap", careless)
    with engine_places.opened("git", tmp_path) as place:
        assert len(engine_table.stale(place, 2)) == 2
