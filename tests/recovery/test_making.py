"""What a snapshot keeps, and what it names without keeping it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from stickhooks.protocol.model import Policy
from stickhooks.recovery import blobs, entries, files, lists, making
from stickhooks.recovery.entries import Listed
from stickhooks.workspace import paths
from tests.support.world import Workspace, git, git_repo


def workspace(root: Path) -> paths.Workspace:
    found = paths.workspace_of(os.path.realpath(root))
    assert found
    return found


def place(root: Path) -> lists.Place:
    found = lists.Place.of(workspace(root))
    assert found
    return found


def snapshot(root: Path, why: entries.Why = "before", **options: object) -> Listed:
    made = making.make(workspace(root), why, seconds=60, **options)  # type: ignore[arg-type]
    assert made
    listed = lists.read(place(root), made.id)
    assert listed
    assert (listed.left, listed.partial) == (made.left, made.partial)
    return listed


def kept(root: Path, listed: Listed) -> dict[str, bytes]:
    return {
        path: blobs.read(place(root), entry.blob)
        for path, entry in listed.paths.items()
        if entry.blob
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    top = git_repo(tmp_path / "ws")
    for name in ("a", "b", "dir/c", "gone", "both", "hidden"):
        (top / name).parent.mkdir(exist_ok=True)
        (top / name).write_text(f"{name} as committed\n")
    git(top, "add", "-A")
    git(top, "commit", "-qm", "first")
    return top


def test_a_snapshot_has_every_path_that_differs_and_no_other(root: Path) -> None:
    (root / "a").write_text("edited\n")
    (root / "dir/c").chmod(0o755)
    (root / "gone").unlink()
    (root / "both").write_text("staged\n")
    git(root, "add", "both")
    (root / "both").write_text("edited after\n")
    (root / "new folder").mkdir()
    (root / 'new folder/it\'s "new"\n').write_bytes(b"\0\r\n")
    (root / os.fsdecode(b"no-utf8-\xff")).write_bytes(b"x")
    (root / "link").symlink_to("../outside")
    (root / "bare").symlink_to("nowhere")
    before = (root / ".git/index").read_bytes()
    listed = snapshot(root, command="git checkout .")
    assert (root / ".git/index").read_bytes() == before
    assert kept(root, listed) == {
        "a": b"edited\n",
        "dir/c": b"dir/c as committed\n",
        "both": b"edited after\n",
        'new folder/it\'s "new"\n': b"\0\r\n",
        os.fsdecode(b"no-utf8-\xff"): b"x",
        "link": b"../outside",
        "bare": b"nowhere",
    }
    assert listed.paths["gone"].kind == entries.GONE
    assert listed.paths["link"].kind == entries.LINK
    assert listed.paths["dir/c"].mode == 0o755
    staged = listed.paths["both"].index
    assert staged
    assert blobs.read(place(root), staged[1]) == b"staged\n"
    assert listed.head == git(root, "rev-parse", "HEAD").strip()
    assert (listed.why, listed.command, listed.left) == ("before", "git checkout .", {})


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


def test_a_file_that_git_takes_for_unchanged_is_kept(root: Path) -> None:
    git(root, "update-index", "--assume-unchanged", "hidden")
    (root / "hidden").write_text("edited\n")
    assert kept(root, snapshot(root))["hidden"] == b"edited\n"
    assert "hidden" not in snapshot(root, "work").paths  # looked for at few moments


def test_an_intent_to_add_and_a_conflict_are_kept(root: Path) -> None:
    (root / "soon").write_text("soon\n")
    git(root, "add", "-N", "soon")
    listed = snapshot(root)
    assert kept(root, listed) == {"soon": b"soon\n"}
    assert listed.paths["soon"].index is None
    git(root, "reset", "-q")
    (root / "soon").unlink()
    git(root, "checkout", "-qb", "side")
    (root / "a").write_text("side\n")
    git(root, "commit", "-qam", "side")
    git(root, "checkout", "-q", "-")
    (root / "a").write_text("main\n")
    git(root, "commit", "-qam", "main")
    with pytest.raises(subprocess.CalledProcessError):
        git(root, "merge", "-q", "side")
    listed = snapshot(root)
    assert listed.doing == "merge"
    assert kept(root, listed)["a"] == (root / "a").read_bytes()
    assert listed.paths["a"].state == "UU"


def test_what_cannot_be_kept_is_named(root: Path, tmp_path: Path) -> None:
    (root / "large").write_bytes(b"x" * 2_000_001)
    (root / "fits").write_bytes(b"x" * 2_000_000)
    git_repo(root / "nested")
    (root / "nested/file").write_text("theirs")
    other = git_repo(tmp_path / "other")
    git(other, "commit", "-q", "--allow-empty", "-m", "x")
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), "sub")
    (root / "a").unlink()
    (root / "a").mkdir()
    (root / "a/inner").write_text("in\n")
    listed = snapshot(root)
    assert listed.left == {
        "large": "over 2 MB", "nested": "nested repository", "sub": "submodule", "a": "a folder",
    }  # fmt: skip
    assert sorted(kept(root, listed)) == [".gitmodules", "a/inner", "fits"]


def test_a_folder_that_became_a_link_is_not_entered(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "c").write_text("secret\n")
    (root / "dir/c").unlink()
    (root / "dir").rmdir()
    (root / "dir").symlink_to(outside)
    listed = snapshot(root)
    assert listed.paths["dir/c"].kind == entries.GONE
    assert kept(root, listed) == {"dir": os.fsencode(outside)}


def test_too_many_paths_are_named_and_the_tracked_ones_come_first(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "PATHS", 3)
    monkeypatch.setattr(making, "NAMED", 2)
    for i in range(6):
        (root / f"A{i}").write_text("new")  # sorts before what is tracked
    (root / "gone").unlink()
    (root / "b").write_text("edited\n")
    made = making.make(workspace(root), "before", seconds=60)
    assert made
    assert (made.kept, len(made.left), made.unnamed) == (2, 2, 3)
    assert "b" in (lists.newest(place(root)) or pytest.fail("none")).paths


def test_a_listing_that_failed_makes_no_snapshot(root: Path) -> None:
    (root / ".gitattributes").write_text("*.x filter=f\n")
    git(root, "config", "filter.f.clean", "false")
    git(root, "config", "filter.f.required", "true")
    (root / "b.x").write_text("x")
    with pytest.raises(subprocess.CalledProcessError):
        git(root, "add", "b.x")
    (root / "a").write_text("edited\n")
    (root / ".gitattributes").write_text("* filter=f\n")
    with pytest.raises(making.NotMade, match="git status failed"):
        snapshot(root)
    assert lists.names(place(root)) == []


def test_a_time_limit_ends_it(root: Path) -> None:
    with pytest.raises(making.NotMade, match="did not end in time"):
        making.make(workspace(root), "before", seconds=0)
    assert not Path(place(root).due).exists()


def test_after_one_that_failed_the_next_edit_does_not_wait_for_another(root: Path) -> None:
    Workspace(root, git=True).join("ada")
    with pytest.raises(making.NotMade, match="did not end in time"):
        making.make(workspace(root), "work", seconds=0)
    assert Path(place(root).due).stat().st_mtime > time.time() + 15


def test_where_nothing_is_to_be_kept_the_next_edit_does_not_ask_again(root: Path) -> None:
    Workspace(root, git=True, policy=Policy(keep_turns=0)).join("ada")
    assert making.make(workspace(root), "work") is None
    assert Path(place(root).due).stat().st_mtime > time.time() + 15


def test_what_is_not_reached_in_time_is_named(root: Path) -> None:
    (root / "a").write_text("edited\n")
    (root / "gone").unlink()
    gone_by = iter([0, 0])  # when it begins; then git has taken all of the time
    ticks = lambda: time.monotonic() + next(gone_by, 1000)  # noqa: E731
    made = making.make(workspace(root), "before", seconds=500, ticks=ticks)
    assert made
    assert (made.kept, made.left) == (0, {"a": "out of time"})


def test_the_files_are_kept_where_git_does_not_give_what_is_staged(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "a").write_text("staged\n")
    git(root, "add", "a")
    silent = tmp_path / "bin/git"
    silent.parent.mkdir()
    silent.write_text(
        f'#!/bin/sh\ncase " $* " in *" cat-file "*) exit 9 ;; esac\nexec {shutil.which("git")} "$@"\n'
    )
    silent.chmod(0o755)
    monkeypatch.setenv("PATH", str(silent.parent), prepend=os.pathsep)
    assert snapshot(root).partial == ""  # it is staged as it lies there: git is not asked
    (root / "a").write_text("edited\n")
    git(root, "add", "a")
    (root / "a").write_text("edited once more\n")
    listed = snapshot(root)
    assert kept(root, listed)["a"] == b"edited once more\n"
    assert "what is only staged is not kept" in listed.partial


def test_the_list_says_whose_turn_it_is(root: Path) -> None:
    ws = Workspace(root, git=True)
    ws.take("ada", ws.join("ada"))
    ws.rooms.join("bob", "dir", force_new=False)
    (root / "a").write_text("edited\n")
    turn = snapshot(root).turn_of("a")
    assert turn
    assert (turn.room, turn.turn, turn.holder) == ("", 1, "ada")


def test_there_is_nothing_to_keep_in_without_git(tmp_path: Path) -> None:
    assert making.make(paths.Workspace(str(tmp_path), None), "take") is None


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


def test_an_inherited_ignored_signal_hides_no_failure(root: Path) -> None:
    ignored = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        (root / "a").write_text("edited\n")
        assert kept(root, snapshot(root)) == {"a": b"edited\n"}
        (root / ".git/index").write_bytes(b"torn")
        with pytest.raises(making.NotMade, match="git status failed"):
            snapshot(root)
        assert signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGCHLD, ignored)


def test_a_file_that_grows_while_it_is_read_is_named(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "grows").write_text("x")
    whole = files._all

    def slowly(fd: int, limit: int) -> bytes:
        data = whole(fd, limit)
        with (root / "grows").open("a") as file:
            file.write("more")
        return data

    monkeypatch.setattr(files, "_all", slowly)
    assert snapshot(root).left == {"grows": "it changed while it was read"}


def test_a_huge_sparse_file_costs_nothing(root: Path) -> None:
    with (root / "huge").open("wb") as file:
        file.truncate(3 << 30)
    listed = snapshot(root)
    assert listed.left == {"huge": "over 2 MB"}


def test_a_sparse_checkout_misses_nothing_and_deletes_nothing(root: Path) -> None:
    git(root, "sparse-checkout", "set", "--no-cone", "/a", "/b")
    assert not (root / "dir/c").exists()
    (root / "a").write_text("edited\n")
    listed = snapshot(root)
    assert list(listed.paths) == ["a"]


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


def test_a_turn_that_could_not_be_kept_when_it_began_is_kept_by_the_next_hook(root: Path) -> None:
    ws = Workspace(root, git=True)
    ws.take("ada", ws.join("ada"))  # in a sandbox that cannot write the git dir, say
    late, after = snapshot(root, "work"), snapshot(root, "work")
    assert late.of
    assert (late.why, late.of.turn, late.of.holder) == ("take", 1, "ada")
    assert (after.why, after.of) == ("work", None)
