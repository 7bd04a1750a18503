"""One process that takes and releases the stick of a room of its own, again and again.

    python racer.py LOCK ROOT ROOM SECONDS

LOCK is how it waits for the lock that all rooms share: ours, ``flock``, ``filelock``. It prints
how many pairs it did, its longest wait for one of them, and its processor time, in seconds.
"""

import fcntl
import json
import sys
import time

from filelock import lock_descriptor

from stickhooks.operations import Rooms
from stickhooks.storage import FileStore

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
    print("ready", flush=True)
    time.sleep(max(0.0, float(sys.stdin.readline()) - time.monotonic()))
    until = time.monotonic() + float(seconds)
    pairs, longest = 0, 0.0
    while (began := time.monotonic()) < until:
        answer = rooms.wait("racer", room_id)
        held = time.monotonic()
        lease, turn = str(answer["lease_id"]), int(str(answer["turn_id"]))
        rooms.release("racer", room_id, lease, turn, HANDOFF)
        longest = max(longest, held - began, time.monotonic() - held)
        pairs += 1
    print(json.dumps([pairs, longest, time.process_time()]), flush=True)


if __name__ == "__main__":
    main()
