"""Small worlds for the tests: a room in memory, a workspace in a folder.

Clock, deaths, live waits and ids are values; nothing is patched and nothing sleeps.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from stickhooks.errors import Refusal
from stickhooks.operations.rooms import Rooms
from stickhooks.protocol import commands, rules
from stickhooks.protocol.model import Event, Policy, Process, Room
from stickhooks.store import layout
from stickhooks.store.files import FileStore

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
HANDOFF: Mapping[str, object] = {"status": "half of it", "next_action": "the other half"}
Answer = Mapping[str, Any]


def process(pid: int, start: int | None = 1, *, name: str = "") -> Process:
    """Return a process of a machine that is not ours."""
    return Process(pid, start, "machine", "boot", "pidns", name)


def refused(act: Callable[[], object], code: str | None = None) -> Refusal:
    """Return the refusal that an act meets, of that code if one is named."""
    with pytest.raises(Refusal) as caught:
        act()
    if code is not None:
        assert caught.value.code == code
    return caught.value


def outcome(act: Callable[[], object]) -> str:
    """Do something and return ``ok``, or the code of the refusal it met."""
    try:
        act()
    except Refusal as refusal:
        return refusal.code
    return "ok"


class Table:
    """One room in memory, moved by ``decide`` alone."""

    def __init__(self, *agents: str, policy: Policy | None = None) -> None:
        self.room = Room("R", "", 0, policy=policy or Policy())
        self.now = 0
        self.dead: set[Process] = set()
        self.waiting: set[str] = set()
        self.log: list[Event] = []
        self.drawn = 0
        for agent in agents:
            self.join(agent)

    def moment(self) -> rules.Moment:
        self.drawn += 1
        return rules.Moment(
            self.now, f"L{self.drawn}", frozenset(self.dead), frozenset(self.waiting)
        )

    def ask(self, command: commands.Command) -> Answer:
        """Let the law decide, and move the room if it allows."""
        outcome = rules.decide(self.room, command, self.moment())
        self.room = outcome.room
        self.log += outcome.events
        return outcome.answer

    @property
    def phase(self) -> str:
        return rules.phase_of(self.room, self.moment())

    @property
    def names(self) -> list[str]:
        return [member.agent_id for member in self.room.members]

    @property
    def line(self) -> list[str]:
        return [waiter.agent_id for waiter in self.room.waiters]

    @property
    def heir(self) -> str | None:
        return self.room.reservation.recipient if self.room.reservation else None

    def join(self, agent: str, process: Process | None = None, **more: Any) -> Answer:
        return self.ask(commands.Join(agent, ".", process, **more))

    def wait(self, agent: str, lease_id: str | None = None, why: str | None = None) -> Answer:
        return self.ask(commands.Wait(agent, "R", lease_id, why))

    def take(self, agent: str, why: str | None = None) -> Answer:
        answer = self.wait(agent, why=why)
        assert answer["status"] == "your_turn", answer
        return answer

    def enlist(self, agent: str, *, alive: bool = True) -> None:
        """Take a place in the line, by a process that lives on or is dead at once."""
        self.ask(commands.Enlist(agent, "R"))
        if alive:
            self.waiting.add(agent)

    def held(self) -> tuple[str, str, str, int]:
        """Return what the holder has to bring: its name, the room, its lease and turn."""
        assert self.room.lease
        return self.room.lease.holder, "R", self.room.lease.lease_id, self.room.turn_id

    def release(self, handoff: object = HANDOFF) -> Answer:
        return self.ask(commands.Release(*self.held(), handoff))

    def pass_to(self, agent: str, handoff: object = HANDOFF) -> Answer:
        return self.ask(commands.Pass(*self.held(), agent, handoff))

    def close(self, handoff: object = HANDOFF) -> Answer:
        return self.ask(commands.Close(*self.held(), handoff))

    def reopen(self, agent: str) -> Answer:
        return self.ask(commands.Reopen(agent, "R"))

    def leave(self, agent: str, *, force: bool = False) -> Answer:
        return self.ask(commands.Leave(agent, "R", force))

    def takeover(self, agent: str, reason: str = "it is urgent") -> Answer:
        return self.ask(commands.Takeover(agent, "R", reason, self.room.turn_id))

    def set_policy(self, agent: str, policy: Policy) -> Answer:
        return self.ask(commands.SetPolicy(agent, "R", policy))


class Workspace:
    """A folder with rooms in it, on the real disk, with a clock and deaths of its own."""

    def __init__(self, root: Path, *, git: bool = False, policy: Policy | None = None) -> None:
        self.root = root
        self.git_dir = root / ".git" if git else None
        self.wall = 1_000_000
        self.monotonic = 0
        self.boot = ""
        self.dead: set[Process] = set()
        self.waiting: set[str] = set()
        self.store = FileStore(
            str(root),
            str(self.git_dir) if self.git_dir else None,
            lock_timeout=0.2,
            waiting=lambda _, agents: frozenset(self.waiting.intersection(agents)),
        )
        self.rooms = Rooms(self.store, clock=self.clock, dead=self.proven, policy=policy)

    def clock(self) -> tuple[int, int, str]:
        return self.wall, self.monotonic, self.boot

    def proven(self, candidates: Iterable[Process]) -> frozenset[Process]:
        return frozenset(self.dead.intersection(candidates))

    @property
    def folder(self) -> Path:
        return self.root / ".talking-stick"

    @property
    def state(self) -> Path:
        return self.folder / "room.json"

    @property
    def anchor(self) -> Path:
        assert self.git_dir
        return self.git_dir / "stickhooks" / "anchor.json"

    def log(self, room_id: str) -> Path:
        return self.folder / "log" / room_id / "events.jsonl"

    def join(self, agent: str, path: str = "", *, new: bool = False) -> str:
        """Join a room and return its id."""
        answer: Answer = self.rooms.join(agent, path, force_new=new)
        return str(answer["room_id"])

    def take(self, agent: str, room_id: str) -> tuple[str, str, str, int]:
        """Take the stick and return what the holder has to bring."""
        answer: Answer = self.rooms.wait(agent, room_id)
        assert answer["status"] == "your_turn", answer
        return agent, room_id, answer["lease_id"], answer["turn_id"]


def content(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody without settings of their own, and return what it says."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    done = subprocess.run(
        ["git", *who, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=True
    )
    return done.stdout


def git_repo(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q")
    return folder


def python(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    """Start a Python of the same environment, with pipes for its streams."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        **options,
    )  # fmt: skip


def activity_file(root: str, room_id: str) -> Path:
    """Return where what was seen in a room is noted."""
    return Path(root, layout.FOLDER, layout.LOGS, room_id, layout.ACTIVITY)
