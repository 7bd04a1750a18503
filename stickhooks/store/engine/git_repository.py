"""A repository of our own in the git dir: commits are made and read here, and go over the network from
here. The user's repository, its refs, its objects and its FETCH_HEAD stay as they are."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import threading
import urllib.parse
from collections import deque

from stickhooks.errors import Refusal
from stickhooks.fast.records import Frozen, dataclass
from stickhooks.system.outer_git import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import IO, Final

#: No answer within two seconds is none (git-config(1), ``http.lowSpeedLimit``).
_PINNED: Final = (
    "-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=2", "-c", "core.hooksPath=/dev/null",
    "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "color.ui=false",
    "-c", "fetch.writeCommitGraph=false", "-c", "protocol.version=2", "-c", "core.fsmonitor=false",
)  # fmt: skip
_TRACES: Final = ("GIT_TRACE", "GIT_CURL_VERBOSE")
_PUSH_SIDE: Final = "stickhooks-push-side"
_TEMPORARY: Final = "refs/stickhooks/made"
_FETCHED: Final = "refs/stickhooks/fetched"
AUTHOR: Final = "stickhooks <stickhooks@localhost>"
LOCAL_SECONDS: Final = 10.0
NEWEST_LINES: Final = 1000


@dataclass(frozen=True)
class Done(Frozen):
    """What a git command came to: its exit code, and what it printed."""

    code: int
    output: bytes
    errors: str


class Repository:
    """The repository at ``path``, made when it is first needed. ``root`` is the working tree whose
    configuration in ``git_dir`` applies to it."""

    def __init__(self, path: str, root: str, git_dir: str) -> None:
        self.path, self.root, self.git_dir = path, root, git_dir
        self._made = False
        self._push_side = ""
        self.address_mark = ""  # of the address that was asked last: see ``Engine``

    @property
    def objects(self) -> str:
        """The folder of its objects: another repository that is told of it can push them."""
        return os.path.join(self.path, "objects")

    def network(self, arguments: Sequence[str], seconds: float) -> Done | None:
        """Run a command that asks a remote. None: it did not end in time, and was ended with all that it
        started."""
        self._make()
        return self._run(arguments, seconds)

    def knows(self, remote: str) -> bool:
        """Tell whether the user's repository has a remote of that name."""
        return bool(self.setting(f"remote.{remote}.url"))

    def setting(self, name: str) -> str:
        """Return a setting of the user's repository, ``""`` for none. Nothing is made for it."""
        return self._asked(["config", "--get", name])

    def credential(self, asked: str) -> str:
        """Return what git's credential helpers answer (git-credential(1), ``fill``), ``""`` for nothing.
        Nobody is asked for it, by a prompt or in a window."""
        return self._asked(["credential", "fill"], asked.encode())

    def _asked(self, arguments: Sequence[str], given: bytes | None = None) -> str:
        done = self._run(arguments, LOCAL_SECONDS, given, git_dir=self.git_dir)
        return "" if done is None or done.code else done.output.decode("utf-8", "replace").strip()

    def push_side(self, remote: str) -> str:
        """Return the remote to read from: the place that pushes go to, which may be another than fetches'.
        Its address may have a password in it, so it is on no command line of ours."""
        push, fetch = (self._config(f"remote.{remote}.{key}") for key in ("pushurl", "url"))
        self.address_mark = _mark(push or fetch)
        if not push or push == fetch:
            return remote
        self._push_side = push
        return _PUSH_SIDE

    def _config(self, key: str) -> str:
        done = self._local(["config", "--get", key])
        return done.output.decode("utf-8", "surrogateescape").strip()

    def file(self, commit: str, path: str) -> bytes | None:
        """Return a file of a commit, None where either is not here."""
        done = self._local(["cat-file", "blob", f"{commit}:{path}"])
        return None if done.code else done.output

    def note_fetched(self, commit: str) -> None:
        """Have a ref name a commit that was fetched: git tells a remote by its refs what it has already, and
        fetches all from the beginning without one. As well as can be: another process may do the same."""
        self._local(["update-ref", _FETCHED, commit])

    def commit(
        self, files: Mapping[str, bytes], before: str | None, at: int, *, alone: bool
    ) -> str:
        """Make a commit with some files changed after ``before``; with ``alone`` it has no parent."""
        begun = [f"commit {_TEMPORARY}", "mark :1", f"committer {AUTHOR} {at} +0000", "data 0"]
        if before and alone:
            tree = self._local(["rev-parse", f"{before}^{{tree}}"]).output.decode().strip()
            begun.append(f'M 040000 {tree} ""')
        elif before:
            begun.append(f"from {before}")
        stream = ["\n".join(["feature done", f"reset {_TEMPORARY}", "", *begun]).encode()]
        for path, data in files.items():
            stream.append(f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data)
        stream.append(b"\nget-mark :1\ndone\n")
        done = self._local(["fast-import", "--quiet", "--force"], b"\n".join(stream))
        made = done.output.decode().strip()
        if done.code or not made:
            raise Refusal("io", f"git fast-import failed: {done.errors.strip()[:200]}")
        return made

    def _local(self, arguments: Sequence[str], given: bytes | None = None) -> Done:
        self._make()
        done = self._run(arguments, LOCAL_SECONDS, given)
        return done or Done(-1, b"", f"git {arguments[0]} took over {LOCAL_SECONDS:g} s")

    def _make(self) -> None:
        """Make the repository, of the same object format as the user's, with the user's settings."""
        if self._made or os.path.exists(os.path.join(self.path, "HEAD")):
            self._made = True
            return
        sha256 = "sha256" in self._settings()
        form = ["--object-format=sha256"] if sha256 else []
        done = self._run(
            ["init", "--quiet", "--bare", "--template=", *form, self.path], LOCAL_SECONDS
        )
        if done is None or done.code:
            raise Refusal("io", f"{self.path} cannot be made: {done.errors if done else ''}")
        with open(os.path.join(self.path, "config"), "a", encoding="utf-8") as file:
            for name in self._configurations():
                file.write(f"[include]\n\tpath = {_quoted(name)}\n")
            file.write("[core]\n\tbare = true\n")
        self._made = True

    def _configurations(self) -> list[str]:
        common = self.git_dir
        try:
            with open(os.path.join(self.git_dir, "commondir"), encoding="utf-8") as file:
                common = os.path.normpath(os.path.join(self.git_dir, file.read().strip()))
        except OSError:
            pass
        return [os.path.join(common, "config"), os.path.join(self.git_dir, "config.worktree")]

    def _settings(self) -> str:
        try:
            with open(self._configurations()[0], encoding="utf-8", errors="replace") as file:
                return file.read().lower()
        except OSError:
            return ""

    def _run(
        self,
        arguments: Sequence[str],
        seconds: float,
        given: bytes | None = None,
        git_dir: str = "",
    ) -> Done | None:
        env = _untraced(clean(os.environ))
        env.update(GIT_DIR=git_dir or self.path, GIT_TERMINAL_PROMPT="0", LC_ALL="C",
                   GCM_INTERACTIVE="never", SSH_ASKPASS_REQUIRE="never")  # fmt: skip
        if git_dir:
            env["GIT_ASKPASS"] = ""  # of a helper a password may come, and no window
        if self._push_side:
            count = int(env.get("GIT_CONFIG_COUNT") or 0)
            env[f"GIT_CONFIG_KEY_{count}"] = f"remote.{_PUSH_SIDE}.url"
            env[f"GIT_CONFIG_VALUE_{count}"] = self._push_side
            env["GIT_CONFIG_COUNT"] = str(count + 1)
        try:
            process = subprocess.Popen(
                ["git", "--no-pager", *_PINNED, *arguments],
                cwd=self.root, env=env, start_new_session=True,
                stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
        except OSError as error:
            raise Refusal("io", f"git cannot be run: {error.strerror}", ["git --version"]) from None
        try:
            output, errors = process.communicate(given, seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            return None
        except BaseException:
            _end(process)
            raise
        return Done(process.returncode, output, errors.decode("utf-8", "replace"))


def streamed(
    root: str,
    arguments: Sequence[str],
    env: Mapping[str, str],
    show: Callable[[bytes], object],
    silent: Callable[[bytes], bool],
) -> Done:
    """Run a command of the user's own git at ``root``, without a time limit. ``show`` is told each line that
    comes but those on standard output that are ``silent``. Of very many lines the last are returned."""
    try:
        process = subprocess.Popen(
            ["git", *arguments],
            cwd=root, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
    except OSError as error:
        raise Refusal("io", f"git cannot be run: {error.strerror}", ["git --version"]) from None
    rows: deque[bytes] = deque(maxlen=NEWEST_LINES)
    words: deque[bytes] = deque(maxlen=NEWEST_LINES)

    def pass_on(stream: IO[bytes], kept: deque[bytes], hidden: Callable[[bytes], bool]) -> None:
        for line in stream:
            kept.append(line)
            if not hidden(line):
                show(line)

    with process:
        assert process.stdout
        assert process.stderr
        reader = threading.Thread(target=pass_on, args=[process.stdout, rows, silent])
        reader.start()
        try:
            pass_on(process.stderr, words, lambda _: False)
        finally:
            reader.join()
    return Done(process.returncode, b"".join(rows), b"".join(words).decode("utf-8", "replace"))


def _untraced(env: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without git's traces: they print addresses with passwords, and headers."""
    return {key: value for key, value in env.items() if not key.startswith(_TRACES)}


def _mark(address: str) -> str:
    """Return what tells an address from others, and gives away neither it nor a password in it."""
    parts = urllib.parse.urlsplit(address)
    if "@" in parts.netloc:  # another user or password is no other address
        host = parts.netloc.rpartition("@")[2]
        address = urllib.parse.urlunsplit(parts._replace(netloc=host))
    return hashlib.sha256(address.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command with the transport programs that it started."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except OSError:
        pass
    process.communicate()


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
