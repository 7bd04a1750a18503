"""A room with many members: what the gate reads of it in part it judges as if it had read it all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stickhooks.fast.records import replace
from stickhooks.gate import decision, messages
from stickhooks.identity import resolver
from stickhooks.protocol.model import Member, Process
from stickhooks.store import codec, crowd, reader
from stickhooks.system import clock
from stickhooks.workspace import paths
from tests.support.callers import PLACE, in_client, seen, sighting
from tests.support.world import Workspace, git_repo

CROWD = 300
AGE = re.compile(r"\d+ (s|min|h|d)\b")
PLAIN = ("machine", "boot", PLACE[2])


def member(number: int, at: int) -> Member:
    """A member known by a process, or by a session, or by both; some names need escaping."""
    name = ("m{}", 'q"{}', "é{}", "a b{}")[number % 4].format(number)
    bound = Process(1000 + number, (1000 + number) * 10, *PLAIN) if number % 3 else None
    sessions = (f"claude:session-{number:04d}-of-a-client",) if number % 2 else ()
    return Member(name, number, at, at, process=bound, sessions=sessions)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git workspace with a room full of members, held by one of them."""
    root = git_repo(tmp_path_factory.mktemp("crowd"))
    ws = Workspace(root, git=True)
    ws.rooms.clock = clock.read
    ws.take("m0", ws.join("m0"))
    (root / "first.json").write_bytes((root / ".talking-stick/room.json").read_bytes())
    return root


def fill(root: Path, holder: int, *, vouched: bool = True) -> None:
    """Put the crowd into the room, in the hands of one of them."""
    state = root / ".talking-stick/room.json"
    found, record = codec.decode(reader.parsed((root / "first.json").read_bytes(), ""))
    assert found.lease
    crowded = tuple(member(i, found.members[0].joined_at) for i in range(CROWD))
    lease = replace(found.lease, holder=crowded[holder].agent_id)
    data = codec.encode(replace(found, members=crowded, lease=lease), record)
    assert crowd.SUM.encode() in data
    state.write_bytes(data if vouched else data.replace(crowd.SUM.encode(), b"no_sum"))


def lines_of(told: decision.Verdict, ruling: decision.Ruling) -> list[str]:
    return [] if told.ok else messages.words(told, ruling)[0]


def verdict(root: Path, caller: resolver.Sighting, said: str) -> tuple[str, list[str], bool]:
    """Return what the gate says, to whom it says it, and whether it read the room in part."""
    workspace = paths.workspace_of(str(root))
    assert workspace
    told = decision.judge([paths.Target(workspace, "app.py")], decision.EDIT, caller, {}, said)
    rulings = told.allowed + told.refusals
    partial = any(crowd.PARTIAL in (r.raw or {}) for r in rulings)
    lines = [AGE.sub("", line) for r in rulings for line in [str(r.agent_id), *lines_of(told, r)]]
    return told.code, lines, partial


CALLERS = st.builds(
    lambda number, by, other, said: (number, by, other, said),
    st.integers(0, CROWD - 1),
    st.sampled_from(["process", "session", "neither", "other above", "lease"]),
    st.integers(0, CROWD - 1),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(CALLERS, st.booleans())
def test_it_is_judged_alike_in_part_and_in_whole(
    room: Path, caller: tuple[int, str, int, bool], holds: bool
) -> None:
    number, by, other, named = caller
    me = member(number, 0)
    mine, others = seen(1000 + number, "claude"), seen(1000 + other)
    above = [seen(40, "sh"), *([others] if by == "other above" else []), mine, seen(1, "init")]
    if by == "session":
        session = me.sessions[0] if me.sessions else "claude:nobody-s-session-at-all"
        asked = in_client(session, ancestors=above, client_process=mine)
    else:
        asked = sighting(ancestors=above if by != "neither" else [seen(40)], leader=None)
    fill(room, number if holds else other)
    said = me.agent_id if named else ""
    in_part = verdict(room, asked, said)
    fill(room, number if holds else other, vouched=False)
    assert verdict(room, asked, said)[:2] == in_part[:2]


def test_a_plain_yes_needs_no_more_than_its_lines(room: Path) -> None:
    fill(room, 7)
    mine = seen(1007, "sh")
    code, _, partial = verdict(room, sighting(ancestors=[mine, seen(1)], leader=mine), "")
    assert (code, partial) == ("ok", True)


def test_a_line_that_was_touched_is_found_though_it_is_nobodys(room: Path) -> None:
    fill(room, 7)
    state = room / ".talking-stick/room.json"
    state.write_bytes(state.read_bytes().replace(b'"ordinal":200', b'"ordinal":"x"'))
    mine = seen(1007, "sh")
    code, _, _ = verdict(room, sighting(ancestors=[mine, seen(1)], leader=mine), "")
    assert code == "state_corrupt"


@pytest.mark.parametrize("cut", [1, 3, 200, 20_000])
def test_a_torn_state_is_no_crowd(room: Path, cut: int) -> None:
    fill(room, 7)
    data = (room / ".talking-stick/room.json").read_bytes()
    assert crowd.glimpse(data, []) is not None
    assert crowd.glimpse(data[:-cut], []) is None


def test_a_sum_is_no_part_of_the_room(room: Path) -> None:
    fill(room, 7)
    state = room / ".talking-stick/room.json"
    found, record = codec.decode(reader.parsed(state.read_bytes(), str(state)))
    assert crowd.SUM not in found.extra
    assert codec.encode(found, record) == state.read_bytes()


@pytest.mark.parametrize("old", [b'"holder":"a b3",', b'"ordinal":', b'"path":"",', b'"lease":'])
def test_a_damaged_head_of_a_crowd_is_told_as_any_other(room: Path, old: bytes) -> None:
    fill(room, 3)
    state = room / ".talking-stick/room.json"
    state.write_bytes(state.read_bytes().replace(old, b"", 1))
    caller = sighting(ancestors=[seen(1), seen(1003)], leader=None)
    assert verdict(room, caller, "")[0] == "state_corrupt"
