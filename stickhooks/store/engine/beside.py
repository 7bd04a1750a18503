"""A branch in the same push as the room's ref: both move, or neither does.

``git push --atomic`` of both is what fences a branch: the room's ref has a lease on the commit that was just
read and found ours, so after a takeover the server moves neither. That ref moves in each such push; one
that is pushed unchanged would be left out by git, and the branch would land by itself.

This push is the user's own: it runs in the user's repository with the user's settings and hooks, git-lfs
among them, and has no time limit. ``GIT_ALTERNATE_OBJECT_DIRECTORIES`` (git(1)) lends it the room's commits.
"""

from __future__ import annotations

import os
import subprocess
import threading

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import dataclass, field
from stickhooks.store.engine.git_repository import Done
from stickhooks.system.outer_git import clean
from stickhooks.text import plain, word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Final

ALTERNATES: Final = "GIT_ALTERNATE_OBJECT_DIRECTORIES"
#: What a ref is refused with because another one of the same push was.
_WITH_OTHERS: Final = ("atomic push failed", "atomic transaction failed", "atomic push failure")
_BEHIND: Final = ("fetch first", "non-fast-forward", "needs force")


@dataclass(frozen=True, slots=True)
class Beside:
    """``refspecs`` of the user's repository at ``root``, for the remote called ``remote``. ``show`` is told
    what git and its hooks print, as it comes; ``rows`` gets git's answer for each ref (git-push(1),
    ``--porcelain``)."""

    root: str
    remote: str
    refspecs: Sequence[str]
    show: Callable[[bytes], object]
    rows: list[str] = field(default_factory=list)

    def sent(self, arguments: Sequence[str], objects: str) -> Done:
        """Push, with the objects of another repository as well. Raises ``io`` where git cannot be run."""
        env = clean(os.environ)
        lent = [env.get(ALTERNATES, ""), _quoted(objects)]
        # git's words are read, so in English; what else the user's locale says holds for the user's hooks
        env.update({ALTERNATES: os.pathsep.join(filter(None, lent)), "LANGUAGE": "en"})
        try:
            process = subprocess.Popen(
                ["git", "push", *arguments, *self.refspecs],
                cwd=self.root, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
        except OSError as error:
            raise Refusal("io", f"git cannot be run: {error.strerror}", ["git --version"]) from None
        rows: list[bytes] = []
        words: list[bytes] = []
        reader = threading.Thread(target=self._pass_on, args=[process.stdout, rows, _is_row])
        reader.start()
        try:
            self._pass_on(process.stderr, words, lambda _: False)
            code = process.wait()
        finally:
            reader.join()
        self.rows[:] = [row.decode("utf-8", "replace") for row in rows if _is_row(row)]
        return Done(code, b"".join(rows), b"".join(words).decode("utf-8", "replace"))

    def _pass_on(self, stream: object, kept: list[bytes], silent: Callable[[bytes], bool]) -> None:
        """Show what comes, but for what is read here alone; keep the end of all of it."""
        for line in stream:  # type: ignore[attr-defined]
            kept.append(line)
            del kept[:-1000]
            if not silent(line):
                self.show(line)

    def refusal(self, done: Done) -> Refusal | None:
        """Return why a push was refused that moved nothing, None where that was the room's own ref."""
        for flag, to, why in map(parted, self.rows):
            if flag == "!" and _is_own(to) and not any(sign in why for sign in _WITH_OTHERS):
                return self._refused(to, why)
        if done.code == 1 and not self.rows and "fatal:" not in done.errors:
            told = "a pre-push hook of this repository did not let it go; nothing was pushed"
            return Refusal("engine", told, [f"git push {word(self.remote)}"])
        return None

    def _refused(self, to: str, why: str) -> Refusal:
        branch = to.removeprefix("refs/heads/")
        told = f"{self.remote} did not take {plain(branch)}: {plain(why)}; nothing was pushed"
        if any(sign in why for sign in _BEHIND):
            return Refusal(
                "engine", told, [f"git pull --rebase {word(self.remote)} {word(branch)}"]
            )
        return Refusal("engine", told, [Next("doctor")])


def parted(row: str) -> tuple[str, str, str]:
    """Return flag, remote ref and summary of one row of git's answer."""
    flag, _, rest = row.rstrip("\n").partition("\t")
    names, _, summary = rest.partition("\t")
    return flag, names.rpartition(":")[2], summary


def _is_own(ref: str) -> bool:
    return not ref.startswith("refs/stickhooks/")


def _is_row(line: bytes) -> bool:
    """Tell whether a line is git's own answer for programs (git-push(1), ``--porcelain``)."""
    told = line[:1] in b" +-*!=" and line[1:2] == b"\t"
    return told or line[:3] == b"To " or line == b"Done\n"


def _quoted(path: str) -> str:
    """Return a path for a list of them: git reads one in quotes as C has it."""
    if not path.startswith('"') and os.pathsep not in path:
        return path
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
