"""A process that calls commands and says what they cost. It runs as nobody's child.

    python caller.py IN OUT ERRORS

It reads orders from IN, one JSON object a line, and answers each on OUT. Alone, so that what is
measured sees above itself this process and nothing of the benchmark's.
"""

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any


def main() -> None:
    if os.fork():
        os._exit(0)
    os.setsid()
    for number, (name, flags) in enumerate(
        zip(sys.argv[1:4], (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY | os.O_CREAT), strict=True)
    ):
        os.dup2(os.open(name, flags, 0o600), number)
    acts: dict[str, Callable[..., Any]] = {"set": _set, "run": _run, "begin": _begin, "end": _end}
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps(acts[order.pop("do")](**order)), flush=True)


def _set(cwd: str, env: dict[str, str], client: bool) -> int:
    """Become somebody: a person, or what stands for a running Claude Code."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    if client:
        os.environ["CLAUDE_PID"] = str(os.getpid())
    return os.getpid()


def _run(
    argv: list[str], stdin: str = os.devnull, remove: str = "", cwd: str = ""
) -> dict[str, Any]:
    """Run a command to its end. ``remove`` is a file that is taken away before."""
    if remove:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(remove)
    if cwd:
        os.chdir(cwd)
    began = time.perf_counter()
    pid = _spawned(argv, stdin)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - began
    code = os.waitstatus_to_exitcode(status)
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "code": code}


def _begin(argv: list[str]) -> int:
    return _spawned(argv, os.devnull)


def _end(pid: int, signal: int = 0) -> int:
    if signal:
        os.kill(pid, signal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _spawned(argv: list[str], stdin: str) -> int:
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, stdin, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, 2, 1),
    ]
    return os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions)


if __name__ == "__main__":
    main()
