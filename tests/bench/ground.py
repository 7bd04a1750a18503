"""Where it is measured: a stick installed from a wheel, throw-away repositories, real callers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from .figures import Cost

REPOSITORY: Final = Path(__file__).resolve().parent.parent.parent
CALLER: Final = Path(__file__).with_name("caller.py")
FOREIGN: Final = ("CLAUDE", "STICK", "GIT_", "CODEX", "XDG_", "PYTHON", "VIRTUAL_ENV")


class Failed(Exception):  # noqa: N818 - what is measured does not do what it should
    """A command answered with another exit code than the one that is measured."""


class Caller:
    """Somebody who calls commands: an orphan that leads a terminal session of its own."""

    def __init__(
        self, python: Path, folder: Path, cwd: Path, env: Mapping[str, str], client: bool
    ) -> None:
        folder.mkdir(parents=True)
        pipes = [folder / name for name in ("in", "out")]
        for pipe in pipes:
            os.mkfifo(pipe)
        self.errors = folder / "errors"
        subprocess.run(
            [python, "-I", "-S", CALLER, *pipes, self.errors],
            stdin=subprocess.DEVNULL,
            env=dict(env),
            check=True,
        )
        self._in, self._out = pipes[0].open("w"), pipes[1].open()
        self.session = str(uuid.uuid4())
        told = {"CLAUDECODE": "1", "CLAUDE_CODE_SESSION_ID": self.session} if client else {}
        self.pid: int = self._ask("set", cwd=str(cwd), env={**env, **told}, client=client)

    def run(self, *argv: object, code: int = 0, **more: str) -> Cost:
        """Run a command and return what it cost. Raises Failed where it ends with another code."""
        answer = self._ask("run", argv=[str(word) for word in argv], **more)
        if answer["code"] != code:
            told = self.errors.read_text()[-2000:]
            raise Failed(f"{argv}: exit {answer['code']}, not {code}\n{told}")
        return Cost(answer["wall"], answer["cpu"])

    def begin(self, *argv: object) -> int:
        """Start a command and return its pid."""
        pid: int = self._ask("begin", argv=[str(word) for word in argv])
        return pid

    def end(self, pid: int, signal: int = 0) -> int:
        """Wait for a command, with a signal if one is given, and return its exit code."""
        code: int = self._ask("end", pid=pid, signal=signal)
        return code

    def close(self) -> None:
        self._in.close()  # it ends with its orders
        self._out.close()

    def _ask(self, what: str, **order: object) -> Any:
        print(json.dumps({"do": what, **order}), file=self._in, flush=True)
        line = self._out.readline()
        if not line:
            raise Failed(f"the caller has ended: {self.errors.read_text()[-2000:]}")
        return json.loads(line)


class Ground:
    """A temporary folder with all that is measured in it. A context manager that clears it away."""

    def __init__(self, folder: Path, python: Path | None = None) -> None:
        self.folder = folder
        self.python = python or self._installed()
        self.callers: list[Caller] = []
        home = folder / "home"
        home.mkdir()
        kept = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}
        who = {f"GIT_{r}_{k}": "bench" for r in ("AUTHOR", "COMMITTER") for k in ("NAME", "EMAIL")}
        self.env = {
            **kept,
            **who,
            "HOME": str(home),
            "PATH": f"{self.python.parent}{os.pathsep}{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "LC_ALL": "C.UTF-8",
        }

    def _installed(self) -> Path:
        """Install a wheel of this checkout: an editable install costs every start more."""
        venv = self.folder / "venv"
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        python = venv / "bin" / "python"
        # A pip of today: the commands that older ones make load ``re`` first, a whole start.
        for what in (("--upgrade", "pip"), (REPOSITORY,)):
            subprocess.run([python, "-m", "pip", "install", "-q", *what], check=True)
        return python

    @property
    def stick(self) -> Path:
        return self.python.with_name("stick")

    def repository(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir()
        self.git(folder, "init", "-q", "-b", "main")
        (folder / "app.py").write_text("print('shop')\n")
        self.git(folder, "add", ".")
        self.git(folder, "commit", "-q", "-m", "shop")
        return folder

    def git(self, folder: Path, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=folder, env=self.env, check=True)

    def agent(self, cwd: Path) -> Caller:
        return self._caller(cwd, client=True)

    def person(self, cwd: Path) -> Caller:
        return self._caller(cwd, client=False)

    def _caller(self, cwd: Path, *, client: bool) -> Caller:
        place = self.folder / "callers" / str(len(self.callers))
        self.callers.append(Caller(self.python, place, cwd, self.env, client))
        return self.callers[-1]

    def held(self, name: str) -> tuple[Path, Caller]:
        """Return a repository with hooks and a room, and the agent that holds the stick there."""
        repo = self.repository(name)
        self.person(repo).run(self.stick, "init", "--only", "git,claude")
        agent = self.agent(repo)
        agent.run(self.stick, "join")
        agent.run(self.stick, "take", "--why", "measure")
        return repo, agent

    def __enter__(self) -> Ground:
        return self

    def __exit__(self, *_: object) -> None:
        for caller in self.callers:
            caller.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def bare(python: Path) -> Sequence[object]:
    """Return the command that the gate is measured against: B0."""
    return python, "-I", "-S", "-c", "pass"
