"""What a workspace looks like after a disturbed operation, and whether it should."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from stickhooks.errors import Refusal
from stickhooks.gate import decision
from stickhooks.identity import resolver
from stickhooks.operations.rooms import Rooms
from stickhooks.operations.wishes import ROOM
from stickhooks.protocol import parts
from stickhooks.protocol.model import Event, Room
from stickhooks.store import codec
from stickhooks.workspace import paths

from .cases import HANDOFF, NESTED, Case, all_dead, held, rooms_at
from .part_cases import ALL, EVERY
from .tracing import Outcome

CREATING: Final = ("create by join", "create alone", "join --new", "make a lost room anew")
TRIES: Final = 8  # a reopening, some parts of the dead, and the rest
Known: TypeAlias = dict[bytes, list[str]]


@dataclass(frozen=True)
class World:
    """All that can be seen of a workspace's rooms: states, or why there is none, and logs."""

    rooms: Mapping[str, Room | str | None]
    events: Mapping[str, Sequence[Event]]


def look(root: Path) -> World:
    """Read all rooms of a workspace and their logs, as any reader would."""
    store = rooms_at(root).store
    rooms: dict[str, Room | str | None] = {}
    events: dict[str, Sequence[Event]] = {}
    for path in store.paths():
        try:
            snapshot = store.load(path)
        except Refusal as refusal:
            rooms[path] = refusal.code
            continue
        rooms[path] = snapshot.room if snapshot else None
        if snapshot:
            events[path] = tuple(store.events(snapshot, 0, 1 << 20))
    return World(rooms, events)


def plain(world: World, before: World) -> dict[str, object]:
    """Return a world without what differs from run to run: times, and ids drawn in the run."""
    known = {room.room_id for room in before.rooms.values() if isinstance(room, Room)}
    leases = [lease for r in before.rooms.values() if isinstance(r, Room) for lease in r.leases]
    known |= {lease.lease_id for lease in leases}

    def shown(key: str, value: object) -> object:
        if isinstance(value, dict):
            return {k: shown(k, v) for k, v in value.items() if not k.endswith("_at")}
        if isinstance(value, list | tuple):
            return [shown("", one) for one in value]
        if key == "since":
            return None
        if key in ("room_id", "lease_id"):
            return value if value in known else "new"
        return value

    return {
        "rooms": {
            path: shown("", codec.plain(room)) if isinstance(room, Room) else room
            for path, room in world.rooms.items()
        },
        "events": {
            path: [shown("", codec.plain(event)) for event in events]
            for path, events in world.events.items()
        },
    }


# --- the judgement


def judge(
    name: str, root: Path, before: World, after: object, outcome: Outcome, known: Known
) -> list[str]:
    """Return what is wrong with a workspace after a disturbed operation, then have bo go on.

    How bo fares depends on what lies on the disk alone: where that is byte for byte what an
    earlier point of the same operation left, it is ``known``.
    """
    world = look(root)
    wrong = list(judge_answer(name, before, after, outcome, world))
    wrong += judge_logs(before, world)
    wrong += _judge_gate(name, root, before, outcome)
    left = remains(name, root)
    if left not in known:
        known[left] = list(_judge_next(name, root, before, EVERY[name]))
    return wrong + known[left]


def remains(name: str, root: Path) -> bytes:
    """Return a digest of all that the store keeps in a workspace, for a case."""
    digest = hashlib.sha256(name.encode())
    for folder in (root / ".talking-stick", root / ".git/stickhooks"):
        for path in sorted(folder.rglob("*")):
            digest.update(f"\0{path.relative_to(root)}\0".encode())
            told = path.name != "witness" and path.is_file()  # that says when it was written
            digest.update(path.read_bytes() if told else b"")
    return digest.digest()


def judge_answer(
    name: str, before: World, after: object, outcome: Outcome, world: World
) -> Iterator[str]:
    seen, kind = plain(world, before), outcome.get("kind", "killed")
    if kind == "crash":
        yield f"a traceback: {outcome['text']}"
    elif kind == "killed":
        if seen not in (plain(before, before), after) and not _being_made(name, world):
            yield f"neither undone nor done: {_changes(plain(before, before), seen)}"
    elif kind == "refusal" and not outcome["done"]:
        if world != before and not outcome.get("half"):
            changed = _changes(plain(before, before), seen)
            yield f"refused ({outcome['message']}), and yet something changed: {changed}"
    elif seen != after:
        missing = _changes(after, seen)
        yield f"answered {kind} ({outcome.get('message')}), and it is not in effect: {missing}"
    if kind == "ok":
        yield from _judge_told(outcome["answer"], world)


