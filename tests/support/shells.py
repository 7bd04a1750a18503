"""Real shells for the tests: people in terminals, and agents inside a coding client.

Every shell is an orphan in a terminal session of its own: the process that runs the tests
is not above it, so that tests come out the same inside a coding client as anywhere else.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shlex
import signal
import stat
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.support import launcher

STICK = Path(sys.executable).with_name("stick")
PATIENCE_S = 240.0  # what hangs is ended by pytest-timeout a minute later, and says where


@dataclass(frozen=True)
class Result:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err

    @property
    def json(self) -> Any:
        """Return the one JSON object on standard output; anything else there is a failure."""
        value = json.loads(self.out)
        assert isinstance(value, dict), self.out
        return value

    def ok(self) -> Result:
        assert self.code == 0, f"exit {self.code}\n{self.out}\n{self.err}"
        return self

    def fails(self, code: int, *words: str) -> Result:
        """Hold a refusal to its exit code and words, and to a clear sentence without traceback."""
        assert self.code == code, f"exit {self.code}, not {code}\n{self.out}\n{self.err}"
        assert "Traceback" not in self.text, self.text
        for word in words:
            assert word in self.text, f"{word!r} is not in:\n{self.text}"
        return self


def environment(home: Path) -> dict[str, str]:
    """Return the environment of somebody whose home is ``home``, with nothing of the caller's."""
    foreign = (
        "CLAUDE", "STICK", "GIT_", "CODEX", "COPILOT", "GEMINI", "OPENCODE", "XDG_", "PYTHON",
        "PYTEST",
    )  # fmt: skip
    kept = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    people = {
        f"GIT_{who}_{key}": value
        for who in ("AUTHOR", "COMMITTER")
        for key, value in {"NAME": "T. Ester", "EMAIL": "t@example.invalid"}.items()
    }
    planted = os.environ.get("STICK_PLANTED")  # a copy of the source with a bug in it
    return {
        **kept,
        **people,
        **({"PYTHONPATH": planted} if planted else {}),
        "PATH": f"{STICK.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "LC_ALL": "C.UTF-8",
    }


def without_stick(path: str) -> str:
    """Return a search path on which there is no ``stick``."""
    folders = [f for f in path.split(os.pathsep) if not os.path.lexists(os.path.join(f, "stick"))]
    return os.pathsep.join(folders)


class Shell:
    """One long-lived ``sh``, fed by a pipe. What runs in it has it above itself."""

    def __init__(
        self,
        folder: Path,
        cwd: Path,
        env: Mapping[str, str],
        parent: Shell | None = None,
        first: Sequence[Sequence[str]] = (),
    ) -> None:
        """Start it, below a shell or below nobody; the latter after some commands of ``stick``."""
        self.folder = folder
        self.cwd = cwd
        self.env = dict(env)
        self.count = 0
        self.children: list[Shell] = []
        folder.mkdir(parents=True)
        pipe_in, pipe_out, errors = folder / "in", folder / "out", folder / "errors"
        os.mkfifo(pipe_in)
        os.mkfifo(pipe_out)
        if parent is None:
            launcher.launch(folder, cwd, self.env, environment(Path(os.devnull)), first)
        else:
            names = " ".join(shlex.quote(str(name)) for name in (pipe_in, pipe_out, errors))
            parent.say(f"set -- {names}; sh <$1 >$2 2>$3 &")
            parent.children.append(self)
        self._in = os.open(pipe_in, os.O_WRONLY)
        self._out = os.open(pipe_out, os.O_RDONLY)
        self._rest = b""
        self.say("echo pid $$")
        self.pid = int(self._hear("pid "))

    # --- running commands

    def run(
        self,
        command: str,
        env: Mapping[str, str] | None = None,
        *,
        cwd: Path | None = None,
        stdin: Path | None = None,
    ) -> Result:
        """Run a command in a subshell of this shell, and return what came of it."""
        return self.begin(command, env, cwd=cwd, stdin=stdin).result()

    def begin(
        self,
        command: str,
        env: Mapping[str, str] | None = None,
        *,
        cwd: Path | None = None,
        stdin: Path | None = None,
    ) -> Running:
        """Start a command in the foreground, as somebody typing would, and do not wait for it."""
        self.count += 1
        base = self.folder / str(self.count)
        more = "".join(f"export {k}={shlex.quote(v)}\n" for k, v in (env or {}).items())
        script = f"cd {shlex.quote(str(cwd or self.cwd))} || exit 99\n{more}{command}\n"
        base.with_suffix(".sh").write_bytes(os.fsencode(script))
        name = shlex.quote(str(base))
        source = shlex.quote(str(stdin)) if stdin else "/dev/null"
        self.say(f"( . {name}.sh ) >{name}.out 2>{name}.err <{source}; echo done {self.count} $?")
        return Running(self, base)

    def stick(self, arguments: str, env: Mapping[str, str] | None = None) -> Result:
        return self.run(f"stick {arguments}", env)

    def finished(self, number: str) -> int:
        return int(self._hear(f"done {number} "))

    def say(self, line: str) -> None:
        os.write(self._in, os.fsencode(line + "\n"))

    def _hear(self, mark: str) -> str:
        until = time.monotonic() + PATIENCE_S
        while b"\n" not in self._rest:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._out], [], [], left)[0]:
                raise TimeoutError(f"the shell does not answer: {mark}")
            piece = os.read(self._out, 4096)
            if not piece:
                raise EOFError("the shell has ended")
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        told = os.fsdecode(line)
        assert told.startswith(mark), told
        return told.removeprefix(mark)

    # --- ending

    def kill(self) -> None:
        """Kill the shell and all that runs in it, as a crash would, and return when it is dead."""
        all_of_it = list(_tree(self.pid))  # before the first dies: its children are nobody's then
        for process in all_of_it:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        until = time.monotonic() + PATIENCE_S
        while any(_lives(p.pid) for p in all_of_it) and time.monotonic() < until:
            time.sleep(0.005)

    def close(self) -> None:
        self.kill()
        for fd in (self._in, self._out):
            with contextlib.suppress(OSError):
                os.close(fd)


