"""Starts the shells of the tests, from one process that has all of ours loaded.

A shell is an orphan that leads a terminal session of its own. What a test needs to have been done in
it before (``stick join``, ``stick take``) is done by forks below what becomes the shell: the same
function as the program's, in a process with the same ancestors, session and names, only without the
start of an interpreter, which takes ten times as long as their work. What a test asks about is typed
into the shell, and runs the program itself.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

_lock = threading.Lock()
_running: list[subprocess.Popen[bytes]] = []


def launch(
    folder: Path, cwd: Path, env: Mapping[str, str], base: Mapping[str, str],
    first: Sequence[Sequence[str]],
) -> None:  # fmt: skip
    """Start ``sh`` on the pipes ``in`` and ``out`` of a folder, after some commands of ``stick``.

    ``base`` is the environment of the process that starts them, used at the first call. What a
    command printed is in ``first-N.out`` and ``first-N.err``; after one that fails no shell starts.
    """
    asked = {"folder": str(folder), "cwd": str(cwd), "env": dict(env), "first": list(first)}
    with _lock:
        if not _running or _running[0].poll() is not None:
            _running[:] = [_start(base)]
        pipe = _running[0].stdin
        assert pipe
        pipe.write(json.dumps(asked).encode() + b"\n")
        pipe.flush()


def _start(base: Mapping[str, str]) -> subprocess.Popen[bytes]:
    # -P: the folder of this file is none to import from
    return subprocess.Popen([sys.executable, "-P", __file__], env=base, stdin=subprocess.PIPE)


# --- the process that starts them


def serve(requests: IO[bytes]) -> None:
    """Start a shell for each line, until there are no more."""
    load_all()
    for line in requests:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            _in_a_child(_orphan, asked)
        os.waitpid(child, 0)


def load_all() -> None:
    """Load what the commands load while they run, all of ours but the starts and typer's side."""
    import stickhooks

    cli = [f"stickhooks.cli.{name}" for name in ("error_handler", "fast_parser", "turn_commands")]
    for found in pkgutil.walk_packages(stickhooks.__path__, "stickhooks."):
        if found.name.split(".")[1] not in ("__main__", "hook", "cli", "timeline", "fast"):
            _load(found.name)
    for name in cli:
        _load(name)


def _load(name: str) -> None:
    """Load a module, so that it need not be later; the command that cannot load it says why."""
    with contextlib.suppress(Exception):
        importlib.import_module(name)


def _orphan(asked: dict[str, Any]) -> None:
    """Become the shell, in a grandchild whose parent has ended."""
    parent = os.getpid()
    if os.fork():
        os._exit(0)
    while os.getppid() == parent:
        os.sched_yield()
    os.setsid()
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    _be_called("sh")
    folder = asked["folder"]
    for number, words in enumerate(asked["first"]):
        command = os.fork()
        if not command:
            _in_a_child(_stick, words, f"{folder}/first-{number}")
        code = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
        if code:
            told = f"exec <in >out; read asked; echo failed with {code}: $(cat first-{number}.*)"
            os.chdir(folder)
            os.execvp("sh", ["sh", "-c", told])
    for number, (name, flags) in enumerate((("in", 0), ("out", 1), ("errors", 1 | os.O_CREAT))):
        os.dup2(os.open(f"{folder}/{name}", flags, 0o600), number)
    # An interpreter ignores these; a shell in a terminal does not.
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(ignored, signal.SIG_DFL)
    os.execvp("sh", ["sh"])


def _stick(words: list[str], base: str) -> None:
    """Run ``stick`` with some words, as ``stickhooks.__main__`` does, and end with its code."""
    _be_called("stick")
    for number, name in enumerate((os.devnull, f"{base}.out", f"{base}.err")):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT if number else os.O_RDONLY, 0o600), number)
    from stickhooks.cli import error_handler, fast_parser
    from stickhooks.fast.os import leave

    call = fast_parser.read(words)
    assert call, words
    leave(error_handler.caught(call, words, dict(os.environ)))


def _be_called(name: str) -> None:
    """Take the name that the program would have: it is written down with a member's process."""
    try:
        Path("/proc/self/comm").write_text(name)
    except OSError:  # another system: the interpreter's name stays
        pass


def _in_a_child(work: Callable[..., None], *given: Any) -> None:
    """Do something that ends this process; where it fails, say why and end all the same."""
    try:
        work(*given)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(1)


if __name__ == "__main__":
    serve(sys.stdin.buffer)
