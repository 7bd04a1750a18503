"""What stands on disk: written and read back without loss, and believed only where it is sound."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stickhooks.fast import json as fast_json
from stickhooks.fast.records import fields
from stickhooks.gate.standing import Standing
from stickhooks.protocol import rules
from stickhooks.protocol.model import (
    Asking,
    Closing,
    Event,
    Handoff,
    Lease,
    Letter,
    Member,
    Part,
    Policy,
    Process,
    Reservation,
    Room,
    Waiter,
)
from stickhooks.store import codec, layout, reader, schema
from stickhooks.store.codec import Record
from tests.support.world import HANDOFF, Workspace, content, git_repo, outcome, python, refused

quick = settings(max_examples=100, deadline=None, database=None)
UNSOUND = ("state_corrupt", "state_too_new", "state_lost")

# --- arbitrary rooms -------------------------------------------------------------------

texts = st.text(max_size=20)
ids = st.uuids().map(str)
counts = st.integers(0, 2**63 - 1)
times = st.integers(-(2**63) + 1, 2**63 - 1)
values = st.recursive(
    st.none() | st.booleans() | times | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def keys_of(cls: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cls))


RECORD = ("schema", "revision", "log_bytes", "clock")


def unknown(known: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(texts.filter(lambda key: key not in known), values, max_size=2)


handoffs = st.builds(Handoff, texts, texts, st.none() | st.lists(texts, max_size=3).map(tuple))
processes = st.builds(Process, counts, st.none() | counts, texts, texts, texts, texts)
policies = st.builds(
    Policy, counts, counts, counts, counts,
    st.sampled_from(["waiters", "order"]), st.sampled_from(["refuse", "claim"]),
    st.lists(texts, max_size=3).map(tuple), st.lists(texts, max_size=3).map(tuple),
    st.sampled_from(["judge", "allow", "refuse"]),
)  # fmt: skip
members = st.lists(
    st.builds(
        Member, texts, counts, times, times, texts, st.none() | texts, st.none() | processes,
        st.lists(processes, max_size=2).map(tuple), st.lists(texts, max_size=2).map(tuple),
        st.lists(counts, max_size=2).map(tuple), unknown(keys_of(Member)),
    ),
    max_size=3,
    unique_by=lambda member: member.agent_id,
)  # fmt: skip


closings = st.none() | st.builds(
    Closing, texts, st.booleans(), st.none() | texts, st.none() | texts, unknown(keys_of(Closing))
)


places = st.lists(
    st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), max_size=9).map(
        "p/{}x".format
    ),
    min_size=1,
    max_size=2,
)


@st.composite
def parts(draw: st.DrawFn, names: list[str], turn: int) -> tuple[Part, ...]:
    """Draw parts of different turns above ``turn``, each held or promised."""
    found: list[Part] = []
    for number in range(draw(st.integers(0, 2)) if names else 0):
        keeper, held = draw(st.sampled_from(names)), draw(st.booleans())
        letter = draw(st.none() | st.builds(Letter, handoffs, texts, counts, texts))
        found.append(
            Part(
                tuple(draw(places)), turn + number + 1,
                Lease(keeper, draw(texts), draw(times), draw(times), draw(times), None)
                if held else None,
                None if held else Reservation(keeper, draw(times)),
                letter, letter is not None and draw(st.booleans()),
                tuple(draw(st.lists(st.builds(Asking, texts, times, counts), max_size=1))),
                draw(st.booleans()), draw(unknown(keys_of(Part))),
            )
        )  # fmt: skip
    return tuple(found)


waits = st.builds(
    Waiter, texts, times, st.none() | texts, st.lists(texts, max_size=2).map(tuple), st.booleans()
)


@st.composite
def rooms(draw: st.DrawFn) -> Room:
    there = draw(members)
    names = [member.agent_id for member in there]
    keeper = draw(st.sampled_from([*names, ""])) if names else ""
    held = keeper in names and draw(st.booleans())
    letter = draw(
        st.none() | st.builds(Letter, handoffs, texts, counts, texts, st.none() | counts)
    )  # fmt: skip
    turn = draw(st.integers(0, 1 << 40))
    out, ended = draw(parts(names, turn)), draw(st.booleans())
    return Room(
        draw(ids), draw(texts), draw(times), turn, draw(counts), draw(st.booleans()),
        Lease(keeper, draw(texts), draw(times), draw(times), draw(times), draw(st.none() | texts))
        if held else None,
        Reservation(keeper, draw(times)) if keeper in names and not held else None,
        letter, letter is not None and draw(st.booleans()),
        tuple(draw(st.lists(waits, max_size=2))),
        tuple(there), draw(policies), draw(closings),
        tuple(draw(st.lists(st.builds(Asking, texts, times, counts, st.none() | texts), max_size=2))),
        out, turn + 9 if out or ended else 0,
        draw(unknown(keys_of(Room) + RECORD)),
    )  # fmt: skip


records = st.builds(Record, counts, counts, texts, times)


@quick
@given(rooms(), records)
def test_every_room_is_read_as_it_was_written(room: Room, record: Record) -> None:
    data = codec.encode(room, record)
    found = codec.decode(reader.parsed(data, ""))
    assert found == (room, record)
    assert codec.encode(*found) == data


@quick
@given(rooms(), records)
def test_our_files_are_json_to_everybody(room: Room, record: Record) -> None:
    data = codec.encode(room, record)
    assert data.isascii()
    assert json.loads(data) == reader.parsed(data, "")


events = st.builds(
    Event, counts, counts, texts, st.none() | texts, st.none() | texts,
    st.none() | handoffs, st.none() | texts, st.none() | texts, times,
    st.lists(texts, max_size=2).map(tuple),
)  # fmt: skip


@quick
@given(events)
def test_every_event_is_read_as_it_was_written(event: Event) -> None:
    line = codec.event_line(event)
    assert line.count(b"\n") == 1
    assert codec.event_of(line) == event


@quick
@given(values)
def test_our_reader_agrees_with_the_json_module(value: object) -> None:
    assert fast_json.read(json.dumps(value)) == value
    assert json.loads(fast_json.write(value)) == value


# --- keys that a later version put there -------------------------------------------------


def joined(folder: Path) -> Workspace:
    ws = Workspace(folder)
    room = ws.join("ana")
    ws.join("bo")
    ws.rooms.release(*ws.take("ana", room), HANDOFF)
    ws.take("ana", room)
    ws.rooms.enlist("bo", room, "lunch is over")
    return ws


def rewritten(ws: Workspace, change: Callable[[Any], object]) -> dict[str, Any]:
    """Change the state as a later version might, let us write it once, and return what is left."""
    raw = json.loads(ws.state.read_text())
    change(raw)
    ws.state.write_text(json.dumps(raw))
    ws.wall += 1000
    ws.join("bo")
    found: dict[str, Any] = json.loads(ws.state.read_text())
    return found


def test_unknown_keys_of_a_room_and_a_member_are_kept(tmp_path: Path) -> None:
    def change(raw: Any) -> None:
        raw["mood"] = {"is": ["good", 1, None]}
        raw["members"][0]["colour"] = "blue"

    found = rewritten(joined(tmp_path), change)
    assert found["mood"] == {"is": ["good", 1, None]}
    assert found["members"][0]["colour"] == "blue"


@pytest.mark.parametrize("part", ["policy", "lease", "letter", "clock"])
def test_unknown_keys_further_down_are_kept(part: str, tmp_path: Path) -> None:
    found = rewritten(joined(tmp_path), lambda raw: raw[part].update(later=1))
    assert found[part].get("later") == 1


# --- hostile states --------------------------------------------------------------------


def load(folder: Path) -> object:
    survey = reader.Survey(str(folder), None)
    try:
        return survey.load("")
    finally:
        survey.close()


def with_state(folder: Path, data: bytes) -> Path:
    """Put a state into a workspace without git, where no anchor stands in its way."""
    (folder / ".talking-stick").mkdir(exist_ok=True)
    (folder / ".talking-stick" / "room.json").write_bytes(data)
    return folder


def sound(folder: Path) -> bytes:
    ws = joined(folder)
    return ws.state.read_bytes()


def test_a_state_cut_short_at_any_byte_is_refused(tmp_path: Path) -> None:
    data = sound(tmp_path)
    assert load(tmp_path) is not None
    for length in range(len(data) - 1):
        with_state(tmp_path, data[:length])
        assert refused(lambda: load(tmp_path)).code == "state_corrupt", length


def changed(**fields: object) -> Callable[[Any], object]:
    return lambda raw: raw.update(fields)


def member(**fields: object) -> Callable[[Any], object]:
    return lambda raw: raw["members"][0].update(fields)


HOSTILE: dict[str, Callable[[Any], object]] = {
    "a holder who is no member": lambda raw: raw["lease"].update(holder="zed"),
    "an heir who is no member": changed(
        lease=None, reservation={"recipient": "z", "expires_at": 1}
    ),
    "held and promised": changed(reservation={"recipient": "bo", "expires_at": 1}),
    "a member twice": lambda raw: raw["members"].append(raw["members"][0]),
    "true for a number": changed(turn_id=True),
    "a number for true": changed(closed=0),
    "a turn below zero": changed(turn_id=-1),
    "a turn beyond counting": changed(turn_id=1 << 63),
    "a turn of 5000 digits": changed(turn_id=10**4000),
    "a broken number": changed(event_seq=1.5),
    "infinity": changed(turn_id=float("inf")),
    "no number": changed(turn_id=float("nan")),
    "a lone surrogate": member(agent_id="\ud800"),
    "a surrogate in a reason": lambda raw: raw["lease"].update(why="\udcff"),
    "another room's path": changed(path="lib"),
    "members that are none": changed(members=None),
    "a member that is none": changed(members=[7]),
    "a process that is none": member(process=[]),
    "an unknown choice": lambda raw: raw["policy"].update(reserve="me"),
    "a list for a choice": lambda raw: raw["policy"].update(reserve=[]),
    "globs in one string": lambda raw: raw["policy"].update(exempt="**"),
    "commands in one string": lambda raw: raw["policy"].update(reads="pytest"),
    "globs of what is not kept in one string": lambda raw: raw["policy"].update(keep_not=".env"),
    "a part of a turn": lambda raw: raw["policy"].update(keep_turns="many"),
    "fewer bytes than none": lambda raw: raw["policy"].update(keep_bytes=-1),
    "an unknown choice for tools": lambda raw: raw["policy"].update(mcp="all"),
    "a closing by nobody": changed(closing={"by": None, "person": True, "opened_by": None}),
    "pending without a letter": changed(letter=None, pending=True),
    "a negative schema": changed(schema=-1),
    "no schema": lambda raw: raw.pop("schema"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_state_that_makes_no_sense_is_refused(what: str, tmp_path: Path) -> None:
    raw = json.loads(sound(tmp_path))
    HOSTILE[what](raw)
    with_state(tmp_path, json.dumps(raw).encode())
    assert refused(lambda: load(tmp_path)).code == "state_corrupt"
    assert refused(lambda: Workspace(tmp_path).rooms.look("")).code == "state_corrupt"


@pytest.mark.parametrize("artifacts", [5, [5], "file", {"a": 1}])
def test_a_handoff_with_senseless_artifacts_is_refused(artifacts: object, tmp_path: Path) -> None:
    raw = json.loads(sound(tmp_path))
    raw["letter"]["handoff"]["artifacts"] = artifacts
    with_state(tmp_path, json.dumps(raw).encode())
    assert refused(lambda: Workspace(tmp_path).rooms.look("")).code == "state_corrupt"


RAW = {
    "nothing": b"",
    "blanks": b" \n\t ",
    "no json": b"room: open",
    "a list": b"[]",
    "a string": b'"room"',
    "null": b"null",
    "an empty object": b"{}",
    "two values": b"{} {}",
    "a deep list": b"[" * 200_000,
    "a deep object": b'{"a":' * 100_000,
    "a deep sound list": b"[" * 100_000 + b"]" * 100_000,
    "nan": b'{"turn_id": NaN}',
    "minus infinity": b'{"turn_id": -Infinity}',
    "a huge number": b'{"turn_id": 1e999}',
    "digits without end": b'{"turn_id": ' + b"9" * 10_000 + b"}",
    "latin": b'{"room_id": "caf\xe9"}',
    "utf 16": '{"schema": 1}'.encode("utf-16"),
    "a mark of order": b"\xef\xbb\xbf{}",
    "zeros": b"\0" * 4096,
    "two mebibytes": b" " * (2 << 20),
}


@pytest.mark.parametrize("what", RAW)
def test_what_is_no_state_is_refused(what: str, tmp_path: Path) -> None:
    with_state(tmp_path, RAW[what])
    assert refused(lambda: load(tmp_path)).code == "state_corrupt"


@pytest.mark.parametrize("schema", [2, 10**18])
def test_a_newer_state_is_told_from_a_broken_one(schema: int, tmp_path: Path) -> None:
    raw = json.loads(sound(tmp_path)) | {"schema": schema, "turn_id": "a word now"}
    with_state(tmp_path, json.dumps(raw).encode())
    assert refused(lambda: load(tmp_path)).code == "state_too_new"


def test_a_state_at_its_limit_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    data = sound(tmp_path)
    with_state(tmp_path, data.ljust(reader.STATE_LIMIT))
    assert load(tmp_path) is not None
    with_state(tmp_path, data.ljust(reader.STATE_LIMIT + 1))
    assert refused(lambda: load(tmp_path)).code == "state_corrupt"


def test_a_state_behind_a_link_is_refused(tmp_path: Path) -> None:
    ws = joined(tmp_path)
    ws.state.rename(tmp_path / "elsewhere")
    ws.state.symlink_to(tmp_path / "elsewhere")
    assert "symbolic link" in refused(lambda: load(tmp_path), "state_corrupt").message


def test_a_pipe_for_a_state_is_refused_and_does_not_block(tmp_path: Path) -> None:
    with_state(tmp_path, b"").joinpath(".talking-stick", "room.json").unlink()
    os.mkfifo(tmp_path / ".talking-stick" / "room.json")
    assert refused(lambda: load(tmp_path)).code == "state_corrupt"


def test_a_folder_for_a_state_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".talking-stick" / "room.json").mkdir(parents=True)
    assert refused(lambda: load(tmp_path)).code == "state_corrupt"


@pytest.mark.parametrize("kind", ["link", "file", "pipe"])
def test_something_else_in_the_folders_place_is_refused(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / ".talking-stick"
    if kind == "link":
        folder.symlink_to(git_repo(tmp_path / "elsewhere"))
    elif kind == "file":
        folder.write_text("")
    else:
        os.mkfifo(folder)
    assert refused(lambda: load(tmp_path)).code == "state_corrupt"


def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    ws = joined(tmp_path)
    os.chown(ws.state, 12345, 12345)
    refusal = refused(lambda: load(tmp_path), "io")
    assert "this room belongs to uid 12345" in refusal.message
    assert "you are root (uid 0)" in refusal.message


def paths_of(raw: object, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = (
        raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    )
    return [at, *(path for key, value in items for path in paths_of(value, (*at, key)))]


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats()
    | st.text(st.characters(codec="utf-8")) | st.sampled_from(["\ud800", "\x1b[2J", 10**30, "bo"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


def test_junk_anywhere_in_a_state_is_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    data = sound(tmp_path_factory.mktemp("sound"))
    places = [path for path in paths_of(json.loads(data)) if path]

    @settings(max_examples=1000, deadline=None, database=None)
    @given(st.sampled_from(places), junk)
    def try_out(place: tuple[Any, ...], value: object) -> None:
        raw = json.loads(data)
        parent = raw
        for key in place[:-1]:
            parent = parent[key]
        parent[place[-1]] = value
        text = json.dumps(raw).encode()
        if (found := outcome(lambda: reader.parsed(text, ""))) != "ok":
            assert found in UNSOUND
            return
        parsed = reader.parsed(text, "")
        room, record = codec.decode(parsed)
        again = codec.encode(room, record)
        assert codec.encode(*codec.decode(reader.parsed(again, ""))) == again
        rules.phase_of(room, rules.Moment(0, "L"))
        Standing(parsed, "/ws", 0, 0).headline("ana").encode()

    try_out()


def test_what_is_read_can_be_written_however_deep_it_is(tmp_path: Path) -> None:
    for depth in (10, 100, 300, 500, 700, 900):
        ws = Workspace(tmp_path / str(depth))
        ws.root.mkdir()
        room = ws.join("ana")
        data = ws.state.read_bytes()
        ws.state.write_bytes(b'{"later":' + b"[" * depth + b"]" * depth + b"," + data[1:])
        assert outcome(lambda: ws.rooms.wait("ana", room)) in ("ok", *UNSOUND)  # noqa: B023


# --- what we write must be readable --------------------------------------------------------

BYTES = "caf\udce9"  # what Python makes of an argument that is not UTF-8


@pytest.mark.parametrize("field", ["handoff", "artifact", "why", "reason", "display", "session"])
def test_text_that_no_file_can_take_never_makes_a_room_unreadable(
    field: str, tmp_path: Path
) -> None:
    ws = Workspace(tmp_path)
    room = ws.join("ana")
    ws.join("bo")
    held = ws.take("ana", room)
    acts: dict[str, Callable[[], object]] = {
        "handoff": lambda: ws.rooms.release(*held, {**HANDOFF, "status": BYTES}),
        "artifact": lambda: ws.rooms.release(*held, {**HANDOFF, "artifacts": [BYTES]}),
        "why": lambda: ws.rooms.enlist("bo", room, BYTES),
        "reason": lambda: ws.rooms.takeover("bo", room, BYTES, 1),
        "display": lambda: ws.rooms.join("bo", "", display_name=BYTES),
        "session": lambda: ws.rooms.join("bo", "", session=f"claude:{BYTES}"),
    }
    ws.wall += 3_000_000
    assert outcome(acts[field]) in ("ok", "invalid_input", "invalid_handoff")
    ws.rooms.look("")
    ws.rooms.events(room)


@pytest.mark.parametrize(
    "path",
    [BYTES, "x" * 250, "日本語" * 10, "/".join("ab" * 50)],
    ids=["bytes", "long", "japanese", "deep"],
)
def test_a_folder_whose_room_cannot_be_written_down_harms_no_other(
    path: str, tmp_path: Path
) -> None:
    ws = Workspace(git_repo(tmp_path), git=True)
    room = ws.join("ana")
    done = outcome(lambda: ws.join("ana", path, new=True))
    assert ws.store.paths() == (["", path] if done == "ok" else [""])
    assert len(ws.rooms.list_rooms()["rooms"]) == len(ws.store.paths())
    ws.rooms.look(ws.store.paths()[-1])
    ws.take("ana", room)


def test_a_damaged_nested_room_does_not_stop_its_neighbours(tmp_path: Path) -> None:
    ws = Workspace(tmp_path)
    ws.join("ana")
    ws.join("ana", "a", new=True)
    neighbour = ws.join("ana", "b", new=True)
    (ws.folder / "room.a.json").write_text("[]")
    assert ws.take("ana", neighbour)


# --- hostile folders -------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "log", "strays", "line"])
def test_nothing_is_written_through_a_link_that_a_clone_brought(name: str, tmp_path: Path) -> None:
    repo, other = git_repo(tmp_path / "repo"), tmp_path / "other"
    other.mkdir()
    link = repo / ".talking-stick" / name
    link.parent.mkdir(exist_ok=True)
    if name:
        (repo / ".talking-stick" / "room.json").write_text("{}")
    link.symlink_to(other)
    ws = Workspace(repo, git=True)
    assert outcome(lambda: ws.take("ana", ws.join("ana"))) in ("ok", "io", *UNSOUND)
    assert content(other) == {}
    assert list(other.iterdir()) == []


VISIT = """
import sys
from stickhooks.errors import Refusal
from stickhooks.operations.rooms import Rooms
from stickhooks.store.files import FileStore
rooms = Rooms(FileStore(sys.argv[1], lock_timeout=0.5))
try:
    room = rooms.join("ana", "")["room_id"]
    rooms.wait("ana", room)
    rooms.events(room)