def _changes(old: object, new: object, where: str = "") -> str:
    """Say in what two plain worlds differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [key for key in {**old, **new} if old.get(key, "-") != new.get(key, "-")]
        told = [_changes(old.get(k, "-"), new.get(k, "-"), f"{where}/{k}") for k in keys]
        return "; ".join(told) or "times only"
    return f"{where} {old!r:.60} -> {new!r:.60}"


def _being_made(name: str, world: World) -> bool:
    """Tell whether a room is there that nobody has joined yet, as when a join was cut short."""
    room = world.rooms.get(EVERY[name].path, "lost")
    fresh = isinstance(room, Room) and not room.members and not room.lease and not room.event_seq
    return name in CREATING and (room is None or fresh)


def _judge_told(answer: object, world: World) -> Iterator[str]:
    """Hold an answer's turn, lease and event to the state that everybody reads: of the rest, or of a part."""
    if not isinstance(answer, dict):
        return
    rooms = [r for r in world.rooms.values() if isinstance(r, Room)]
    room = next((r for r in rooms if r.room_id == answer.get("room_id")), None)
    if room is None:
        return
    part = parts.for_turn(room, answer["turn_id"]) if "turn_id" in answer else None
    lease = part.lease if part else room.lease
    facts = {
        "turn_id": part.turn_id if part else room.turn_id,
        "lease_id": lease and lease.lease_id,
        "lease_expires_at": lease and lease.expires_at,
        "event_seq": room.event_seq,
        "paths": list(part.paths) if part else answer.get("paths"),
    }
    for key, value in facts.items():
        if key in answer and answer[key] != value:
            yield f"told {key} {answer[key]}, but it is {value}"


def judge_logs(before: World, world: World) -> Iterator[str]:
    for path, events in world.events.items():
        old, room = before.rooms.get(path), world.rooms[path]
        remade = events and old == "state_lost"  # made anew, it goes on above the last turn known
        yield from _judge_log(events, events[0].turn_id - 1 if remade else 0)
        if isinstance(room, Room) and len(events) != room.event_seq:
            yield f"{len(events)} events in the log, {room.event_seq} in the state"
        if isinstance(old, Room) and isinstance(room, Room) and old.room_id == room.room_id:
            known = tuple(before.events[path])
            if tuple(events[: len(known)]) != known:
                yield f"acknowledged events are missing from the log of {path!r}"
            if room.latest_turn < old.latest_turn:
                yield f"the turn went back from {old.latest_turn} to {room.latest_turn}"
            yield from _judge_parts(room)


def _judge_log(events: Sequence[Event], turn: int) -> Iterator[str]:
    if [event.event_seq for event in events] != list(range(1, len(events) + 1)):
        yield f"event numbers: {[event.event_seq for event in events]}"
    parted = any(event.paths for event in events)
    for event in events:
        grants = event.event_type in ("claim", "takeover")
        turn += grants
        if event.turn_id != turn and (grants or not parted or event.turn_id > turn):
            yield f"event {event.event_seq} is at turn {event.turn_id}, not {turn}"


def _judge_parts(room: Room) -> Iterator[str]:
    for number, part in enumerate(room.parts):
        for other in room.parts[number + 1 :]:
            if parts.touches(part, other.paths):
                yield f"turns {part.turn_id} and {other.turn_id} have the same paths"


def gate(root: Path, path: str) -> bool:
    """Ask the gate whether a stranger may write a file."""
    workspace = paths.Workspace(str(root), str(root / ".git"))
    target = paths.Target(workspace, f"{path}/core.py".lstrip("/"))
    return decision.judge([target], decision.EDIT, resolver.look({}), {}).ok


def _judge_gate(name: str, root: Path, before: World, outcome: Outcome) -> Iterator[str]:
    """A stranger may write only where there was no room, and nobody was told that there is."""
    for path in ("", NESTED):
        acknowledged = outcome.get("kind") == "ok" or bool(outcome.get("done"))
        if (before.rooms or acknowledged) and gate(root, path):
            yield f"the gate is open at {path!r}"


def _judge_next(name: str, root: Path, before: World, case: Case) -> Iterator[str]:
    try:
        yield from _go_on(name, root, before, case)
    except Refusal as refusal:
        yield f"the next operation is refused: {refusal.code}: {refusal.message}"


def _go_on(name: str, root: Path, before: World, case: Case) -> Iterator[str]:
    """Have bo, to whom all others are dead, join, get the stick, put it down and take it again."""
    rooms = rooms_at(root, dead=all_dead)
    if name == "make a lost room anew" and "state_lost" in look(root).rooms.values():
        rooms.remake("")
    joined = rooms.join("bo", case.path)
    room_id, path = str(joined["room_id"]), case.path
    if path not in rooms.store.paths():
        path = ""
    for _ in range(2):
        answer, turn = _stick_for_bo(rooms, room_id, path)
        if answer["status"] != "your_turn":
            yield f"bo does not get the stick: {answer}"
            return
        if answer["turn_id"] != turn + 1:
            yield f"bo got turn {answer['turn_id']} after turn {turn}"
        yield from judge_logs(before, look(root))
        rooms.release(*held(rooms, path), HANDOFF)
    yield from judge_logs(before, look(root))
    if gate(root, case.path):
        yield "the gate is open afterwards"


def _stick_for_bo(rooms: Rooms, room_id: str, path: str) -> tuple[Outcome, int]:
    """Get the stick of all that is there, part by part, and return the answer with the turn before it."""
    wish = ALL if rooms.look(path)[0].parts else ROOM
    for _ in range(TRIES):
        turn = rooms.look(path)[0].latest_turn
        answer: Outcome = rooms.wait("bo", room_id, wish=wish)
        if answer["status"] == "takeover_available":
            answer = rooms.takeover("bo", room_id, "ana is dead", answer["turn_id"])
        if answer["status"] == "closed":
            rooms.reopen("bo", room_id)
        elif "paths" not in answer:
            break
    return answer, turn
