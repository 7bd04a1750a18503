"""Eight real processes race for one room: one winner a round, and no turn is skipped."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path

from stickhooks.errors import Refusal
from stickhooks.operations.rooms import Rooms
from stickhooks.store.files import FileStore
from tests.stress import sample
from tests.support.shells import Shell, Shells

RACERS = 8
ROUNDS = sample.count("ROUNDS", 40)  # .ci/run: 80 as well
LAPS = sample.count("LAPS", 4)
CLI_ROUNDS = 4
PATIENCE_S = 120.0
HANDOFF = {"status": "done", "next_action": "go on"}
SPAWN = multiprocessing.get_context("spawn")


def rooms_of(root: Path) -> Rooms:
    return Rooms(FileStore(str(root), str(root / ".git"), lock_timeout=60))


def start(root: Path) -> str:
    """Make a room with all racers in it, and return its id."""
    (root / ".git").mkdir(parents=True)
    rooms = rooms_of(root)
    room_id = ""
    for number in range(RACERS):
        room_id = str(rooms.join(f"racer{number}", "")["room_id"])
    return room_id


def turns(root: Path, room_id: str, kind: str) -> list[int]:
    """Return the turns of all events of a kind, in the order of the log."""
    rooms, found, after = rooms_of(root), [], 0
    while events := rooms.events(room_id, after, 500):
        after = int(str(events[-1]["event_seq"]))
        found += [int(str(e["turn_id"])) for e in events if e["event_type"] == kind]
    return found


def run_rounds(number: int, root: Path, room_id: str, line: Barrier, wins: Path) -> None:
    """Try once a round; whoever wins writes its turn down and releases when all have tried."""
    rooms, me = rooms_of(root), f"racer{number}"
    with wins.open("w") as file:
        for count in range(ROUNDS):
            line.wait(PATIENCE_S)
            answer = rooms.wait(me, room_id)
            line.wait(PATIENCE_S)
            if answer["status"] == "your_turn":
                print(count, answer["turn_id"], answer["lease_id"], file=file)
                turn = int(str(answer["turn_id"]))
                rooms.release(me, room_id, str(answer["lease_id"]), turn, HANDOFF)


def run_freely(number: int, root: Path, room_id: str, begin: Event, counter: Path) -> None:
    """Take the stick ``LAPS`` times, and count up, unguarded but by the stick, in each turn."""
    rooms, me, laps = rooms_of(root), f"racer{number}", 0
    begin.wait(PATIENCE_S)
    while laps < LAPS:
        answer = rooms.wait(me, room_id)
        if answer["status"] != "your_turn":
            continue
        value = int(counter.read_text())
        os.sched_yield()
        counter.write_text(str(value + 1))
        laps += 1
        turn = int(str(answer["turn_id"]))
        rooms.release(me, room_id, str(answer["lease_id"]), turn, HANDOFF)


def test_each_round_has_exactly_one_winner_and_turns_go_up_by_one(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    room_id = start(root)
    line = SPAWN.Barrier(RACERS)
    files = [tmp_path / f"wins{number}" for number in range(RACERS)]
    racers = [
        SPAWN.Process(target=run_rounds, args=(number, root, room_id, line, file))
        for number, file in enumerate(files)
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(PATIENCE_S)
    assert [racer.exitcode for racer in racers] == [0] * RACERS
    wins = [line.split() for file in files for line in file.read_text().splitlines()]
    assert sorted(int(count) for count, _, _ in wins) == list(range(ROUNDS))
    assert sorted(int(turn) for _, turn, _ in wins) == list(range(1, ROUNDS + 1))
    assert len({lease for _, _, lease in wins}) == ROUNDS
    assert turns(root, room_id, "claim") == list(range(1, ROUNDS + 1))
    assert turns(root, room_id, "release") == list(range(1, ROUNDS + 1))


def test_what_is_done_under_the_stick_is_never_done_by_two_at_once(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    room_id = start(root)
    counter = tmp_path / "counter"
    counter.write_text("0")
    begin = SPAWN.Event()
    racers = [
        SPAWN.Process(target=run_freely, args=(number, root, room_id, begin, counter))
        for number in range(RACERS)
    ]
    for racer in racers:
        racer.start()
    begin.set()
    for racer in racers:
        racer.join(PATIENCE_S)
    assert [racer.exitcode for racer in racers] == [0] * RACERS
    assert counter.read_text() == str(RACERS * LAPS)
    assert turns(root, room_id, "claim") == list(range(1, RACERS * LAPS + 1))


def test_a_killed_racer_stops_nobody(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    room_id = start(root)
    counter = tmp_path / "counter"
    counter.write_text("0")
    begin = SPAWN.Event()
    racers = [
        SPAWN.Process(target=run_freely, args=(number, root, room_id, begin, counter))
        for number in range(3)
    ]
    for racer in racers:
        racer.start()
    begin.set()
    racers[0].kill()
    racers[0].join(PATIENCE_S)
    rooms = rooms_of(root)
    while racers[1].is_alive() or racers[2].is_alive():
        room = rooms.look("")[0]
        if room.lease and room.lease.holder == "racer0":
            with contextlib.suppress(Refusal):  # it was killed after it had put the stick down
                rooms.leave("racer0", room_id, force=True)
        racers[1].join(0.05)
        racers[2].join(0.05)
    assert [racer.exitcode for racer in racers[1:]] == [0, 0]
    given = turns(root, room_id, "claim")
    assert given == list(range(1, len(given) + 1))


def test_through_the_command_line_there_is_one_winner_a_round_as_well(
    repo: Path, shells: Shells
) -> None:
    racers: list[Shell] = []
    for number in range(RACERS):
        racers.append(shells.person(repo))
        racers[-1].stick(f"join --as racer{number}").ok()
    for _ in range(CLI_ROUNDS):
        running = [racer.begin("stick take") for racer in racers]
        codes = [one.result().code for one in running]
        assert sorted(codes) == [0] + [75] * (RACERS - 1)
        winner = racers[codes.index(0)]
        winner.stick('release --status "done" --next "go on"').ok()
    events = racers[0].stick("log --json").ok().json["events"]
    claims = [e["turn_id"] for e in events if e["event_type"] == "claim"]
    assert claims == list(range(1, CLI_ROUNDS + 1))
    assert [e["event_seq"] for e in events] == list(range(1, 2 * CLI_ROUNDS + 1))


def test_who_waits_through_the_command_line_gets_it_one_after_the_other(
    repo: Path, shells: Shells
) -> None:
    waiting = [shells.person(repo) for _ in range(4)]
    for number, shell in enumerate(waiting):
        shell.stick(f"join --as racer{number}").ok()
    running = [shell.begin("stick run -- true") for shell in waiting]
    for one in running:
        one.result().ok()
    events = waiting[0].stick("log --json").ok().json["events"]
    claims = [e for e in events if e["event_type"] == "claim"]
    assert [e["turn_id"] for e in claims] == [1, 2, 3, 4]
    assert {e["to_agent_id"] for e in claims} == {f"racer{n}" for n in range(4)}