class Running:
    """A command that was started in a shell."""

    def __init__(self, shell: Shell, base: Path) -> None:
        self.shell = shell
        self.base = base

    def result(self) -> Result:
        code = self.shell.finished(self.base.name)
        return Result(code, _text(self.base, ".out"), _text(self.base, ".err"))

    def so_far(self) -> Result:
        """Return what was printed until now; the code means nothing yet."""
        return Result(-1, _text(self.base, ".out"), _text(self.base, ".err"))

    def send(self, number: signal.Signals, name: str = "stick") -> None:
        """Send a signal to the command itself, and to nothing above it."""
        self.process(name).send_signal(number)

    def process(self, name: str = "stick") -> psutil.Process:
        """Return the innermost process of that name below the shell, as soon as it runs."""

        def found() -> psutil.Process | None:
            named = [p for p in _tree(self.shell.pid) if _name(p) == name]
            return named[-1] if named else None

        process: psutil.Process = eventually(found)
        return process


class Agent(Shell):
    """A shell that stands for a running Claude Code: what it runs sees that client above it."""

    def __init__(
        self,
        folder: Path,
        cwd: Path,
        env: Mapping[str, str],
        parent: Shell | None = None,
        session: str | None = None,
    ) -> None:
        super().__init__(folder, cwd, env, parent)
        self.session = session or str(uuid.uuid4())
        self.clear(self.session)

    def clear(self, session: str) -> None:
        """Begin another session in the same client process."""
        self.session = session
        told = f"CLAUDE_PID=$$ CLAUDECODE=1 CLAUDE_CODE_SESSION_ID={shlex.quote(session)}"
        self.say(f"export {told}")

    def payload(self, path: Path | str, tool: str = "Edit", **more: object) -> dict[str, object]:
        """Return what the client sends to its hook before an edit."""
        key = "notebook_path" if tool == "NotebookEdit" else "file_path"
        return {
            "session_id": self.session,
            "transcript_path": f"/home/u/.claude/projects/p/{self.session}.jsonl",
            "cwd": str(self.cwd),
            "prompt_id": "22005abb-0000-4000-8000-000000000000",
            "permission_mode": "acceptEdits",
            "hook_event_name": "PreToolUse",
            "tool_name": tool,
            "tool_input": {
                key: str(path),
                "old_string": "original",
                "new_string": "changed",
                "replace_all": False,
            },
            "tool_use_id": "toolu_fake0001",
            **more,
        }

    def hook(self, payload: object) -> Result:
        """Run the installed hook as the client would, with a payload (bytes are sent as they are)."""
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        name = self.folder / f"payload-{self.count}"
        name.write_bytes(data)
        return self.run(f"sh -c {shlex.quote(self.hook_command())}", stdin=name)

    def hook_command(self) -> str:
        """Return the command that the project's settings name for edits."""
        settings = json.loads((self.cwd / ".claude/settings.local.json").read_text())
        [entry] = settings["hooks"]["PreToolUse"][-1]["hooks"]
        assert isinstance(entry["command"], str)
        return entry["command"]

    def edit(self, path: Path | str, tool: str = "Edit", text: str = "changed\n") -> Result:
        """Edit a file as the client does: ask the hook, and write only where it allows."""
        result = self.hook(self.payload(self.cwd / path, tool))
        if result.code == 0:
            (self.cwd / path).write_text(text)
        return result


