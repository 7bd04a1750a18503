"""The gate: as installed and its Python alone, without a room, in a large room."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from stickhooks.fast.records import replace
from stickhooks.protocol.model import Event, Member
from stickhooks.store.files import FileStore

from .figures import Cost, Row, interleaved, ratio
from .ground import Caller, Ground, bare

MEMBERS = 1_000
EVENTS = 100_000
GateActs = dict[str, Callable[[], Cost]]


class Gate:
    """The installed gate of one repository, called by the agent that holds the stick."""

    def __init__(self, repo: Path, agent: Caller) -> None:
        self.repo, self.agent = repo, agent
        settings = json.loads((repo / ".claude/settings.local.json").read_text())
        [entry] = settings["hooks"]["PreToolUse"][-1]["hooks"]
        self.command: str = entry["command"]
        self.hook = repo / ".git/hooks/pre-commit"
        text = self.hook.read_text()
        self.python = _named(text, "stick_python")
        self.gate = _named(text, "stick_gate")
        self.allowed = str(repo / ".git/stickhooks/pass")  # spares git's next hook the question
        self.payload = repo.parent / f"{repo.name}.payload"
        self.payload.write_text(json.dumps(_payload(repo, agent.session)))

    def edit(self) -> Cost:
        return self.agent.run("sh", "-c", self.command, stdin=str(self.payload))

    def edit_alone(self) -> Cost:
        gate = ("pre-edit", "--client", "claude-code")
        return self.agent.run(
            self.python, "-I", "-S", self.gate, *gate, stdin=str(self.payload)
        )  # fmt: skip

    def commit(self) -> Cost:
        return self.agent.run(self.hook, remove=self.allowed)

    def commit_alone(self) -> Cost:
        gate = ("pre-commit", "--git", self.agent.pid)
        return self.agent.run(self.python, "-I", "-S", self.gate, *gate, remove=self.allowed)

    def bare(self) -> Cost:
        return self.agent.run(*bare(Path(self.python)))


def installed(ground: Ground, rounds: int) -> Iterator[Row]:
    gate = Gate(*ground.held("gate"))
    acts: GateActs = {
        "bare": gate.bare, "edit": gate.edit, "edit alone": gate.edit_alone,
        "commit": gate.commit, "commit alone": gate.commit_alone,
    }  # fmt: skip
    found = interleaved(rounds, acts)
    names = {
        "edit": "pre-edit as installed / B0", "edit alone": "  its Python alone / B0",
        "commit": "pre-commit as installed / B0", "commit alone": "  its Python alone / B0",
    }  # fmt: skip
    for key, name in names.items():
        yield ratio(name, found[key], found["bare"], "<=", 1.3)


def without_a_room(ground: Ground, rounds: int) -> Iterator[Row]:
    repo, agent = ground.held("left")
    gate = Gate(repo, agent)
    agent.run("rm", "-r", repo / ".talking-stick", repo / ".git/stickhooks/anchor.json")
    acts: GateActs = {
        "sh": partial(agent.run, "sh", "-c", ":"), "edit": gate.edit, "commit": gate.commit,
    }  # fmt: skip
    found = interleaved(rounds, acts)
    yield ratio("pre-edit without a room / sh -c :", found["edit"], found["sh"], "<=", 2)
    yield ratio("pre-commit without a room / sh -c :", found["commit"], found["sh"], "<=", 2)


def large(ground: Ground, rounds: int) -> Iterator[Row]:
    small, big = Gate(*ground.held("small")), Gate(*ground.held("big"))
    fill(small.repo, 2, 10)
    fill(big.repo, MEMBERS, EVENTS)
    acts: GateActs = {
        "small edit": small.edit, "big edit": big.edit,
        "small commit": small.commit, "big commit": big.commit,
    }  # fmt: skip
    found = interleaved(rounds, acts)
    for what in ("edit", "commit"):
        name = f"pre-{what}: 1,000 members, 100,000 events / 2, 10"
        yield ratio(name, found[f"big {what}"], found[f"small {what}"], "<=", 1.1)


def fill(repo: Path, members: int, events: int) -> None:
    """Bring a room to so many members and events, as if they had come one by one."""
    store = FileStore(str(repo), str(repo / ".git"))
    with store.exclusive():
        before = store.load("")
        assert before
        room, at = before.room, before.room.created_at
        more = [
            Member(f"member-{n}", n, at, at, sessions=(f"claude:session-{n}",))
            for n in range(len(room.members), members)
        ]
        room = replace(room, members=(*room.members, *more), event_seq=max(room.event_seq, events))
        added = [
            Event(seq, room.turn_id, "claim", None, "member-2", None, None, None, at)
            for seq in range(before.room.event_seq + 1, events + 1)
        ]
        wall = before.record.clock_offset
        store.swap(before, room, added, (wall, 0, before.record.clock_boot))


def _named(script: str, name: str) -> str:
    found = re.search(rf"^{name}=(.*)$", script, re.MULTILINE)
    assert found, f"the hook names no {name}"
    return found[1].strip("'\"")


def _payload(repo: Path, session: str) -> dict[str, object]:
    return {
        "session_id": session,
        "transcript_path": f"/home/u/.claude/projects/p/{session}.jsonl",
        "cwd": str(repo),
        "permission_mode": "acceptEdits",
        "hook_event_name": "PreToolUse",
        "tool_name": "Edit",
        "tool_input": {
            "file_path": str(repo / "app.py"),
            "old_string": "shop",
            "new_string": "store",
            "replace_all": False,
        },
        "tool_use_id": "toolu_bench",
    }
