"""The gate: as installed and its Python alone, without a room, in a large room."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

from stickhooks.fast.records import replace
from stickhooks.protocol import parts
from stickhooks.protocol.model import Event, Lease, Member, Part
from stickhooks.store.files import FileStore
from tests.support import late_leases
from tests.support.many_rooms import carve

from .figures import Cost, Row, interleaved, ratio
from .ground import Caller, Ground, bare

MEMBERS = 1_000
EVENTS = 100_000
ROOMS = 1_000
GateActs = dict[str, Callable[[], Cost]]


class Gate:
    """The installed gate of one repository, called by the agent that holds the stick."""

    def __init__(self, repo: Path, agent: Caller) -> None:
        self.repo, self.agent = repo, agent
        self.stick = "stick"
        settings = json.loads((repo / ".claude/settings.local.json").read_text())
        [entry] = settings["hooks"]["PreToolUse"][-1]["hooks"]
        self.command: str = entry["command"]
        self.hook = repo / ".git/hooks/pre-commit"
        text = self.hook.read_text()
        self.python = _named(text, "stick_python")
        self.gate = _named(text, "stick_gate")
        self.allowed = str(repo / ".git/stickhooks/pass")  # spares git's next hook the question
        self.edits = count()
        self.payload = repo.parent / f"{repo.name}.payload"
        self.payload.write_text(json.dumps(_payload(repo, agent.session)))

    def edit(self) -> Cost:
        return self.agent.run("sh", "-c", self.command, stdin=str(self.payload))

    def edit_alone(self) -> Cost:
        gate = ("pre-edit", "--client", "claude-code")
        return self.agent.run(
            self.python, "-I", "-S", self.gate, *gate, stdin=str(self.payload)
        )  # fmt: skip

    def renewal(self) -> Cost:
        """An edit in the last quarter of the lease: the gate writes the renewal as well."""
        late_leases.shorten(self.repo)
        return self.edit()

    def commit(self) -> Cost:
        return self.agent.run(self.hook, remove=self.allowed)

    def commit_alone(self) -> Cost:
        gate = ("pre-commit", "--git", self.agent.pid)
        return self.agent.run(self.python, "-I", "-S", self.gate, *gate, remove=self.allowed)

    def shell(self, name: str, line: str) -> Cost:
        """A shell command of the agent, as its client asks before it runs it."""
        payload = self.repo.parent / f"{self.repo.name}.{name}"
        asked = {**_payload(self.repo, self.agent.session), "tool_name": "Bash"}
        payload.write_text(json.dumps({**asked, "tool_input": {"command": line}}))
        return self.agent.run("sh", "-c", self.command, stdin=str(payload))

    def after_tool(self) -> Cost:
        """A hook after a tool has run, which only looks whether there are notes: Gemini's."""
        hook = ("-I", "-S", self.gate, "after-tool", "--client", "gemini")
        return self.agent.run(self.python, *hook, stdin=str(self.payload))

    def after_edit(self) -> Cost:
        """The hook after an edit: it reads the file, and keeps it with who wrote it."""
        (self.repo / "app.py").write_text(f"{next(self.edits)}\n" * 40)
        hook = ("-I", "-S", self.gate, "after-tool", "--client", "claude-code")
        return self.agent.run(self.python, *hook, stdin=str(self.payload))

    def status(self) -> Cost:
        return self.agent.run(self.stick, "status")

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


#: What an agent asks that does not hold the stick, and what it may cost at most.
ASKED: Final = {
    "ls": 1.5, "git status": 1.5, "grep -n x app.py": 1.5, "sed -n 1,5p app.py | sort -u": 3,
    "find . -name '*.py' -newer app.py": 3, "for f in *.py; do cat $f; done": 3,
    "python3 -c 'import json; print(json.load(open(1)))'": 3,
}  # fmt: skip


def seldom(ground: Ground, rounds: int) -> Iterator[Row]:
    """The gate's dearer answers: a renewal, and a shell command that has to be understood."""
    gate = Gate(*ground.held("seldom"))
    stranger = Gate(gate.repo, ground.agent(gate.repo))
    acts: GateActs = {"bare": gate.bare, "renewal": gate.renewal}
    acts["held"] = partial(gate.shell, "held", "ls")
    acts["after"] = gate.after_tool
    acts["kept"] = gate.after_edit
    for number, line in enumerate(ASKED):
        acts[line] = partial(stranger.shell, f"asked-{number}", line)
    found = interleaved(rounds, acts)
    yield ratio("pre-edit that renews / B0", found["renewal"], found["bare"], "<=", 2.2)
    for line, goal in ASKED.items():
        yield ratio(f"`{line}` without the stick / B0", found[line], found["bare"], "<=", goal)
    yield ratio("`ls` of the holder / B0", found["held"], found["bare"], "<=", 1.4)
    yield ratio("after-tool without a note / B0", found["after"], found["bare"], "<=", 2)
    yield ratio("after-tool that keeps an edit / B0", found["kept"], found["bare"], "<=", 2)


