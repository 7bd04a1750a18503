"""A branch in the same push as the room's ref: both move, or neither does.

``git push --atomic`` of both is what fences a branch: the room's ref has a lease on the commit that was just
read and found ours, so after a takeover the server moves neither. That ref moves in each such push; one
that is pushed unchanged would be left out by git, and the branch would land by itself.

This push is the user's own: it runs in the user's repository with the user's settings and hooks, git-lfs
among them, and has no time limit. ``GIT_ALTERNATE_OBJECT_DIRECTORIES`` (git(1)) lends it the room's commits.
"""

from __future__ import annotations

import os

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import Frozen, dataclass, field
from stickhooks.store.engine import git_repository
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


@dataclass(frozen=True)
class Beside(Frozen):
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
        done = git_repository.streamed(
            self.root, ["push", *arguments, *self.refspecs], env, self.show, _is_row
        )
        rows = done.output.decode("utf-8", "replace").splitlines()
        self.rows[:] = [row for row in rows if _is_row(row.encode())]
        return done

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
    return told or line[:3] == b"To " or line.rstrip() == b"Done"


def _quoted(path: str) -> str:
    """Return a path for a list of them: git reads one in quotes as C has it."""
    if not path.startswith('"') and os.pathsep not in path:
        return path
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
