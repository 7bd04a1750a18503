"""Two people in two clones of one repository, with a bare one as its remote."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.support.shells import Shell, Shells

ENGINE = "init --only git --engine git:origin"
HANDOFF = "release --status 'half of it' --next 'the other half'"


class Team:
    """A bare repository, and ada and bob in a clone of their own."""

    def __init__(self, folder: Path, make: Callable[[str], Path], shells: Shells) -> None:
        self.origin = folder / "origin.git"
        self.folders = make("ada"), make("bob")
        self.shells = shells
        self.engine = ENGINE
        subprocess.run(
            ["git", "clone", "-q", "--bare", str(self.folders[0]), str(self.origin)], check=True
        )
        for clone in self.folders:
            remote = ["git", "remote", "add", "origin", str(self.origin)]
            subprocess.run(remote, cwd=clone, check=True)

    def people(self) -> tuple[Shell, Shell]:
        for clone in self.folders:
            self.shells.person(clone).stick(self.engine).ok()
        ada, bob = self.folders
        return self.shells.member(ada, "ada"), self.shells.member(bob, "bob")

    def away(self) -> None:
        self.origin.rename(self.origin.with_suffix(".away"))

    def back(self) -> None:
        self.origin.with_suffix(".away").rename(self.origin)

    def tip(self, ref: str = "refs/heads/main") -> str:
        """Return what a ref of the bare repository names, ``""`` where it is not there."""
        told = ["git", "rev-parse", "-q", "--verify", ref]
        return subprocess.run(told, cwd=self.origin, capture_output=True, text=True).stdout.strip()


def close(clone: Path) -> None:
    """Let two thirds of the lease be over, by the mirror."""
    state = clone / ".talking-stick" / "room.json"
    text = state.read_text()
    until = json.loads(text)["mirror"]["until"]
    state.write_text(text.replace(f'"until":{until}', '"until":1'))
