"""What it costs to keep uncommitted work: 20 edited files among 10,000, beside `git status` there."""

from __future__ import annotations

import resource
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from stickhooks.recovery import making
from stickhooks.recovery.entries import Why
from stickhooks.workspace import paths

from .figures import Cost, Row, interleaved, ratio
from .ground import Ground

FILES: Final = 10_000
EDITED: Final = 20
STATUS: Final = (
    "git", "--no-optional-locks", "status", "--porcelain=v2", "-z", "--untracked-files=all", "--no-renames",
    "--ignore-submodules=none",
)  # fmt: skip


def snapshots(ground: Ground, rounds: int) -> Iterator[Row]:
    """One where each edited file is new to it, and one where all are as the last one saw them."""
    repo = ground.repository("kept")
    files = [repo / f"d{i // 100}" / f"f{i}" for i in range(FILES)]
    for i, file in enumerate(files):
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{i}\n" * 20)
    ground.git(repo, "add", ".")
    ground.git(repo, "commit", "-q", "-m", "many")
    workspace = paths.Workspace(str(repo), str(repo / ".git"))
    rounds_done = iter(range(10**9))

    def edit() -> None:
        number = next(rounds_done)
        for file in files[:: FILES // EDITED]:
            file.write_text(f"edited {number}\n" * 50)

    edit()
    found = interleaved(rounds, {
        "status": lambda: _cost(lambda: subprocess.run(STATUS, cwd=repo, capture_output=True, check=True)),
        "take": lambda: _cost(lambda: _make(workspace, "take"), edit),
        "work": lambda: _cost(lambda: _make(workspace, "work")),
    })  # fmt: skip
    name = f"a snapshot of {EDITED} edited files among {FILES:,} / git status"
    yield ratio(name, found["take"], found["status"], "<=", 1.5)
    yield ratio("  the files as the last one kept them", found["work"], found["status"], "<=", 1.5)


def after_the_answer(ground: Ground, rounds: int) -> Iterator[Row]:
    """What `stick take` does beyond its answer, in a small repository, beside `git status` there."""
    series: dict[str, Callable[[], Cost]] = {}
    for name, turns in (("kept", "50"), ("not kept", "0")):
        repo = ground.repository(f"take {name}")
        person = ground.person(repo)
        for words in (("init", "--only", "git"), ("join", "--as", "ada")):
            person.run(ground.stick, *words)
        person.run(ground.stick, "policy", "keep_turns", turns)
        series[name] = _taken(ground, person.run, repo)
        series["status"] = lambda at=person, there=repo: at.run(*STATUS, cwd=str(there))  # type: ignore[misc]
    found = interleaved(rounds, series)
    yield ratio(
        "stick take where work is kept after the answer / where none is",
        found["kept"], found["not kept"],
    )  # fmt: skip
    added = found["kept"].wall - found["not kept"].wall
    value = added / found["status"].wall
    note = f"{added * 1000:.1f} ms after the answer"
    yield Row("  what it adds / git status", value, (value, value), "<=", 1.5, note=note)


def _taken(ground: Ground, run: Callable[..., Cost], repo: Path) -> Callable[[], Cost]:
    def act() -> Cost:
        cost = run(ground.stick, "take", cwd=str(repo))
        run(ground.stick, "release", "-m", "done", cwd=str(repo))
        return cost

    return act


def _make(workspace: paths.Workspace, why: Why) -> object:
    return making.make(workspace, why, seconds=60)


def _cost(act: Callable[[], object], before: Callable[[], object] = lambda: None) -> Cost:
    before()
    begun, used = time.perf_counter(), _used()
    act()
    return Cost(time.perf_counter() - begun, _used() - used)


def _used() -> float:
    """Return the seconds of processor that this process and its children have had."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)
