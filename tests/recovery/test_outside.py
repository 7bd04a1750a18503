"""A turn's own work, and what others did in it or between two turns: told apart as far as it was seen."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from stickhooks.operations import changed_while_free
from stickhooks.recovery import edits, lists
from stickhooks.recovery.entries import Turn, Written
from stickhooks.store import activity
from stickhooks.timeline import source
from stickhooks.views import deeds
from tests.support.keeping import COMMITTED, Keeping, repository, written
from tests.support.world import git


@pytest.fixture
def kept(tmp_path: Path) -> Keeping:
    keeping = Keeping(repository(tmp_path / "ws"))
    keeping.join("ada")
    keeping.join("bob")
    return keeping


def now() -> int:
    return time.time_ns() // 1_000_000


def edit(kept: Keeping, path: str, text: str, by: str = "ada") -> None:
    """Write a file as a client's tool does, and have the hook after it keep that."""
    (kept.root / path).write_text(text)
    room = kept.ids["ada"]
    [state] = [it.room for _, it in kept.ws.store.every() if it.room.room_id == room]  # type: ignore[union-attr]
    holder = state.lease.holder if state.lease else ""
    turn = Turn("", room, state.turn_id, holder)
    assert edits.note(kept.place, path, Written(by, turn, by == holder, now()))


def past_hooks(kept: Keeping, by: str, *paths: str) -> None:
    """Note what git's hooks saw somebody do without the stick."""
    did = "ran git checkout"
    activity.note(
        str(kept.root), kept.ids["ada"], activity.OUTSIDE, agent_id=by, kind="post-checkout", did=did,
        paths=list(paths),
    )  # fmt: skip


def text(kept: Keeping, path: str) -> str:
    return (kept.root / path).read_text()


@pytest.mark.parametrize("runs", [True, False], ids=["while it runs", "after its end"])
def test_undo_leaves_alone_what_the_turn_was_not_seen_to_change(kept: Keeping, runs: bool) -> None:
    number = kept.take("ada")
    edit(kept, "a", "of ada\n")
    (kept.root / "b").write_text("by a program, or by bob\n")
    edit(kept, "dir/c", "of bob\n", by="bob")
    (kept.root / "dir/d").write_text("of bob\n")
    past_hooks(kept, "bob", "dir/d")
    who = "ada"
    if not runs:
        kept.release("ada")
        kept.take("bob")
        who = "bob"
    shown = kept.undo(who, str(number))
    assert written(shown) == ["a"]
    assert text(kept, "a") == COMMITTED["a"]
    assert [text(kept, name) for name in ("dir/c", "dir/d")] == ["of bob\n"] * 2
    said = "\n".join(shown.lines)
    assert "not touched  b  (no hook saw who changed it)" in said
    for name in ("dir/c", "dir/d"):
        assert f"not touched  {name}  (outside: by bob at " in said
    assert (
        f"1 path may be others' work: named, they are taken back: stick undo {number} PATH" in said
    )
    named = kept.undo(who, str(number), "b", "dir/c")
    assert written(named) == ["b"]  # nobody says that it is another's
    assert named.data["beside"] == {"dir/c": f".talking-stick/restored/{number}/dir/c"}
    assert text(kept, "dir/c") == "of bob\n"


def test_what_was_changed_after_the_turns_last_edit_is_not_its_own_for_certain(
    kept: Keeping,
) -> None:
    number = kept.take("ada")
    edit(kept, "a", "of ada\n")
    (kept.root / "a").write_text("formatted, or by bob\n")
    assert written(kept.undo("ada", str(number))) == []
    edit(kept, "a", "of ada again\n")
    assert written(kept.undo("ada", str(number))) == ["a"]


def test_what_the_holder_edited_after_another_is_the_turns(kept: Keeping) -> None:
    number = kept.take("ada")
    edit(kept, "a", "of bob\n", by="bob")
    past_hooks(kept, "bob", "a")
    time.sleep(0.002)
    edit(kept, "a", "of ada\n")
    assert written(kept.undo("ada", str(number))) == ["a"]


def test_where_no_hook_saw_anything_that_is_said(kept: Keeping) -> None:
    number = kept.take("ada")
    (kept.root / "a").write_text("of whom?\n")
    shown = kept.undo("ada", str(number), apply=False)
    assert "no hook saw who changed what in this turn" in "\n".join(shown.lines)
    assert written(kept.undo("ada", str(number))) == ["a"]


