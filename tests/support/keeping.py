"""A repository with a holder whose work is kept, lost and brought back, all in this process."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from stickhooks.cli import recovery_commands
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.recovery import blobs, lists, making
from stickhooks.recovery.entries import Listed, Turn, Why
from stickhooks.system import clock
from tests.support import places
from tests.support.world import HANDOFF, Workspace, git, git_repo

COMMITTED = {
    "a": "a as committed\n",
    "b": "b as committed\n",
    "dir/c": "c as committed\n",
    "dir/d": "d as committed\n",
    "run.sh": "#!/bin/sh\n",
}


def repository(root: Path) -> Path:
    """Make a repository with a first commit."""
    git_repo(root)
    for name, text in COMMITTED.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    (root / "run.sh").chmod(0o755)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    return root


class Keeping:
    """A held room. Members prove themselves by their lease."""

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.realpath(root))
        self.ws = Workspace(self.root, git=True)
        self.ws.rooms.clock = clock.read
        self.ids: dict[str, str] = {}
        self.leases: dict[str, tuple[str, str, str, int]] = {}
        self.workspace = places.workspace(self.root)
        self.place = places.place(self.root)

    def join(self, agent: str, path: str = "", *, new: bool = False) -> None:
        self.ids[agent] = self.ws.join(agent, path, new=new)

    def take(self, agent: str) -> int:
        """Begin a turn, with the snapshot of its begin, and return its number."""
        self.leases[agent] = self.ws.take(agent, self.ids[agent])
        self.keep("take", of=self._turn(agent))
        return self.leases[agent][3]

    def release(self, agent: str) -> None:
        """End a turn, with the snapshot of its end."""
        of = self._turn(agent)
        name, room_id, lease, turn = self.leases.pop(agent)
        self.ws.rooms.release(name, room_id, lease, turn, HANDOFF)
        self.keep("release", of=of)

    def _turn(self, agent: str) -> Turn:
        name, room_id, _, turn = self.leases[agent]
        [room] = [it.room for _, it in self.ws.store.every() if it.room.room_id == room_id]  # type: ignore[union-attr]
        return Turn(room.path, room_id, turn, name)

    def keep(self, why: Why = "before", command: str = "", of: Turn | None = None) -> Listed:
        made = making.make(self.workspace, why, command=command, seconds=60, of=of)
        assert made
        listed = lists.read(self.place, made.id)
        assert listed
        return listed

    def desk(self, agent: str | None, *, as_json: bool = False) -> Desk:
        env = {k: v for k, v in os.environ.items() if not k.startswith(("STICK_", "GIT_"))}
        if agent in self.leases:
            env["STICK_LEASE"] = self.leases[str(agent)][2]
        desk = Desk(str(self.root), agent, env=env)
        desk.as_json = as_json
        return desk

    def restore(self, agent: str | None, *given: str, **options: object) -> Reply:
        values: dict[str, object] = {"mark": "", "to": None, "index": False, "apply": True}
        values |= options
        there = [str(self.root / path) for path in given]
        reply: Reply = recovery_commands.restore(self.desk(agent), there, **values)
        return reply

    def undo(self, agent: str | None, *what: str, apply: bool = True) -> Reply:
        words = [w if w.isdigit() else str(self.root / w) for w in what]
        reply: Reply = recovery_commands.undo(self.desk(agent), words, apply)
        return reply

    def kept(self, listed: Listed) -> dict[str, bytes]:
        return {
            path: blobs.read(self.place, entry.blob)
            for path, entry in listed.paths.items()
            if entry.blob
        }

    def tree(self) -> dict[str, tuple[str, bytes]]:
        """Return everything in the working tree but git's and ours: its kind and mode, its bytes."""
        found = {}
        for path in sorted(self.root.rglob("*")):
            relative = str(path.relative_to(self.root))
            if relative.partition("/")[0] in (".git", ".talking-stick"):
                continue
            if path.is_symlink():
                found[relative] = ("link", os.fsencode(os.readlink(path)))
            elif path.is_file():
                found[relative] = (oct(path.stat().st_mode & 0o777), path.read_bytes())
        return found


def written(reply: Reply) -> list[str]:
    found: Sequence[str] = reply.data["written"]  # type: ignore[assignment]
    return sorted(found)