except Refusal as refusal:
    print(refusal.code)
"""


@pytest.mark.parametrize("name", ["lock", "room.json.tmp", "log/R/events.jsonl", ".gitignore"])
def test_a_pipe_in_our_folder_never_blocks(name: str, tmp_path: Path) -> None:
    ws = Workspace(tmp_path)
    name = name.replace("R", ws.join("ana"))
    pipe = ws.folder / name
    pipe.unlink(missing_ok=True)
    pipe.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(pipe)
    with python("-c", VISIT, str(tmp_path)) as visitor:
        try:
            out, err = visitor.communicate(timeout=240)
        finally:
            visitor.kill()
    assert err == ""
    assert out.strip() in ("", "io", "state_corrupt")


# --- hostile logs ----------------------------------------------------------------------

LINES = {
    "no json": b"claimed\n",
    "a list": b"[1]\n",
    "a handoff that is a word": b'{"event_seq":1,"turn_id":1,"event_type":"release","from_agent_id":'
    b'null,"to_agent_id":null,"handoff":"x","reason":null,"kind":null,"created_at":1}\n',
    "a handoff that is a list": b'{"event_seq":1,"turn_id":1,"event_type":"release","from_agent_id":'
    b'null,"to_agent_id":null,"handoff":[1],"reason":null,"kind":null,"created_at":1}\n',
    "a number of 5000 digits": b'{"event_seq":' + b"9" * 5000 + b',"turn_id":1}\n',
    "deep": b"[" * 100_000 + b"\n",
    "bytes": bytes(range(256)),
    "half a line": b'{"event_seq":1,"turn',
    "a word for a number": b'{"event_seq":1,"turn_id":"x","event_type":7,"from_agent_id":'
    b'null,"to_agent_id":null,"handoff":null,"reason":null,"kind":null,"created_at":"x"}\n',
}


@pytest.mark.parametrize("what", LINES)
def test_a_line_that_is_no_event_ends_the_reading(what: str, tmp_path: Path) -> None:
    ws = Workspace(tmp_path)
    room = ws.join("ana")
    held = ws.take("ana", room)
    log, whole = ws.log(room), ws.log(room).stat().st_size
    ws.rooms.release(*held, {**HANDOFF, "status": "x" * 16_000})
    claim = log.read_bytes()[:whole]
    log.write_bytes(claim + LINES[what])
    assert [e["event_seq"] for e in ws.rooms.events(room)] == [1]
    log.write_bytes(LINES[what])
    assert ws.rooms.events(room) == []


READ = """
import sys
from stickhooks.errors import Refusal
from stickhooks.operations.rooms import Rooms
from stickhooks.store.files import FileStore
try:
    print(Rooms(FileStore(sys.argv[1])).events(sys.argv[2]))
