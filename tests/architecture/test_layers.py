"""Which module may know which: read from the imports, and seen in a run of the gate."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stickhooks.clients import CLIENTS
from stickhooks.store import layout
from stickhooks.system import clock
from tests.support.modules import FOLDERS, GATE, HEAVY, MODULES, PACKAGE
from tests.support.world import Workspace, git_repo

PURE = {
    "abc", "collections", "dataclasses", "typing", "stickhooks", "__future__",
    "unicodedata",  # a table of characters
}  # fmt: skip
LAW = {
    "fast.records",
    *(name for name in MODULES if name.startswith("protocol.")),
}
LEAVES = {
    "store.files",
    "identity.liveness",
    "identity.resolver",
    "workspace.paths",
    "workspace.git",
}


def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text())


def every(nodes: ast.AST) -> Iterator[ast.stmt]:
    return (n for n in ast.walk(nodes) if isinstance(n, ast.Import | ast.ImportFrom))


def at_top(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield what is imported when a module is: not in functions, for types, or as a way out."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.Try):
            yield from at_top(node.body)
        elif isinstance(node, ast.If) and not about_types(node.test):
            yield from at_top(node.body + node.orelse)


def about_types(test: ast.expr) -> bool:
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def names(nodes: Iterator[ast.stmt]) -> Iterator[str]:
    """Yield dotted names; ``from stickhooks import a`` is ``stickhooks.a``."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            for name in inner:
                below = name.partition(".")[2]
                yield (
                    name
                    if below in MODULES or f"{below}.__init__" in MODULES
                    else node.module or ""
                )


def ours(found: Iterator[str]) -> set[str]:
    """Return which of our modules are named."""
    below = {name.partition(".")[2] for name in found if name.startswith("stickhooks")}
    return {name for name in below if name in MODULES}


def others(found: Iterator[str]) -> set[str]:
    return {name.partition(".")[0] for name in found} - {"stickhooks"}


# --- the gate --------------------------------------------------------------------------


@pytest.mark.parametrize("module", sorted(GATE))
def test_the_gate_loads_nothing_of_ours_but_the_gate(module: str) -> None:
    found = ours(names(at_top(tree(module).body)))
    assert found <= GATE | {"__init__"}


@pytest.mark.parametrize("module", sorted(GATE))
def test_the_gate_loads_nothing_heavy(module: str) -> None:
    assert not others(names(at_top(tree(module).body))) & (HEAVY | {"__future__"})


@pytest.mark.parametrize("module", sorted(GATE))
def test_the_gate_loads_little_of_pythons_own(module: str) -> None:
    allowed = {
        "os", "stat", "sys", "time", "_json", "_signal", "pwd",
        "posix", "nt", "_stat", "_imp", "_frozen_importlib_external", "gc", "marshal",
    }  # fmt: skip
    assert others(names(at_top(tree(module).body))) <= allowed


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The gate of a package without a pack, where every module is seen to be imported."""
    copy = tmp_path_factory.mktemp("lib") / "stickhooks"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy / "hook.py"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, gate: Path) -> set[str]:
    """Everything that is imported when the gate lets a holder commit."""
    root = git_repo(tmp_path_factory.mktemp("ws"))
    ws = Workspace(root, git=True)
    ws.rooms.clock = clock.read
    held = ws.take("ana", ws.join("ana"))
    hook = [sys.executable, "-I", "-S", "-X", "importtime", str(gate), "pre-commit"]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("STICK_", "CLAUDE"))}
    refused = subprocess.run(hook, cwd=root, env=env, capture_output=True, text=True, check=False)
    assert refused.returncode == 3, refused.stderr
    env["STICK_LEASE"] = held[2]
    done = subprocess.run(hook, cwd=root, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(re.findall(r"^import time:.*\| +([\w.]+)$", done.stderr, re.MULTILINE))


def test_what_the_gate_really_imports_is_light(loaded: set[str]) -> None:
    assert "stickhooks.gate.decision" in loaded
    tops = {name.partition(".")[0] for name in loaded}
    assert not tops & HEAVY


def test_what_the_gate_really_imports_of_ours_is_the_gate(loaded: set[str]) -> None:
    mine = {n.partition(".")[2] for n in loaded if n.startswith("stickhooks.")}
    assert mine <= GATE | FOLDERS


def test_the_gate_imports_few_modules(loaded: set[str]) -> None:
    base = subprocess.run(
        [sys.executable, "-I", "-S", "-X", "importtime", "-c", "pass"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    bare = set(re.findall(r"^import time:.*\| +([\w.]+)$", base.stderr, re.MULTILINE))
    foreign = {n for n in loaded - bare if not n.startswith("stickhooks")}
    assert foreign <= {"_json", "_stat", "gc"}, sorted(foreign)  # above all: not os


def imported_by(gate: Path, arguments: list[str], payload: bytes, root: Path) -> set[str]:
    """Return which modules of ours a hook imports for a payload."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("STICK_", "CLAUDE"))}
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-X", "importtime", str(gate), *arguments],
        input=payload, cwd=root, env=env, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]
    found = re.findall(rb"^import time:.*\| +stickhooks\.([\w.]+)$", done.stderr, re.MULTILINE)
    return {name.decode() for name in found}


