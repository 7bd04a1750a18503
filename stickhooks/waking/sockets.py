"""One line over a socket in the file system, within a time limit."""

from __future__ import annotations

import os
import stat
import time

from stickhooks.waking.outcome import FAILED, Outcome


def fault_of(path: object) -> str:
    """Return why a path is no socket of this account, ``""`` where it is one."""
    if not isinstance(path, str) or not os.path.isabs(path):
        return "its client told no socket"
    try:
        there = os.lstat(path)
    except OSError:
        return "its socket is gone"
    if not stat.S_ISSOCK(there.st_mode):
        return "there is no socket any more where it was"
    mine = not hasattr(os, "geteuid") or there.st_uid == os.geteuid()
    return "" if mine else "its socket belongs to another account"


def send_line(path: object, line: bytes, seconds: float) -> Outcome | None:
    """Write a line to a socket. Return a failure, None where all of it was taken."""
    fault = fault_of(path)
    if fault:
        return Outcome(FAILED, fault)
    import socket

    if not hasattr(socket, "AF_UNIX"):
        return Outcome(FAILED, "this system has no such sockets")
    until = time.monotonic() + seconds
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as to:
        try:
            to.settimeout(max(0.001, seconds))
            to.connect(str(path))
            to.settimeout(max(0.001, until - time.monotonic()))
            to.sendall(line)
            to.shutdown(socket.SHUT_WR)
        except TimeoutError:
            return Outcome(FAILED, "its client did not take it in time")
        except OSError as error:
            return Outcome(FAILED, f"its client did not take it ({error.strerror})")
    return None
