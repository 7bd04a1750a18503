"""How git is started for our questions: settings pinned, the outer git's environment left out.

Nothing else knows how; `workspace.git` and `workspace.git_kept` have one function a command.
"""

from __future__ import annotations

import os

from stickhooks.errors import Next, Refusal
from stickhooks.system import outer_git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Final

#: What would write files of its own, or change how a path is read: none of it is for our questions.
_LOUD: Final = (
    "GIT_TRACE", "GIT_REDIRECT_", "GIT_EXTERNAL_DIFF", "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS", "GIT_PAGER",
)  # fmt: skip

#: Settings of users that change what git prints, or run programs of theirs. ``safe.directory``
#: is not among them: whether a tree may be trusted is git's own decision, and its owner's.
_PINNED: Final = tuple(
    word
    for setting in (
        "color.ui=false", "log.showSignature=false", "log.mailmap=false", "log.follow=false",
        "core.fsmonitor=false", "core.quotePath=false", "diff.relative=false",
        "advice.detachedHead=false", "status.relativePaths=false", "status.branch=false",
    )
    for word in ("-c", setting)
)  # fmt: skip

#: Where git lies where no PATH leads to it (Debian, Homebrew, MacPorts, Git for Windows).
_USUAL: Final = (
    "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/local/bin", r"C:\Program Files\Git\cmd",
)  # fmt: skip


clean = outer_git.clean


def command(arguments: Sequence[str]) -> list[str]:
    """Return a command line of git with its settings pinned."""
    return ["git", "--no-pager", *_PINNED, *arguments]


def unpinned(arguments: Sequence[str]) -> list[str]:
    """Return a command line of git as a user would type it."""
    return ["git", *arguments]


def quiet(env: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which git writes no files but those that it is asked for."""
    return {key: value for key, value in env.items() if not key.startswith(_LOUD)}


def run(
    folder: str,
    arguments: Sequence[str],
    env: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> str:
    """Run git and return what it printed. Raises Refusal ``io`` with git's own words.

    Its settings are pinned here, for all that we ask.
    """
    import subprocess  # slow: it brings ``re`` and ``enum`` along

    given = clean(os.environ) if env is None else env
    try:
        done = subprocess.run(
            command(arguments),
            cwd=folder,
            env=quiet(given),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=seconds,
        )
    except OSError as error:
        raise missing(error) from None
    if done.returncode:
        raise failed(arguments[0], os.fsdecode(done.stderr), done.returncode)
    return os.fsdecode(done.stdout)


def missing(error: OSError) -> Refusal:
    """Return the refusal where git cannot be started, with where it lies if that is not on the PATH."""
    import shutil

    if shutil.which("git") is None:
        found = shutil.which("git", path=os.pathsep.join(_USUAL))
        told = f"git is not on the PATH{f'; it is {found}' if found else ', nor where it usually lies'}"
        step = f'export PATH="$PATH:{os.path.dirname(found)}"' if found else "command -v git"
        return Refusal("io", told, [step])
    return Refusal("io", f"git cannot be run: {error.strerror}", ["git --version"])


def failed(command: str, words: str, code: int) -> Refusal:
    """Return the refusal for what git did not do: its words line by line, and the step it names."""
    first, *more = words.strip().splitlines() or [f"exit {code}"]
    trusted = [line.strip() for line in more if "safe.directory" in line]
    rest = [line.strip() for line in more if line.strip() and line.strip() not in trusted]
    step = trusted[0] if trusted else Next("doctor")
    return Refusal("io", f"git {command} failed: {first}", [step], more=rest)
