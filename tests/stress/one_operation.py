"""A process that is ready to do one operation of ``cases``, for a tracer to attach to.

Reads jobs, a line of JSON each, on standard input. For each it forks, so that the start of
the interpreter is not counted: the child prepares, waits for ``go``, looks at the path
``BEGIN``, does the operation, looks at ``END``, and leaves what came of it in a mapped file,
which needs no system call.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import mmap
import os
import socket
import sys
import traceback
from pathlib import Path
from typing import Final

import psutil  # noqa: F401 - what an operation imports when it needs it is not counted either

from stickhooks.errors import Refusal

from .cases import Act, rooms_at
from .kept_cases import KEPT
from .part_cases import EVERY

BEGIN: Final = "/begin-of-the-operation"
END: Final = "/end-of-the-operation"
SIZE: Final = 1 << 16
PR_SET_PTRACER: Final = 0x59616D61
PR_SET_PTRACER_ANY: Final = ctypes.c_ulong(-1)


def told(act: Act) -> dict[str, object]:
    """Do the operation, and return what it answered."""
    try:
        return {"kind": "ok", "answer": act()}
    except Refusal as refusal:
        done, half = bool(refusal.details.get("done")), bool(refusal.details.get("half"))
        return {
            "kind": "refusal", "code": refusal.code, "message": refusal.message, "done": done, "half": half,
            "answer": refusal.details.get("answer"),
        }  # fmt: skip
    except BaseException:
        return {"kind": "crash", "text": traceback.format_exc()}


def allow_tracing() -> None:
    """Let any process trace us, where a system allows it only to ancestors."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0)


def child(job: dict[str, str], server: socket.socket) -> None:
    case = {**EVERY, **KEPT}[job["case"]]
    with Path(job["result"]).open("r+b") as file:
        result = mmap.mmap(file.fileno(), SIZE)
    act = case.prepare(rooms_at(Path(job["root"]), case.waiting))
    allow_tracing()
    gc.disable()
    server.send(b"r")
    server.recv(1)
    os.path.exists(BEGIN)
    outcome = told(act)
    os.path.exists(END)
    data = json.dumps(outcome, default=str).encode()
    result[: len(data)] = data


def serve() -> None:
    for text in sys.stdin:
        job = json.loads(text)
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            try:
                child(job, theirs)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        theirs.close()
        ours.recv(1)
        print(pid, flush=True)
        sys.stdin.readline()  # go
        with contextlib.suppress(OSError):
            ours.send(b"g")
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
        ours.close()


if __name__ == "__main__":
    serve()
