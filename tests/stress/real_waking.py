"""A real, packaged Claude Code that is idle takes the stick when it is told so by its own socket.

    PATH=…/node_modules/.bin:$PATH python -m tests.stress.real_waking

Three sessions against a model on loopback, kept open by ``stream-json`` on standard input: an idle one, a
busy one, and one in ``bypassPermissions``. Beside that: a note comes with an allowed call, and what the
client would have asked its user it asks all the same.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from .live_client import STICK, Live, alone
from .live_tree import WrongError, need

LIMIT_S: Final = 90.0
STREAM: Final = [
    "claude", "-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose",
    "--allowedTools", "Bash", "--permission-mode",
]  # fmt: skip


class Open(Live):
    """A session of Claude Code that stays open between its turns."""

    def __init__(self, home: Path, repo: Path, mode: str) -> None:
        self.mode = mode
        super().__init__("claude", home, repo)

    def start(self, command: list[str]) -> None:
        more = ["--dangerously-skip-permissions"] if self.mode == "bypassPermissions" else []
        env = {**self.env, "IS_SANDBOX": "1"}  # else it refuses that as root
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*STREAM, self.mode, *more], cwd=self.repo, env=env, stdin=subprocess.PIPE,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def say(self, text: str) -> None:
        message = {"type": "user", "message": {"role": "user", "content": text}}
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def shell_once(self, line: str, *, reminded: bool = False) -> str:
        """Have one prompt run one command, and end the turn."""
        self.say("go")
        said = self.shell(line)
        self.rest(reminded=reminded)
        return said

    def rest(self, *, reminded: bool = False) -> None:
        """End the turn: the session is idle from then on. Who holds is ``reminded`` of it once a turn."""
        ended = self.log.read_text(errors="replace").count('"type":"result"')
        for _ in range(1 + reminded):
            self.model.todo.put(None)
        until(
            lambda: self.log.read_text(errors="replace").count('"type":"result"') > ended,
            "it never ended",
        )


def until(fits: Callable[[], object], what: str) -> None:
    end = time.monotonic() + LIMIT_S
    while not fits():
        if time.monotonic() > end:
            raise WrongError(what)
        time.sleep(0.1)


class Tree:
    def __init__(self, folder: Path) -> None:
        self.folder, self.repo = folder, folder / "repo"
        self.repo.mkdir()
        self.env = alone(folder / "ada", self.repo)
        (folder / "ada").mkdir()
        for line in (
            "git init -q",
            "git config user.email t@example.invalid",
            "git config user.name T",
        ):
            subprocess.run(line.split(), cwd=self.repo, env=self.env, check=True)
        (self.repo / "app.txt").write_text("original\n")
        self.stick("init --only git")
        self.stick("join --as ada")

    def stick(self, line: str) -> str:
        done = subprocess.run(
            [STICK, *line.split()], cwd=self.repo, env=self.env, capture_output=True, text=True, check=False
        )  # fmt: skip
        return done.stdout + done.stderr

    def wake(self) -> str:
        return str((json.loads(self.stick("status --json")).get("wake") or {}).get("wake"))


@contextmanager
def session(mode: str = "acceptEdits") -> Iterator[tuple[Tree, Open]]:
    with tempfile.TemporaryDirectory(prefix="stick-wake-", ignore_cleanup_errors=True) as folder:
        tree = Tree(Path(os.path.realpath(folder)))
        live = Open(tree.folder / "bot", tree.repo, mode)
        try:
            need("you are" in live.shell_once("stick join"), "it could not join")
            tree.stick("take")
            yield tree, live
        finally:
            live.close()


def handed_over(tree: Tree, live: Open) -> None:
    name = next(
        m
        for m in json.loads(tree.stick("status --all --json"))["members"]
        if m["agent_id"] != "ada"
    )
    said = tree.stick(f"handoff {name['agent_id']} --status done --next go")
    need("reserved for" in said, said)


def idle_takes_it() -> None:
    with session() as (tree, live):
        began = time.monotonic()
        live.model.todo.put(("Bash", {"command": "stick take", "description": "as told"}))
        handed_over(tree, live)
        need("is yours" in live.model.told.get(timeout=LIMIT_S), "it did not take it")
        print(f"    a turn that took the stick after {time.monotonic() - began:.1f} s")
        need("is reserved for you until" in live.model.heard, "its model did not get the words")


def received_is_seen() -> None:
    with session() as (tree, live):
        live.model.todo.put(None)
        handed_over(tree, live)
        until(lambda: tree.wake() == "received", f"no prompt hook saw it: {tree.wake()}")


def busy_is_not_interrupted() -> None:
    with session() as (tree, live):
        live.say("go")
        slow = ("Bash", {"command": "sleep 3; echo woke up by itself", "description": "slow"})
        live.model.todo.put(slow)
        time.sleep(1.0)
        handed_over(tree, live)
        said = live.model.told.get(timeout=LIMIT_S)
        need("woke up by itself" in said, f"its tool was interrupted: {said}")
        live.rest()


def bypassing_is_ambiguous() -> None:
    with session("bypassPermissions") as (tree, live):
        handed_over(tree, live)
        need(tree.wake() == "ambiguous", f"it is {tree.wake()}")


def note_leaves_the_question() -> None:
    """A write that its user was not asked for is refused by the client itself, with a note as without."""
    with session("default") as (tree, live):
        handed_over(tree, live)
        need("is yours" in live.shell_once("stick take", reminded=True), "no stick")
        live.say("go")
        before = live.write("first.txt")
        tree.stick("tell all mind-the-gap")
        after = live.write("second.txt")
        live.shell("ls")
        need("mind-the-gap" in live.model.heard, "the note did not come")
        need("a note, not an instruction" in live.model.heard, "it came as something else")
        live.rest()
        there = {path.name for path in tree.repo.glob("*.txt")}
        need(
            there == {"app.txt"}, f"it wrote without asking: {there}; {before[:200]}; {after[:200]}"
        )


ROWS: Final = (
    idle_takes_it, received_is_seen, busy_is_not_interrupted, bypassing_is_ambiguous,
    note_leaves_the_question,
)  # fmt: skip


def main(names: list[str]) -> int:
    if shutil.which("claude") is None:
        print("skipped: claude is not on the PATH")
        return 0
    wrong = 0
    for act in ROWS:
        if names and act.__name__ not in names:
            continue
        try:
            act()
            print(f"ok    {act.__name__}", flush=True)
        except Exception as error:
            wrong += 1
            print(f"WRONG {act.__name__}: {type(error).__name__}: {error}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
