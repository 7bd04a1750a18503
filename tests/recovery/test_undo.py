"""What a turn did is taken back, where the file is byte for byte what the turn left."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.keeping import COMMITTED, Keeping, repository, written
from tests.support.world import git, refused


@pytest.fixture
def kept(tmp_path: Path) -> Keeping:
    keeping = Keeping(repository(tmp_path / "ws"))
    keeping.join("ada")
    keeping.join("bob")
    return keeping


def text(kept: Keeping, name: str) -> str:
    return (kept.root / name).read_text()


def turn(kept: Keeping) -> int:
    """Have ada do a turn: over uncommitted work, over committed files, new ones, a removal, a mode."""
    (kept.root / "a").write_text("before the turn\n")
    (kept.root / "untracked").write_text("before the turn\n")
    number = kept.take("ada")
    (kept.root / "a").write_text("of the turn\n")
    (kept.root / "b").write_text("of the turn\n")
    (kept.root / "dir/c").unlink()
    (kept.root / "new").write_text("of the turn\n")
    (kept.root / "untracked").unlink()
    (kept.root / "run.sh").chmod(0o644)
    return number


BACK = ["a", "b", "dir/c", "run.sh", "untracked"]


@pytest.mark.parametrize("runs", [True, False], ids=["while it runs", "after its end"])
def test_a_turn_is_taken_back_and_nothing_else(kept: Keeping, runs: bool) -> None:
    number = turn(kept)
    if not runs:
        kept.release("ada")
        kept.take("bob")
    who = "ada" if runs else "bob"
    before = kept.tree()
    shown = kept.undo(who, str(number), apply=False)
    assert kept.tree() == before
    assert shown.next[0].args == (str(number), "--apply")  # type: ignore[union-attr]
    done = kept.undo(who, str(number))
    assert written(done) == BACK
    assert "not touched  new  (new in the turn)" in done.lines
    assert (text(kept, "a"), text(kept, "untracked")) == ("before the turn\n",) * 2
    assert (text(kept, "b"), text(kept, "dir/c")) == (COMMITTED["b"], COMMITTED["dir/c"])
    assert (kept.root / "run.sh").stat().st_mode & 0o777 == 0o755
    assert text(kept, "new") == "of the turn\n"
    again = kept.undo(who, str(number))
    assert written(again) == []
    taken_back = kept.restore(who, *BACK, mark=str(done.data["before"]))
    assert written(taken_back) == ["a", "b", "run.sh"]  # the turn had removed the others
    assert (text(kept, "a"), text(kept, "b")) == ("of the turn\n",) * 2


def test_what_was_edited_since_is_named_and_put_beside_when_asked(kept: Keeping) -> None:
    number = turn(kept)
    kept.release("ada")
    kept.take("bob")
    (kept.root / "a").write_text("of bob\n")
    (kept.root / "dir/c").write_text("made again\n")
    done = kept.undo("bob", str(number))
    assert written(done) == ["b", "run.sh", "untracked"]
    assert "not touched  a  (edited since)" in done.lines
    assert (text(kept, "a"), text(kept, "dir/c")) == ("of bob\n", "made again\n")
    asked = kept.undo("bob", str(number), "a")
    beside: dict[str, str] = asked.data["beside"]  # type: ignore[assignment]
    assert beside["a"] == f".talking-stick/restored/{number}/a"
    assert text(kept, beside["a"]) == "before the turn\n"
    assert text(kept, "a") == "of bob\n"


def test_a_file_that_only_its_mode_was_changed_of_since_is_left_alone(kept: Keeping) -> None:
    number = turn(kept)
    kept.release("ada")
    kept.take("bob")
    (kept.root / "a").chmod(0o600)
    done = kept.undo("bob", str(number))
    assert "not touched  a  (edited since)" in done.lines
    assert (kept.root / "a").stat().st_mode & 0o777 == 0o600


def test_what_was_committed_is_git_s_to_take_back(kept: Keeping) -> None:
    number = turn(kept)
    git(kept.root, "commit", "-qm", "of the turn", "b")
    (kept.root / "b").write_text("and more\n")
    done = kept.undo("ada")
    head = git(kept.root, "rev-parse", "HEAD").strip()
    assert any(line.startswith("it committed 1 path: git revert ") for line in done.lines)
    assert any(line.endswith(f"..{head[:10]}") for line in done.lines)
    assert "not touched  b  (committed in the turn)" in done.lines
    assert text(kept, "b") == "and more\n"
    assert number == 1
    assert text(kept, "a") == "before the turn\n"


def test_what_only_a_lost_commit_had_is_said(kept: Keeping) -> None:
    turn(kept)
    git(kept.root, "commit", "-q", "--amend", "-m", "another")
    git(kept.root, "reflog", "expire", "--expire=now", "--all")
    git(kept.root, "gc", "-q", "--prune=now")
    done = kept.undo("ada")
    assert any("is gone: what only that commit had cannot be brought back" in i for i in done.lines)
    assert written(done) == ["a", "untracked"]  # these were kept
    assert text(kept, "b") == "of the turn\n"


def test_an_unknown_turn_is_refused(kept: Keeping) -> None:
    refused(lambda: kept.undo("ada"), "invalid_input")
    kept.take("ada")
    refused(lambda: kept.undo("ada", "7"), "invalid_input")
    kept.release("ada")
    refused(lambda: kept.undo("bob"), "invalid_input")  # bob had none
    (kept.root / "a").write_text("edited\n")
    assert kept.undo(None, "1", apply=False).lines[0] == "there is nothing to bring back"


def test_who_does_not_hold_is_refused(kept: Keeping) -> None:
    number = turn(kept)
    before = kept.tree()
    assert "ada" in refused(lambda: kept.undo("bob", str(number)), "held").sentence
    kept.release("ada")
    refused(lambda: kept.undo("ada", str(number)), "free")
    assert kept.tree() == before


def test_a_path_belongs_to_the_room_that_governs_it(kept: Keeping) -> None:
    kept.join("ada", "dir", new=True)
    number = kept.take("ada")  # of the room dir
    (kept.root / "dir/c").write_text("of the turn\n")
    (kept.root / "a").write_text("of nobody's\n")
    desk = kept.desk("ada")
    desk = desk.moved(str(kept.root / "dir"))
    from stickhooks.cli import recovery_commands

    shown = recovery_commands.undo(desk, [str(number)], False)
    assert [it["path"] for it in shown.data["paths"]] == ["dir/c"]


def test_a_link_and_odd_names_are_taken_back(kept: Keeping) -> None:
    odd = os.fsdecode(b"odd \xff\n\"'")
    (kept.root / odd).symlink_to("one")
    (kept.root / "link").symlink_to("one")
    kept.take("ada")
    for name in (odd, "link"):
        (kept.root / name).unlink()
        (kept.root / name).symlink_to("two")
    assert written(kept.undo("ada")) == sorted([odd, "link"])
    assert [os.readlink(kept.root / name) for name in (odd, "link")] == ["one", "one"]


def test_line_ends_of_what_head_had_are_those_of_a_checkout(kept: Keeping) -> None:
    git(kept.root, "config", "core.autocrlf", "true")
    git(kept.root, "rm", "-q", "--cached", "-r", ".")
    git(kept.root, "reset", "-q", "--hard")
    assert (kept.root / "a").read_bytes() == b"a as committed\r\n"
    kept.take("ada")
    (kept.root / "a").write_bytes(b"of the turn\r\n")
    kept.undo("ada")
    assert (kept.root / "a").read_bytes() == b"a as committed\r\n"


def test_a_turn_before_the_first_commit(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    root.mkdir()
    git(root, "init", "-q")
    kept = Keeping(root)
    kept.join("ada")
    (root / "x").write_text("before\n")
    kept.take("ada")
    (root / "x").write_text("after\n")
    (root / "y").write_text("new\n")
    assert written(kept.undo("ada")) == ["x"]
    assert (root / "x").read_text() == "before\n"
    assert (root / "y").exists()


def test_a_turn_above_leaves_alone_what_a_room_inside_governs(kept: Keeping) -> None:
    kept.join("bob", "dir", new=True)
    kept.take("ada")  # of the room above
    (kept.root / "a").write_text("of the turn\n")
    (kept.root / "dir/c").write_text("of the room inside\n")
    assert written(kept.undo("ada")) == ["a"]
    assert text(kept, "dir/c") == "of the room inside\n"
