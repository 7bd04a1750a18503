"""shfmt: the parser of mvdan/sh, asked for a command's syntax tree as JSON.

A real parser that turns away what bash would, in a process of its own with limits on its time,
memory and output: a command that makes it run away is one that cannot be understood.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import threading

from stickhooks.fast import json
from stickhooks.shell.grammar import Unclear

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from stickhooks.shell.grammar import Node

TREE_LIMIT: Final = 32 << 20
MEMORY_LIMIT: Final = 256 << 20
PATIENCE_S: Final = 5.0
MISSING: Final = "the shell's grammar is not installed: pip install 'shfmt-py>=4.2'"


def statements(command: str) -> list[Node]:
    """Return the statements of a command. Raises Unclear with what is wrong with it."""
    try:
        tree = json.read(_shfmt(command.encode()).decode())
    except ValueError as error:
        raise Unclear(f"the command's syntax tree cannot be read: {error}") from None
    if not isinstance(tree, dict) or tree.get("Type") != "File":
        raise Unclear("the answer of the shell's grammar is not understood")
    found: list[Node] = tree.get("Stmts", [])
    return found


def _shfmt(source: bytes) -> bytes:
    """Return shfmt's answer. The source fits into a pipe, so writing it first never blocks."""
    program = _program()
    if program is None:
        raise Unclear(MISSING)
    pipe = subprocess.PIPE
    arguments = [program, "--to-json", "-ln", "bash"]
    try:
        process = subprocess.Popen(arguments, stdin=pipe, stdout=pipe, stderr=pipe, cwd="/")
    except OSError as error:
        raise Unclear(f"{MISSING} ({error.strerror})") from None
    with process:
        _limit_memory(process.pid)
        timer = threading.Timer(PATIENCE_S, process.kill)
        timer.start()
        try:
            answer = _conversation(process, source)
        finally:
            timer.cancel()
            process.kill()
    return answer


def _conversation(process: subprocess.Popen[bytes], source: bytes) -> bytes:
    assert process.stdin
    assert process.stdout
    assert process.stderr
    try:
        process.stdin.write(source)
        process.stdin.close()
    except BrokenPipeError:
        pass
    answer = process.stdout.read(TREE_LIMIT + 1)
    if len(answer) > TREE_LIMIT:
        raise Unclear("the command is nested too deeply")
    complaint = process.stderr.read(4096).decode("utf-8", "replace")
    code = process.wait()
    if code == 1 and complaint and "max depth" not in complaint:
        where = complaint.strip().splitlines()[0].removeprefix("<standard input>:")
        raise Unclear(f"it is not bash: {where}")
    if code:
        raise Unclear("the command is nested too deeply, or too long to be parsed")
    return answer


def _limit_memory(pid: int) -> None:
    """Bound what a runaway parse may take, where the system can do that for another process.

    What counts is data: Go reserves addresses by the gigabyte, and dies where it may not.
    """
    try:
        import resource

        resource.prlimit(pid, resource.RLIMIT_DATA, (MEMORY_LIMIT, MEMORY_LIMIT))
    except (ImportError, AttributeError, OSError, ValueError):
        pass


def _program() -> str | None:
    """Return shfmt's path: beside this Python, where pip put it, before any other on PATH."""
    folders = [os.path.dirname(os.path.abspath(sys.executable)), sysconfig.get_path("scripts")]
    user = sysconfig.get_path("scripts", "nt_user" if os.name == "nt" else "posix_user")
    name = "shfmt.exe" if os.name == "nt" else "shfmt"
    for folder in (*folders, user):
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK):
            return path
    import shutil

    return shutil.which(name)