class Shells:
    """Makes shells, and ends them when the test is over."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self.env = dict(env)
        self.all: list[Shell] = []

    def person(self, cwd: Path, env: Mapping[str, str] | None = None) -> Shell:
        return self._kept(Shell(self._name(), cwd, {**self.env, **(env or {})}))

    def member(self, cwd: Path, name: str) -> Shell:
        """Return a person who has joined the room there."""
        return self._after(cwd, ["join", "--as", name])

    def holder(self, cwd: Path, name: str, why: str = "") -> Shell:
        """Return a person who has joined the room there and has taken the stick."""
        return self._after(cwd, ["join", "--as", name], ["take", *(["--why", why] if why else ())])

    def _after(self, cwd: Path, *first: Sequence[str]) -> Shell:
        return self._kept(Shell(self._name(), cwd, self.env, first=first))

    def agent(
        self, cwd: Path, parent: Shell | None = None, session: str | None = None
    ) -> Agent:  # fmt: skip
        made = Agent(self._name(), cwd, self.env, parent, session)
        self.all.append(made)
        return made

    def _name(self) -> Path:
        return self.folder / f"shell-{len(self.all)}"

    def _kept(self, shell: Shell) -> Shell:
        self.all.append(shell)
        return shell

    def close(self) -> None:
        for shell in reversed(self.all):
            shell.close()


def _text(base: Path, suffix: str) -> str:
    try:
        return os.fsdecode(base.with_suffix(suffix).read_bytes())
    except FileNotFoundError:  # it has not begun yet
        return ""


def _tree(pid: int) -> Iterator[psutil.Process]:
    """Yield a process and all below it, the innermost last."""
    with contextlib.suppress(psutil.NoSuchProcess):
        top = psutil.Process(pid)
        yield top
        yield from top.children(recursive=True)


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return ""


def _lives(pid: int) -> bool:
    try:
        return str(psutil.Process(pid).status()) != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def eventually(look: Any, patience: float = PATIENCE_S) -> Any:
    """Return what ``look`` returns as soon as that is true."""
    until = time.monotonic() + patience
    while not (found := look()):
        assert time.monotonic() < until, "it did not come in time"
        time.sleep(0.02)
    return found


@contextlib.contextmanager
def held_lock(workspace: Path) -> Iterator[None]:
    """Have another process hold the lock of a workspace, as a hung command would."""
    lock = workspace / ".talking-stick/lock"
    code = (
        "import fcntl, sys; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX);"
        " print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", code, lock],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        process.stdout.readline()
        yield
        process.kill()


Tree = dict[str, tuple[int, bytes]]


def snapshot(*folders: Path, skip: tuple[str, ...] = ()) -> Tree:
    """Return everything below some folders: mode and content (of a link its target) by path.

    ``skip`` are paths relative to a folder that are left out with all below them.
    """
    found: Tree = {}
    for folder in folders:
        for path in [folder, *sorted(folder.rglob("*"))]:
            relative = path.relative_to(folder).as_posix()
            if not any(relative == name or relative.startswith(name + "/") for name in skip):
                found[str(path)] = _content(path)
    return found


def _content(path: Path) -> tuple[int, bytes]:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return mode, os.fsencode(os.readlink(path))
    return mode, path.read_bytes() if stat.S_ISREG(mode) else b""


def git_snapshot(repo: Path) -> Tree:
    """Return a working tree and its git dir, without what git changes by itself."""
    return snapshot(repo, skip=(".git/objects", ".git/index", ".git/logs", ".git/COMMIT_EDITMSG"))


def difference(before: Tree, after: Tree) -> list[str]:
    """Return the paths that differ between two snapshots, with how."""
    told = [f"new: {path}" for path in sorted(after.keys() - before.keys())]
    told += [f"gone: {path}" for path in sorted(before.keys() - after.keys())]
    for path in sorted(before.keys() & after.keys()):
        if before[path] != after[path]:
            told.append(f"changed: {path}: {before[path]!r:.200} -> {after[path]!r:.200}")
    return told
