"""What grows with a room's history and with its members: inside one process, without its start."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from stickhooks.fast.records import replace
from stickhooks.operations.rooms import Rooms
from stickhooks.protocol.model import Event
from stickhooks.store import codec
from stickhooks.store.files import FileStore

from .figures import Cost, Row, interleaved, ratio
from .gate import fill
from .ground import Ground

HANDOFF = {"status": "half of it", "next_action": "the other half"}
MILLION = 1_000_000


class Pair:
    """Claims and releases in one room."""

    def __init__(self, ground: Ground, name: str, members: int, events: int) -> None:
        self.root = ground.repository(name)
        self.rooms = rooms_at(self.root)
        self.room_id = str(self.rooms.join("ana", "")["room_id"])
        fill(self.root, members, events)

    def once(self) -> Cost:
        rooms = rooms_at(self.root)  # as a new process would: nothing is known yet
        return timed(lambda: claimed_and_released(rooms, "ana", self.room_id))


def claimed_and_released(rooms: Rooms, agent: str, room_id: str) -> float:
    """Take a free stick and put it down. Return the seconds it took."""
    began = time.perf_counter()
    answer = rooms.wait(agent, room_id)
    lease, turn = str(answer["lease_id"]), int(str(answer["turn_id"]))
    rooms.release(agent, room_id, lease, turn, HANDOFF)
    return time.perf_counter() - began


def with_history(ground: Ground, rounds: int) -> Iterator[Row]:
    few, many = Pair(ground, "few", 2, 10), Pair(ground, "many", 2, 100_000)
    crowd = Pair(ground, "crowd", 1_000, 10)
    found = interleaved(rounds, {"few": few.once, "many": many.once, "crowd": crowd.once})
    name = "claim and release at 100,000 events / at 10"
    yield ratio(name, found["many"], found["few"], "<=", 1.5)
    yield ratio("  the same with 1,000 members / with 2", found["crowd"], found["few"])


def reading(ground: Ground, rounds: int) -> Iterator[Row]:
    acts: dict[str, Callable[[], Cost]] = {}
    for name, count in (("thousand", 1_000), ("million", MILLION)):
        root = ground.repository(name)
        rooms = rooms_at(root)
        room_id = str(rooms.join("ana", "")["room_id"])
        lengthen(root, count)
        acts[name] = _reader(rooms, room_id, count)
    found = interleaved(rounds, acts)
    name = "events --after at a million / at a thousand"
    yield ratio(name, found["million"], found["thousand"], "<=", 2)


def _reader(rooms: Rooms, room_id: str, count: int) -> Callable[[], Cost]:
    def read() -> None:
        assert len(rooms.events(room_id, count * 2 // 3, 100)) == 100

    return lambda: timed(read)


def lengthen(root: Path, count: int) -> None:
    """Give a room a log of so many events, written at once."""
    store = FileStore(str(root), str(root / ".git"))
    before = store.load("")
    assert before
    room = before.room
    one = codec.event_line(
        Event(7, 0, "claim", None, "ana", None, None, None, room.created_at)
    ).replace(b'"event_seq":7', b'"event_seq":%d')
    log = root / ".talking-stick" / "log" / room.room_id
    log.mkdir(parents=True)
    with (log / "events.jsonl").open("wb") as file:
        file.writelines(one % seq for seq in range(1, count + 1))
    size = (log / "events.jsonl").stat().st_size
    state = codec.encode(replace(room, event_seq=count), replace(before.record, log_bytes=size))
    (root / ".talking-stick" / "room.json").write_bytes(state)


def rooms_at(root: Path) -> Rooms:
    return Rooms(FileStore(str(root), str(root / ".git")))


def timed(act: Callable[[], object]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)
