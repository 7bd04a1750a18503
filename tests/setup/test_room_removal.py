"""A room that cannot be taken away is as it was: never a folder without its anchor."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.accounts import Account, skip_unless_tried

BOB, EVE = 40_001, 40_002


@pytest.fixture
def base() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="stick-accounts-"))
    folder.chmod(0o755)
    try:
        skip_unless_tried(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_where_a_copy_can_be_neither_removed_nor_moved_the_anchor_stays(base: Path) -> None:
    bob, shop = Account(BOB, base), base / "shop"
    shop.mkdir()
    os.chown(shop, BOB, BOB)
    bob.run("git init -q && stick init --only git && stick join --as bob", shop).ok()
    notes = shop / ".git/stickhooks"
    for copy in (notes / "copies").iterdir():
        os.chown(copy, EVE, EVE)
        copy.chmod(0o700)
    before = (notes / "anchor.json").read_bytes()
    (shop / ".git").chmod(0o555)
    bob.stick("uninit", shop).fails(74, "cannot be moved out of the way", "the room is as it was")
    assert (notes / "anchor.json").read_bytes() == before
    bob.stick("status", shop).ok()
