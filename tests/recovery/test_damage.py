"""What a machine's stop or a disk damaged does not count as kept, and keeps no secret that was forgotten."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from stickhooks.recovery import blobs, lists, loose, losses, pruning
from stickhooks.recovery.entries import Listed
from stickhooks.recovery.present import Present
from tests.recovery.test_snapshots import SECRET, age, snapshots, stored
from tests.support.keeping import Keeping, repository, written
from tests.support.world import git


@pytest.fixture
def kept(tmp_path: Path) -> Keeping:
    keeping = Keeping(repository(tmp_path / "ws"))
    keeping.join("ada")
    keeping.take("ada")
    return keeping


def file_of(kept: Keeping, listed: Listed, path: str = "a") -> Path:
    return Path(loose.path_of(kept.place.objects, listed.paths[path].blob))


def of_another_boot(kept: Keeping) -> None:
    """Have all snapshots have been made before the machine started."""
    for path in Path(kept.place.lists).iterdir():
        raw = json.loads(path.read_text())
        path.write_text(json.dumps({**raw, "boot": "another"}))


@pytest.mark.parametrize("left", [b"", b"\x78\x01short"], ids=["empty", "short"])
def test_a_blob_that_a_stop_cut_short_is_kept_anew(kept: Keeping, left: bytes) -> None:
    (kept.root / "a").write_text("edited\n")
    os.utime(kept.root / "a", (1, 1))
    file_of(kept, kept.keep()).write_bytes(left)
    of_another_boot(kept)
    listed = kept.keep()
    assert blobs.read(kept.place, listed.paths["a"].blob) == b"edited\n"


def test_within_a_boot_what_is_kept_is_not_read_again(
    kept: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept.root / "a").write_text("edited\n")
    first = kept.keep()
    assert first.boot
    read: list[str] = []

    def is_whole(objects: str, name: str) -> bool:
        read.append(name)
        return True

    monkeypatch.setattr(loose, "is_whole", is_whole)
    kept.keep()
    assert read == []
    of_another_boot(kept)
    kept.keep()
    assert read == [first.paths["a"].blob]


def test_of_damaged_bytes_the_whole_ones_before_them_come_back(kept: Keeping) -> None:
    (kept.root / "a").write_text("first\n")
    kept.keep()
    (kept.root / "a").write_text("second\n")
    file_of(kept, kept.keep()).write_bytes(b"")
    git(kept.root, "checkout", "-q", ".")
    [loss] = losses.search(kept.place, Present(kept.place.root)).found
    assert blobs.read(kept.place, loss.entry.blob) == b"first\n"
    assert written(kept.restore("ada")) == ["a"]
    assert (kept.root / "a").read_text() == "first\n"


def test_where_no_bytes_are_whole_that_is_said(kept: Keeping) -> None:
    (kept.root / "a").write_text("only\n")
    file_of(kept, kept.keep()).write_bytes(b"")
    git(kept.root, "checkout", "-q", ".")
    assert "a: the kept bytes are damaged or gone" in kept.restore("ada", apply=False).lines


def packed(kept: Keeping) -> Path:
    """Keep a secret and more in a pack, and return the pack."""
    (kept.root / ".env").write_bytes(SECRET)
    (kept.root / "a").write_text("edited\n")
    for i in range(blobs.PACK_FROM):
        (kept.root / f"n{i}").write_text(f"{i}\n")
    kept.keep()
    assert SECRET in stored(kept)
    [pack] = Path(kept.place.objects, "pack").glob("*.pack")
    pack.chmod(0o600)
    return pack


def test_a_damaged_pack_keeps_no_secret_that_was_to_be_forgotten(kept: Keeping) -> None:
    pack = packed(kept)
    whole = pack.read_bytes()
    pack.write_bytes(whole[:-60] + bytes(60))  # what was packed last cannot be read any more
    snapshots(kept, forget=str(kept.root / ".env"))
    assert SECRET not in stored(kept)
    assert not pack.exists()
    newest = lists.newest(kept.place)
    assert newest
    reader = blobs.Reader(kept.place)
    assert (
        sum(reader.is_whole(it.blob) for it in newest.paths.values() if it.blob)
        > blobs.PACK_FROM - 5
    )


@pytest.mark.parametrize("left", [None, b"torn"], ids=["no index", "a torn index"])
def test_a_pack_without_an_index_keeps_no_secret_either(kept: Keeping, left: bytes | None) -> None:
    pack = packed(kept)
    index = pack.with_suffix(".idx")
    index.unlink()
    if left is not None:
        index.write_bytes(left)
    age(kept, 2 * pruning.MAKING_S)
    snapshots(kept, forget=str(kept.root / ".env"))
    assert SECRET not in stored(kept)
    newest = lists.newest(kept.place)
    assert newest
    assert kept.kept(newest)["a"] == b"edited\n"  # what else was in it can be read again


def test_what_a_killed_maker_left_keeps_no_secret(kept: Keeping) -> None:
    (kept.root / ".env").write_bytes(SECRET)
    kept.keep()
    left = Path(kept.place.objects, "pack.1-abc.tmp")
    left.write_bytes(SECRET)
    old = time.time() - 2 * pruning.MAKING_S
    os.utime(left, (old, old))
    snapshots(kept, forget=str(kept.root / ".env"))
    assert not left.exists()


@pytest.fixture
def torn(kept: Keeping) -> Listed:
    """Have `a` be kept and its blob damaged, beside `b`; both be lost."""
    for name in ("a", "b"):
        (kept.root / name).write_text("edited\n")
    listed = kept.keep()
    (kept.root / "b").write_text("edited again\n")
    listed = kept.keep()
    file_of(kept, listed).write_bytes(b"\x78\x01short")
    git(kept.root, "checkout", "-q", ".")
    return listed


@pytest.mark.parametrize("how", ["of the loss", "of a path", "of a snapshot", "both", "elsewhere"])
def test_what_is_damaged_is_said_before_anything_is_written(
    kept: Keeping, torn: Listed, how: str, tmp_path: Path
) -> None:
    given = ["a", "b"] if how in ("of a path", "both", "elsewhere") else []
    options: dict[str, object] = {"mark": torn.mark} if how in ("of a snapshot", "both") else {}
    shown = kept.restore("ada", *given, apply=False, **options)
    assert any(line.startswith("would write  b") for line in shown.lines)
    assert not any("would" in line and "  a" in line for line in shown.lines)
    [line] = [line for line in shown.lines if "damaged or gone" in line]
    assert "a" in line.split("damaged")[0]
    if how == "elsewhere":
        options["to"] = str(tmp_path / "out")
    done = kept.restore("ada", *given, **options)
    assert done.code == "ok"
    assert [Path(path).name for path in written(done)] == ["b"]
    assert (kept.root / "a").read_text() == "a as committed\n"


def test_newer_bytes_that_are_damaged_are_told_of_with_the_older_ones(kept: Keeping) -> None:
    (kept.root / "a").write_text("first\n")
    kept.keep()
    (kept.root / "a").write_text("second\n")
    file_of(kept, kept.keep()).write_bytes(b"")
    git(kept.root, "checkout", "-q", ".")
    for given in ([], ["a"]):
        [line] = [it for it in kept.restore("ada", *given, apply=False).lines if "damaged" in it]
        assert line.startswith("a: what was kept ")
        assert "the last whole bytes are of " in line
    assert written(kept.restore("ada", "a")) == ["a"]
    assert (kept.root / "a").read_text() == "first\n"


def test_an_undo_names_what_is_damaged_and_does_the_rest(kept: Keeping) -> None:
    for name in ("a", "b", "dir/c"):
        (kept.root / name).write_text("before the turn\n")
    kept.release("ada")
    kept.take("ada")
    [begin] = [it for it in lists.every(kept.place) if it.why == "take"][:1]
    file_of(kept, begin).write_bytes(b"")  # of all three
    (kept.root / "dir/d").write_text("of the turn\n")
    (kept.root / "a").write_text("of the turn\n")
    git(kept.root, "checkout", "-q", "dir/c")
    shown = kept.undo("ada", apply=False)
    assert any(
        line.startswith("not touched  a  (the kept bytes are damaged") for line in shown.lines
    )
    assert written(kept.undo("ada")) == ["dir/d"]
    assert (kept.root / "a").read_text() == "of the turn\n"


def test_a_damaged_staged_blob_is_said_and_the_others_are_staged(kept: Keeping) -> None:
    for name in ("a", "b"):
        (kept.root / name).write_text(f"{name} staged\n")
    git(kept.root, "add", "a", "b")
    listed = kept.keep()
    git(kept.root, "reset", "-q")
    git(kept.root, "gc", "-q", "--prune=now")
    file_of(kept, listed).write_bytes(b"")
    shown = kept.restore("ada", mark=listed.mark, index=True, apply=False)
    assert "a: what was staged is damaged or gone" in shown.lines
    assert "would stage  b" in shown.lines
    assert "--apply" in shown.next[0].args  # type: ignore[union-attr]
    assert kept.restore("ada", mark=listed.mark, index=True).data["staged"] == ["b"]
    assert git(kept.root, "show", ":b") == "b staged\n"