@pytest.mark.parametrize("how", ["in part", "restored before"])
def test_what_was_brought_back_does_not_count_as_seen_by_a_hook(kept: Keeping, how: str) -> None:
    """An undo in part, or one that the disk ended half-way, is ended by a second one."""
    number = kept.take("ada")
    for name in ("a", "b", "dir/c"):
        (kept.root / name).write_text("of the turn\n")
    if how == "in part":
        assert written(kept.undo("ada", str(number), "b")) == ["b"]
    else:
        kept.keep()
        git(kept.root, "checkout", "-q", "b")
        assert written(kept.restore("ada", "b")) == ["b"]
    told = kept.undo("ada", str(number))
    assert set(written(told)) >= {"a", "dir/c"}
    assert "no hook saw who changed what in this turn" in "\n".join(told.lines)


def test_what_the_holder_brought_back_is_its_own(kept: Keeping) -> None:
    number = kept.take("ada")
    edit(kept, "a", "of ada\n")
    edit(kept, "b", "of ada too\n")
    assert written(kept.undo("ada", str(number), "b")) == ["b"]
    assert written(kept.restore("ada", "b")) == ["b"]
    assert written(kept.undo("ada", str(number))) == ["a", "b"]


def test_what_was_brought_back_and_lost_again_comes_back_by_one_command(kept: Keeping) -> None:
    kept.take("ada")
    (kept.root / "a").write_text("one\n")
    (kept.root / "b").write_text("two\n")
    kept.keep("before", "git checkout .")
    git(kept.root, "checkout", "-q", ".")
    assert written(kept.restore("ada")) == ["a", "b"]
    edit(kept, "a", "one more\n")
    git(kept.root, "checkout", "-q", ".")
    assert written(kept.restore("ada")) == ["a", "b"]
    assert text(kept, "a") == "one more\n"


def test_of_a_turn_that_runs_edits_are_told_before_the_next_snapshot(kept: Keeping) -> None:
    kept.take("ada")
    edit(kept, "a", "of ada\n")
    assert "  changed    a" in deeds.files(kept.desk("ada"), None).lines


def test_an_untracked_file_is_known_by_its_stat(kept: Keeping) -> None:
    (kept.root / "new").write_text("before\n")
    number = kept.take("ada")
    edit(kept, "new", "of ada\n")
    assert written(kept.undo("ada", str(number))) == ["new"]


def test_log_and_blame_tell_who_and_what_changed_while_nobody_held(kept: Keeping) -> None:
    kept.take("ada")
    edit(kept, "a", "of ada\n")
    (kept.root / "b").write_text("of whom?\n")
    edit(kept, "dir/c", "of bob\n", by="bob")
    kept.release("ada")
    edit(kept, "dir/d", "of bob, free\n", by="bob")
    (kept.root / "run.sh").write_text("of whom, free\n")
    kept.take("bob")
    took = lists.newest(kept.place)
    assert took
    assert took.of
    lines = deeds.files(kept.desk("ada"), None).lines
    shown = "\n".join(lines)
    assert "  changed    a\n" in shown
    assert "  changed    b  (no hook saw who changed it)\n" in shown
    assert "  changed    dir/c  (by bob at " in shown
    assert any(line.startswith("after turn 1  nobody held  ") for line in lines)
    assert "  changed    dir/d  (by bob at " in shown
    assert "  changed    run.sh" in lines
    free = deeds.blame(kept.desk("ada"), str(kept.root / "run.sh"))
    assert free.lines[0].startswith("after turn 1  nobody held")
    assert free.data["turns"] == []
    spans: list[dict[str, object]] = free.data["between"]  # type: ignore[assignment]
    [span] = spans
    assert (span["holder"], span["files"]) == (None, {"run.sh": "changed"})
    json.dumps(free.data)
    changed_while_free.note(kept.workspace, took.id, took.of)
    [note] = [
        it
        for it in activity.read(str(kept.root), took.of.room_id)
        if it.get("kind") == activity.FREE
    ]
    assert note["paths"] == ["run.sh"]  # who wrote the other stands in a note of its own
    [told] = source.of_sighting(note)
    assert "run.sh" in told.told
