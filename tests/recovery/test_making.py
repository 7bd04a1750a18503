"""What a snapshot keeps, and what it names without keeping it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stickhooks.recovery import blobs, entries
from tests.support.places import place
from tests.support.snapshots import kept, snapshot
from tests.support.world import Workspace, git, git_repo


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


def test_the_list_says_whose_turn_it_is(root: Path) -> None:
    ws = Workspace(root, git=True)
    ws.take("ada", ws.join("ada"))
    ws.rooms.join("bob", "dir", force_new=False)
    (root / "a").write_text("edited\n")
    turn = snapshot(root).turn_of("a")
    assert turn
    assert (turn.room, turn.turn, turn.holder) == ("", 1, "ada")


def test_a_turn_that_could_not_be_kept_when_it_began_is_kept_by_the_next_hook(root: Path) -> None:
    ws = Workspace(root, git=True)
    ws.take("ada", ws.join("ada"))  # in a sandbox that cannot write the git dir, say
    late, after = snapshot(root, "work"), snapshot(root, "work")
    assert late.of
    assert (late.why, late.of.turn, late.of.holder) == ("take", 1, "ada")
    assert (after.why, after.of) == ("work", None)
