"""The gate, asked in this very process: by an agent that never joined, and by members of a small room."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from stickhooks.clients import CLIENTS
from stickhooks.fast.records import replace
from stickhooks.gate import decision
from stickhooks.identity import resolver
from stickhooks.operations.rooms import Rooms
from stickhooks.store.files import FileStore
from stickhooks.system import clock
from stickhooks.workspace import paths


class Outsider:
    """An agent that never joined, and asks the gate in this very process."""

    def __init__(self, repo: Path) -> None:
        found = paths.workspace_of(os.path.realpath(repo))
        assert found
        self.workspace = found
        self.sighting = resolver.look({}, (CLIENTS["claude-code"], "an-outsider"))

    def is_refused(self, path: str = "app.py") -> None:
        target = paths.Target(self.workspace, path)
        verdict = decision.judge([target], decision.EDIT, self.sighting, {})
        assert not verdict.ok, "the gate is open to a stranger"


class Gate:
    """A repository with a room: ``ana`` and ``bo`` have joined, each by its client session."""

    def __init__(self, root: Path) -> None:
        (root / ".git").mkdir()
        (root / ".git/HEAD").write_text("ref: refs/heads/main\n")
        self.root = root
        self.ahead = 0
        self.rooms = Rooms(FileStore(str(root), str(root / ".git")), clock=self.clock)
        self.room = self.join("ana")
        self.join("bo")

    def clock(self) -> tuple[int, int, str]:
        """Return the real time, less what the room is to have behind it."""
        wall, monotonic, boot = clock.read()
        return wall - self.ahead, monotonic - self.ahead, boot

    def join(self, name: str, path: str = "") -> str:
        answer = self.rooms.join(name, path, force_new=True, session=f"claude:{name}")
        return str(answer["room_id"])

    def take(self, name: str, room: str = "") -> tuple[str, str, str, int]:
        answer: Any = self.rooms.wait(name, room or self.room)
        assert answer["status"] == "your_turn"
        return name, room or self.room, answer["lease_id"], answer["turn_id"]

    def policy(self, **more: Any) -> None:
        policy = replace(self.rooms.look("")[0].policy, **more)
        self.rooms.govern(self.room, policy)

    def policy_of_holder(self, **more: Any) -> None:
        """Have the holder change the policy, as it may while it holds."""
        room = self.rooms.look("")[0]
        assert room.lease
        self.rooms.set_policy(room.lease.holder, self.room, replace(room.policy, **more))

    def ask(
        self, name: str, *given: str, kind: str = decision.EDIT, env: dict[str, str] | None = None
    ) -> decision.Verdict:
        workspace = paths.Workspace(str(self.root), str(self.root / ".git"))
        sighting = resolver.look(env or {}, (CLIENTS["claude-code"], name))
        targets = [paths.Target(workspace, path) for path in given or ("app.py",)]
        return decision.judge(targets, kind, sighting, env or {})
