"""The law as data: random walks with their exact answers, replayed through the real store and one in memory.

Set ``STICK_TRACES`` to a folder to replay every ``*.jsonl`` in it as well.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from stickhooks.errors import Refusal
from stickhooks.operations.rooms import Rooms
from stickhooks.operations.wishes import Wish
from stickhooks.protocol.commands import Ask, Tell
from stickhooks.protocol.model import Policy, Process
from stickhooks.store.engine.store import EngineStore
from stickhooks.store.files import FileStore
from stickhooks.store.interface import Store
from tests.stress.memory_store import MemoryStore
from tests.support.memory_engine import MemoryEngine

DATA = Path(__file__).parents[1] / "data" / "traces.jsonl"
ROOT = "/ws"
POLICY_KEYS = {
    "owner_lease_ttl_ms": "owner_lease_ttl",
    "claim_ttl_ms": "claim_ttl",
    "presence_ttl_ms": "presence_ttl",
    "gone_grace_ms": "gone_grace",
    "reserve": "reserve",
    "idle_after_ms": "idle_after",
}


def trace_files() -> list[Path]:
    more = os.environ.get("STICK_TRACES")
    return [DATA, *sorted(Path(more).glob("*.jsonl"))] if more else [DATA]


def traces() -> list[Any]:
    found = []
    for file in trace_files():
        for line in file.read_text().splitlines():
            trace = json.loads(line)
            found.append(pytest.param(trace, id=f"{file.stem}-{trace['trace']}"))
    return found


class Replay:
    """One trace on a store, with the trace's clock and its word on who is dead."""

    def __init__(self, trace: Mapping[str, Any], store: Store) -> None:
        self.now = 0
        self.gone: set[int] = set()
        self.ids: dict[str, str] = {}
        self.rooms = Rooms(
            store,
            clock=lambda: (self.now, 0, ""),
            dead=self.dead,
            policy=Policy(**{POLICY_KEYS[k]: v for k, v in trace["policy"].items()}),
        )

    def dead(self, processes: Iterable[Process]) -> frozenset[Process]:
        return frozenset(p for p in processes if p.pid in self.gone)

    def step(self, step: Mapping[str, Any]) -> None:
        self.now, self.gone = step["now_ms"], set(step["gone"])
        expect = step["expect"]
        try:
            answer = {"ok": self.OPS[step["op"]](self, self.mine(step["args"]))}
        except Refusal as refusal:
            answer = {"error": {"code": refusal.code, "details": refusal.details}}
        self.compare(expect, answer, step["op"])

    def mine(self, value: Any) -> Any:
        """Put our ids in the place of the trace's symbols."""
        if isinstance(value, dict):
            return {k: self.mine(v) for k, v in value.items()}
        return self.ids.get(value, value) if isinstance(value, str) else value

    def compare(self, expected: Any, got: Any, where: str) -> None:
        if isinstance(expected, dict):
            assert isinstance(got, Mapping), f"{where}: {expected} is answered with {got}"
            for key, value in expected.items():
                self.compare(value, got.get(key), f"{where}.{key}")
        elif isinstance(expected, list):
            assert len(got) == len(expected), f"{where}: {got}"
            for i, (one, other) in enumerate(zip(expected, got, strict=True)):
                self.compare(one, other, f"{where}[{i}]")
        elif is_symbol(expected) and expected not in self.ids:
            assert isinstance(got, str), f"{where}: no id where {expected} appears first"
            assert got not in self.ids.values(), f"{where}: {got} is not fresh"
            self.ids[expected] = got
        else:
            assert got == self.ids.get(expected, expected), f"{where}: expected {expected}"

    def join(self, args: Mapping[str, Any]) -> Any:
        meta = args.get("process_metadata", {})
        process = None
        if "pid" in meta:
            start = meta.get("process_started_at")
            known = int(start.lstrip("s")) if start else None
            process = Process(meta["pid"], known, meta["host_id"])
        return self.rooms.join(
            args["agent_id"],
            below_root(args["context_path"]),
            process=process,
            session_kind=meta.get("session_kind"),
            display_name=meta.get("display_name"),
        )

    OPS: Mapping[str, Callable[..., Any]] = {
        "joinPath": join,
        "waitForTurn": lambda self, a: self.rooms.wait(
            a["agent_id"], a["room_id"], a.get("lease_id"), wish=wish_of(a)
        ),
        "heartbeat": lambda self, a: self.rooms.heartbeat(*held(a)),
        "releaseStick": lambda self, a: self.rooms.release(*held(a), a["handoff"]),
        "passStick": lambda self, a: self.rooms.pass_on(*held(a), a["to_agent_id"], a["handoff"]),
        "takeoverStick": lambda self, a: self.rooms.takeover(
            a["agent_id"], a["room_id"], a["reason"], a["expected_turn_id"]
        ),
        "closeRoom": lambda self, a: self.rooms.close(*held(a), a["handoff"]),
        "reopenRoom": lambda self, a: self.rooms.reopen(a["agent_id"], a["room_id"]),
        "leaveRoom": lambda self, a: self.rooms.leave(
            a["agent_id"], a["room_id"], force=a.get("force", False)
        ),
        "askStick": lambda self, a: self.rooms.do(
            Ask(a["agent_id"], a["room_id"], a.get("why"), for_turn=a.get("for_turn"))
        ),
        "tellMember": lambda self, a: self.rooms.do(
            Tell(a["agent_id"], a["room_id"], a["to"], a["text"])
        ),
        "getRoomState": lambda self, a: self.rooms.state(a["room_id"]),
        "getRoomEvents": lambda self, a: self.rooms.events(
            a["room_id"], a.get("after_event_seq", 0), a.get("limit", 100)
        ),
        "listRooms": lambda self, a: self.rooms.list_rooms(
            below_root(a["context_path"]) if "context_path" in a else None
        ),
    }


def is_symbol(value: object) -> bool:
    return isinstance(value, str) and value[:1] in ("R", "L") and value[1:].isdigit()


def held(args: Mapping[str, Any]) -> tuple[str, str, str, int]:
    return args["agent_id"], args["room_id"], args["lease_id"], args["expected_turn_id"]


def wish_of(args: Mapping[str, Any]) -> Wish:
    return Wish(tuple(args.get("paths", ())), args.get("whole", False), args.get("folds", False))


def below_root(path: str) -> str:
    return path.removeprefix(ROOT).lstrip("/")


STORES: Mapping[str, Callable[[Path], Store]] = {
    "files": lambda folder: FileStore(ROOT, folder=str(folder / "room")),
    "memory": lambda folder: MemoryStore(ROOT),
    "engine": lambda folder: EngineStore(
        ROOT, None, MemoryEngine(), "here", folder=str(folder / "room")
    ),
}


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("trace", traces())
def test_every_answer_of_a_trace_is_given_exactly(
    trace: Mapping[str, Any], store: str, tmp_path: Path
) -> None:
    replay = Replay(trace, STORES[store](tmp_path))
    for step in trace["steps"]:
        replay.step(step)
    assert len(trace["steps"]) > 0
