"""Every operation that changes state, with the room it is tried in: the cases of ``crash_points``.

``ana`` acts. ``cy`` is a member whose process is dead. ``bo`` has no process and goes on afterwards.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from stickhooks.errors import Refusal
from stickhooks.fast.records import replace
from stickhooks.operations import notes
from stickhooks.operations.rooms import Rooms
from stickhooks.protocol.commands import Ask, Tell
from stickhooks.protocol.model import Policy, Process, Room
from stickhooks.store import wait_queue
from stickhooks.store.files import FileStore

HANDOFF: Final[Mapping[str, object]] = {"status": "half of it", "next_action": "the other half"}
POLICY: Final = Policy(gone_grace=0)
NESTED: Final = "lib"
ANA: Final = Process(101, 1, "machine", "boot", "pidns", "shell")
BO: Final = Process(102, 1, "machine", "boot", "pidns", "shell")
CY: Final = Process(103, 1, "machine", "boot", "pidns", "shell")
Act: TypeAlias = Callable[[], object]


@dataclass(frozen=True)
class Case:
    """One operation: how its room is made, what is then asked, who waits, where it happens."""

    build: Callable[[Rooms], object]
    prepare: Callable[[Rooms], Act]
    waiting: frozenset[str] = frozenset()
    path: str = ""


def git(folder: Path, *arguments: str) -> None:
    """Run git as somebody without settings of their own."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    subprocess.run(["git", *who, *arguments], cwd=folder, env=env, check=True)


