"""What the snapshots ask git: what differs from HEAD, what is staged, and that it takes in a pack of ours.

Each has a time limit, and writes nothing of the repository's: not its index, nor its objects.
"""

from __future__ import annotations

import os
import time

from stickhooks.workspace import git_pipes, git_process
from stickhooks.workspace.git_pipes import TooLate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

#: What is new is listed file by file, a rename as both names. The warning about line ends would
#: look like something that git could not list.
_STATUS: Final = (
    "-c", "core.safecrlf=false", "status", "--porcelain=v2", "-z", "--untracked-files=all",
    "--no-renames", "--ignore-submodules=none",
)  # fmt: skip
_FLAGS: Final = ("ls-files", "-v", "-z")
#: On the disk before it counts, whatever a user set; older ones than git 2.36 do so without.
_DURABLE: Final = ("-c", "core.fsync=pack,pack-metadata", "-c", "core.fsyncMethod=fsync")
PACK_SECONDS: Final = 10.0


def environment() -> dict[str, str]:
    """Return our environment as git gets it: it takes no lock, and speaks English."""
    env = git_process.quiet(git_process.clean(os.environ))
    env.pop("GIT_ALTERNATE_OBJECT_DIRECTORIES", None)
    return {**env, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


def listing(root: str, until: float, *, flags: bool) -> tuple[bytes, bytes, str]:
    """Return what status lists, the flags of the index (if asked for), and what git complained of.

    ``until`` is a time of ``time.monotonic``. Raises Refusal ``io`` with git's words, and TooLate.
    """
    questions = (_STATUS, _FLAGS) if flags else (_STATUS,)
    answers = _ask(root, questions, until)
    marked = answers[1][0] if flags else b""
    return answers[0][0], marked, next((words for _, words in answers if words), "")


def _ask(root: str, questions: Sequence[Sequence[str]], until: float) -> list[tuple[bytes, str]]:
    if hasattr(os, "posix_spawnp"):
        return git_pipes.ask(root, questions, environment(), until)
    return [_run(root, question, until) for question in questions]


def _run(root: str, question: Sequence[str], until: float) -> tuple[bytes, str]:
    """Ask git in the way that every system has."""
    import subprocess

    name = next(word for word in question if word[0] != "-" and "=" not in word)
    try:
        done = subprocess.run(
            git_process.command(question), cwd=root, env=environment(), stdin=subprocess.DEVNULL,
            capture_output=True, timeout=max(0.0, until - time.monotonic()), check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise TooLate(f"git {name} did not end in time") from None
    except OSError as error:
        raise git_process.missing(error) from None
    words = os.fsdecode(done.stderr)
    if done.returncode:
        raise git_process.failed(name, words, done.returncode)
    return done.stdout, words.strip()


def object_format(root: str) -> str:
    """Return ``sha1`` or ``sha256``."""
    return git_process.run(root, ("rev-parse", "--show-object-format"), environment()).strip()


def sizes(root: str, names: Sequence[str], until: float) -> dict[str, int]:
    """Return the sizes of those blobs that the repository has."""
    out = _batch(root, "--batch-check", names, until)
    lines = [line.split(b" ") for line in out.splitlines()]
    return {
        line[0].decode(): int(line[2]) for line in lines if len(line) == 3 and line[1] == b"blob"
    }


def contents(root: str, names: Sequence[str], until: float) -> dict[str, bytes]:
    """Return the bytes of those blobs that the repository has, all at once: ask for few."""
    out, found, place = _batch(root, "--batch", names, until), {}, 0
    while place < len(out):
        end = out.index(b"\n", place)
        head, place = out[place:end].split(b" "), end + 1
        if len(head) == 3:
            size = int(head[2])
            found[head[0].decode()] = out[place : place + size]
            place += size + 1
    return found


def _batch(root: str, how: str, names: Sequence[str], until: float) -> bytes:
    import subprocess

    try:
        done = subprocess.run(
            git_process.command(("cat-file", how)), cwd=root, env=environment(),
            input="".join(f"{name}\n" for name in names).encode(),
            capture_output=True, timeout=max(0.0, until - time.monotonic()), check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise TooLate("git cat-file did not end in time") from None
    except OSError as error:
        raise git_process.missing(error) from None
    if done.returncode:
        raise git_process.failed("cat-file", os.fsdecode(done.stderr), done.returncode)
    return done.stdout


def take_pack(root: str, objects: str, fd: int) -> None:
    """Have git check a pack and put it into an object directory of ours, with its index, durably.

    Raises OSError where it cannot.
    """
    import subprocess

    env = {**environment(), "GIT_OBJECT_DIRECTORY": objects}
    try:
        done = subprocess.run(
            git_process.command((*_DURABLE, "index-pack", "--stdin")), cwd=root, env=env, stdin=fd,
            capture_output=True, timeout=PACK_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise OSError(None, "git index-pack did not end in time", objects) from None
    if done.returncode:
        words = os.fsdecode(done.stderr).strip().splitlines() or [f"exit {done.returncode}"]
        raise OSError(None, f"git index-pack failed: {words[-1]}", objects)