def counted(ground: Ground, rounds: int) -> Iterator[Row]:
    """The same in instructions, which do not depend on what else the machine does."""
    if not shutil.which("valgrind"):
        return
    gate = Gate(*ground.held("counted"))
    stranger = Gate(gate.repo, ground.agent(gate.repo))
    bare_count = _instructions(stranger, bare(Path(gate.python)), os.devnull)
    asked = (gate.python, "-I", "-S", gate.gate, "pre-edit", "--client", "claude-code")
    for number, (line, goal) in enumerate(ASKED.items()):
        stranger.shell(f"counted-{number}", line)  # it is compiled then
        payload = gate.repo.parent / f"{gate.repo.name}.counted-{number}"
        value = _instructions(stranger, asked, str(payload)) / bare_count
        yield Row(f"instructions of `{line}` / B0", value, (value, value), "<=", goal)


def parted(ground: Ground, rounds: int) -> Iterator[Row]:
    """An edit in a room of which others have so many leases of paths, in instructions."""
    if not shutil.which("valgrind"):
        return
    few, many = Gate(*ground.held("unparted")), Gate(*ground.held("parted"))
    give(many.repo, parts.LIMIT)
    yield _counted_edits("64 leases of paths / none", many, few, 1.1)


def on_engine(ground: Ground, rounds: int) -> Iterator[Row]:
    """An edit in a room that lies on a git remote, in instructions: the gate asks its mirror alone."""
    if not shutil.which("valgrind"):
        return
    here, shared = Gate(*ground.held("here")), Gate(*ground.held("shared"))
    origin = ground.folder / "shared.git"
    ground.git(ground.folder, "init", "-q", "--bare", str(origin))
    ground.git(shared.repo, "remote", "add", "origin", str(origin))
    shared.agent.run(ground.stick, "engine", "--move", "git:origin")
    yield _counted_edits("a room on a git remote / a local one", shared, here, 1.05)


def _counted_edits(what: str, above: Gate, below: Gate, goal: float) -> Row:
    counts = []
    for gate in (above, below):
        asked = (gate.python, "-I", "-S", gate.gate, "pre-edit", "--client", "claude-code")
        gate.edit_alone()  # it is compiled then
        counts.append(_instructions(gate, asked, str(gate.payload)))
    value = counts[0] / counts[1]
    return Row(f"instructions of pre-edit: {what}", value, (value,) * 2, "<=", goal)


def give(repo: Path, count: int) -> None:
    """Let another member have so many leases of paths."""
    store = FileStore(str(repo), str(repo / ".git"))
    with store.exclusive():
        before = store.load("")
        assert before
        room = before.room
        at, first = room.created_at, room.latest_turn + 1
        far = at + (1 << 40)
        bob = Member("bob", len(room.members), at, at)
        given = tuple(
            Part(
                (f"src/part-{n}", f"docs/part-{n}.md"), first + n, Lease("bob", f"{n}", at, at, far)
            )
            for n in range(count)
        )
        room = replace(
            room, members=(*room.members, bob), parts=given, last_turn=first + count - 1
        )  # fmt: skip
        wall = before.record.clock_offset
        store.swap(before, room, (), (wall, 0, before.record.clock_boot))


def _instructions(gate: Gate, argv: Sequence[object], stdin: str) -> int:
    """Return how many instructions a command and all that it starts take."""
    place = gate.repo.parent / "counts"
    place.mkdir()
    how = (
        "--tool=callgrind",
        "--trace-children=yes",
        "--trace-children-skip=*shfmt*",
        f"--callgrind-out-file={place}/%p",
        "-q",
    )
    gate.agent.run("valgrind", *how, *argv, stdin=stdin)
    found = [re.search(r"^(?:summary|totals): (\d+)", p.read_text(), re.M) for p in place.iterdir()]
    shutil.rmtree(place)
    return sum(int(one[1]) for one in found if one)


def rooms(ground: Ground, rounds: int) -> Iterator[Row]:
    """A commit and a status in a workspace with a thousand nested rooms."""
    few, many = Gate(*ground.held("few")), Gate(*ground.held("many"))
    carve(few.repo, 10)
    carve(many.repo, ROOMS)
    acts: GateActs = {
        "few commit": few.commit, "many commit": many.commit,
        "few status": few.status, "many status": many.status,
    }  # fmt: skip
    stick = str(ground.stick)
    few.stick = many.stick = stick
    found = interleaved(rounds, acts)
    for what in ("commit", "status"):
        name = f"{'pre-commit' if what == 'commit' else 'status'}: 1,000 rooms / 10"
        yield ratio(name, found[f"many {what}"], found[f"few {what}"])


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
