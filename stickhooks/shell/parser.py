"""shfmt: the parser of mvdan/sh, asked for a command's syntax tree as JSON.

A real parser that turns away what bash would, in a process of its own with limits on its time,
memory and output: a command that makes it run away is one that cannot be understood.
"""

from __future__ import annotations

import sys
import time

from stickhooks.fast import json
from stickhooks.fast.os import os
from stickhooks.shell.grammar import Unclear

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from stickhooks.shell.grammar import Node

TREE_LIMIT: Final = 32 << 20
MEMORY_LIMIT: Final = 256 << 20
PATIENCE_S: Final = 5.0
MISSING: Final = "the shell's grammar is not installed: pip install 'shfmt-py>=4.2'"


def statements(command: str, language: str = "bash") -> list[Node]:
    """Return the statements of a command. Raises Unclear with what is wrong with it."""
    try:
        tree = json.read(_shfmt(command.encode(), language).decode())
    except ValueError as error:
        raise Unclear(f"the command's syntax tree cannot be read: {error}") from None
    if not isinstance(tree, dict) or tree.get("Type") != "File":
        raise Unclear("the answer of the shell's grammar is not understood")
    found: list[Node] = tree.get("Stmts", [])
    return found


def _shfmt(source: bytes, language: str) -> bytes:
    """Return shfmt's answer. The source fits into a pipe, so writing it first never blocks."""
    program = _program()
    if program is None:
        raise Unclear(MISSING)
    asked = _asked if hasattr(os, "posix_spawn") else _asked_elsewhere
    try:
        answer, complaint, code = asked([program, "--to-json", "-ln", language], source)
    except OSError as error:
        raise Unclear(f"{MISSING} ({error.strerror})") from None
    if len(answer) > TREE_LIMIT:
        raise Unclear("the command is nested too deeply")
    told = complaint[:4096].decode("utf-8", "replace")
    if code == 1 and told and "max depth" not in told:
        where = told.strip().splitlines()[0].removeprefix("<standard input>:")
        raise Unclear(f"it is not {language}: {where}")
    if code:
        raise Unclear("the command is nested too deeply, or too long to be parsed")
    return answer


def _asked(arguments: list[str], source: bytes) -> tuple[bytes, bytes, int]:
    """Run a program: what it prints, what it complains of, its exit code; within the time limit.

    By the system's own calls: `subprocess` alone takes as long to load as the whole gate.
    """
    pipes = [os.pipe() for _ in range(3)]  # none of them is inherited but under its number
    theirs, ours = [pipes[0][0], pipes[1][1], pipes[2][1]], [pipes[0][1], pipes[1][0], pipes[2][0]]
    child, until = 0, time.monotonic() + PATIENCE_S
    try:
        moved = [(os.POSIX_SPAWN_DUP2, theirs[number], number) for number in range(3)]
        child = os.posix_spawn(arguments[0], arguments, os.environ, file_actions=moved)
        _limit_memory(child)
        while theirs:
            os.close(theirs.pop())
        try:
            os.write(ours[0], source)
        except BrokenPipeError:
            pass
        os.close(ours.pop(0))
        answer, complaint = _heard(ours[0], ours[1], until)
    finally:
        for descriptor in (*theirs, *ours):
            os.close(descriptor)
        status = _ended(child, until)
    return answer, complaint, os.waitstatus_to_exitcode(status)


def _heard(answers: int, complaints: int, until: float) -> tuple[bytes, bytes]:
    """Read two pipes to their ends, or as long as that may take."""
    import select

    heard: dict[int, list[bytes]] = {answers: [], complaints: []}
    opened, size = [answers, complaints], 0
    while opened and size <= TREE_LIMIT:
        ready = select.select(opened, [], [], max(0.0, until - time.monotonic()))[0]
        for descriptor in ready:
            piece = os.read(descriptor, 1 << 20)
            heard[descriptor].append(piece)
            size += len(piece)
            if not piece:
                opened.remove(descriptor)
        if not ready:
            break
    return b"".join(heard[answers]), b"".join(heard[complaints])


def _ended(child: int, until: float) -> int:
    """Wait for a child as long as it may take, end it then, and return how it ended."""
    if not child:
        return 0
    done, status = 0, 0
    while not done and time.monotonic() < until and sys.exc_info()[0] is None:
        done, status = os.waitpid(child, os.WNOHANG)
        if not done:
            time.sleep(0.0005)  # its pipes are at their ends, it is about to be gone
    if not done:
        os.kill(child, 9)
        _, status = os.waitpid(child, 0)
    return status


def _asked_elsewhere(arguments: list[str], source: bytes) -> tuple[bytes, bytes, int]:
    """Do the same where there is no ``posix_spawn``."""
    import subprocess

    try:
        done = subprocess.run(
            arguments, input=source, capture_output=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return b"", b"", 2
    return done.stdout, done.stderr, done.returncode


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
    name = "shfmt.exe" if sys.platform == "win32" else "shfmt"
    beside = os.path.join(os.path.dirname(sys.executable), name)
    if os.access(beside, os.X_OK):
        return beside
    import shutil
    import sysconfig

    user = sysconfig.get_path("scripts", "nt_user" if sys.platform == "win32" else "posix_user")
    for folder in (sysconfig.get_path("scripts"), user):
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK):
            return path
    return shutil.which(name)