def repository(folder: Path) -> Path:
    """Make a small git repository with one commit."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main", "--template=")
    (folder / NESTED).mkdir()
    (folder / NESTED / "core.py").write_text("core = 1\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "core")
    return folder


def dead_cy(candidates: Iterable[Process]) -> frozenset[Process]:
    return frozenset(p for p in candidates if p.pid == CY.pid)


def all_dead(candidates: Iterable[Process]) -> frozenset[Process]:
    return frozenset(candidates)


def rooms_at(
    root: Path,
    waiting: frozenset[str] = frozenset(),
    dead: Callable[[Iterable[Process]], frozenset[Process]] = dead_cy,
) -> Rooms:
    """Return the operations on a workspace, with deaths and live waits as values."""
    store = FileStore(
        str(root),
        str(root / ".git"),
        lock_timeout=5,
        waiting=lambda _, agents: waiting.intersection(agents),
    )
    return Rooms(store, dead=dead, policy=POLICY)


# --- rooms


def nothing(rooms: Rooms) -> None:
    pass


def joined(rooms: Rooms) -> None:
    rooms.join("ana", "", process=ANA)
    rooms.join("bo", "")
    rooms.join("cy", "", process=CY)


def used(rooms: Rooms) -> None:
    """A room with a history: cy had the stick, and ana after it; a handoff is pending."""
    joined(rooms)
    for agent in ("cy", "ana"):
        take(rooms, agent)
        rooms.release(*held(rooms), HANDOFF)


def only_bo(rooms: Rooms) -> None:
    rooms.join("bo", "")


def all_known(rooms: Rooms) -> None:
    """Ana holds, and each member is known by a process, as an exact copy needs."""
    held_by_ana(rooms)
    rooms.join("bo", "", process=BO)


def held_by_ana(rooms: Rooms) -> None:
    used(rooms)
    take(rooms, "ana")


def held_by_cy(rooms: Rooms) -> None:
    used(rooms)
    take(rooms, "cy")


def passed_to_ana(rooms: Rooms) -> None:
    held_by_cy(rooms)
    rooms.pass_on(*held(rooms), "ana", HANDOFF)


def passed_to_cy(rooms: Rooms) -> None:
    """Bo passed to cy while cy was still alive."""
    used(rooms)
    take(rooms, "bo")
    living = rooms_at(Path(rooms.store.root), dead=lambda _: frozenset())
    living.pass_on(*held(rooms), "cy", HANDOFF)


def closed(rooms: Rooms) -> None:
    held_by_ana(rooms)
    rooms.close(*held(rooms), HANDOFF)


def with_bo_in_line(rooms: Rooms) -> None:
    held_by_ana(rooms)
    rooms.enlist("bo", room_id(rooms))


def with_ana_in_line(rooms: Rooms) -> None:
    held_by_cy(rooms)
    rooms.enlist("ana", room_id(rooms))


def nested(rooms: Rooms) -> None:
    used(rooms)
    rooms.join("ana", NESTED, force_new=True, process=ANA)
    take(rooms, "ana", NESTED)
    rooms.release(*held(rooms, NESTED), HANDOFF)


def lost(rooms: Rooms) -> None:
    used(rooms)
    (Path(rooms.store.root) / ".talking-stick/room.json").unlink()


def noted(rooms: Rooms) -> None:
    """Cy holds, and bo left ana two notes."""
    held_by_cy(rooms)
    for text in ("one", "two"):
        rooms.do(Tell("bo", room_id(rooms), "ana", text))


def wiped(rooms: Rooms) -> None:
    """Delete our folder, as ``git clean -fdx`` does; the copy in the git dir is of this very tree."""
    _written_again(rooms)
    shutil.rmtree(Path(rooms.store.root) / ".talking-stick")


def _written_again(rooms: Rooms) -> None:
    """Write a room as it is: this tree is a copy of the one that it was made in."""
    with rooms.store.exclusive():
        snapshot = rooms.store.load("")
        assert snapshot
        rooms.store.swap(snapshot, snapshot.room, (), rooms.clock())


def room_of(rooms: Rooms, path: str = "") -> Room:
    return rooms.look(path)[0]


def room_id(rooms: Rooms, path: str = "") -> str:
    return room_of(rooms, path).room_id


def held(rooms: Rooms, path: str = "") -> tuple[str, str, str, int]:
    """Return what the holder has to bring."""
    room = room_of(rooms, path)
    assert room.lease
    return room.lease.holder, room.room_id, room.lease.lease_id, room.turn_id


def take(rooms: Rooms, agent: str, path: str = "") -> None:
    answer = rooms.wait(agent, room_id(rooms, path))
    assert answer["status"] == "your_turn", answer


# --- what is asked


def join(rooms: Rooms) -> Act:
    return lambda: rooms.join("ana", "", process=ANA)


def join_again(rooms: Rooms) -> Act:
    return lambda: rooms.join("ana", "", process=ANA, display_name="Another")


def join_nested(rooms: Rooms) -> Act:
    return lambda: rooms.join("ana", NESTED, force_new=True, process=ANA)


def wait(rooms: Rooms) -> Act:
    known = room_id(rooms)
    return lambda: rooms.wait("ana", known)


def wait_with_lease(rooms: Rooms) -> Act:
    agent, known, lease, _ = held(rooms)
    return lambda: rooms.wait(agent, known, lease)


def heartbeat(rooms: Rooms) -> Act:
    mine = held(rooms)
    return lambda: rooms.heartbeat(*mine)


def release(rooms: Rooms) -> Act:
    mine = held(rooms)
    return lambda: rooms.release(*mine, HANDOFF)


def pass_to_bo(rooms: Rooms) -> Act:
    mine = held(rooms)
    return lambda: rooms.pass_on(*mine, "bo", HANDOFF)


def takeover(rooms: Rooms) -> Act:
    room = room_of(rooms)
    return lambda: rooms.takeover("ana", room.room_id, "it is urgent", room.turn_id)


def leave(rooms: Rooms) -> Act:
    known = room_id(rooms)
    return lambda: rooms.leave("ana", known)


def leave_by_force(rooms: Rooms) -> Act:
    known = room_id(rooms)
    return lambda: rooms.leave("ana", known, force=True)


def close(rooms: Rooms) -> Act:
    mine = held(rooms)
    return lambda: rooms.close(*mine, HANDOFF)


def reopen(rooms: Rooms) -> Act:
    known = room_id(rooms)
    return lambda: rooms.reopen("ana", known)


def set_policy(rooms: Rooms) -> Act:
    known = room_id(rooms)
    return lambda: rooms.set_policy("ana", known, replace(POLICY, exempt=("docs/*",)))


def govern(rooms: Rooms) -> Act:
    known = room_id(rooms)
    return lambda: rooms.govern(known, replace(POLICY, exempt=("docs/*",)))


def enlist(rooms: Rooms) -> Act:
    known = room_id(rooms)
    return lambda: rooms.enlist("ana", known, "tests are red")


def enlist_at_the_line(rooms: Rooms) -> Act:
    """Take a place in the line, and be seen at it, as a waiting process does."""
    known = room_id(rooms)
    assert isinstance(rooms.store, FileStore)
    folder = rooms.store.folder

    def act() -> object:
        with wait_queue.place(folder, "ana"):
            return rooms.enlist("ana", known)

    return act


def delist(rooms: Rooms) -> Act:
    known = room_id(rooms)
    return lambda: rooms.delist("ana", known)


def bind(rooms: Rooms) -> Act:
    known = room_id(rooms)
    return lambda: rooms.bind("ana", known, "client:session")


def remove(rooms: Rooms) -> Act:
    known = room_id(rooms, NESTED)
    return lambda: rooms.remove("ana", known)


def open_room(rooms: Rooms) -> Act:
    return lambda: rooms.open("")


def bring_back(rooms: Rooms) -> Act:
    wiped(rooms)
    return lambda: rooms.state(room_id(rooms)) and None


def bring_back_over_an_older_state(rooms: Rooms) -> Act:
    state = Path(rooms.store.root) / ".talking-stick/room.json"
    raw = json.loads(state.read_text())
    _written_again(rooms)
    state.write_text(json.dumps({**raw, "turn_id": raw["turn_id"] - 1}))
    return lambda: rooms.state(room_id(rooms)) and None


def tell(rooms: Rooms) -> Act:
    known = room_id(rooms)
    return lambda: rooms.do(Tell("ana", known, "all", "the tests are red"))


def ask(rooms: Rooms) -> Act:
    known = room_id(rooms)
    return lambda: rooms.do(Ask("ana", known, "to mend them"))


def read_notes(rooms: Rooms) -> Act:
    """Be shown what is unread; where nothing was, or it still counts as unread, that is a refusal."""
    nowhere = os.open(os.devnull, os.O_WRONLY)

    def act() -> object:
        notes.deliver(rooms, "", "ana", nowhere, lambda found, cut: b"shown")
        if any(member.unread for member in room_of(rooms).members):
            raise Refusal("io", "not shown, or not taken for read")
        return None

    return act


def remake(rooms: Rooms) -> Act:
    return lambda: rooms.remake("")


CASES: Final[Mapping[str, Case]] = {
    "create by join": Case(nothing, join),
    "create alone": Case(nothing, open_room),
    "join": Case(only_bo, join),
    "join again": Case(joined, join_again),
    "first grant": Case(joined, wait),
    "grant of a handoff": Case(used, wait),
    "grant of a pass": Case(passed_to_ana, wait),
    "recover": Case(held_by_ana, wait),
    "go on": Case(held_by_ana, wait_with_lease),
    "heartbeat": Case(held_by_ana, heartbeat),
    "release": Case(held_by_ana, release),
    "release to a waiter": Case(with_bo_in_line, release, frozenset({"bo"})),
    "pass": Case(held_by_ana, pass_to_bo),
    "takeover": Case(held_by_cy, takeover),
    "takeover of a claim": Case(passed_to_cy, takeover),
    "leave": Case(used, leave),
    "leave by force": Case(held_by_ana, leave_by_force),
    "leave as recipient": Case(passed_to_ana, leave),
    "close": Case(held_by_ana, close),
    "reopen": Case(closed, reopen),
    "policy": Case(used, set_policy),
    "govern": Case(used, govern),
    "enlist": Case(held_by_cy, enlist),
    "enlist at the line": Case(held_by_cy, enlist_at_the_line),
    "delist": Case(with_ana_in_line, delist),
    "bind": Case(used, bind),
    "join --new": Case(used, join_nested, path=NESTED),
    "remove": Case(nested, remove, path=NESTED),
    "tell": Case(held_by_cy, tell),
    "ask": Case(held_by_cy, ask),
    "be shown notes": Case(noted, read_notes),
    "make a lost room anew": Case(lost, remake),
    "bring back": Case(all_known, bring_back),
    "bring back over an older state": Case(all_known, bring_back_over_an_older_state),
}
