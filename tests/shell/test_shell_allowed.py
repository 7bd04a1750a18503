"""Commands that a room's people call harmless: by ``policy reads``, word by word, in its state alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from stickhooks import shell
from stickhooks.errors import Refusal
from stickhooks.fast.records import replace
from stickhooks.operations import policy
from stickhooks.operations.rooms import Rooms
from stickhooks.protocol.model import Policy
from stickhooks.store import activity
from stickhooks.store.files import FileStore
from tests.conftest import build
from tests.shell.test_shell_reach import Ground, hold
from tests.support.shells import environment

READS = (
    "pytest -q",
    "cargo check",
    "ruff check",
    "make test…",
    "npx tsc --noEmit",
    "./check.sh",
    "tox -e py ...",
    "rake lint",
)


@pytest.mark.parametrize("command", [
    "pytest -q", "pytest -q tests/test_a.py", "pytest -q 'tests/test a.py'", "cargo check && pytest -q",
    "ruff check src tests",
    "make test", "make test -j4 X=1", "npx tsc --noEmit", "pytest -q 2>&1 | tail -5",
    "pytest -q > /dev/null", "./check.sh",
    "bash -c 'pytest -q'",
    "pytest -q tests/test_a.py::test_b", "(pytest -q)", "if pytest -q; then echo ok; fi",
    "for i in 1 2; do pytest -q; done", "rake lint", "cd src && pytest -q",
    "tox -e py -- -x", "pytest -q tests/*.py",
])  # fmt: skip
def test_an_entry_lets_pass_what_it_says(command: str) -> None:
    assert not shell.writes(command, "/ws").nothing
    found = shell.writes(command, "/ws", None, READS)
    assert found.nothing, found
    assert found.ran


@pytest.mark.parametrize("command", [
    "pytest", "pytest -x", "pytest -q -x", "pytest -q --basetemp=.", "pytest -q tests -p x",
    "ruff check --fix", "ruff check . --fix",
    "ruff check -- --fix", "ruff check @args", "cargo check --fix", "cargo fmt", "make", "make tests",
    "make tes", "npx tsc",
    "X=1 pytest -q", "pytest -q $X", "pytest -q $(rm x)", "pytest -q > out.txt", "pytest -q >> /ws/x",
    "pytest -q < a", "env pytest -q",
    "timeout 9 pytest -q", "xargs pytest -q", "sudo pytest -q",
    "pytest() { rm x; }; pytest -q", "bin/pytest -q",
    "./pytest -q", "pytest -q && rm x", "pytest -q; rm x", "PATH=.; pytest -q",
    "alias pytest=rm; pytest -q", "cd sub && ./check.sh",
    "cd $X && ./check.sh", "pytest -q <<E\nE", "pytest -q | tee x", "$P -q", "\"pytest -q\"",
    "pytest '-q -x'", "pytest -q ${X:=a}",
    "python -m pytest -q", "pytest -q tests\nrm x", "pytest -q +x", "cargo check 2> err.txt",
    "stick run -- pytest -q; touch x",
    "export X1=a; pytest -q", "X1=a; pytest -q", "declare -x X1=a; pytest -q", "set -a; X1=a; pytest -q",
    "export X1; pytest -q", "for X1 in a; do pytest -q; done", "X=1 bash -c 'pytest -q'",
    "env X=1 bash -c 'pytest -q'", "ruff check fix=1", "rake lint rm", "rake lint X=1", "cd src && rake lint",
])  # fmt: skip
def test_it_lets_nothing_else_pass(command: str) -> None:
    assert not shell.writes(command, "/ws", {"HOME": "/home/me"}, READS).nothing


@pytest.mark.parametrize("value", [
    "bash -c x", "sh", "python -m pytest", "python3.12 x.py", "node x.js", "git commit", "env x",
    "sudo make", "xargs rm",
    "find . -delete", "eval x", "pytest $X", "pytest > x", "pytest | tee x", "a && b", "X=1 pytest",
    "pytest 'a b'", "…", "make … x",
    "pytest; rm x", "pytest *", "/bin/bash x", "timeout 5 x", "none", "pytest \x1b", "ssh host x",
    "p" * 201, "awk x", "docker exec x",
])  # fmt: skip
def test_what_runs_whatever_it_is_told_is_no_value(value: str) -> None:
    with pytest.raises(Refusal) as refused:
        policy.parse("reads", value)
    assert refused.value.code == "config"


def test_values_are_commands_with_commas() -> None:
    assert policy.parse("reads", " pytest  -q, cargo check,") == ("pytest -q", "cargo check")
    assert policy.parse("reads", "") == ()


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    shop, other = (
        build(tmp_path / "shop", {"app.py": "a\n"}),
        build(tmp_path / "other", {"x.py": "x\n"}),
    )
    hold(shop)
    hold(other)
    return Ground(tmp_path, shop, environment(tmp_path / "home"))


def allow(root: Path, *reads: str) -> None:
    rooms = Rooms(FileStore(str(root), str(root / ".git")))
    room = rooms.look("")[0]
    rooms.set_policy("ana", room.room_id, replace(room.policy, reads=reads))


def test_the_gate_lets_a_reviewer_run_what_the_room_allows(ground: Ground) -> None:
    (ground.shop / "pyproject.toml").write_text("[tool.stick]\nreads = ['pytest -q']\n")
    assert not ground.passes("pytest -q", ground.shop)
    allow(ground.shop, "pytest -q")
    assert ground.passes("pytest -q", ground.shop)
    assert not ground.passes("pytest -q && touch app.py", ground.shop)
    assert not ground.passes("pytest -q ../other", ground.shop), "the other room does not allow it"
    allow(ground.top / "other", "pytest -q")
    assert ground.passes("pytest -q ../other", ground.shop)
    room = Rooms(FileStore(str(ground.shop), str(ground.shop / ".git"))).look("")[0].room_id
    did = [n for n in activity.read(str(ground.shop), room) if n["what"] == activity.OUTSIDE]
    assert [(n["kind"], n["did"]) for n in did] == [
        ("reads", "ran `pytest -q`"),
        ("reads", "ran `pytest -q ../other`"),
    ]


def test_an_old_state_without_the_setting_is_read(ground: Ground) -> None:
    path = ground.shop / ".talking-stick/room.json"
    text = path.read_text()
    assert ',"reads":[]' in text
    path.write_text(text.replace(',"reads":[]', ""))
    assert (
        Rooms(FileStore(str(ground.shop), str(ground.shop / ".git"))).look("")[0].policy == Policy()
    )
    assert not ground.passes("pytest -q", ground.shop)
