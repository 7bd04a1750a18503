"""What is kept as it lies on disk: blobs, packs and lists that git reads, and that outlive what git does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from stickhooks.recovery import blobs, entries, lists
from stickhooks.recovery.entries import Listed
from tests.support.places import place
from tests.support.snapshots import kept, snapshot
from tests.support.world import git


def test_what_is_kept_outlives_everything_that_git_does(root: Path) -> None:
    (root / "a").write_text("staged alone\n")
    git(root, "add", "a")
    (root / "a").write_text("edited\n")
    (root / "new").write_text("new\n")
    listed = snapshot(root)
    git(root, "reset", "-q", "--hard")
    git(root, "clean", "-qffdx")
    git(root, "reflog", "expire", "--expire=now", "--all")
    git(root, "gc", "-q", "--prune=now")
    assert kept(root, listed) == {"a": b"edited\n", "new": b"new\n"}
    index = listed.paths["a"].index
    assert index
    assert blobs.read(place(root), index[1]) == b"staged alone\n"


def test_many_blobs_make_a_pack_that_git_takes(root: Path) -> None:
    texts = {f"n{i}": b"%d\n" % i * (i + 1) * 40 for i in range(blobs.PACK_FROM + 20)}
    for name, data in texts.items():
        (root / name).write_bytes(data)
    assert kept(root, snapshot(root)) == texts
    objects = Path(place(root).objects)
    assert {path.name for path in objects.iterdir()} == {"pack"}
    assert sorted(p.suffix for p in (objects / "pack").iterdir() if p.suffix != ".rev") == [
        ".idx", ".pack",
    ]  # fmt: skip
    for index in (objects / "pack").glob("*.idx"):
        git(root, "verify-pack", str(index))
    assert kept(root, snapshot(root)) == texts
    assert {path.name for path in objects.iterdir()} == {"pack"}  # nothing was written again


def test_a_pack_is_on_the_disk_whatever_a_user_set(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git counts its own calls: of the pack and of its index."""
    told = tmp_path / "told"
    settings = tmp_path / "settings"
    settings.write_text(f"[core]\n\tfsync = none\n[trace2]\n\teventTarget = {told}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    for i in range(blobs.PACK_FROM):
        (root / f"n{i}").write_text(f"{i}\n")
    snapshot(root)
    # Made durably by us: by git it would be of the umask's mode.
    assert Path(place(root).objects, "pack").stat().st_mode & 0o777 == 0o700
    events = [json.loads(line) for line in told.read_text().splitlines()]
    [packed] = [
        it["sid"] for it in events if it["event"] == "cmd_name" and it["name"] == "index-pack"
    ]
    counts = [it for it in events if it["sid"] == packed and it.get("category") == "fsync"]
    synced = [  # as 2.36 says it, and as gits from 2.40 on do
        int(it.get("value", it.get("count")))
        for it in counts
        if it.get("key") == "fsync/hardware-flush" or it.get("name") == "hardware-flush"
    ]
    version = git(root, "version").split()[2].split(".")
    if (int(version[0]), int(version[1])) < (2, 36):
        pytest.skip("THIS git COUNTS NO CALLS OF fsync (2.36 does)")
    assert sum(synced) >= 2


def test_the_store_is_one_that_git_reads(root: Path) -> None:
    (root / "a").write_text("edited\n")
    blob = snapshot(root).paths["a"].blob
    env = {**os.environ, "GIT_OBJECT_DIRECTORY": place(root).objects}
    read = ["git", "cat-file", "blob", blob]
    assert subprocess.check_output(read, cwd=root, env=env) == b"edited\n"


def test_a_sha256_repository_has_names_of_its_own(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    root.mkdir()
    git(root, "init", "-q", "--object-format=sha256")
    (root / "new").write_text("new\n")
    for i in range(blobs.PACK_FROM):
        (root / f"n{i}").write_text(f"{i}\n")
    listed = snapshot(root)
    assert (listed.head, listed.algorithm) == ("", "sha256")
    assert listed.paths["new"].blob == git(root, "hash-object", "new").strip()
    assert kept(root, listed)["new"] == b"new\n"


def change_list(root: Path, listed: Listed, **changes: object) -> None:
    """Change what a list says of the file ``a``, and have it be 10 s younger than it is."""
    path = Path(place(root).lists, f"{listed.id}.json")
    raw = json.loads(path.read_text())
    raw["at"] += changes.pop("younger", 0)
    raw["paths"]["a"] |= changes
    path.write_text(json.dumps(raw))


def test_the_same_file_is_not_read_again(root: Path) -> None:
    for name in ("a", "b"):
        (root / name).write_text(f"edited {name}\n")
    first = snapshot(root)
    change_list(root, first, younger=10_000, blob=first.paths["b"].blob)
    assert kept(root, snapshot(root))["a"] == b"edited b\n"  # as the list says of that very file


def test_what_changed_within_a_tick_is_read_again(root: Path) -> None:
    file = root / "a"
    file.write_text("one..\n")
    os.utime(file, (1, 1))
    first = snapshot(root)
    file.write_text("two..\n")
    os.utime(file, (1, 1))
    found = file.stat()
    change_list(
        root, first, stat=[found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns]
    )
    assert kept(root, snapshot(root))["a"] == b"two..\n"


def test_a_linked_worktree_keeps_its_own_where_its_removal_does_not_reach(
    root: Path, tmp_path: Path
) -> None:
    linked = tmp_path / "linked"
    git(root, "worktree", "add", "-q", str(linked))
    (linked / "a").write_text("edited\n")
    listed = snapshot(linked)
    there = place(linked)
    assert lists.names(place(root)) == []
    git(root, "worktree", "remove", "--force", str(linked))
    assert blobs.read(there, listed.paths["a"].blob) == b"edited\n"


def test_the_store_is_private(root: Path) -> None:
    git(root, "config", "core.sharedRepository", "group")
    for i in range(blobs.PACK_FROM):
        (root / f"n{i}").write_text(f"{i}\n")
    snapshot(root)
    assert Path(place(root).folder).stat().st_mode & 0o777 == 0o700
    assert Path(place(root).folder).parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"format": 2}', "\0"])
def test_a_torn_list_is_passed_over(root: Path, damage: str) -> None:
    (root / "a").write_text("edited\n")
    whole = snapshot(root)
    Path(place(root).lists, "99999999T000000000-abcdef.json").write_text(damage)
    assert (lists.newest(place(root)) or pytest.fail("none")).id == whole.id


def test_a_list_names_no_path_outside_the_tree(root: Path) -> None:
    (root / "a").write_text("edited\n")
    raw = entries.to_raw(snapshot(root))
    for path in ("../x", "/etc/passwd", "a/../../x", "", "a//b", "a\0b"):
        bad = {**raw, "paths": {path: {"kind": "gone", "state": "D."}}}
        with pytest.raises(ValueError, match="no path of the tree"):
            entries.from_raw("x", bad)


def test_a_torn_blob_is_not_given_out(root: Path) -> None:
    (root / "a").write_text("edited\n")
    name = snapshot(root).paths["a"].blob
    path = Path(place(root).objects, name[:2], name[2:])
    another = zlib.compress(b"blob 6\0other\n")  # whole, but not what the name says
    for data in (b"", path.read_bytes()[:-3], b"x", another):
        path.write_bytes(data)
        with pytest.raises(KeyError):
            blobs.read(place(root), name)


def test_many_at_once_are_each_whole(root: Path) -> None:
    for i in range(blobs.PACK_FROM):
        (root / f"n{i}").write_text(f"{i}\n")
    code = (
        "import sys; from stickhooks.recovery import making; from stickhooks.workspace import paths;"
        " making.make(paths.workspace_of(sys.argv[1]), 'work', seconds=60)"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, os.path.realpath(root)]) for _ in range(4)
    ]
    assert [process.wait() for process in running] == [0] * 4
    found = list(lists.every(place(root)))
    assert len(found) == 4
    assert all(len(kept(root, listed)) == blobs.PACK_FROM for listed in found)
