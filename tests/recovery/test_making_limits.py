"""What bounds a snapshot, and trees in which one is not made easily."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from stickhooks.protocol.model import Policy
from stickhooks.recovery import blobs, files, lists, making, pruning
from stickhooks.workspace import paths
from tests.support.keeping import Keeping
from tests.support.places import place, workspace
from tests.support.snapshots import kept, snapshot
from tests.support.world import Workspace, git


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


def test_there_is_nothing_to_keep_in_without_git(tmp_path: Path) -> None:
    assert making.make(paths.Workspace(str(tmp_path), None), "take") is None


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


def test_a_bare_repository_has_nothing_to_keep_and_no_place_for_it(tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "init", "-q", "--bare", bare], check=True)
    assert paths.workspace_of(str(bare)) is None
    with pytest.raises(making.NotMade, match="git status failed"):
        making.make(paths.Workspace(str(bare), str(bare)), "take")
    assert not (bare / "stickhooks").exists()


def untracked(root: Path, count: int) -> None:
    for i in range(count):
        folder = root / f"new/{i // 1000}"
        if not i % 1000:
            folder.mkdir(parents=True)
        (folder / str(i)).touch()


@pytest.mark.parametrize(
    "count", [making.PATHS + 300, pytest.param(100_000, marks=pytest.mark.long)]
)
def test_of_very_many_new_files_the_first_are_kept_and_all_are_counted(
    root: Path, count: int
) -> None:
    (root / "a").write_text("edited\n")
    untracked(root, count)
    made = making.make(workspace(root), "before", seconds=60)
    assert made
    assert made.kept == making.PATHS
    assert len(made.left) + made.unnamed == count + 1 - making.PATHS
    assert len(made.left) == min(count + 1 - making.PATHS, making.NAMED)
    assert set(made.left.values()) == {f"more than {making.PATHS} paths"}
    listed = lists.newest(place(root))
    assert listed
    assert blobs.read(place(root), listed.paths["a"].blob) == b"edited\n"


def test_a_file_that_git_lfs_tracks_is_kept_as_it_lies_there(root: Path) -> None:
    if not shutil.which("git-lfs"):
        pytest.skip("THERE IS NO git-lfs: its filter was not tried")
    git(root, "lfs", "install", "--local")
    (root / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    (root / "large.bin").write_bytes(b"\0one")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "lfs")
    assert "git-lfs" in git(root, "cat-file", "blob", "HEAD:large.bin")
    assert snapshot(root).paths == {}
    (root / "large.bin").write_bytes(b"\0two")
    listed = snapshot(root)
    assert kept(root, listed) == {"large.bin": b"\0two"}
    keeping = Keeping(root)
    keeping.join("ada")
    keeping.take("ada")
    git(root, "checkout", "-q", ".")
    assert (root / "large.bin").read_bytes() == b"\0one"
    assert keeping.restore("ada").data["written"] == ["large.bin"]
    assert (root / "large.bin").read_bytes() == b"\0two"
    git(root, "commit", "-qam", "two")
    git(root, "checkout", "-q", "HEAD~", "--", "large.bin")
    assert keeping.restore("ada", apply=False).data["paths"] == []  # a commit has it, as a pointer


def test_a_read_only_file_is_kept_and_comes_back_read_only(root: Path) -> None:
    keeping = Keeping(root)
    keeping.join("ada")
    keeping.take("ada")
    (root / "a").write_text("edited\n")
    (root / "a").chmod(0o444)
    keeping.keep()
    git(root, "checkout", "-qf", ".")
    assert keeping.restore("ada").data["written"] == ["a"]
    assert (root / "a").read_text() == "edited\n"
    assert (root / "a").stat().st_mode & 0o777 == 0o444
    assert keeping.undo("ada").data["written"] == ["a"]  # over a file that is read-only
    assert (root / "a").read_text() == "a as committed\n"


def test_what_a_shared_repository_makes_read_only_is_pruned_all_the_same(root: Path) -> None:
    git(root, "config", "core.sharedRepository", "group")
    keeping = Keeping(root)
    keeping.join("ada")
    for i in range(blobs.PACK_FROM):
        (root / f"n{i}").write_text(f"{i}\n")
    old = keeping.keep("before")
    [pack] = Path(keeping.place.objects, "pack").glob("*.pack")
    assert not pack.stat().st_mode & 0o222
    for i in range(blobs.PACK_FROM):
        (root / f"n{i}").unlink()
    keeping.keep("before")
    pruning.forget_list(keeping.place, old.id)
    assert not pack.exists()
    assert list(Path(keeping.place.objects, "pack").iterdir()) == []
