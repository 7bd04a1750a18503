"""A session of a coding client for the tests: a process of its name, and the hooks that it calls."""

from __future__ import annotations

import json
import shutil
import sys
import uuid
from pathlib import Path
from typing import Any

from stickhooks.clients import CLIENTS
from stickhooks.handlers import common
from tests.support.shells import Result, Shell, Shells

GATE = f"{sys.executable} -I -S {Path(common.__file__).parent.with_name('hook.py')}"


class Session(Shell):
    """A shell that stands for a running client: what runs in it has a process of that name above it."""

    def __init__(self, shells: Shells, cwd: Path, client: str, variables: str = "") -> None:
        super().__init__(shells.folder / f"session-{len(shells.all)}", cwd, shells.env)
        shells.all.append(self)
        self.client = CLIENTS[client]
        self.id = str(uuid.uuid4())
        self.variables = variables
        self.become(min(self.client.processes))
        self.clear(self.id)

    def become(self, name: str, *arguments: str) -> None:
        """Go on as a program of another name, in the same process."""
        program = self.folder / "bin" / name
        program.parent.mkdir(exist_ok=True)
        sh = shutil.which("sh")
        assert sh
        program.symlink_to(sh)
        again = f"exec {program} -s {' '.join(arguments)}"
        self.say(f"exec {program} -c 'echo ready $$; {again}'")
        self._hear("ready ")  # what is said before is lost with the program that read it

    def clear(self, session: str) -> None:
        """Begin another session in the same process."""
        self.id = session
        names = self.client.sessions[:1] if self.client.name != "windsurf" else ()
        told = [f"{name}={session}" for name in names]
        self.say(f"export X=1 {' '.join(told)} {self.variables}")

    def call(self, name: str, **more: Any) -> Result:
        """Call a hook as the client does, with what it tells of itself and ``more``."""
        sent = {"session_id": self.id, "cwd": str(self.cwd), **more}
        source = self.folder / f"payload-{self.count}"
        source.write_text(json.dumps(sent))
        return self.run(f"{GATE} {name} --client {self.client.name}", stdin=source)

    def edit(self, path: str = "app.py") -> Result:
        tool = "apply_patch" if self.client.name == "codex" else "Edit"
        patch = f"*** Begin Patch\n*** Update File: {path}\n@@\n-a\n+b\n*** End Patch\n"
        given = {"command": patch} if tool == "apply_patch" else {"file_path": path}
        return self.call("pre-edit", tool_name=tool, tool_input=given)


def state(room: Path) -> Any:
    return json.loads((room / ".talking-stick/room.json").read_text())
