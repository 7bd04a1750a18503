"""``stick demo``: a throwaway repository, two members, everything real. Told as a story.

Each member is a shell of its own, as in two terminals; what it types is run by that shell.
If anything does not come out as told, the demo says so and ends with exit code 1.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen
from typing import Final

from stickhooks.clients import CLIENTS
from stickhooks.errors import Next, Refusal
from stickhooks.operations.reply import Reply
from stickhooks.system import text_files
from stickhooks.text import quoted
from stickhooks.views import output
from stickhooks.workspace import git


class Unlike(Exception):  # noqa: N818 - the story went another way than it is told
    """Something did not come out as told."""


class Member:
    """A shell in a terminal session of its own, and what it types."""

    def __init__(self, name: str, repository: Path, env: dict[str, str]) -> None:
        self.name = name
        self.shell = Popen(
            ["sh"], cwd=repository, env=env, text=True, start_new_session=True,
            stdin=PIPE, stdout=PIPE, stderr=STDOUT,
        )  # fmt: skip

    def types(self, command: str, *, expect: int = 0, says: str = "", quiet: bool = False) -> str:
        """Run a command in this shell, show it, and hold it to the exit code and words expected."""
        assert self.shell.stdin
        assert self.shell.stdout
        mark = f"--end-of-command-{time.monotonic_ns()}--"
        self.shell.stdin.write(f"{{ {command}\n}} </dev/null; code=$?; echo; echo {mark} $code\n")
        self.shell.stdin.flush()
        lines: list[str] = []
        for line in self.shell.stdout:
            if line.startswith(mark):
                break
            lines.append(line.rstrip("\n"))
        else:
            raise Unlike(f"{self.name}'s shell ended")
        text = "\n".join(lines).strip("\n")
        code = int(line.split()[-1])
        if not quiet:
            say(f"  {self.name} $ {command}", *(f"      {line}" for line in text.splitlines()))
        if code != expect or says not in text:
            raise Unlike(
                f"`{command}` was to end with {expect} and say {says!r}; it ended with {code}"
            )
        return text

    def edits(self, path: str, text: str, *, expect: int) -> None:
        """Edit as a coding client does: its pre-edit hook is asked, and only then it writes."""
        call = f".git/stickhooks/pre-edit {CLAUDE.name} < .git/edit-{self.name}.json"
        refused = self.types(call, expect=expect, says="NOT EDITED" if expect else "", quiet=True)
        say(f"  {self.name}'s client edits {path}")
        lines = [line for line in refused.splitlines() if not line.startswith("{")]
        say(*(f"      {line}" for line in lines))
        if expect == 0:
            self.types(f"echo {text!r} >> {path}", quiet=True)
            say("      written")

    def dies(self) -> None:
        """Be killed, as by a crash: nothing is said, nothing is put down."""
        if self.shell.poll() is None:
            os.killpg(self.shell.pid, signal.SIGKILL)
            self.shell.wait()


def say(*lines: str) -> None:
    for line in lines:
        output.write(STREAM.get(), line or " ")


CLAUDE: Final = CLIENTS["claude-code"]
#: Where the story is told: standard error, where standard output is for one object.
STREAM: Final = ContextVar("STREAM", default=1)


def tell(*, quiet: bool = False, engine: str | None = None) -> Reply:
    """Tell the story, with ``engine`` that of two clones. The reply's exit code is 1 if it did not come out
    as told."""
    from stickhooks.cli import demo_clones

    stories = {None: _story, "git": demo_clones.on_git, "etcd": demo_clones.on_etcd}
    story = stories.get(engine)
    if story is None:
        told = f"--engine knows git and etcd here, not {quoted(engine)}"
        raise Refusal("usage", told, [Next("demo", "--engine", "git")])
    if engine == "etcd" and not demo_clones.etcd():
        told = f"there is no etcd here: neither in the path nor named by {demo_clones.VARIABLE}"
        return Reply([told], "io", [Next("demo", "--engine", "git")])
    STREAM.set(2 if quiet else 1)
    began = time.monotonic()
    if not hasattr(os, "killpg") or not shutil.which("sh") or not shutil.which("git"):
        return Reply(["the demo needs git and a POSIX shell"], "io", ["git --version"])
    folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="stick-demo-")))
    members: list[Member] = []
    try:
        story(folder, members)
    except Unlike as unlike:
        return Reply([f"not as told: {unlike}"], "internal", ["stick doctor"])
    finally:
        for member in members:
            member.dies()
        shutil.rmtree(folder, ignore_errors=True)
    spent = time.monotonic() - began
    return Reply([f"\nAll as told, in {spent:.1f} seconds. Nothing of it is left on disk."])


def _story(folder: Path, members: list[Member]) -> None:
    env = environment(folder)
    repository = repository_in(folder, env)

    def arrives(name: str, **more: str) -> Member:
        members.append(Member(name, repository, {**env, **more}))
        return members[-1]

    ada = arrives("ada")
    say("", f"1. A real git repository, {repository}, gets its room and its hooks.")
    ada.types("stick init --only git,claude", says="git hooks: ")

    say("", "2. ada, a person in a terminal, joins and takes the stick.")
    ada.types("stick join --as ada", says="ada")
    ada.types("stick policy gone_grace 1s", says="1s")
    say("      (only for the demo: a member that is proven dead counts as gone after 1 s, not 60)")
    ada.types('stick take --why "refactor the login"', says="yours")

    say("", "3. bot, a coding agent in the same tree, may not write: not by edit, not by commit.")
    session = "1a2b3c4d-0000-4000-8000-000000000000"
    bot = arrives("bot", **{CLAUDE.sessions[0]: session})
    bot.types(f"export {CLAUDE.pid}=$$", quiet=True)
    _payload(repository, "bot", session)
    bot.types("stick join --as bot", says="bot")
    bot.edits("app.py", "print('bot was here')", expect=2)
    ada.types("echo \"print('login')\" >> app.py && git add app.py", quiet=True)
    bot.types('git commit -m "sweep it all in"', expect=1, says="NOT COMMITTED")

    say("", "4. ada commits, and hands the stick over with a written handoff.")
    ada.types('git commit -q -m "start the login" && git log --oneline -1', says="start the login")
    ada.types(
        'stick handoff bot --status "login drafted" --next "write its tests" --artifact app.py',
        says="reserved for bot",
    )

    say("", "5. bot takes it, reads the handoff, edits and commits.")
    bot.types("stick take", says="write its tests")
    bot.edits("test_app.py", "def test_login(): ...", expect=0)
    bot.types('git add . && git commit -q -m "test the login" && git log --oneline -1')

    say("", "6. bot is killed with SIGKILL. It put nothing down, and nobody is locked out.")
    bot.dies()
    time.sleep(1.1)
    ada.types("stick take", expect=69, says="gone")
    ada.types('stick takeover --reason "bot was killed"', says="taken over from bot")
    ada.types("stick log")
    ada.types("git status --short && git log --oneline", says="test the login")


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which this very program is ``stick``, and git asks nobody."""
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    program = f'#!/bin/sh\nexec "{sys.executable}" -P -m stickhooks "$@"\n'
    text_files.write(bin_folder / "stick", program, 0o755)
    outside = git.clean(os.environ).items()
    kept = {key: value for key, value in outside if not key.startswith(("STICK_", "CLAUDE"))}
    author = {"NAME": "demo", "EMAIL": "demo@example.invalid"}
    return {
        **kept,
        **{f"GIT_{who}_{k}": v for who in ("AUTHOR", "COMMITTER") for k, v in author.items()},
        "PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', '')}",
        "HOME": str(folder),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHONSAFEPATH": "1",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }


def repository_in(folder: Path, env: dict[str, str]) -> Path:
    repository = folder / "shop"
    repository.mkdir()
    for name, text in {"app.py": "print('shop')\n", "README": "A shop.\n"}.items():
        (repository / name).write_text(text)
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "the shop"]):
        by_git(command, repository, env)
    return repository


def by_git(words: Sequence[str], folder: Path, env: Mapping[str, str]) -> None:
    subprocess.run(["git", *words], cwd=folder, env=env, check=True)


def _payload(repository: Path, name: str, session: str) -> None:
    """Write what a client would send to its pre-edit hook."""
    payload = {
        "session_id": session,
        "cwd": str(repository),
        "hook_event_name": "PreToolUse",
        "tool_name": "Edit",
        "tool_input": {"file_path": str(repository / "app.py")},
    }
    (repository / ".git" / f"edit-{name}.json").write_text(output.json_line(payload))
