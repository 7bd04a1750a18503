"""Every step that is printed helps: it is typed there, and something else is said than before.

``data/next_steps.txt`` has the situations: what ada and the caller do first, and, after ``$``, what
is typed then, each from the same start; ``>`` tells how the first step begins. Some situations,
drawn by the seed of the run, are tried every time; ``-m long`` tries the others.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import MakeRepository
from tests.stress import sample
from tests.support.following import follow, is_circle
from tests.support.shells import STICK, Shell, Shells

ROOT = os.geteuid() == 0
DATA = Path(__file__).parents[1] / "data/next_steps.txt"
NEEDS_RIGHTS = ("the folder is not writable", "the folder is not readable")
#: Has file modes bind root as well.
BOUND = "setpriv --bounding-set -dac_override,-dac_read_search"
#: Where an agent may be told another step than a person.
OF_AGENTS = (
    "held", "held, not joined", "free, not joined", "mine", "closed", "lease ran out",
    "a name of somebody else", "room above held", "the state is gone",
)  # fmt: skip


@dataclass
class Case:
    """A situation: what is done before, by whom; and what is typed then."""

    name: str
    before: list[tuple[str, str]] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    first: dict[str, str] = field(
        default_factory=dict
    )  # how the first step begins, by what is typed


def read() -> Iterator[Case]:
    for part in DATA.read_text().split("== ")[1:]:
        name, *lines = part.splitlines()
        case = Case(name)
        for line in lines:
            who, _, command = line.partition(" ")
            if who == "$":
                case.typed.append(command)
            elif who == ">":
                case.first[case.typed[-1]] = command
            elif who:
                case.before.append((who.rstrip(":"), command))
        yield case


CASES = {case.name: case for case in read()}
TRIED = [(name, "person") for name in CASES] + [(name, "agent") for name in OF_AGENTS]
DRAWN = sample.some(TRIED, "STEPS", 10)


@pytest.fixture
def people(
    shells: Shells, repo: Path, make_repository: MakeRepository
) -> Callable[[str], tuple[Shell, Shell]]:
    def made(caller: str) -> tuple[Shell, Shell]:
        make_repository("elsewhere")
        ada = shells.person(repo)
        ada.run("stick init --only git && stick join --as ada").ok()
        return ada, (shells.agent if caller == "agent" else shells.person)(repo)

    return made


@pytest.fixture
def surroundings(home: Path) -> dict[str, str]:
    """Return an editor that puts every file right, and a folder of programs without git."""
    (home / "editor").write_text('#!/bin/sh\necho "{}" > "$1"\n')
    (home / "editor").chmod(0o755)
    (home / "only").mkdir()
    (home / "only/stick").symlink_to(STICK)
    return {"EDITOR": str(home / "editor"), "STICK_ONLY": str(home / "only")}


@pytest.mark.parametrize(
    ("name", "caller"),
    [pytest.param(*one, marks=[] if one in DRAWN else [pytest.mark.long]) for one in TRIED],
)
def test_every_step_leads_to_another_sentence(
    name: str,
    caller: str,
    people: Callable[[str], tuple[Shell, Shell]],
    surroundings: dict[str, str],
    home: Path,
    shells: Shells,
    repo: Path,
) -> None:
    within = BOUND if ROOT and name in NEEDS_RIGHTS else ""
    if within and shutil.which("setpriv") is None:
        pytest.skip("root may write everywhere, and there is no setpriv")
    ada, me = people(caller)
    for who, command in CASES[name].before:
        shell = {"ada": ada, "me": me}.get(who) or shells.person(repo)
        shell.run(command, surroundings)
    wrong = []
    for i, command in enumerate(CASES[name].typed):
        if i:
            me.run(f"find . -mindepth 1 -delete; cp -a '{home}/keep/.' .").ok()
        else:
            me.run(f"cp -a . '{home}/keep'").ok()
        walk = follow(me, command, surroundings, within)
        if is_circle(walk) or walk.end in ("no step", "it goes on and on"):
            wrong.append(f"{walk.end or 'a circle'}\n{walk}")
        if not walk.steps[0].startswith(CASES[name].first.get(command, "")):
            wrong.append(f"not {CASES[name].first[command]!r}, but {walk.steps[0]!r}\n{walk}")
    assert not wrong, "\n\n".join(wrong)


def test_the_names_of_situations_are_those_of_the_table() -> None:
    assert all(case.typed for case in CASES.values())
    assert set(OF_AGENTS) <= set(CASES)
    assert set(NEEDS_RIGHTS) <= set(CASES)
