"""In place of ``os`` and ``os.path``, for the part of them that the gate needs: the system's own calls.

Under ``python -S`` an ``import os`` costs the gate 0.2 B0, a fifth of its start.

It behaves as they do (a test compares them). What is not here is taken from ``os`` itself, on
first use. Only for POSIX systems; see ``fast.os``.
"""

import posix
import sys
from _stat import S_ISDIR, S_ISLNK
from posix import _exit, getcwd, lstat, readlink, stat  # noqa: F401

globals().update({**vars(posix), **globals()})  # as ``import *`` does, in a tenth of its time

sep = "/"
pathsep = ":"
devnull = "/dev/null"
_CAN: list[str] = vars(posix)["_have_functions"]
supports_dir_fd = {posix.open} if "HAVE_OPENAT" in _CAN else set()

_ENCODING, _ERRORS = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()


def fsencode(name: str) -> bytes:
    return name.encode(_ENCODING, _ERRORS)


def fsdecode(name: bytes) -> str:
    return name.decode(_ENCODING, _ERRORS)


#: As at the start: nobody changes a hook's environment while it runs.
environ: dict[str, str] = {
    fsdecode(name): fsdecode(value) for name, value in vars(posix)["environ"].items()
}


def join(first: str, *more: str) -> str:
    path = first
    for part in more:
        if part.startswith("/") or not path:
            path = part
        else:
            path += part if path.endswith("/") else "/" + part
    return path


def dirname(path: str) -> str:
    head = path[: path.rfind("/") + 1]
    return head.rstrip("/") or head


def basename(path: str) -> str:
    return path[path.rfind("/") + 1 :]


def isabs(path: str) -> bool:
    return path.startswith("/")


def exists(path: str) -> bool:
    try:
        stat(path)
    except (OSError, ValueError):
        return False
    return True


def lexists(path: str) -> bool:
    try:
        lstat(path)
    except (OSError, ValueError):
        return False
    return True


def isdir(path: str) -> bool:
    try:
        return S_ISDIR(stat(path).st_mode)
    except (OSError, ValueError):
        return False


def islink(path: str) -> bool:
    try:
        return S_ISLNK(lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def expanduser(path: str) -> str:
    if not path.startswith("~"):
        return path
    import os

    return os.path.expanduser(path)


def realpath(path: str) -> str:
    """Follow every link that can be read; what is not there stays as it is. Loops are left alone."""
    rest: list[str | None] = list(reversed(path.split("/")))
    done = "/" if path.startswith("/") else getcwd()
    known: dict[str, str | None] = {}  # where a link led to; None while it is followed
    while rest:
        name = rest.pop()
        if name is None:  # here a link ended whose name comes next
            known[str(rest.pop())] = done
        elif name == "..":
            done = dirname(done)
        elif name and name != ".":
            new = join(done, name)
            if known.get(new):
                done = str(known[new])
                continue
            try:
                target = readlink(new)
            except OSError:
                done = new
                continue
            if new in known:
                done = new
                continue
            known[new] = None
            rest += [new, None, *reversed(target.split("/"))]
            if target.startswith("/"):
                done = "/"
    return done


def __getattr__(name: str) -> object:
    import os

    return getattr(os, name) if hasattr(os, name) else getattr(os.path, name)


path = sys.modules[__name__]
