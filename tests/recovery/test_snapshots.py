"""What `stick snapshots` shows and forgets, and what goes by itself."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from stickhooks.cli import recovery_commands
from stickhooks.operations.reply import Reply
from stickhooks.recovery import blobs, lists, packs, pruning
from tests.support.keeping import Keeping, repository
from tests.support.world import refused

SECRET = b"SECRET=hunter2\n"


@pytest.fixture
def kept(tmp_path: Path) -> Keeping:
    keeping = Keeping(repository(tmp_path / "ws"))
    keeping.join("ada")
    keeping.take("ada")
    return keeping


def snapshots(kept: Keeping, *given: str, as_json: bool = False, **options: object) -> Reply:
    values: dict[str, object] = {"turn": None, "diff": False, "forget": None, "everything": False}
    there = [str(kept.root / path) for path in given]
    values |= options
    desk = kept.desk("ada", as_json=as_json)
    reply: Reply = recovery_commands.snapshots(desk, there, **values)
    return reply


def stored(kept: Keeping) -> bytes:
    """Return the bytes of every blob that is kept, and of every list."""
    folder = Path(kept.place.folder)
    found = b"".join(path.read_bytes() for path in folder.rglob("*.json"))
    names = {path.parent.name + path.name for path in folder.glob("objects/??/*")}
    for _, packed in packs.Packs(kept.place.objects).names():
        names |= set(packed)
    return found + b"".join(blobs.read(kept.place, name) for name in names)


def test_snapshots_are_listed_the_newest_first(kept: Keeping) -> None:
    (kept.root / "a").write_text("edited\n")
    one = kept.keep("before", "git checkout .")
    kept.release("ada")
    number = kept.take("ada")
    reply = snapshots(kept)
    assert [line.split("  ")[3] for line in reply.lines] == [
        "turn 2 of ada began", "turn 1 of ada ended", "before git checkout .", "turn 1 of ada began",
    ]  # fmt: skip
    assert one.mark in reply.lines[2]
    assert [line[:6] for line in snapshots(kept, turn=number).lines] == [reply.lines[0][:6]]
    assert len(snapshots(kept, "a").lines) == 3 + 3  # each with what it has of the path
    assert len(snapshots(kept, "dir").lines) == 1
    refused(lambda: snapshots(kept, turn=9), "invalid_input")


def test_contents_are_shown_by_diff_alone(kept: Keeping) -> None:
    (kept.root / "a").write_bytes(SECRET)
    (kept.root / "binary").write_bytes(b"\0\1")
    kept.keep()
    (kept.root / "a").write_text("now\n")
    (kept.root / "binary").unlink()
    lines = "\n".join(snapshots(kept, diff=True).lines)
    assert "-SECRET=hunter2" in lines
    assert "+now" in lines
    assert "binary: binary, 2 bytes kept, 0 now" in lines
    refused(lambda: snapshots(kept, diff=True, as_json=True), "usage")
    for reply in (snapshots(kept), kept.restore("ada", apply=False), kept.undo("ada", apply=False)):
        assert "hunter2" not in repr(reply)


@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
def test_what_is_forgotten_is_in_no_list_blob_or_pack(kept: Keeping, packed: bool) -> None:
    (kept.root / ".env").write_bytes(SECRET)
    (kept.root / "a").write_text("edited\n")
    for i in range(blobs.PACK_FROM if packed else 3):
        (kept.root / f"n{i}").write_text(f"{i}\n")
    kept.keep()
    kept.keep()
    assert SECRET in stored(kept)
    assert "in 2 snapshots" in snapshots(kept, forget=str(kept.root / ".env")).lines[0]
    assert SECRET not in stored(kept)
    assert kept.kept(lists.newest(kept.place) or pytest.fail("none"))["a"] == b"edited\n"
    assert kept.keep().paths["n1"].blob
    refused(lambda: snapshots(kept, forget=str(kept.root / "never")), "invalid_input")


def test_a_snapshot_or_all_of_them_are_forgotten(kept: Keeping) -> None:
    (kept.root / "a").write_bytes(SECRET)
    one = kept.keep()
    (kept.root / "a").write_text("other\n")
    kept.keep()
    snapshots(kept, forget=one.mark)
    assert SECRET not in stored(kept)
    assert len(lists.names(kept.place)) == 2
    refused(lambda: snapshots(kept, forget=one.mark, everything=True), "usage")
    snapshots(kept, everything=True)
    assert snapshots(kept).lines == ["no snapshot"]
    assert kept.keep().paths["a"].blob  # and it goes on
    shutil.rmtree(kept.place.lists)  # where it ended half-way, it is ended by another
    snapshots(kept, everything=True)
    assert not Path(kept.place.objects).exists()


def age(kept: Keeping, seconds: float) -> None:
    """Have all that is kept be older."""
    old = time.time() - seconds
    for path in Path(kept.place.objects).rglob("*"):
        os.utime(path, (old, old))


def test_the_oldest_turns_go_and_the_running_one_stays(kept: Keeping) -> None:
    for i in range(4):
        (kept.root / "a").write_text(f"of turn {i + 1}\n")
        kept.release("ada")
        kept.take("ada")
    kept.keep("work")
    age(kept, 2 * pruning.YOUNG_S)
    assert pruning.prune(kept.place, 2, 10**9) == 6
    turns = [listed.of.turn for listed in lists.every(kept.place) if listed.of]
    assert turns == [5, 4, 4]
    assert b"of turn 2" not in stored(kept)
    assert b"of turn 3" in stored(kept)  # as it was when turn 4 began
    assert pruning.prune(kept.place, 1, 0) == 2  # by bytes as well, but not the running turn's
    assert [listed.of.turn for listed in lists.every(kept.place) if listed.of] == [5]


def test_what_takes_too_much_goes_the_oldest_first(kept: Keeping) -> None:
    kept.release("ada")
    for i in range(4):
        (kept.root / "a").write_bytes(os.urandom(100_000))
        kept.keep("before", f"{i}")
    (kept.root / "a").unlink()
    kept.keep("before", "newest")
    age(kept, 2 * pruning.YOUNG_S)
    pruning.prune(kept.place, 50, 250_000)
    assert [it.command for it in lists.every(kept.place)] == ["newest", "3", "2"]
    assert pruning.size(kept.place).bytes < 250_000


def test_bytes_that_a_maker_may_be_about_to_list_are_spared(kept: Keeping) -> None:
    writer = blobs.Writer(kept.place, "sha1")
    name = writer.add(b"not listed yet")
    writer.finish()
    pruning.prune(kept.place, 1, 0)
    assert blobs.read(kept.place, name) == b"not listed yet"
    age(kept, 2 * pruning.YOUNG_S)
    assert blobs.Writer(kept.place, "sha1").has(name)  # used again: young again
    pruning.prune(kept.place, 1, 0)
    assert blobs.read(kept.place, name) == b"not listed yet"
    age(kept, 2 * pruning.YOUNG_S)
    pruning.prune(kept.place, 1, 0)
    with pytest.raises(KeyError):
        blobs.read(kept.place, name)


@pytest.mark.parametrize("count", [1, blobs.PACK_FROM])
def test_bytes_that_a_maker_is_about_to_list_outlive_what_is_forgotten_meanwhile(
    kept: Keeping, count: int
) -> None:
    (kept.root / ".env").write_bytes(SECRET)
    one = kept.keep()
    writer = blobs.Writer(kept.place, "sha1")
    names = [writer.add(f"not listed yet {i}".encode()) for i in range(count)]
    writer.finish()
    assert snapshots(kept, forget=str(kept.root / ".env")).lines
    snapshots(kept, forget=one.mark)
    assert SECRET not in stored(kept)
    assert blobs.read(kept.place, names[0]) == b"not listed yet 0"


def test_what_only_a_list_that_cannot_be_read_may_name_stays(kept: Keeping) -> None:
    kept.release("ada")
    (kept.root / "a").write_text("by another version\n")
    later = Path(kept.place.lists, kept.keep().id + lists.ENDING)
    raw = later.read_text()
    later.write_text(raw.replace('"format":1', '"format":2').replace('"format": 1', '"format":2'))
    assert later.read_text() != raw
    (kept.root / "a").write_text("edited\n")
    (kept.root / ".env").write_bytes(SECRET)
    kept.keep()
    age(kept, 2 * pruning.YOUNG_S)
    pruning.prune(kept.place, 50, 10**9)
    assert b"by another version" in stored(kept)
    snapshots(kept, forget=str(kept.root / ".env"))
    assert SECRET not in stored(kept)
    assert b"by another version" in stored(kept)
    kept.take("ada")
    pruning.prune(kept.place, 1, 0)  # it goes with those of its age
    assert not later.exists()


def test_a_pack_that_is_mostly_waste_is_written_anew(kept: Keeping) -> None:
    kept.release("ada")
    for i in range(blobs.PACK_FROM + 10):
        (kept.root / f"n{i}").write_text(f"{i}\n")
    old = kept.keep("before")
    for i in range(5, blobs.PACK_FROM + 10):
        (kept.root / f"n{i}").unlink()
    kept.keep("before")
    lists.remove(kept.place, old.id)
    age(kept, 2 * pruning.YOUNG_S)
    pruning.prune(kept.place, 50, 10**9)
    assert not list(Path(kept.place.objects, "pack").iterdir())
    newest = lists.newest(kept.place)
    assert newest
    assert sorted(kept.kept(newest)) == [f"n{i}" for i in range(5)]
