"""What a reader refuses for its size is never written: at each edge a clear refusal, and nothing lost."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from stickhooks.errors import Next, Refusal
from stickhooks.fast import json
from stickhooks.fast.records import replace
from stickhooks.operations import audit
from stickhooks.protocol import commands
from stickhooks.protocol.model import Event, Handoff, Member, Policy
from stickhooks.store import activity, codec, layout, limits, reader
from stickhooks.store.anchor import GROWTH
from stickhooks.workspace import hook_seal, paths
from tests.support.many_rooms import carve
from tests.support.world import Workspace, activity_file, git_repo, refused

LONGEST = {  # nothing takes more bytes as it is written: 12 a character, or 6 a byte
    "status": "\x01" * (commands.TEXT_LIMIT - 1) + "x",
    "next_action": "\x01" * (commands.TEXT_LIMIT - 1) + "x",
    "artifacts": ["\U0001f600" * commands.ARTIFACT_LIMIT] * commands.ARTIFACTS_LIMIT,
}


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return Workspace(git_repo(tmp_path / "shop"), git=True)


def crowd(ws: Workspace, size: int) -> None:
    """Fill a room with members until its state takes about so many bytes."""
    before = ws.store.load("")
    assert before
    at = before.room.created_at
    one = len(json.write(codec.plain(Member("member-00000", 10_000, at, at))))
    more = [
        Member(f"member-{n:05d}", n + 10_000, at, at)
        for n in range((size - len(before.data)) // (one + 2))
    ]
    with ws.store.exclusive():
        room = replace(before.room, members=(*before.room.members, *more))
        ws.store.swap(before, room, (), ws.clock())


def full(ws: Workspace) -> Refusal:
    """Let members join until no more can, and return the refusal."""
    crowd(ws, reader.STATE_LIMIT - limits.LETTER - limits.TURN - 1000)
    for n in range(100):
        try:
            ws.join(f"late-{n}")
        except Refusal as refusal:
            return refusal
    raise AssertionError("everybody may join")


# --- a state


def test_a_full_room_says_so_and_its_holder_still_hands_over_the_longest_handoff(
    ws: Workspace,
) -> None:
    room = ws.join("ana")
    ws.join("bo")
    held = ws.take("ana", room)
    refusal = full(ws)
    assert refusal.code == "io"
    assert "is full" in refusal.message
    assert "nothing was changed" in refusal.message
    assert refusal.next == [Next("status", "--all")]
    for _ in range(2):  # nor does one that lies there stop the next
        ws.rooms.release(*held, LONGEST)
        answer = ws.rooms.wait("bo", room)
        assert answer["handoff"] == LONGEST
        ws.rooms.pass_on("bo", room, answer["lease_id"], answer["turn_id"], "ana", LONGEST)
        held = ws.take("ana", room)
    assert len(ws.state.read_bytes()) <= reader.STATE_LIMIT
    assert Workspace(ws.root, git=True).store.load("")


def test_a_long_handoff_that_waits_keeps_nobody_from_joining(ws: Workspace) -> None:
    room = ws.join("ana")
    ws.rooms.release(*ws.take("ana", room), LONGEST)
    ws.rooms.leave("ana", room)
    ws.join("bo")
    assert ws.rooms.wait("bo", room)["handoff"] == LONGEST


def test_a_full_room_takes_whoever_is_there_and_lets_members_go(ws: Workspace) -> None:
    room = ws.join("ana")
    full(ws)
    ws.join("ana")
    ws.rooms.leave("member-00003", room)
    ws.rooms.leave("member-00004", room)
    ws.join("new")


def test_globs_and_places_in_the_line_do_not_fill_what_is_kept_for_the_turns(
    ws: Workspace,
) -> None:
    room = ws.join("ana")
    held = ws.take("ana", room)
    full(ws)
    globs = tuple(f"{n}/{'x' * 190}" for n in range(200))
    refused(lambda: ws.rooms.set_policy("ana", room, Policy(exempt=globs)), "io")
    for n in range(3):
        with contextlib.suppress(Refusal):
            ws.rooms.enlist(f"member-{n:05d}", room, "\U0001f600" * commands.REASON_LIMIT)
    ws.rooms.release(*held, LONGEST)


def test_a_room_of_its_own_with_too_long_a_path_is_refused(ws: Workspace) -> None:
    ws.join("ana")
    fits = "a" * (limits.NAME_LIMIT - len("room..json"))
    for path in (fits, fits + "a"):
        (ws.root / path).mkdir()
    ws.join("ana", fits, new=True)
    refused(lambda: ws.join("ana", fits + "a", new=True), "invalid_input")
    assert set(ws.store.paths()) == {"", fits}


# --- the anchor


def padded(ws: Workspace, left: int) -> None:
    """Bring the anchor to its limit, but for so many bytes, by rooms that are never used."""
    known = dict(reader.read_anchor(str(ws.git_dir)) or {})
    name, number = "x" * 150, 0

    def data() -> int:
        return len(json.write({"schema": 1, "tree": str(ws.root), "rooms": known})) + 1

    one = 0
    while (size := data()) + one + left + 400 < reader.ANCHOR_LIMIT:
        for _ in range(max(1, (reader.ANCHOR_LIMIT - left - 400 - size) // 250)):
            known[f"{name}{number:06d}"] = {"id": f"{number:036d}", "turn": 0}
            number += 1
        one = (data() - size) // max(1, number)
    text = json.write({"schema": 1, "tree": str(ws.root), "rooms": known})
    ws.anchor.write_text(text)


def test_no_room_is_made_that_the_anchor_has_no_place_for(ws: Workspace) -> None:
    room = ws.join("ana")
    held = ws.take("ana", room)
    (ws.root / "lib").mkdir()
    padded(ws, 1000)
    before = ws.anchor.read_bytes()
    refusal = refused(lambda: ws.join("ana", "lib", new=True), "io")
    assert "no place for one more" in refusal.message
    assert refusal.next == [Next("rooms"), Next("close", "--remove")]
    assert ws.anchor.read_bytes() == before
    assert not (ws.folder / "room.lib.json").exists()
    ws.rooms.release(*held, {"status": "s", "next_action": "n"})  # the rooms that are there go on
    held = ws.take("ana", room)
    assert (reader.read_anchor(str(ws.git_dir)) or {})[""]["turn"] == held[3]


def test_a_turn_that_the_anchor_has_no_place_for_leaves_it_readable(ws: Workspace) -> None:
    room = ws.join("ana")
    padded(ws, 0)
    ws.anchor.write_text(
        ws.anchor.read_text() + " " * (reader.ANCHOR_LIMIT - ws.anchor.stat().st_size)
    )
    text = ws.anchor.read_text().rstrip()
    filler = "y" * (reader.ANCHOR_LIMIT - len(text) - 60)
    text = text.removesuffix("}}") + f',"{filler}":{{"id":"1","turn":0}}}}}}'
    ws.anchor.write_text(text + "\n" * (reader.ANCHOR_LIMIT - len(text)))
    ws.take("ana", room)
    assert ws.anchor.stat().st_size <= reader.ANCHOR_LIMIT
    assert reader.read_anchor(str(ws.git_dir)) is not None
    assert ws.store.load("")


def test_the_mark_of_a_room_grows_by_no_more_than_is_kept_free(ws: Workspace) -> None:
    new = {"id": "0" * 36, "turn": 0}
    old = {**new, "before": "0" * 36, "turn": 10**15, "event": 10**15}
    assert len(json.write(old)) - len(json.write(new)) <= GROWTH


def test_five_thousand_nested_rooms_fit(ws: Workspace) -> None:
    ws.join("ana")
    assert GROWTH * 5_000 + 5_000 * (limits.NAME_LIMIT + 60) < reader.ANCHOR_LIMIT
    carve(ws.root, 50)
    assert len(ws.store.paths()) == 51


# --- a log


def test_the_longest_handoff_is_found_by_a_repair(ws: Workspace) -> None:
    room = ws.join("ana")
    ws.rooms.release(*ws.take("ana", room), LONGEST)
    ws.rooms.leave("ana", room)
    ws.state.unlink()
    remade = ws.rooms.remake("")
    assert remade
    assert remade.letter
    assert commands.handoff_answer(remade.letter.handoff) == LONGEST


def test_what_could_not_be_read_back_from_a_log_is_not_written(ws: Workspace) -> None:
    room = ws.join("ana")
    ws.rooms.release(*ws.take("ana", room), {"status": "s", "next_action": "n"})
    before = ws.store.load("")
    assert before
    log = ws.log(room).read_bytes()
    bad = Event(3, 1, "release", "ana", None, Handoff("\ud800", "n"), None, None, 1)
    with ws.store.exclusive():
        refused(lambda: ws.store.swap(before, before.room, (bad,), ws.clock()), "invalid_input")
    assert ws.log(room).read_bytes() == log
    assert len(ws.rooms.events(room)) == 2


# --- what is noted beside it


def test_a_note_is_never_longer_than_its_readers_take(ws: Workspace) -> None:
    room = ws.join("ana")
    root = str(ws.root)
    paths_ = [f"{n}/" + "\U0001f600" * 3000 for n in range(100)]
    assert activity.note(
        root, room, activity.OUTSIDE, agent_id="bo", did="x" * 99_999, paths=paths_
    )
    [note] = audit.unread(ws.store, room, "ana")
    assert note["agent_id"] == "bo"
    assert str(note["paths"][0]).startswith("0/")
    size = activity_file(root, room).stat().st_size
    assert size <= activity.LINE + 1 < audit.TAIL


def test_the_same_long_note_is_noted_once(ws: Workspace) -> None:
    room = ws.join("ana")
    for _ in range(2):
        activity.note(str(ws.root), room, activity.REFUSED, sparing=True, path="\U0001f600" * 500)
    assert len(activity.read(str(ws.root), room)) == 1


# --- the seal


def test_a_seal_that_would_be_too_long_to_read_is_not_put(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws.join("ana")
    place = paths.Workspace(str(ws.root), str(ws.git_dir))
    hooks = [str(ws.git_dir / "HEAD")] if ws.git_dir else []
    Path(hooks[0]).chmod(0o755)
    hook_seal.put(place, hooks, [])
    assert hook_seal.holds(place)
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'a.b=" + "c" * hook_seal.LIMIT + "'")
    hook_seal.put(place, hooks, [])
    assert not hook_seal.holds(place)
    assert (ws.anchor.parent / layout.SEAL).stat().st_size <= hook_seal.LIMIT
