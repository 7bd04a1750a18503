"""Hostile input: states, anchors, logs, payloads, environments, arguments, mutated from one seed.

What must hold: nothing but a Refusal (or the ValueError that is promised) ever comes out; a
stranger is never let in where there is a room; and nothing makes us grow.

    python -m tests.stress.hostile --mutations 1000000 --first 1
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from stickhooks import hook
from stickhooks.cli import app
from stickhooks.clients import CLIENTS
from stickhooks.errors import EXIT, Refusal
from stickhooks.fast import json as fast_json
from stickhooks.gate import decision
from stickhooks.handlers import client_edit
from stickhooks.identity import resolver
from stickhooks.operations.rooms import Rooms
from stickhooks.store import reader
from stickhooks.store.files import FileStore
from stickhooks.workspace import paths

from .mutations import hostile_text, mutated_bytes, text_of

GROWTH_LIMIT_KIB: Final = 50 * 1024
PATHS: Final = ("app.py", "src/core.py", "new/deep/file", ".git/config", ".talking-stick/room.json")

SAMPLES: Final = Path(__file__).parents[1] / "data/clients"
#: The keys of a payload that say what is to be written.
TELLING: Final = {
    "cwd", "tool_name", "tool_input", "toolName", "toolArgs", "agent_action_name", "tool_info",
    "preToolUse", "workspaceRoots",
}  # fmt: skip

# --- what is done to us


@dataclass
class Tally:
    counts: dict[str, int] = field(default_factory=dict)
    usual_ms: dict[str, float] = field(default_factory=dict)
    slowest_ms: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    grown_kib: int = 0

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def __str__(self) -> str:
        slow = ", ".join(
            f"{kind} {self.usual_ms[kind]:.2f}/{self.slowest_ms[kind]:.1f}" for kind in self.counts
        )
        return (
            f"{self.total} mutations {self.counts}, {len(self.failures)} failures,"
            f" {self.grown_kib} KiB grown; usual/slowest ms: {slow}"
        )


class Target:
    """A workspace with a room that somebody holds, to be attacked in this very process."""

    def __init__(self, folder: str) -> None:
        self.root = os.path.join(os.path.realpath(folder), "ws")
        self.git_dir = os.path.join(self.root, ".git")
        os.makedirs(os.path.join(self.root, "src"))
        subprocess.run(["git", "init", "-q", self.root], check=True)
        self.store = FileStore(self.root, self.git_dir)
        self.rooms = Rooms(self.store)
        room = str(self.rooms.join("ana", "", session="claude:ana")["room_id"])
        self.rooms.join("bo", "")
        text = {"status": "half", "next_action": "the rest", "artifacts": ["app.py"]}
        for _ in range(4):
            given = self.rooms.wait("ana", room)
            lease, turn = str(given["lease_id"]), int(str(given["turn_id"]))
            self.rooms.release("ana", room, lease, turn, text)
        self.rooms.wait("ana", room)
        self.room_id = room
        self.workspace = paths.Workspace(self.root, self.git_dir)
        self.state_file = Path(self.root, ".talking-stick/room.json")
        self.anchor_file = Path(self.git_dir, "stickhooks/anchor.json")
        self.log_file = Path(self.root, ".talking-stick/log", room, "events.jsonl")
        self.state_bytes = self.state_file.read_bytes()
        self.anchor_bytes = self.anchor_file.read_bytes()
        self.log_bytes = self.log_file.read_bytes()
        self.state = json.loads(self.state_bytes)
        self.anchor = json.loads(self.anchor_bytes)
        self.events = [json.loads(line) for line in self.log_bytes.splitlines()]
        self.stranger = resolver.look({}, (CLIENTS["claude-code"], "a-stranger"))
        self.payloads = [(client, self._filled(text)) for client, text in payloads_of_clients()]

    def _filled(self, text: str) -> Any:
        return json.loads(text.replace("@ROOT@", self.root).replace("@SESSION@", "a-stranger"))

    def gate(self, rng: random.Random) -> None:
        """Ask the gate as a stranger: an allow must be what the files, if believed, plainly say."""
        path = rng.choice(PATHS)
        verdict = decision.judge(
            [paths.Target(self.workspace, path)], decision.EDIT, self.stranger, {}
        )  # fmt: skip
        if verdict.ok and not self._says_so(path):
            raise AssertionError(f"the gate is open to a stranger at {path}")

    def _says_so(self, path: str) -> bool:
        """Tell whether well-formed files say that there is no room here, or that it is free to all."""
        survey = reader.Survey(self.root, self.git_dir)
        try:
            if "" not in survey.rooms:
                return True
            found = survey.load("")
        finally:
            survey.close()
        policy: Any = found[0]["policy"] if found else {}
        exempt = [glob for glob in policy.get("exempt", ()) if paths.matches(glob, path)]
        return bool(exempt) or policy.get("on_idle") == "claim"

    # --- one attack of each kind

    def attack_state(self, rng: random.Random) -> None:
        self.state_file.write_bytes(hostile_text(self.state, rng))
        try:
            self._load()
            self.gate(rng)
        finally:
            self.state_file.write_bytes(self.state_bytes)

    def attack_anchor(self, rng: random.Random) -> None:
        data = hostile_text(self.anchor, rng)
        if b"\\ud800" in data:
            return  # a test of its own: such a room has no file name
        self.anchor_file.write_bytes(data)
        try:
            self._load()
            self.gate(rng)
        finally:
            self.anchor_file.write_bytes(self.anchor_bytes)

    def _load(self) -> None:
        try:
            for room in self.store.paths():
                snapshot = self.store.load(room)
                if snapshot:
                    self.store.events(snapshot, 0, 100)
                    self.rooms.state(snapshot.room.room_id)
        except Refusal:
            pass

    def attack_log(self, rng: random.Random) -> None:
        if rng.random() < 0.5:
            lines = [text_of(event) for event in self.events]
            index = rng.randrange(len(lines))
            lines[index] = hostile_text(self.events[index], rng)
            data = b"\n".join(lines) + b"\n"
        else:
            data = mutated_bytes(self.log_bytes, rng)
        self.log_file.write_bytes(data)
        try:
            after = rng.choice((0, 0, 1, 3, 10**30))
            self.rooms.events(self.room_id, after, rng.choice((1, 100, 10**9)))
        except Refusal:
            pass
        finally:
            self.log_file.write_bytes(self.log_bytes)

    def attack_payload(self, rng: random.Random) -> None:
        client, sample = rng.choice(self.payloads)
        data = hostile_text(sample, rng)
        question = client_edit.Question(CLIENTS[client])
        question.here = self.root
        try:
            payload = fast_json.read(data.decode(), floats=True)
            allowed = not question.judged(payload)
        except ValueError as error:
            if not question.failed(error):
                raise AssertionError(f"{data[:200]!r} is let through") from None
            return
        if allowed and not _is_no_edit_here(self, client, payload):
            raise AssertionError(f"{client}: {data[:400]!r} is allowed")

    def attack_environment(self, rng: random.Random) -> None:
        env = hostile_environment(rng)
        sighting = resolver.look(env)
        members = resolver.bindings_of(self.state["members"])
        lease = self.state["lease"]["holder"], self.state["lease"]["lease_id"]
        caller = resolver.resolve(sighting, members, lease, "")
        if caller.proof:
            raise AssertionError(f"{env} proves {caller.agent_id}")
        verdict = decision.judge(
            [paths.Target(self.workspace, "app.py")], decision.COMMIT, sighting, env
        )
        bypassed = bool(env.get(decision.BYPASS_VARIABLE, "").strip()) and caller.person
        if verdict.ok and not bypassed:
            raise AssertionError(f"{env} opens the gate")

    def attack_arguments(self, rng: random.Random) -> None:
        code = app.run(hostile_arguments(rng), {})
        if code not in EXIT.values() or code == EXIT["internal"]:
            raise AssertionError(f"exit {code}")


def hostile_environment(rng: random.Random) -> dict[str, str]:
    words = ("", " ", "ana", "bo", "a-stranger", "\udcff", "x" * 10_000, "1", "-1", "0", "\x1b[2J", "a:b",
             "claude:", "é", str(os.getpid()), "99999999999999999999")  # fmt: skip
    names = ("STICK_AGENT", "STICK_LEASE", "CLAUDE_CODE_SESSION_ID", "CLAUDE_PID", "STICK_BYPASS",
             "STICK_JSON", "HOME", "GIT_DIR", "LC_ALL")  # fmt: skip
    return {name: rng.choice(words) for name in names if rng.random() < 0.5}


def hostile_arguments(rng: random.Random) -> list[str]:
    verbs = ("status", "rooms", "log", "whoami", "policy", "check", "join", "take", "release", "leave",
             "handoff", "renew", "takeover", "close", "reopen", "doctor", "nonsense", "")  # fmt: skip
    words = ("", " ", "-", "--", "--json", "--as", "--room", "--path", "--why", "--status", "--next",
             "--after", "--limit", "--lock-timeout", "--reason", "--expect", "--artifact", "--all", "--to",
             "ana", "bo", "\udcff", "\x1b[2J", "x" * 5000, "-1", "0", "1e99", "9" * 400, "1s", "0s", "99999d",
             "/", "/dev/null", "src", "nowhere", "~nobody", "owner_lease_ttl", "exempt", "**", "on_idle",
             "reserve", "order", "--for", "git", "editor", "--explain", "\u202e", "--debug=1")  # fmt: skip
    return [rng.choice(verbs), *(rng.choice(words) for _ in range(rng.randint(0, 5)))]


KINDS: Final[dict[str, tuple[Callable[[Target, random.Random], None], int]]] = {
    "state": (Target.attack_state, 45),
    "anchor": (Target.attack_anchor, 15),
    "log": (Target.attack_log, 12),
    "payload": (Target.attack_payload, 15),
    "environment": (Target.attack_environment, 10),
    "arguments": (Target.attack_arguments, 3),
}


def run(seeds: range, folder: str, only: str = "") -> Tally:
    """Attack once a seed. Standard output and error should lead nowhere: arguments make us talk.

    With ``only``, seeds that would bring another kind of attack are passed over.
    """
    target, tally = Target(folder), Tally()
    spent = {kind: array("f", [0.0]) for kind in KINDS}  # small: our own growth is on trial
    kinds, weights = list(KINDS), [weight for _, weight in KINDS.values()]
    before, here = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, os.getcwd()
    os.chdir(target.root)
    try:
        for seed in seeds:
            rng = random.Random(seed)
            kind = rng.choices(kinds, weights)[0]
            if only not in ("", kind):
                continue
            tally.counts[kind] = tally.counts.get(kind, 0) + 1
            began = time.perf_counter()
            try:
                KINDS[kind][0](target, rng)
            except Exception as error:
                told = f"{type(error).__name__}: {error}"
                tally.failures.append(f"seed {seed}, {kind}: {told[:300]}")
            spent[kind].append((time.perf_counter() - began) * 1000)
            if kind == "arguments":  # they may have changed the room
                shutil.rmtree(target.root)
                target = Target(folder)
                os.chdir(target.root)
    finally:
        os.chdir(here)
    for kind, times in spent.items():
        tally.usual_ms[kind] = sorted(times)[len(times) // 2]
        tally.slowest_ms[kind] = max(times)
    tally.grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return tally


# --- the same through real processes


def run_hooks(seeds: range, folder: str) -> Tally:
    """Send mutated payloads to the gate as it is installed."""
    target, tally = Target(folder), Tally()
    gate = [sys.executable, "-I", "-S", hook.__file__, "pre-edit", "--client"]
    base = {"PATH": os.environ["PATH"], "HOME": folder}
    for seed in seeds:
        rng = random.Random(seed)
        client, sample = rng.choice(target.payloads)
        payload = hostile_text(sample, rng)
        env = {k: v for k, v in hostile_environment(rng).items() if "\0" not in v}
        env.pop("GIT_DIR", None)
        done = subprocess.run(
            [*gate, client],
            input=payload,
            env={**base, **env},
            cwd=target.root,
            capture_output=True,
            check=False,
        )
        tally.counts["process"] = tally.counts.get("process", 0) + 1
        wrong = "" if done.returncode in (0, 2) else f"exit {done.returncode}"
        if b"Traceback" in done.stderr:
            wrong = "a traceback"
        if done.returncode == 0 and not _says_no_edit_here(target, client, payload):
            wrong = f"allowed {payload[:200]!r}"
        if wrong:
            tally.failures.append(f"seed {seed}, process: {wrong} {done.stderr[-300:]!r}")
    return tally


def _says_no_edit_here(target: Target, client: str, data: bytes) -> bool:
    try:
        return _is_no_edit_here(target, client, json.loads(data))
    except (ValueError, RecursionError):
        return False


def _is_no_edit_here(target: Target, client: str, payload: Any) -> bool:
    """Tell whether a payload is no edit of a path in the workspace, or is the holder's own.

    Told by looking for the sample that it came from: as long as the tool, its arguments and the
    folder are those of a sample, it is an edit here, whatever else is in it.
    """
    if not isinstance(payload, dict) or "ana" in payload.values():
        return isinstance(payload, dict)
    return not any(
        sender == client
        and all(payload.get(key) == sample[key] for key in sample if key in TELLING)
        for sender, sample in target.payloads
    )


def payloads_of_clients() -> Iterator[tuple[str, str]]:
    """Yield what the clients send before an edit, with the client that the entry is made for."""
    for path in sorted(SAMPLES.glob("*.json")):
        for what, sample in json.loads(path.read_text()).items():
            if what.startswith("edit"):
                yield path.stem, json.dumps(sample)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=300)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--only", choices=list(KINDS), default="", help="one kind of attack")
    given = parser.parse_args(arguments)
    out = os.dup(1)
    quiet = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(quiet, stream)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        tallies = [
            run(range(given.first, given.first + given.mutations), one, given.only),
            run_hooks(range(given.first, given.first + given.processes), two),
        ]
    for tally in tallies:
        lines = [
            *tally.failures[:20],
            str(tally) if tally.usual_ms else f"{tally.counts} processes",
        ]
        os.write(out, ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace"))
    return 1 if any(tally.failures for tally in tallies) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
