"""The way of one refused edit, from a client's payload to its answer: few files, and never back up.

A process answers a real payload while ``sys.setprofile`` writes down each call between our files.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import stickhooks
from stickhooks.system import clock
from tests.support.shells import STICK
from tests.support.world import Workspace, git_repo

PACKAGE = Path(stickhooks.__file__).parent
PAYLOADS = Path(__file__).parents[1] / "data/clients"
#: What every program stands on, and the one adapter that knows a client's words.
GROUND = ("system/", "fast/", "text.py", "errors.py", "clients/claude_code.py", "clients/codex.py")
LAYERS = (
    "cli", "timeline", "views", "handlers setup", "operations", "gate", "workspace",
    "identity store shell", "clients", "protocol", "system", "text errors", "fast",
)  # fmt: skip

MODULES = 13
RETURNS = 14

PROFILER = """
import sys
package, *arguments = sys.argv[1:]
sys.path.insert(0, package.rpartition("/")[0])
calls = []

def is_ours(frame):
    return frame.f_code.co_filename.startswith(package)

def note(frame, event, _):
    if event != "call" or not is_ours(frame):
        return
    above = frame.f_back
    while above is not None and not is_ours(above):
        above = above.f_back
    names = [f.f_code.co_name if f else "" for f in (above, frame)]
    if "<module>" not in names:  # else something is imported, or a class made
        files = [f.f_code.co_filename[len(package) + 1 :] if f else "" for f in (above, frame)]
        calls.append(files + names)

from stickhooks.handlers import common
sys.setprofile(note)
code = common.main(arguments)
sys.setprofile(None)
import json
sys.stderr.write("\\n" + json.dumps([code, calls]))
"""


class Call(NamedTuple):
    """One call from a function of ours to the next, outermost caller ``""``."""

    caller: str
    callee: str
    caller_name: str
    callee_name: str


class Way:
    """The calls of one question, in order."""

    def __init__(self, calls: list[Call]) -> None:
        self.calls = calls

    @property
    def modules(self) -> list[str]:
        """The files above the ground, in the order in which they are first needed."""
        files = dict.fromkeys(call.callee for call in self.calls)
        return [file for file in files if not file.startswith(GROUND)]

    @property
    def upward(self) -> list[Call]:
        """The calls from a lower layer into a higher one."""
        return [
            call for call in self.calls
            if call.caller and layer_of(call.callee) < layer_of(call.caller)
        ]  # fmt: skip

    @property
    def returns(self) -> list[Call]:
        """The calls into a file that was left for others: a reader goes back to an earlier page.

        To go on in one's own file is no return, nor is a second call before anything new begins.
        """
        last: dict[str, int] = {}
        found = []
        for call in self.calls:
            if call.callee.startswith(GROUND) or call.caller == call.callee:
                continue
            if last.setdefault(call.callee, len(last) + 1) < len(last):
                found.append(call)
            last[call.callee] = len(last)
        return found


def layer_of(file: str) -> int:
    name = file.removesuffix(".py").partition("/")[0]
    return next(i for i, names in enumerate(LAYERS) if name in names.split())


def way_of_a_refused_edit(client: str, root: Path) -> Way:
    ws = Workspace(git_repo(root), git=True)
    ws.rooms.clock = clock.read
    ws.take("ana", ws.join("ana"))
    sample = json.dumps(json.loads((PAYLOADS / f"{client}.json").read_text())["edit"])
    payload = sample.replace("@ROOT@", str(root)).replace("@SESSION@", "a-stranger")
    env = {k: v for k, v in os.environ.items() if not k.startswith(("STICK_", "CLAUDE"))}
    env["PATH"] = f"{STICK.parent}{os.pathsep}{env['PATH']}"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROFILER, str(PACKAGE), "pre-edit", "--client", client],
        input=payload, cwd=root, env=env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "NOT EDITED  ana holds" in done.stderr
    code, calls = json.loads(done.stderr.rpartition("\n")[2])
    assert code == 2
    return Way([Call(*call) for call in calls])


@pytest.fixture(scope="module", params=["claude-code", "codex"])
def way(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Way:
    return way_of_a_refused_edit(request.param, tmp_path_factory.mktemp("way") / "ws")


def test_a_refused_edit_passes_few_files(way: Way) -> None:
    codexs = (
        "clients/patches.py",
        "clients/own_program.py",
    )  # names no path, and has a login shell
    files = [file for file in way.modules if file not in codexs]
    assert len(files) <= MODULES, "\n".join(files)


def test_no_layer_calls_a_higher_one(way: Way) -> None:
    assert not way.upward


def test_the_way_seldom_returns_to_a_file_that_it_left(way: Way) -> None:
    counted = [c for c in way.returns if c.caller != "clients/own_program.py"]
    returns = [f"{c.caller}:{c.caller_name} -> {c.callee}:{c.callee_name}" for c in counted]
    assert len(returns) <= RETURNS, "\n".join(returns)


def test_a_return_and_a_climb_are_seen() -> None:
    """The measure itself: the first calls are none, the last is both."""
    ways = [("", "handlers/a.py"), ("handlers/a.py", "gate/b.py"), ("gate/b.py", "store/c.py"),
            ("gate/b.py", "store/c.py"), ("gate/b.py", "gate/b.py"), ("store/c.py", "gate/b.py")]  # fmt: skip
    way = Way([Call(caller, callee, "", "") for caller, callee in ways])
    assert way.modules == ["handlers/a.py", "gate/b.py", "store/c.py"]
    assert [call.callee for call in way.returns] == ["gate/b.py"]
    assert [call.callee for call in way.upward] == ["gate/b.py"]
