"""Run one operation in a process of its own, under strace, disturbed as told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

from .one_operation import BEGIN, END, SIZE

PATIENCE_S: Final = 20.0
ROOT: Final = Path(__file__).resolve().parents[2]
#: What an operation answered, as ``one_operation.told`` tells it; nothing where it was killed.
Outcome: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One system call of a trace, and which one of its name it is."""

    name: str
    number: int
    text: str


class Server:
    """A process that forks children ready to do one operation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(ROOT)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def run(self, case: str, root: Path, inject: Iterable[str]) -> tuple[list[Call], Outcome]:
        """Do one operation, disturbed as told. Returns its calls and what it answered."""
        result, trace = self.folder / "result", self.folder / "trace"
        result.write_bytes(bytes(SIZE))
        self._say(json.dumps({"case": case, "root": str(root), "result": str(result)}))
        pid = self._hear()
        options = [word for one in inject for word in ("-e", f"inject={one}")]
        names = sorted({one.partition(":")[0] for one in inject})
        if names:  # to print what is not disturbed would cost a tenth of the time
            options += ["-e", f"trace=newfstatat,{','.join(names)}"]
        with subprocess.Popen(
            ["strace", "-p", pid, "-o", str(trace), *options], stderr=subprocess.PIPE, text=True
        ) as strace:
            assert strace.stderr
            told = strace.stderr.readline()
            attached = "attached" in told
            self._say("go")
            self._hear()
            strace.stderr.read()
        if not attached:
            raise OSError(told.strip())
        data = result.read_bytes().rstrip(b"\0")
        return calls_of(trace.read_text(errors="replace")), json.loads(data) if data else {}

    def _say(self, text: str) -> None:
        _pipe(self.process.stdin).write(text + "\n")
        _pipe(self.process.stdin).flush()

    def _hear(self) -> str:
        text = _pipe(self.process.stdout).readline().strip()
        if not text:
            raise OSError("the server has ended")
        return text

    def close(self) -> None:
        _pipe(self.process.stdin).close()
        self.process.wait(PATIENCE_S)
        _pipe(self.process.stdout).close()


_SERVE: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); import tests.stress.one_operation as o; o.serve()"
)


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe
    return pipe


def calls_of(trace: str) -> list[Call]:
    """Return the system calls of a trace, in order."""
    counts: dict[str, int] = {}
    found = []
    for text in trace.splitlines():
        name, bracket, _ = text.partition("(")
        if bracket and name.isidentifier():
            counts[name] = counts.get(name, 0) + 1
            found.append(Call(name, counts[name], text))
    return found


def bounds(calls: Sequence[Call]) -> tuple[int, int]:
    """Return between which calls the operation is; a trace that ends early ends there."""
    begin = next((i for i, call in enumerate(calls) if BEGIN in call.text), len(calls))
    end = next((i for i, call in enumerate(calls) if END in call.text), len(calls))
    return begin, end
