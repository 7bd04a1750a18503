"""One process that takes and releases the stick of a room of its own, again and again.

    python racer.py LOCK ROOT ROOM SECONDS

LOCK is how it waits for the lock that all rooms share: ours, ``flock``, ``filelock``. It prints
how many pairs it did, its longest wait for one of them, and its processor time, in seconds.
It is warm before the race begins, and runs on a while after it, so that whoever still waits for
what they asked in time does so against as many as before.
"""

import fcntl
import json
import sys
import time

from filelock import lock_descriptor

from stickhooks.operations.rooms import Rooms
from stickhooks.store.files import FileStore

RUN_ON_S = 0.5
HANDOFF = {"status": "done", "next_action": "go on"}


class Blocking(FileStore):
    def _wait_for_lock(self, lock_fd: int) -> None:
        fcntl.flock(lock_fd, fcntl.LOCK_EX)


class Polling(FileStore):
    """As filelock waits by default: it asks again every 50 ms."""

    def _wait_for_lock(self, lock_fd: int) -> None:
        lock_descriptor(lock_fd)


STORES = {"ours": FileStore, "flock": Blocking, "filelock": Polling}


def main() -> None:
    kind, root, path, seconds = sys.argv[1:]
    rooms = Rooms(STORES[kind](root, f"{root}/.git", lock_timeout=60))
    room_id = rooms.look(path)[0].room_id
    _pair(rooms, room_id)
    print("ready", flush=True)
    begin = float(sys.stdin.readline())
    time.sleep(max(0.0, begin - time.monotonic()))
    used = time.process_time()
    until = begin + float(seconds)
    pairs, longest = 0, 0.0
    while time.monotonic() < until:
        longest = max(longest, *_pair(rooms, room_id))
        pairs += 1
    used = time.process_time() - used
    while time.monotonic() < until + RUN_ON_S:
        _pair(rooms, room_id)
    print(json.dumps([pairs, longest, used]), flush=True)


def _pair(rooms: Rooms, room_id: str) -> tuple[float, float]:
    """Take the stick and release it. Return how long each took, in seconds."""
    began = time.monotonic()
    answer = rooms.wait("racer", room_id)
    held = time.monotonic()
    lease, turn = str(answer["lease_id"]), int(str(answer["turn_id"]))
    rooms.release("racer", room_id, lease, turn, HANDOFF)
    return held - began, time.monotonic() - held


if __name__ == "__main__":
    main()
