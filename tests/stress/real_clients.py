"""The coding clients themselves, as packaged, several at once, under the hooks that ``stick init`` puts in.

By hand, for it needs the clients on the PATH (``npm install --prefix DIR @openai/codex
@anthropic-ai/claude-code @google/gemini-cli @github/copilot opencode-ai``):

    PATH=DIR/node_modules/.bin:$PATH python -m tests.stress.real_clients [NAME …]

Two live sessions of each client, in one working tree, are led call by call: what each row of the
printed table does stands in the function of its name. It ends with 1 unless every cell is ``ok``, or
says that it was not tried. A client that is not on the PATH is skipped by name.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from . import real_after
from .live_client import CLIENTS, Live
from .live_tree import NOT_TRIED, Tree, WrongError, need

HANDED_ON = "handed-on"
HANDOFF = '--status "half" --next "the rest"'


def refused(tree: Tree, live: Live) -> None:
    """An edit, a shell command that writes and tools of an MCP server are refused; reading is not."""
    for what, said in (
        ("an edit", live.write("new.txt")),
        ("a command", live.shell("sed -i s/original/changed/ app.txt")),
        ("an MCP tool that writes", live.mcp("write_file", {"path": str(tree.repo / "m.txt")})),
        ("an MCP tool with a path", live.mcp("frob", {"path": str(tree.repo / "m.txt")})),
        ("an MCP tool by its name", live.mcp("do_commit", {})),
    ):
        need(" holds " in said, f"{what} was not refused: {said}")
    need("original" in live.shell("cat app.txt"), "it could not read")
    said = live.mcp("read_file", {"path": str(tree.repo / "app.txt")})
    need("original" in said, f"an MCP tool that reads: {said}")
    need("nothing was written" in live.mcp("tell", {}), "an MCP tool without arguments")
    there = {path.name for path in tree.repo.glob("*.txt")}
    need(there == {"app.txt"}, f"the tree was changed: {there}")


def named(said: str) -> str:
    """Return the member that `stick whoami` named; Codex puts lines of its own around it."""
    found = re.search(r"[\w-]+:[\w-]+(?= \()", said)
    if not found:
        raise WrongError(f"no member is named: {said}")
    return found[0]


def two_sessions(tree: Tree, name: str) -> None:
    one, other = tree.pair(name)
    refused(tree, other)
    need("holds" not in one.write("mine.txt"), "its holder was refused")
    need((tree.repo / "mine.txt").exists(), "its holder could not write")
    said = one.mcp("write_file", {"path": str(tree.repo / "mcp.txt")})
    need((tree.repo / "mcp.txt").exists(), f"its holder's MCP tool: {said}")


def resumed(tree: Tree, name: str) -> None:
    """A session that is resumed in a new process is the same member."""
    one, other = tree.pair(name)
    before = one.shell("stick whoami")
    one.kill()
    one.resume()
    after = one.shell("stick whoami")
    need(named(before) == named(after), f"it was {before}, and is {after}")
    need("holds" in other.write("late.txt"), "the other was let in")
    one.shell("stick take")
    one.write("again.txt")
    need((tree.repo / "again.txt").exists(), "it could not write")


def killed(tree: Tree, name: str) -> None:
    """Where the holder was killed, the other takes over."""
    one, other = tree.pair(name)
    one.kill()
    said = other.shell('stick takeover --reason "it was killed"')
    need("is yours" in said, said)
    other.write("late.txt")
    need((tree.repo / "late.txt").exists(), "it could not write")


def ended(tree: Tree, name: str) -> None:
    """A session that ends does not keep the stick from the other."""
    one, other = tree.pair(name)
    one.end()
    said = other.shell("stick wait --timeout 60s")
    need("is yours" in said or "takeover" in said, said)


def noted(tree: Tree, name: str) -> None:
    """A note comes to the model with a tool that may run, headed as what it is."""
    live = tree.session(name)
    need("you are" in live.shell("stick join"), "it could not join")
    tree.stick("tell all mind-the-gap")
    live.shell("cat app.txt")
    live.shell("cat app.txt")
    need("mind-the-gap" in live.model.heard, "its model did not get the note")
    need("a note, not an instruction" in live.model.heard, "the note came as something else")


def cleared(tree: Tree, name: str) -> None:
    """After `/clear` it has another session id, and is the same member with the same stick."""
    if not CLIENTS[name].talking:
        raise WrongError(NOT_TRIED + "without a terminal it takes one message")
    live, other = tree.talking(name), tree.session(name)
    live.shell("stick join && stick take")
    before = live.shell("stick whoami")
    live.pause()
    live.say("/clear")
    live.pause()
    live.say("go on")
    after = live.shell("stick whoami")
    need(named(before) == named(after), f"it was {before}, and is {after}")
    told = [json.loads(line) for line in live.log.read_text().splitlines() if line[:1] == "{"]
    need(len({one["session_id"] for one in told if "session_id" in one}) > 1, "nothing was cleared")
    live.write("after.txt")
    need((tree.repo / "after.txt").exists(), "it lost the stick")
    need("holds" in other.write("late.txt"), "the other was let in")


def subagent(tree: Tree, name: str) -> None:
    """A subagent writes in its session's turn, and in no other."""
    one, other = tree.pair(name)
    said = other.write_by_subagent("by_subagent.txt")
    need("holds" in said, f"a subagent of another was let in: {said}")
    said = one.write_by_subagent("by_subagent.txt")
    need((tree.repo / "by_subagent.txt").exists(), f"the holder's subagent could not write: {said}")


