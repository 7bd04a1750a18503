"""A repository for the hook of every client, asked with the payloads in ``data/clients``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from stickhooks import hook
from stickhooks.clients import CLIENTS
from stickhooks.operations.rooms import Rooms
from stickhooks.store.files import FileStore
from tests.conftest import build
from tests.support.shells import Result, environment

DATA = Path(__file__).parents[1] / "data/clients"
SAMPLES: dict[str, dict[str, Any]] = {
    name: json.loads((DATA / f"{name}.json").read_text()) for name in CLIENTS
}
HOLDER = "0a1b2c3d-0000-4000-8000-000000000001"
STRANGER = "9f8e7d6c-0000-4000-8000-000000000002"
CALL = (sys.executable, "-I", "-S", hook.__file__)


class Tree:
    """A repository, perhaps with a room, beside a folder without one."""

    def __init__(self, root: Path) -> None:
        self.root = build(root / "shop", {"app.py": "print('shop')\n", "src/core.py": "core = 1\n"})
        self.env = environment(root)
        self.store = FileStore(str(self.root), str(self.root / ".git"))
        self.rooms = Rooms(self.store)

    def held_by(self, session: str, path: str = "") -> str:
        """Have a member take the room at a path, known by one client session; return the room's id."""
        room = str(self.rooms.join("ana", path, session=session, force_new=bool(path))["room_id"])
        assert self.rooms.wait("ana", room)["status"] == "your_turn"
        return room

    def payload(self, client: str, what: str, session: str) -> bytes:
        text = json.dumps(SAMPLES[client][what])
        for mark, value in (
            ("ROOT", self.root),
            ("SESSION", session),
            ("OUTSIDE", self.root.parent),
        ):
            text = text.replace(f"@{mark}@", str(value))
        return text.encode()

    def ask(self, client: str, payload: bytes, *, cwd: Path | None = None) -> Result:
        """Call the hook as its launcher does."""
        done = subprocess.run(
            [*CALL, "pre-edit", "--client", client],
            input=payload, cwd=cwd or self.root, env=self.env, capture_output=True, check=False,
        )  # fmt: skip
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())
