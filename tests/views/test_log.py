"""``stick log``: events and sightings in the order of time, under every option."""

from __future__ import annotations

import json
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from stickhooks.operations.context import Desk
from stickhooks.views import log
from tests.support.shells import Shells, eventually
from tests.support.world import HANDOFF, MINUTE, Workspace

TURNS = 6


class Story:
    """A room with turns a minute apart that began two hours ago, a bypass half a minute after each event."""

    def __init__(self, root: Path, turns: int) -> None:
        root.mkdir()
        self.ws = Workspace(root)
        self.began = self.ws.wall = int(time.time() * 1000) - 120 * MINUTE
        self.room_id = self.ws.join("ada")
        self.seen = 0
        for _ in range(turns):
            self.turn()

    def turn(self) -> None:
        held = self.ws.take("ada", self.room_id)
        self._later()
        self.ws.rooms.release(*held, HANDOFF)
        self._later()

    def _later(self) -> None:
        self.seen += 1
        self.note(self.ws.wall + MINUTE // 2, f"bypass {self.seen}")
        self.ws.wall += MINUTE

    def note(self, at: int, why: str) -> None:
        place = self.ws.log(self.room_id).with_name("sightings.jsonl")
        line = {"at": at, "what": "bypass", "agent_id": "bob", "kind": "commit", "why": why}
        with place.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def told(self, **options: Any) -> list[str]:
        """Return what the log tells: ``e3`` for the third event, ``b3`` for the bypass after it."""
        lines = log.log(self.desk(), **{**PLAIN, **options}).lines
        return [mark for line in lines for mark in marks(line)]

    def data(self, **options: Any) -> list[str]:
        """Return the same from the answer for programs, put into the order of time."""
        data: Any = log.log(self.desk(), **{**PLAIN, **options}).data
        rows = [(e["created_at"], f"e{e['event_seq']}") for e in data["events"]]
        rows += [(s["created_at"], f"b{s['message'].rpartition(' ')[2]}") for s in data["seen"]]
        assert len(data["bypasses"]) == len(data["seen"])
        return [mark for _, mark in sorted(rows)]

    def desk(self) -> Desk:
        return Desk(str(self.ws.root), env={})


PLAIN: dict[str, Any] = {"after": None, "limit": None, "follow": False, "since": None}


def marks(line: str) -> list[str]:
    """Return the events and bypasses that a line of the log tells of."""
    seen = re.search(r"went past the gate.*: bypass (\d+)", line)
    event = re.match(r" *(\d+)  \S", line)
    return [f"b{seen[1]}"] if seen else [f"e{event[1]}"] if event else []


def both(first: int, last: int) -> list[str]:
    """Return events and bypasses in turn."""
    return [f"{kind}{n}" for n in range(first, last + 1) for kind in "eb"]


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path / "shop", TURNS)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, both(1, 12)),
        ({"limit": 3}, ["b9", *both(10, 12)]),
        ({"limit": 1}, ["b11", *both(12, 12)]),
        ({"after": 0}, both(1, 12)),
        ({"after": 0, "limit": 2}, both(1, 2)),
        ({"after": 4, "limit": 2}, ["b4", *both(5, 6)]),
        ({"after": 10}, ["b10", *both(11, 12)]),
        ({"after": 12}, ["b12"]),
        ({"after": 99}, ["b12"]),
        ({"since": "1d"}, both(1, 12)),
        ({"since": "1d", "limit": 2}, ["b10", *both(11, 12)]),
        ({"since": "1d", "after": 10}, ["b10", *both(11, 12)]),
        ({"since": "1d", "after": 4, "limit": 1}, ["b4", *both(5, 5)]),
    ],
)  # fmt: skip
def test_what_was_seen_stands_among_the_events_of_its_time(
    story: Story, options: dict[str, Any], expected: list[str]
) -> None:
    assert story.told(**options) == expected
    assert story.data(**options) == expected


def test_since_a_time_in_the_middle_nothing_older_is_told(story: Story) -> None:
    minutes = (int(time.time() * 1000) - story.began) // MINUTE
    since = f"{(minutes - 6) * 60 + 15}s"  # a quarter of a minute before the seventh event
    told = story.told(since=since)
    assert told[-10:] == both(8, 12)
    assert "b1" not in told
    assert set(told) <= {"b6", *both(7, 12)}
    assert story.data(since=since) == told


def test_many_events_are_told_from_the_newest_back_and_what_is_left_out_is_said(
    tmp_path: Path,
) -> None:
    story = Story(tmp_path / "shop", 260)
    for options in ({"limit": 1000}, {"since": "90d"}, {"since": "90d", "limit": 600}):
        told = story.told(**options)
        assert [mark for mark in told if mark[0] == "e"] == [f"e{n}" for n in range(21, 521)]
        first = log.log(story.desk(), **{**PLAIN, **options}).lines[0]
        assert first == "(20 earlier: stick log --after 0)", options
    assert story.told(after=0, limit=1) == both(1, 1)[:1]  # of the bypasses the newest hundred


def test_notes_of_impossible_times_break_nothing(story: Story) -> None:
    for at in (10**400, -5, 0, 1 << 62):
        story.note(at, "bypass 99")
    assert story.told().count("b99") == 4
    place = story.ws.log(story.room_id).with_name("sightings.jsonl")
    with place.open("a") as file:
        for moves in (7, [7], [[1, 2, 3, 4]], [["c", "x", "y", "z"]], {"a": 1}):
            file.write(json.dumps({"at": 5, "what": "told", "moves": moves}) + "\n")
    assert story.told(limit=1)[-2:] == ["e12", "b12"]


@pytest.mark.parametrize(
    ("options", "first"),
    [("", both(1, 12)), ("--since 1d", both(1, 12)), ("--limit 2", ["b10", *both(11, 12)]),
     ("--after 10", ["b10", *both(11, 12)]), ("--since 1d --limit 1", ["b11", *both(12, 12)])],
)  # fmt: skip
@pytest.mark.parametrize("form", ["", "--json"])
def test_followed_the_log_keeps_that_order_and_goes_on(
    story: Story, shells: Shells, options: str, first: list[str], form: str
) -> None:
    follower = shells.person(story.ws.root)
    running = follower.begin(f"stick log --follow {options} {form}")

    def told() -> list[str]:
        lines = running.so_far().out.splitlines()
        if not form:
            return [mark for line in lines for mark in marks(line)]
        rows = [json.loads(line) for line in lines if line.endswith("}")]
        return [
            f"e{r['event_seq']}" if r["event_seq"] else f"b{r['message'].rpartition(' ')[2]}"
            for r in rows
            if "event_seq" in r  # the last one tells that it was interrupted
        ]

    eventually(lambda: len(told()) >= len(first))
    story.turn()
    eventually(lambda: "e14" in told() and "b14" in told())
    running.send(signal.SIGINT)
    running.result().fails(130)
    assert told()[: len(first)] == first
    later = told()[len(first) :]
    assert [m for m in later if m[0] == "e"] == ["e13", "e14"]
    assert [m for m in later if m[0] == "b"] == ["b13", "b14"]
