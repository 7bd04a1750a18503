"""A working tree in which packaged coding clients work, and how what they did is looked at."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

from .cases import repository
from .live_client import STICK, Live, Talking, alone

NOT_TRIED: Final = "not tried: "


class Tree:
    """A repository with our git hooks, and the sessions that work in it."""

    def __init__(self, folder: Path, *, hooks: bool = True) -> None:
        self.folder, self.repo = folder, repository(folder / "repo")
        (self.repo / "app.txt").write_text("original\n")
        self.home = folder / "person"
        self.home.mkdir()
        self.sessions: list[Live] = []
        if hooks:
            self.stick("init --only git")
            self.stick("join --as ada")
            self.stick("policy gone_grace 0s")

    def stick(self, line: str) -> str:
        """Type a command of ours as a person called ada."""
        done = subprocess.run(
            [STICK, *line.split()], cwd=self.repo, env={**alone(self.home, self.repo), "STICK_AGENT": "ada"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.stdout + done.stderr

    def git(self, *words: str) -> None:
        """Have a person without the stick run git in a terminal, past the gate."""
        free = {**alone(self.home, self.repo), "GIT_CONFIG_COUNT": "1"}
        off = {"GIT_CONFIG_KEY_0": "core.hooksPath", "GIT_CONFIG_VALUE_0": os.devnull}
        subprocess.run(["git", *words], cwd=self.repo, env={**free, **off}, check=True)

    def session(self, name: str, *, install: bool = True) -> Live:
        live = Live(name, self._home(), self.repo, install=install)
        self.sessions.append(live)
        return live

    def talking(self, name: str) -> Talking:
        live = Talking(name, self._home(), self.repo)
        self.sessions.append(live)
        return live

    def _home(self) -> Path:
        return self.folder / f"home-{len(self.sessions)}"

    def pair(self, name: str) -> tuple[Live, Live]:
        """Return two sessions of a client that have joined, of which the first holds the stick."""
        one, other = self.session(name), self.session(name)
        for live, words in ((one, "stick join && stick take"), (other, "stick join")):
            said = live.shell(words)
            need("you are" in said, f"could not join: {said}")
        return one, other

    def close(self) -> None:
        for live in self.sessions:
            live.close()


class WrongError(Exception):
    """What a client did that it should not have done."""


def need(held: object, what: str) -> None:
    if not held:
        raise WrongError(what[:600])