except Refusal as refusal:
    print(refusal.code)
"""


def test_a_pipe_for_a_log_does_not_block_who_reads_it(tmp_path: Path) -> None:
    ws = Workspace(tmp_path)
    room = ws.join("ana")
    ws.take("ana", room)
    ws.log(room).unlink()
    os.mkfifo(ws.log(room))
    with python("-c", READ, str(tmp_path), room) as reader:
        try:
            out, err = reader.communicate(timeout=240)
        finally:
            reader.kill()
    assert err == ""
    assert out in ("[]\n", "io\n", "state_corrupt\n")


# --- the names of state files ------------------------------------------------------------

folders = st.text(
    st.characters(exclude_characters="\0", exclude_categories=()), max_size=30
).filter(lambda name: "/" not in (name[:1], name[-1:]) and encodable(name))


def encodable(name: str) -> bool:
    try:
        return os.fsdecode(os.fsencode(name)) == name
    except UnicodeEncodeError:
        return False


@settings(max_examples=500, deadline=None, database=None)
@given(folders)
def test_the_name_of_a_state_file_leads_back_to_its_room(room: str) -> None:
    name = layout.state_name(room)
    assert layout.room_of_name(name) == room
    assert "/" not in name
    assert name == name.casefold()


@settings(max_examples=500, deadline=None, database=None)
@given(folders, folders)
@example("Lib", "lib")
@example("straße", "strasse")
def test_two_rooms_never_share_a_state_file(one: str, other: str) -> None:
    """Not even where the disk takes upper and lower case for one."""
    names = layout.state_name(one).casefold(), layout.state_name(other).casefold()
    assert (names[0] == names[1]) == (one == other)


@settings(max_examples=500, deadline=None, database=None)
@given(st.text(max_size=20).map("room.{}.json".format) | st.text(max_size=20))
def test_every_other_name_is_no_state(name: str) -> None:
    room = layout.room_of_name(name)
    assert room is None or layout.state_name(room) == name


@pytest.mark.parametrize(
    "name",
    ["room..json", "room.%.json", "room.%zz.json", "room.%61.json", "room.a.json.tmp", "room.A.json",
     "room.%2F.json", "room.json.tmp", "lock", ".gitignore", "room.\udce9.json", "room.%+f.json"],
)  # fmt: skip
def test_names_that_only_look_like_a_state_are_none(name: str) -> None:
    assert layout.room_of_name(name) is None


def test_the_schema_is_one() -> None:
    assert schema.SCHEMA == 1
