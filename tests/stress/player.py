"""One of the processes of a soak: a member who does random things, and notes each."""

from __future__ import annotations

import json
import os
import random
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from stickhooks.errors import Refusal
from stickhooks.operations import notes as words
from stickhooks.operations import waiting
from stickhooks.operations.rooms import Rooms
from stickhooks.protocol.commands import Ask, Tell
from stickhooks.protocol.model import Policy, Process
from stickhooks.store.files import FileStore
from stickhooks.system import processes

from . import checker

LEASE_MS: Final = 300
POLICY: Final = Policy(owner_lease_ttl=LEASE_MS, claim_ttl=LEASE_MS, gone_grace=50)
WORKERS: Final = 16
NAMES: Final = (*(f"a{slot}" for slot in range(WORKERS)), "b0", "b1", "b2", "b3")
Answer = Mapping[str, Any]


def rooms_at(root: Path) -> Rooms:
    return Rooms(FileStore(str(root), str(root / ".git"), lock_timeout=10), policy=POLICY)


def names_of(slot: int) -> tuple[str, str]:
    """Return as whom the processes of a slot come."""
    first, second = f"a{slot}", f"b{slot}"
    return (first, second) if second in NAMES else (first, first)


def myself() -> Process:
    seen = processes.see(os.getpid())
    assert seen
    machine, boot, pidns = processes.where()
    return Process(seen.pid, seen.start, machine, boot, pidns, seen.name)


# --- one process


