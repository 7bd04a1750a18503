"""What git takes for unchanged is replaced only after it was kept: its word is no proof."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stickhooks.recovery import blobs, lists
from tests.support.keeping import Keeping, repository
from tests.support.world import git


@pytest.fixture
def kept(tmp_path: Path) -> Keeping:
    keeping = Keeping(repository(tmp_path / "ws"))
    keeping.join("ada")
    keeping.take("ada")
    return keeping


def lost(kept: Keeping, name: str = "a") -> str:
    """Have an edit be kept and lost, and return the mark of its snapshot."""
    (kept.root / name).write_text("kept\n")
    mark = kept.keep().mark
    git(kept.root, "checkout", "-q", ".")
    return mark


@pytest.mark.parametrize("also", [(), ("--assume-unchanged",)], ids=["skipped", "hidden as well"])
def test_a_file_that_git_need_not_have_there_is_kept_and_never_replaced_unkept(
    kept: Keeping, also: tuple[str, ...]
) -> None:
    mark = lost(kept)
    for flag in ("--skip-worktree", *also):
        git(kept.root, "update-index", flag, "a")
    (kept.root / "a").write_text("of my machine\n")
    assert git(kept.root, "status", "--short", "-uno") == ""
    assert kept.restore("ada").data["written"] == []
    assert (kept.root / "a").read_text() == "of my machine\n"
    assert kept.kept(kept.keep())["a"] == b"of my machine\n"
    assert kept.restore("ada", "a", mark=mark).data["written"] == ["a"]
    [before] = [it for it in lists.every(kept.place) if it.why == "undo"][:1]
    assert kept.restore("ada", "a", mark=before.mark).data["written"] == ["a"]
    assert (kept.root / "a").read_text() == "of my machine\n"


def test_a_sparse_checkout_lists_only_what_lies_there(kept: Keeping) -> None:
    git(kept.root, "sparse-checkout", "set", "--no-cone", "/a", "/b")
    assert not (kept.root / "dir").exists()
    assert not (kept.root / "run.sh").exists()
    assert kept.keep().paths == {}
    git(kept.root, "sparse-checkout", "disable")
    git(kept.root, "update-index", "--skip-worktree", "a", "dir/c")
    (kept.root / "dir/c").unlink()
    (kept.root / "dir").rename(kept.root / "elsewhere")
    (kept.root / "dir").symlink_to("elsewhere")
    assert "dir/c" not in kept.keep().paths  # neither there nor lost


def test_what_a_filter_takes_away_is_kept_before_it_is_replaced(kept: Keeping) -> None:
    root = kept.root
    git(root, "config", "filter.strip.clean", "grep -v output")
    git(root, "config", "filter.strip.smudge", "cat")
    (root / ".gitattributes").write_text("a filter=strip\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "filtered")
    mark = lost(kept)
    (root / "a").write_text("a as committed\noutput of an hour\n")
    git(root, "add", "a")
    assert git(root, "status", "--short") == ""
    reply = kept.restore("ada", mark=mark)
    assert reply.data["written"] == ["a"]
    assert (root / "a").read_text() == "kept\n"
    [before] = [it for it in lists.every(kept.place) if it.why == "undo"]
    assert kept.restore("ada", "a", mark=before.mark).data["written"] == ["a"]
    assert (root / "a").read_text() == "a as committed\noutput of an hour\n"


def test_a_change_with_its_size_and_time_set_back_is_kept_before_it_is_replaced(
    kept: Keeping,
) -> None:
    root = kept.root
    git(root, "config", "core.trustctime", "false")
    mark = lost(kept)
    os.utime(root / "a", ns=(10**18, 10**18))
    git(root, "update-index", "--refresh")
    (root / "a").write_text("a as COMMITTED\n")
    os.utime(root / "a", ns=(10**18, 10**18))
    assert git(root, "status", "--short") == ""
    assert kept.restore("ada", mark=mark).data["written"] == ["a"]
    [before] = [it for it in lists.every(kept.place) if it.why == "undo"]
    assert blobs.read(kept.place, before.paths["a"].blob) == b"a as COMMITTED\n"


def test_line_ends_that_git_gives_again_need_no_copy(kept: Keeping) -> None:
    root = kept.root
    (root / ".gitattributes").write_text("a text eol=crlf\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "crlf")
    (root / "a").unlink()
    mark = lost(kept)
    assert (root / "a").read_bytes() == b"a as committed\r\n"
    assert kept.restore("ada", mark=mark).data["written"] == ["a"]
    [before] = [it for it in lists.every(kept.place) if it.why == "undo"]
    assert "a" not in before.paths


def test_a_mode_that_git_does_not_know_is_kept_before_a_file_is_replaced(kept: Keeping) -> None:
    mark = lost(kept)
    (kept.root / "a").chmod(0o600)
    assert git(kept.root, "status", "--short") == ""
    assert kept.restore("ada", mark=mark).data["written"] == ["a"]
    [before] = [it for it in lists.every(kept.place) if it.why == "undo"]
    assert kept.restore("ada", "a", mark=before.mark).data["written"] == ["a"]
    assert (kept.root / "a").read_text() == "a as committed\n"
    assert (kept.root / "a").stat().st_mode & 0o777 == 0o600
