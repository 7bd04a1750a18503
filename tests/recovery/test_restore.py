"""What was lost comes back byte for byte, and nothing is replaced that neither git nor we have."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stickhooks.errors import Next, Refusal
from stickhooks.recovery import files, losses
from stickhooks.recovery.present import Present
from tests.support.keeping import COMMITTED, Keeping, repository, written
from tests.support.world import git, refused


@pytest.fixture
def kept(tmp_path: Path) -> Keeping:
    keeping = Keeping(repository(tmp_path / "ws"))
    keeping.join("ada")
    keeping.join("bob")
    keeping.take("ada")
    return keeping


def work(root: Path) -> None:
    """Edit, make, link, stage and change the mode of some files."""
    (root / "a").write_bytes(b"edited\r\n\0")
    (root / "dir/c").write_text("edited too\n")
    (root / "new folder").mkdir()
    (root / "new folder/it's\n").write_text("new\n")
    (root / "new folder/it's\n").chmod(0o750)
    (root / os.fsdecode(b"no-utf8-\xff")).write_text("odd\n")
    (root / "link").symlink_to("nowhere/at all")
    (root / "b").write_text("staged\n")
    git(root, "add", "b")
    (root / "b").write_text("staged, then edited\n")


def overwrite(root: Path) -> None:
    (root / "a").write_text("of a formatter\n")


def remove(root: Path, *names: str) -> None:
    for name in names:
        (root / name).unlink()


LOSSES: dict[str, Callable[[Path], object]] = {
    "reset --hard": lambda root: git(root, "reset", "-q", "--hard"),
    "checkout -- .": lambda root: git(root, "checkout", "-q", "HEAD", "--", "."),
    "restore .": lambda root: git(root, "restore", "--staged", "--worktree", "."),
    "clean -fd": lambda root: git(root, "clean", "-qfd"),
    "switch -f": lambda root: git(root, "checkout", "-qfB", "other"),
    "rm": lambda root: remove(root, "a", "link", "dir/c"),
    "rm -r dir": lambda root: shutil.rmtree(root / "dir"),
    "stash, drop": lambda root: (git(root, "stash", "-qu"), git(root, "stash", "drop", "-q")),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_is_brought_back_byte_for_byte(kept: Keeping, loss: str) -> None:
    work(kept.root)
    before = kept.tree()
    kept.keep("before", loss)
    LOSSES[loss](kept.root)
    git(kept.root, "reflog", "expire", "--expire=now", "--all")
    git(kept.root, "gc", "-q", "--prune=now")
    after = kept.tree()
    assert after != before
    index = git(kept.root, "ls-files", "-s")
    shown = kept.restore("ada", apply=False)
    assert kept.tree() == after  # it was only shown
    assert [str(step.args) for step in shown.next] == ["('--apply',)"]  # type: ignore[union-attr]
    kept.restore("ada")
    found = kept.tree()
    if loss == "rm -r dir":
        del before["dir/d"]  # git has that one
    assert found == before
    assert git(kept.root, "ls-files", "-s") == index  # by --index alone
    assert kept.restore("ada").lines[0] == "there is nothing to bring back"


def test_an_overwrite_comes_back_beside_what_lies_there(kept: Keeping) -> None:
    work(kept.root)
    kept.keep()
    overwrite(kept.root)
    before = kept.tree()
    shown = kept.restore("ada")
    assert written(shown) == []
    assert "not touched  a  (edited since)" in shown.lines
    done = kept.restore("ada", "a")
    assert kept.tree() == before
    [place] = done.data["beside"].values()  # type: ignore[attr-defined]
    assert place.startswith(".talking-stick/restored/")
    assert (kept.root / place).read_bytes() == b"edited\r\n\0"
    (kept.root / place).write_text("edited there")
    [again] = kept.restore("ada", "a").data["beside"].values()  # type: ignore[attr-defined]
    assert (kept.root / place).read_text() == "edited there"
    assert (kept.root / again).read_bytes() == b"edited\r\n\0"


def test_a_commit_a_stash_and_a_rename_are_no_losses(kept: Keeping) -> None:
    work(kept.root)
    kept.keep()
    git(kept.root, "add", "a", "dir/c")
    git(kept.root, "commit", "-qm", "second")
    (kept.root / "link").rename(kept.root / "link2")
    git(kept.root, "stash", "-qu")
    shown = kept.restore("ada", apply=False)
    assert shown.lines[0] == "there is nothing to bring back"
    assert any("b: what was last kept lies in a stash" in line for line in shown.lines)
    assert written(kept.restore("ada", "b")) == ["b"]  # named: it is brought back all the same
    assert (kept.root / "b").read_text() == "staged, then edited\n"


def test_what_another_branch_has_is_no_loss(kept: Keeping) -> None:
    (kept.root / "a").write_text("edited\n")
    kept.keep()
    git(kept.root, "switch", "-qc", "side")
    git(kept.root, "commit", "-qam", "aside")
    git(kept.root, "switch", "-q", "-")
    assert kept.restore("ada").lines == ["there is nothing to bring back"]


def test_line_ends_that_git_changes_are_no_loss(kept: Keeping) -> None:
    git(kept.root, "config", "core.autocrlf", "true")
    (kept.root / "a").write_bytes(b"one\r\ntwo\r\n")
    kept.keep()
    git(kept.root, "commit", "-qam", "second")
    (kept.root / "a").unlink()
    assert kept.restore("ada").lines[0] == "there is nothing to bring back"
    git(kept.root, "checkout", "-q", "a")
    (kept.root / "a").write_bytes(b"three\r\n")
    kept.keep()
    git(kept.root, "checkout", "-q", "a")
    assert written(kept.restore("ada")) == ["a"]
    assert (kept.root / "a").read_bytes() == b"three\r\n"


def test_the_index_comes_back_where_it_is_asked_for(kept: Keeping) -> None:
    work(kept.root)
    staged = git(kept.root, "ls-files", "-s", "b")
    kept.keep()
    git(kept.root, "reset", "-q", "--hard")
    git(kept.root, "gc", "-q", "--prune=now")
    assert git(kept.root, "ls-files", "-s", "b") != staged
    kept.restore("ada", index=True)
    assert git(kept.root, "ls-files", "-s", "b") == staged
    assert git(kept.root, "show", ":b") == "staged\n"
    assert (kept.root / "b").read_text() == "staged, then edited\n"


def test_the_index_of_named_paths_alone_comes_back(kept: Keeping) -> None:
    for name in ("a", "b"):
        (kept.root / name).write_text(f"{name} staged\n")
    git(kept.root, "add", "a", "b")
    listed = kept.keep()
    git(kept.root, "reset", "-q")  # the files stay as they were
    shown = kept.restore("ada", "a", index=True, apply=False)
    assert "would stage  a" in shown.lines
    assert "would stage  b" not in shown.lines
    refused(lambda: kept.restore("bob", "a", index=True), "held")
    assert git(kept.root, "diff", "--cached", "--name-only") == ""
    for mark in ("", listed.mark):
        assert kept.restore("ada", "a", mark=mark, index=True).data["staged"] == ["a"]
        assert git(kept.root, "diff", "--cached", "--name-only").split() == ["a"]
        git(kept.root, "reset", "-q")
    assert kept.restore("ada", mark=listed.mark, index=True).data["staged"] == ["a", "b"]


def test_who_does_not_hold_is_refused_and_may_have_it_elsewhere(
    kept: Keeping, tmp_path: Path
) -> None:
    work(kept.root)
    kept.keep()
    git(kept.root, "reset", "-q", "--hard")
    before = kept.tree()
    refusal = refused(lambda: kept.restore("bob"), "held")
    assert "ada" in refusal.sentence
    assert refusal.next[-1].args[0] == "--to"  # type: ignore[union-attr]
    assert kept.tree() == before
    out = tmp_path / "out"
    done = kept.restore("bob", to=str(out))
    assert kept.tree() == before
    assert (out / "a").read_bytes() == b"edited\r\n\0"
    assert (out / "dir/c").read_text() == "edited too\n"
    assert str(out / "a") in written(done)
    (out / "a").write_text("mine")
    assert kept.restore("bob", to=str(out)).data["failed"]
    assert (out / "a").read_text() == "mine"
    for inside in ("", "dir", ".git", ".talking-stick"):
        with pytest.raises(Refusal, match="is in the working tree"):
            kept.restore("bob", to=str(kept.root / inside))


@pytest.mark.parametrize("code", ["free", "held"])
def test_the_holder_above_is_refused_what_a_room_inside_governs(kept: Keeping, code: str) -> None:
    """It is no member there: the refusal says so, and by the lease of the room above it is known."""
    kept.release("ada")
    kept.join("cy", "dir", new=True)
    kept.take("ada")
    (kept.root / "dir/c").write_text("edited\n")
    kept.keep()
    git(kept.root, "checkout", "-q", ".")
    if code == "held":
        kept.take("cy")
    refusal = refused(lambda: kept.restore("ada", "dir/c"), code)
    assert refusal.next
    assert (kept.root / "dir/c").read_text() == "c as committed\n"


@pytest.mark.parametrize(
    "given", ["../x", "/etc/passwd", ".git/config", ".talking-stick/room.json", "a/../../x"]
)
def test_a_path_outside_the_tree_is_refused(kept: Keeping, given: str) -> None:
    refused(lambda: kept.restore("ada", given), "invalid_input")
    refused(lambda: kept.undo("ada", given), "invalid_input")


def test_what_stands_in_the_way_is_left_alone(kept: Keeping, tmp_path: Path) -> None:
    root, outside = kept.root, tmp_path / "outside"
    for name in ("one/x", "two/x", "three/x", "four"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(f"{name}\n")
    kept.keep()
    git(root, "clean", "-qfd")
    outside.mkdir()
    (root / "one").symlink_to(outside)  # a link on the way
    (root / "two").write_text("a file now")
    (root / "three").mkdir()
    git(root / "three", "init", "-q")  # another repository
    (root / "four").mkdir()
    before = kept.tree()
    done = kept.restore("ada", "one/x", "two/x", "three/x", "four")
    assert kept.tree() == before
    assert list(outside.iterdir()) == []
    beside: dict[str, str] = done.data["beside"]  # type: ignore[assignment]
    assert {path: (root / put).read_text() for path, put in beside.items()} == {
        name: f"{name}\n" for name in ("one/x", "two/x", "three/x", "four")
    }


def test_nothing_is_replaced_that_was_not_kept_first(
    kept: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept.root / "a").write_text("small\n")
    kept.release("ada")
    kept.join("ada")
    turn = kept.take("ada")
    (kept.root / "a").write_bytes(b"x" * 100)
    monkeypatch.setattr(files, "SIZE_LIMIT", 50)
    monkeypatch.setattr(files.Tree.read, "__defaults__", (50,))
    done = kept.undo("ada", str(turn))
    assert (kept.root / "a").read_bytes() == b"x" * 100
    beside: dict[str, str] = done.data["beside"]  # type: ignore[assignment]
    assert (kept.root / beside["a"]).read_text() == "small\n"


def test_it_does_nothing_where_the_tree_cannot_be_kept_first(kept: Keeping) -> None:
    (kept.root / "a").write_text("edited\n")
    kept.keep()
    git(kept.root, "checkout", "-q", "a")
    git(kept.root, "config", "filter.f.required", "true")
    git(kept.root, "config", "filter.f.clean", "false")
    (kept.root / ".gitattributes").write_text("* filter=f\n")
    (kept.root / "b").write_text("B as committed\n")  # of the same size: git has to look
    before = kept.tree()
    with pytest.raises(Refusal, match="git status failed"):
        kept.restore("ada")
    assert kept.tree() == before


def test_git_is_not_asked_about_files_that_are_worked_on_to_tell_what_is_gone(
    kept: Keeping, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept.root / "a").write_text("staged\n")
    git(kept.root, "add", "a")
    kept.keep()
    (kept.root / "a").write_text("edited once more\n")
    present = Present(kept.place.root)
    monkeypatch.setenv("PATH", str(tmp_path))  # no git there
    assert losses.search(kept.place, present, taken=True).found == ()
    with pytest.raises(Refusal, match="git is not on the PATH"):
        losses.search(kept.place, present)
    monkeypatch.undo()
    git(kept.root, "checkout", "-q", "HEAD", "--", "a")
    found = losses.search(kept.place, Present(kept.place.root), taken=True).found
    assert [it.path for it in found] == ["a"]


def test_older_losses_are_named(kept: Keeping) -> None:
    (kept.root / "a").write_text("first loss\n")
    old = kept.keep()
    git(kept.root, "checkout", "-q", "a")
    (kept.root / "b").write_text("second loss\n")
    kept.keep()
    git(kept.root, "checkout", "-q", "b")
    shown = kept.restore("ada", apply=False)
    assert [str(line) for line in shown.lines if "would write" in line and " b " in line]
    assert not [str(line) for line in shown.lines if "would write" in line and " a " in line]
    assert any(f"stick restore --from {old.mark}" in line for line in shown.lines)
    assert written(kept.restore("ada", mark=old.mark)) == ["a"]
    refused(lambda: kept.restore("ada", mark="nope"), "invalid_input")


def test_a_restore_is_taken_back_by_the_line_that_it_tells(kept: Keeping) -> None:
    """What lay there was as HEAD has it, so the snapshot before does not list it."""
    (kept.root / "a").write_text("one\n")
    (kept.root / "new").write_text("new\n")
    one = kept.keep()
    git(kept.root, "checkout", "-q", "a")
    (kept.root / "new").unlink()
    done = kept.restore("ada")
    assert done.data["written"] == ["a", "new"]
    (step,) = done.next
    assert isinstance(step, Next)
    mark = step.args[1]
    typed = str(kept.root / "a")  # from outside the tree
    assert step.args == (
        "--from",
        mark,
        typed,
        "--apply",
    )  # "new" was not there: nothing is removed
    assert mark == done.data["before"] != one.mark
    assert kept.restore("ada", "a", mark=mark).data["written"] == ["a"]
    assert (kept.root / "a").read_text() == COMMITTED["a"]
    assert kept.restore("ada", "b").data["written"] == []
    assert (kept.root / "b").read_text() == COMMITTED["b"]


def test_what_a_snapshot_does_not_list_was_as_its_commit_has_it(kept: Keeping) -> None:
    one = kept.keep()
    (kept.root / "a").write_text("kept nowhere\n")
    assert kept.restore("ada", "a", mark=one.mark).data["written"] == []
    kept.keep()
    git(kept.root, "commit", "-qam", "later")
    assert kept.restore("ada", "a", mark=one.mark).data["written"] == ["a"]
    assert (kept.root / "a").read_text() == COMMITTED["a"]
    told = kept.restore("ada", "never", mark=one.mark, apply=False)
    assert "not touched  never  (that snapshot does not have it)" in told.lines


def test_a_path_that_nothing_is_known_of_is_told_why(kept: Keeping) -> None:
    (kept.root / "large").write_bytes(bytes(2_000_001))
    kept.keep()
    (kept.root / "large").unlink()
    lines = kept.restore("ada", "large", "never", apply=False).lines
    assert "not touched  large  (its bytes were not kept: over 2 MB)" in lines
    assert "not touched  never  (no snapshot has it)" in lines


def test_a_shallow_look_needs_no_git_history(kept: Keeping) -> None:
    (kept.root / "a").write_text("edited\n")
    kept.keep()
    git(kept.root, "checkout", "-q", "a")
    subprocess.run(["git", "checkout", "-q", "--orphan", "o"], cwd=kept.root, check=True)
    git(kept.root, "rm", "-rqf", ".")
    assert written(kept.restore("ada")) == ["a"]


def test_who_works_on_and_commits_has_lost_nothing(kept: Keeping) -> None:
    (kept.root / "a").write_text("half of it\n")
    (kept.root / "new").write_text("half of it\n")
    kept.keep("work")
    (kept.root / "a").write_text("all of it\n")
    (kept.root / "new").write_text("all of it\n")
    git(kept.root, "add", "-A")
    git(kept.root, "commit", "-qm", "done")
    before = kept.tree()
    shown = kept.restore("ada")
    assert kept.tree() == before
    assert any("2 paths were committed since in another form" in line for line in shown.lines)
    assert written(kept.restore("ada", "a")) == ["a"]  # named: it is what is asked for
    assert (kept.root / "a").read_text() == "half of it\n"


def test_it_says_how_old_it_is_what_comes_back(kept: Keeping) -> None:
    (kept.root / "a").write_text("edited\n")
    kept.keep("work")
    git(kept.root, "checkout", "-q", "a")
    assert "what was saved later is gone" in kept.restore("ada", apply=False).lines[0]
    (kept.root / "a").write_text("edited again\n")
    kept.keep("before", "git checkout .")
    git(kept.root, "checkout", "-q", "a")
    first = kept.restore("ada", apply=False).lines[0]
    assert first.endswith("before git checkout .")
