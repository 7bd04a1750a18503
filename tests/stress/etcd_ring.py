"""Four members in four clones hand the stick round on an etcd whose leaders are killed: is a turn lost or
given twice, do two ever hold, is an event missing?

    python -m tests.stress.etcd_ring --handoffs 10000 --kills 100

What a holder does is to make a file that must not be there (``O_EXCL``), and to remove it before it lets go.
An answer that says that etcd did not answer is believed: it asks again.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

from stickhooks.errors import Refusal
from stickhooks.operations import waiting
from stickhooks.operations.rooms import Rooms
from stickhooks.protocol.model import MINUTE, Policy
from stickhooks.protocol.moment import GOT
from stickhooks.store.engine import setting
from stickhooks.store.engine.etcd import Etcd
from stickhooks.store.engine.interface import Engine
from stickhooks.store.engine.store import EngineStore
from stickhooks.system import clock
from tests.support.etcd_servers import Servers

NAMES: Final = ("ada", "bob", "carol", "dave")
DONE: Final = {"status": "a turn", "next_action": "another"}
POLICY: Final = Policy(owner_lease_ttl=MINUTE, claim_ttl=MINUTE)


class Ring:
    """One run. ``turns`` are those that were held, in order; ``faults`` what must not be, a line each."""

    def __init__(self, folder: Path, handoffs: int, engine: Callable[[str], Engine]) -> None:
        self.folder, self.handoffs, self.engine = folder, handoffs, engine
        self.section = folder / "section"
        self.turns: list[int] = []
        self.faults: list[str] = []
        self.silences: Counter[str] = Counter()
        self.killed = 0
        self._stores = {name: self._store(name) for name in NAMES}

    def _store(self, name: str) -> EngineStore:
        root = self.folder / name
        git_dir = root / ".git"
        git_dir.mkdir(parents=True, exist_ok=True)
        if not (git_dir / "HEAD").exists():
            (git_dir / "HEAD").write_text("ref: refs/heads/main\n")
        engine = self.engine(name)
        made = setting.drawn(engine.name)
        setting.enter(str(git_dir), str(root), made)
        store = EngineStore(str(root), str(git_dir), engine, made.clone)
        Rooms(store, policy=POLICY).join(name, "")
        return store

    def run(self, kills: int, kill: Callable[[], object]) -> None:
        threads = [threading.Thread(target=self._member, args=[name]) for name in NAMES]
        for thread in threads:
            thread.start()
        for number in range(1, kills + 1):
            self._until(self.handoffs * number // (kills + 1))
            kill()
            self.killed += 1
        for thread in threads:
            thread.join()
        self._check()

    def _until(self, turns: int) -> None:
        while len(self.turns) < turns and not self.faults:
            time.sleep(0.01)

    def _member(self, name: str) -> None:
        store = self._stores[name]
        rooms = Rooms(store, policy=POLICY)
        try:
            while len(self.turns) < self.handoffs and not self.faults:
                self._turn(name, rooms, store)
        except BaseException as error:
            self.faults.append(f"{name}: {error!r}")
            raise

    def _turn(self, name: str, rooms: Rooms, store: EngineStore) -> None:
        try:
            answer = waiting.wait(rooms, store, name, "", timeout=2)
        except Refusal as refusal:
            return self._silent(refusal)
        if answer["status"] not in GOT:
            return None
        turn = answer["turn_id"]
        assert isinstance(turn, int)
        self._hold(name, turn)
        return self._let_go(name, rooms, store, turn)

    def _hold(self, name: str, turn: int) -> None:
        try:
            os.close(os.open(self.section, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            self.faults.append(f"{name} holds turn {turn}, and another holds as well")
            return
        if not self.turns or self.turns[-1] != turn:
            self.turns.append(turn)
        os.unlink(self.section)

    def _let_go(self, name: str, rooms: Rooms, store: EngineStore, turn: int) -> None:
        while True:
            try:
                snapshot = store.load("")
                room = snapshot.room if snapshot else None
                if room is None or room.lease is None or room.lease.holder != name:
                    return
                rooms.release(name, room.room_id, room.lease.lease_id, turn, DONE)
                return
            except Refusal as refusal:
                if refusal.code == "turn_mismatch" or refusal.code == "stale_lease":
                    return  # the release whose answer was lost was made
                self._silent(refusal)

    def _silent(self, refusal: Refusal) -> None:
        if refusal.code not in ("engine", "timeout"):
            raise refusal
        self.silences[refusal.code] += 1

    def _check(self) -> None:
        expected = list(range(self.turns[0], self.turns[0] + len(self.turns)))
        if self.turns != expected:
            self.faults.append(f"turns are missing or twice: {self.turns}")
        for name, store in self._stores.items():
            snapshot = store.load("")
            assert snapshot is not None
            events = store.events(snapshot, 0, 100_000)
            numbers = [event.event_seq for event in events]
            if numbers != list(range(1, snapshot.room.event_seq + 1)):
                self.faults.append(f"{name} has not every event")
            if isinstance(store.engine, Etcd):
                store.engine.wire.close()


def ring(folder: Path, handoffs: int, kills: int) -> Ring:
    """Return a run on three members of its own."""
    servers = Servers(folder / "etcd", 3)
    servers.start()

    def engine(name: str) -> Etcd:
        root = folder / name
        return Etcd(servers.name("ring"), str(root), str(root / ".git"))

    def kill() -> None:
        leader = servers.leader()
        servers.kill(leader)
        time.sleep(0.3)
        servers.start(leader)

    try:
        made = Ring(folder, handoffs, engine)
        made.run(kills, kill)
    finally:
        servers.stop()
    return made


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--handoffs", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    options = parser.parse_args()
    begun = clock.read()[1]
    with tempfile.TemporaryDirectory() as folder:
        made = ring(Path(folder), options.handoffs, options.kills)
    seconds = (clock.read()[1] - begun) / 1000
    print("\n".join(made.faults))
    told = f"{len(made.turns)} turns, {made.killed} leaders killed, {seconds:.0f} s"
    print(f"{told}; not answered: {dict(made.silences)}; faults: {len(made.faults)}")
    return 1 if made.faults else 0


if __name__ == "__main__":
    sys.exit(main())