def before_init(tree: Tree, name: str) -> None:
    """A session that ran before ``stick init`` is named, and asks once it was started anew, or at once."""
    if CLIENTS[name].reloads:
        (tree.repo / ".claude").mkdir()
        (tree.repo / ".claude/settings.local.json").write_text("{}")
    live = tree.session(name, install=False)
    need("original" in live.shell("cat app.txt"), "it could not read")
    said = tree.stick("init --only git") + live.install()
    if CLIENTS[name].reloads:
        tree.stick("join --as ada")
        tree.stick("take")
        need("NOT ENFORCED" not in said, f"init named it: {said[-500:]}")
        need("holds" in live.write("new.txt"), "its settings were not read again")
        return
    need(str(live.process.pid) in said, f"init did not name it: {said[-500:]}")
    need("NOT ENFORCED" in live.stick("status"), f"status: {live.stick('status')}")
    live.kill()
    need("NOT ENFORCED" not in live.stick("status"), "it is dead, and told of")
    tree.stick("join --as ada")
    tree.stick("take")
    fresh = tree.session(name)
    need("holds" in fresh.write("new.txt"), "it was not refused")


def subfolder(tree: Tree, name: str) -> None:
    """Started in a subfolder it asks as well; where not, docs/reference/clients.md says so."""
    tree.stick("take")
    (tree.repo / "sub").mkdir()
    live = tree.session(name, install=False)
    live.kill()
    live.stick(f"init --only {name}")
    live.repo = tree.repo / "sub"
    live.env["PWD"] = str(live.repo)
    live.start(live.client.command)
    said = live.write("new.txt")
    need("holds" in said, NOT_TRIED + f"with project hooks alone it does not ask: {said[:60]}")


def handed_on(tree: Tree, names: list[str]) -> None:
    """The stick goes round among three clients, by their own commands."""
    lives = [tree.session(name) for name in names]
    known = []
    for live in lives:
        said = live.shell("stick join --json")
        known.append(said.partition("agent_id")[2].split('"')[2].rstrip("\\"))
    lives[0].shell("stick take")
    for i, live in enumerate(lives):
        live.write(f"turn-{i}.txt")
        need((tree.repo / f"turn-{i}.txt").exists(), f"{live.name} could not write in its turn")
        after = (i + 1) % len(lives)
        said = live.shell(f"stick handoff {known[after]} {HANDOFF}")
        need("reserved for" in said, f"{live.name}: {said}")
        need("is yours" in lives[after].shell("stick take"), f"{names[after]} did not get it")
        need("holds" in live.write("late.txt"), f"{live.name} wrote after its turn")


ROWS: dict[str, Callable[[Tree, str], None]] = {
    "two sessions": two_sessions, "resumed": resumed, "killed": killed, "ended": ended,
    "cleared": cleared,
    "kept": real_after.kept, "past the gate": real_after.past_the_gate, "noted": noted,
    "subagent": subagent, "before init": before_init, "subfolder": subfolder,
}  # fmt: skip


@contextlib.contextmanager
def tree(**more: bool) -> Iterator[Tree]:
    with tempfile.TemporaryDirectory(prefix="stick-real-", ignore_cleanup_errors=True) as folder:
        made = Tree(Path(os.path.realpath(folder)), **more)
        try:
            yield made
        finally:
            made.close()


def cell(row: str, act: Callable[[Tree], None]) -> str:
    began = time.monotonic()
    with tree(hooks=row != "before init") as made:
        try:
            act(made)
        except WrongError as wrong:
            return str(wrong)
        except RuntimeError as error:
            return f"failed: {error}"
    return f"ok ({time.monotonic() - began:.0f} s)"


def _act(row: str, name: str, made: Tree) -> None:
    ROWS[row](made, name)


def _hand_on(names: list[str], made: Tree) -> None:
    handed_on(made, names)


def main(names: list[str]) -> int:
    rows = {row for row in ROWS if row.replace(" ", "-") in names}
    wanted = [name for name in names if name in CLIENTS] or list(CLIENTS)
    here = [name for name in wanted if shutil.which(CLIENTS[name].command[0])]
    for name in set(wanted) - set(here):
        print(f"{name}: skipped, it is not on the PATH")
    cells: dict[tuple[str, str], str] = {}
    for row in [row for row in ROWS if row in rows or (not rows and HANDED_ON not in names)]:
        for name in here:
            cells[row, name] = cell(row, partial(_act, row, name))
            print(f"| {row} | {name} | {cells[row, name]} |", flush=True)
    rounds = len(here) if len(here) > 2 and (not rows or HANDED_ON in names) else 0
    for i in range(rounds):
        three = [here[(i + step) % len(here)] for step in range(3)]
        told = cells["handed on", " ".join(three)] = cell("", partial(_hand_on, three))
        print(f"| handed on | {' → '.join(three)} | {told} |", flush=True)
    failed = [told for told in cells.values() if not told.startswith(("ok", NOT_TRIED))]
    print(f"{len(cells) - len(failed)} of {len(cells)} as they should be")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
