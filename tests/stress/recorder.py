"""Every change of the file system below a folder, written down as it is done."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast


@dataclass(frozen=True)
class Step:
    """One change of the file system. ``file`` numbers contents: a name may get another one."""

    kind: Literal["mkdir", "create", "rename", "unlink", "write", "cut", "sync", "syncdir"]
    path: str
    to: str = ""
    file: int = 0
    at: int = 0
    data: bytes = b""

    @property
    def folder(self) -> str:
        return os.path.dirname(self.path)


class Recorder:
    """Does what is asked of the file system below ``root``, and writes it down."""

    _NAMES = ("open", "close", "dup", "write", "fsync", "ftruncate", "replace", "rename", "unlink",
              "mkdir", "rmdir")  # fmt: skip

    def __init__(self, root: str) -> None:
        self.root = root
        self.steps: list[Step] = []
        self.files: dict[str, int] = {}
        self.open: dict[int, tuple[str, int]] = {}  # a descriptor's path and file, 0: a folder
        self.made = 0
        self.real: dict[str, Callable[..., Any]] = {name: getattr(os, name) for name in self._NAMES}

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        for name in self._NAMES:
            setattr(os, name, getattr(self, f"_{name}"))
        try:
            yield
        finally:
            for name, function in self.real.items():
                setattr(os, name, function)

    def _path(self, path: str, dir_fd: int | None) -> str:
        base = self.open[dir_fd][0] if dir_fd is not None else "/"
        return os.path.normpath(os.path.join(base, path))

    def _ours(self, path: str) -> bool:
        return path.startswith(self.root + os.sep)

    def _note(self, kind: Any, path: str, **more: Any) -> None:
        self.steps.append(Step(kind, path, **more))

    def _open(
        self, path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None
    ) -> int:  # fmt: skip
        at = {} if dir_fd is None else {"dir_fd": dir_fd}
        if isinstance(path, int) or (dir_fd is not None and dir_fd not in self.open):
            return cast("int", self.real["open"](path, flags, mode, **at))
        whole = self._path(os.fspath(path), dir_fd)
        fd: int = self.real["open"](path, flags, mode, **at)
        if self._ours(whole) or whole == self.root:
            if stat.S_ISDIR(os.fstat(fd).st_mode):
                self.open[fd] = whole, 0
            else:
                self.open[fd] = whole, self._file(whole, flags)
        return fd

    def _file(self, path: str, flags: int) -> int:
        if path not in self.files:
            assert flags & os.O_CREAT, f"{path} was made behind our back"
            self.made += 1
            self.files[path] = self.made
            self._note("create", path, file=self.made)
        return self.files[path]

    def _close(self, fd: int) -> None:
        self.open.pop(fd, None)
        self.real["close"](fd)

    def _dup(self, fd: int) -> int:
        new: int = self.real["dup"](fd)
        if fd in self.open:
            self.open[new] = self.open[fd]
        return new

    def _write(self, fd: int, data: Any) -> int:
        known = self.open.get(fd)
        start = os.lseek(fd, 0, os.SEEK_CUR) if known else 0
        count: int = self.real["write"](fd, data)
        if known:
            self._note("write", known[0], file=known[1], at=start, data=bytes(data[:count]))
        return count

    def _ftruncate(self, fd: int, length: int) -> None:
        self.real["ftruncate"](fd, length)
        if fd in self.open:
            path, file = self.open[fd]
            self._note("cut", path, file=file, at=length)

    def _fsync(self, fd: int) -> None:
        self.real["fsync"](fd)
        if fd in self.open:
            path, file = self.open[fd]
            self._note("sync" if file else "syncdir", path, file=file)

    def _replace(self, old: Any, new: Any, **at: int) -> None:
        source, target = (
            self._path(old, at.get("src_dir_fd")),
            self._path(new, at.get("dst_dir_fd")),
        )
        self.real["replace"](old, new, **at)
        if self._ours(source):
            self._note("rename", source, to=target)
            self.files[target] = self.files.pop(source)

    _rename = _replace

    def _unlink(self, path: Any, *, dir_fd: int | None = None) -> None:
        self.real["unlink"](path, **({} if dir_fd is None else {"dir_fd": dir_fd}))
        whole = self._path(os.fspath(path), dir_fd)
        if self._ours(whole):
            self._note("unlink", whole)
            self.files.pop(whole, None)

    def _mkdir(self, path: Any, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
        self.real["mkdir"](path, mode, **({} if dir_fd is None else {"dir_fd": dir_fd}))
        whole = self._path(os.fspath(path), dir_fd)
        if self._ours(whole):
            self._note("mkdir", whole)

    def _rmdir(self, path: Any, **at: Any) -> None:
        if os.path.basename(os.path.dirname(path)) != "copies":
            raise AssertionError(f"nobody should remove {path}")
        self.real["rmdir"](path, **at)  # whether an empty folder is left by a crash is all one