@pytest.mark.parametrize("client", ["claude-code", "codex"])
def test_the_gate_loads_the_one_adapter_that_it_is_asked_for(
    client: str, tmp_path: Path, gate: Path
) -> None:
    root = git_repo(tmp_path / "ws")
    ws = Workspace(root, git=True)
    ws.rooms.clock = clock.read
    ws.take("ana", ws.join("ana"))
    ws.rooms.join("ana", "", session=f"{CLIENTS[client].short}:one")
    due = root / ".git" / layout.GIT_FOLDER / layout.SNAPSHOT_DUE
    due.touch()
    os.utime(due, (time.time() + 600,) * 2)
    samples = json.loads((Path(__file__).parents[1] / f"data/clients/{client}.json").read_text())
    for what in ("edit", "write"):
        text = json.dumps(samples[what]).replace("@ROOT@", str(root)).replace("@SESSION@", "one")
        found = imported_by(gate, ["pre-edit", "--client", client], text.encode(), root)
        mine = client.replace("-", "_")
        patches = ("patches",) if (client, what) == ("codex", "edit") else ()
        assert {name for name in found if name.startswith("clients.")} == {
            f"clients.{name}" for name in (mine, "payloads", *patches)
        }
        assert found <= GATE | FOLDERS


# --- the law ---------------------------------------------------------------------------


@pytest.mark.parametrize("module", sorted(LAW))
def test_the_law_knows_no_clock_no_file_and_no_chance(module: str) -> None:
    assert others(names(every(tree(module)))) <= PURE


@pytest.mark.parametrize("module", sorted(LAW))
def test_the_law_knows_nothing_of_ours_but_the_law(module: str) -> None:
    assert ours(names(every(tree(module)))) <= LAW | {"errors"}


def test_the_model_knows_nobody() -> None:
    assert ours(names(every(tree("protocol.model")))) == {"fast.records"}
    assert ours(names(every(tree("errors")))) == set()


# --- the leaves ------------------------------------------------------------------------


@pytest.mark.parametrize("leaf", sorted(LEAVES))
def test_the_leaves_do_not_know_each_other(leaf: str) -> None:
    assert not ours(names(every(tree(leaf)))) & (LEAVES - {leaf})


def test_the_store_does_not_know_the_law() -> None:
    assert not ours(names(every(tree("store.files")))) & (
        LAW - {"fast.records", "protocol.model", "protocol.phases"}
    )


@pytest.mark.parametrize(
    "module", sorted({"operations.rooms", "store.files", "store.codec", "operations.waiting"} | LAW)
)
def test_nothing_below_knows_the_command_line(module: str) -> None:
    above = {
        "cli.app",
        "cli.command",
        "cli.turn_commands",
        "cli.setup_commands",
        "views.output",
        "setup.init",
        "setup.doctor",
        "operations.context",
        "views.replies",
        "gate.decision",
        "hook",
        "handlers.common",
    }
    assert not ours(names(every(tree(module)))) & above


def git_calls(source: ast.Module) -> list[ast.expr]:
    """Return the command lines in a source that begin with git."""
    return [
        node for node in ast.walk(source)
        if isinstance(node, ast.List) and node.elts
        and isinstance(node.elts[0], ast.Constant) and node.elts[0].value == "git"
    ]  # fmt: skip


#: The one place, and the demo; a store lies below the working trees, and its git is another repository.
GIT = {"workspace.git_process", "cli.demo", "store.engine.git_repository"}


@pytest.mark.parametrize("module", sorted(set(MODULES) - GIT))
def test_git_is_called_in_one_place(module: str) -> None:
    assert not git_calls(tree(module))


def test_a_call_of_git_is_seen() -> None:
    assert git_calls(tree("workspace.git_process"))
    assert git_calls(ast.parse('subprocess.run(["git", "status"])'))