class Notes:
    """Writes down what is asked before it is asked, and what came of it after: a line each."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, **what: object) -> None:
        os.write(self.fd, (json.dumps({"at": time.monotonic(), **what}) + "\n").encode())


class Player:
    """One member's process, doing random things."""

    def __init__(self, root: Path, agent: str, notes: Notes, dice: random.Random) -> None:
        self.began = time.monotonic_ns()
        self.rooms = rooms_at(root)
        self.agent = agent
        self.notes = notes
        self.dice = dice
        self.process = myself()
        self.room = ""
        self.held: tuple[str, int] | None = None
        self.lost: tuple[str, int] = ("no lease", 0)
        self.count = 0

    def step(self) -> None:
        if not self.room:
            self.join()
            return
        deeds = self._holding() if self.held else self._asking()
        names, weights = zip(*deeds.items(), strict=True)
        self.dice.choices(names, weights)[0]()

    def _holding(self) -> dict[Callable[[], object], int]:
        return {
            self.release: 50, self.pass_on: 15, self.renew: 20, self.go_on: 5,
            self.recover: 3, self.leave_by_force: 2, self.forget: 3, self.join: 2, self.tell: 6,
            self.read: 8,
        }  # fmt: skip

    def _asking(self) -> dict[Callable[[], object], int]:
        return {
            self.wait: 60, self.wait_long: 4, self.takeover: 8, self.join: 4,
            self.leave: 2, self.enlist: 5, self.renew: 5, self.release: 5, self.tell: 6,
            self.ask: 5, self.read: 12,
        }  # fmt: skip

    # --- the deeds

    def join(self) -> None:
        answer = self._do(
            "join", lambda: self.rooms.join(self.agent, "", process=self.process)
        )  # fmt: skip
        if answer is not None:
            self.room = str(answer["room_id"])

    def wait(self) -> None:
        self._granted(self._do("wait", lambda: self.rooms.wait(self.agent, self.room)))

    recover = wait

    def go_on(self) -> None:
        lease, turn = self.held or self.lost
        self._granted(
            self._do("wait", lambda: self.rooms.wait(self.agent, self.room, lease), turn=turn)
        )

    def wait_long(self) -> None:
        patience = self.dice.uniform(0.05, 0.3)
        store = self.rooms.store
        assert isinstance(store, FileStore)
        answer = self._do(
            "await",
            lambda: waiting.wait(
                self.rooms, store, self.agent, "", timeout=patience, takeover="it takes too long"
            ),
            patience=patience,
        )
        self._granted(answer)

    def takeover(self) -> None:
        def act() -> Answer:
            turn = self.rooms.look("")[0].turn_id
            return self.rooms.takeover(self.agent, self.room, "in haste", turn)

        self._granted(self._do("takeover", act))

    def renew(self) -> None:
        lease, turn = self.held or self.lost
        answer = self._do(
            "renew", lambda: self.rooms.heartbeat(self.agent, self.room, lease, turn), turn=turn
        )
        if answer is None:
            self._let_go()

    def release(self) -> None:
        lease, turn = self.held or self.lost
        token = self._token()
        self._do(
            "release",
            lambda: self.rooms.release(self.agent, self.room, lease, turn, handoff(token)),
            turn=turn, handoff=token,
        )  # fmt: skip
        self._let_go()

    def pass_on(self) -> None:
        lease, turn = self.held or self.lost
        token, to = self._token(), self.dice.choice([n for n in NAMES if n != self.agent])
        answer = self._do(
            "pass",
            lambda: self.rooms.pass_on(self.agent, self.room, lease, turn, to, handoff(token)),
            turn=turn, handoff=token, to=to,
        )  # fmt: skip
        if answer is not None:
            self._let_go()

    def enlist(self) -> None:
        self._do("enlist", lambda: self.rooms.enlist(self.agent, self.room))

    def leave(self) -> None:
        if self._do("leave", lambda: self.rooms.leave(self.agent, self.room)) is not None:
            self.room = ""
            self._let_go()

    def leave_by_force(self) -> None:
        deed = lambda: self.rooms.leave(self.agent, self.room, force=True)  # noqa: E731
        if self._do("leave", deed) is not None:
            self.room = ""
        self._let_go()

    def tell(self) -> None:
        to = self.dice.choice(["all", "holder", *(name for name in NAMES if name != self.agent)])
        token = self._token()
        note = Tell(self.agent, self.room, to, token)
        self._do("tell", lambda: self.rooms.do(note), text=token)

    def ask(self) -> None:
        token = self._token()
        self._do("ask", lambda: self.rooms.do(Ask(self.agent, self.room, token)), text=token)

    def read(self) -> None:
        """Show a member what it has not read, as one of its hooks does; sometimes two do at once."""
        reader = self.agent if self.dice.random() < 0.6 else self.dice.choice(NAMES)
        out = self.notes.fd

        def line(found: Sequence[words.Note], cut: int) -> bytes:
            return json.dumps({"shown": [note.number for note in found]}).encode() + b"\n"

        def act() -> Answer:
            words.deliver(self.rooms, "", reader, out, line)
            return {"status": "ok"}

        self._do("read", act, reader=reader)

    def forget(self) -> None:
        """Lose the lease out of sight: the turn is left to run out."""
        self._let_go()

    # --- what is behind them

    def _token(self) -> str:
        # Pids come again in a long run: what is written must name one process for good.
        return f"{self.agent} {os.getpid()}.{self.began} {self.count}"

    def _let_go(self) -> None:
        self.lost, self.held = self.held or self.lost, None

    def _granted(self, answer: Answer | None) -> None:
        if answer is not None and answer["status"] in ("your_turn", "already_owner"):
            self.held = str(answer["lease_id"]), int(answer["turn_id"])
        elif answer is not None and answer["status"] != "not_yet":
            self._let_go()

    def _do(self, name: str, act: Callable[[], Answer], **sent: object) -> Answer | None:
        """Do a thing and note it. Returns None where it was refused."""
        self.count += 1
        self.notes.write(n=self.count, agent=self.agent, name=name, sent=sent)
        try:
            answer = act()
        except Refusal as refusal:
            told: dict[str, object] = {}
            if refusal.code in checker.FAULTS:
                told["message"] = refusal.message
            came, result = refusal.code, None
            if refusal.code in ("unknown_member", "room_not_found"):
                self._check_membership(refusal)
        except Exception:
            came, result, told = checker.CRASH, None, {"text": traceback.format_exc()}
        else:
            came, told, result = came_of(name, answer), told_by(answer), answer
        self.notes.write(n=self.count, came=came, told=told)
        return result

    def _check_membership(self, refusal: Refusal) -> None:
        if "to_agent_id" not in refusal.details:
            self.room = ""
            self._let_go()


def handoff(token: str) -> dict[str, object]:
    return {"status": token, "next_action": "go on"}


def came_of(name: str, answer: Answer) -> str:
    return str(answer["status"]) if name in checker.ASKING else "ok"


def told_by(answer: Answer) -> dict[str, Any]:
    """Return of an answer what the checker asks about."""
    letter = answer.get("handoff")
    found = {
        "status": answer.get("status"),
        "turn": answer.get("turn_id"),
        "lease": answer.get("lease_id"),
        "event": None if answer.get("again") else answer.get("event_seq"),
        "handoff": letter["status"] if letter else None,
        "to": answer.get("to"),
        "again": answer.get("again") or None,
        "paths": answer.get("paths"),
        "unread_from": answer.get("unread_from"),
        "also": [told_by(one) for one in answer.get("also", ())] or None,
    }
    return {key: value for key, value in found.items() if value is not None}
