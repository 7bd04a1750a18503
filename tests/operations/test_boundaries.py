"""Where a turn begins and where it ends, what is uncommitted is kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stickhooks.operations.boundaries import crossed
from stickhooks.recovery import blobs, lists
from stickhooks.recovery.entries import Listed
from stickhooks.workspace import paths
from tests.support.shells import Shell
from tests.support.world import Table


def snapshots(root: Path) -> list[Listed]:
    """Return the snapshots of a tree, the oldest first."""
    workspace = paths.workspace_of(os.path.realpath(root))
    assert workspace
    place = lists.Place.of(workspace)
    assert place
    found = list(lists.every(place))[::-1]
    for listed in found:  # each is whole
        for entry in listed.paths.values():
            assert not entry.blob or blobs.read(place, entry.blob) is not None
    return found


def bounds(root: Path) -> list[tuple[str, int, str]]:
    return [(it.why, it.of.turn, it.of.holder) for it in snapshots(root) if it.of]


def test_a_turn_is_kept_at_both_its_ends(ada: Shell, bob: Shell, room: Path) -> None:
    (room / "notes").write_text("before the turn\n")
    ada.stick("take").ok()
    (room / "app.py").write_text("edited\n")
    assert bounds(room) == [("take", 1, "ada")]
    ada.stick("take").ok()  # again: no turn begins
    ada.stick("renew").ok()
    ada.stick("policy claim_ttl 30m").ok()
    assert len(snapshots(room)) == 1
    ada.stick("release --status done --next more").ok()
    assert bounds(room) == [("take", 1, "ada"), ("release", 1, "ada")]
    begin, end = snapshots(room)
    assert (sorted(begin.paths), sorted(end.paths)) == (["notes"], ["app.py", "notes"])
    turn = begin.turn_of("app.py")
    assert turn
    assert (turn.turn, turn.holder, end.turn_of("app.py")) == (1, "ada", None)
    bob.stick("run -- sh -c 'echo run > run.txt'").ok()
    assert bounds(room)[2:] == [("take", 2, "bob"), ("release", 2, "bob")]
    assert "run.txt" not in snapshots(room)[2].paths
    assert "run.txt" in snapshots(room)[3].paths


def test_a_turn_that_a_first_write_claims_is_kept_before_the_write(ada: Shell, room: Path) -> None:
    ada.stick("policy on_idle claim").ok()
    (room / "new").write_text("new\n")
    ada.run("git add new && git commit -qm new").ok()
    [listed] = snapshots(room)
    assert (listed.why, list(listed.paths)) == ("take", ["new"])


def test_no_snapshot_where_the_policy_is_to_keep_none(ada: Shell, room: Path) -> None:
    ada.stick("policy keep_turns 0").ok()
    ada.stick("take").ok()
    assert snapshots(room) == []
    assert not (room / ".git/stickhooks/snapshots").exists()


def test_what_may_not_be_kept_is_said_once(ada: Shell, room: Path) -> None:
    ada.stick("policy keep_not '*.pem,.env'").ok()
    (room / ".env").write_text("SECRET=1\n")
    (room / "large").write_bytes(bytes(2_000_001))
    said = ada.stick("take").ok().err
    assert "named but not kept in the snapshot: " in said
    assert ".env (keep_not)" in said
    assert "large (over 2 MB)" in said
    assert "named but not kept" not in ada.stick("release -m done").ok().err
    assert [sorted(listed.left) for listed in snapshots(room)] == [[".env", "large"]] * 2


def test_a_snapshot_that_fails_is_a_line_and_an_entry_and_no_refusal(
    ada: Shell, room: Path
) -> None:
    (room / ".gitattributes").write_text("* filter=f\n")
    ada.run("git config filter.f.required true && git config filter.f.clean false").ok()
    (room / "app.py").write_text("print('SHOP')\n")  # of the same size: git has to look
    took = ada.stick("take --json").ok()
    assert took.json["ok"]
    assert "no snapshot of this turn was made: git status failed" in took.err
    assert snapshots(room) == []
    notes = "".join(p.read_text() for p in room.glob(".talking-stick/log/*/sightings.jsonl"))
    assert '"what":"not_kept"' in notes


@pytest.mark.parametrize("act", ["take", "release", "takeover", "none"])
def test_which_changes_of_a_room_are_boundaries(act: str) -> None:
    table = Table("ada", "bob")
    if act != "take":
        table.take("ada")
    before = table.room
    if act == "take":
        table.take("ada")
    elif act == "release":
        table.release()
    elif act == "takeover":
        table.now = table.room.lease.expires_at + 1 if table.room.lease else 0
        table.takeover("bob")
    else:
        table.wait("ada", table.held()[2])
    found = crossed(before, table.room)
    assert (found[0] if found else "none") == act
