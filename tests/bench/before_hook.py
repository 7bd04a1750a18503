"""What git's before-hook adds to git commands, and to a rebase, which asks it at each commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from .figures import Cost, Row, interleaved, ratio
from .ground import Caller, Ground

COMMITS = 50
#: The smallest hook that answers git: a process and an index written, whoever is asked.
SMALLEST = """printf '%s\\0/\\0' "$2"; exit 0 #"""
#: No hook but the one that is measured: those of commits have a row of their own.
ALONE = "git -c core.hooksPath=/dev/null"
KEEPS = "git checkout ., with its snapshot"
COMMANDS = {
    "git status": f"{ALONE} status",
    "git diff": f"{ALONE} diff",
    "git commit -a": f"echo x >> base; {ALONE} commit -qam measure",
    KEEPS: f"echo x >> base; {ALONE} checkout -q .",
}


def added(ground: Ground, rounds: int) -> Iterator[Row]:
    without, person = _repository(ground, "before-without")
    with_hook, other = _repository(ground, "before-with", "--before-hook")
    least, third = _repository(ground, "before-least")
    third.run("git", "config", "core.fsmonitor", SMALLEST, cwd=str(least))
    acts: dict[str, Callable[[], Cost]] = {}
    for name, command in COMMANDS.items():
        acts[f"{name} without"] = _act(person, command, without)
        acts[f"{name} with"] = _act(other, command, with_hook)
        acts[f"{name} least"] = _act(third, command, least)
    found = interleaved(rounds, acts)
    for name in COMMANDS:
        ours = found[f"{name} with"]
        yield ratio(f"{name}: with git's before-hook / without", ours, found[f"{name} without"])
        if name != KEEPS:
            row = f"{name}: with git's before-hook / with the smallest hook that git can ask"
            yield ratio(row, ours, found[f"{name} least"], "<=", 1.15)
    _branches(person, without)
    _branches(other, with_hook)
    rebase = f"git checkout -q -B topic fifty && {ALONE} rebase -q main"
    found = interleaved(
        max(3, rounds // 5),
        {"without": _act(person, rebase, without), "with": _act(other, rebase, with_hook)},
    )
    yield ratio(
        f"a rebase of {COMMITS} commits: with git's before-hook / without",
        found["with"], found["without"], "<=", 2,
    )  # fmt: skip


def _act(caller: Caller, command: str, place: Path) -> Callable[[], Cost]:
    return lambda: caller.run("sh", "-c", command, cwd=str(place))


def _repository(ground: Ground, name: str, *more: str) -> tuple[Path, Caller]:
    repo = ground.repository(name)
    (repo / "base").write_text("base\n")
    person = ground.person(repo)
    person.run("sh", "-c", f"git add base; {ALONE} commit -qm base")
    for words in (("init", "--only", "git", *more), ("join", "--as", "ada"), ("take",)):
        person.run(ground.stick, *words)
    return repo, person


def _branches(caller: Caller, place: Path) -> None:
    """Make a branch of many commits, and have main go on by one."""
    one = f'echo "$n" > "f$n"; git add .; {ALONE} commit -qm "$n"'
    script = (
        f"git checkout -q -b fifty; n=0; while [ $n -lt {COMMITS} ]; do n=$((n + 1)); {one}; done;"
        f" git checkout -q main; echo more >> base; {ALONE} commit -qam more"
    )
    caller.run("sh", "-c", script, cwd=str(place))
