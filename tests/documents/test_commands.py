"""Every command that the front page and docs/ show is run, in the page's order, in one repository.

A page's commands are typed by one person in one terminal. ``BEFORE`` has what is there when the
reader comes to the page, ``NOT_RUN`` what cannot be run here, and what runs it instead.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.documents import DOCS, REPOSITORY, blocks, pages, typed
from tests.support.shells import Running, Shell, Shells

FRONT_PAGE = "the front page"
WORK = "echo more >> app.py"
#: By page: what has happened before, typed in the same terminal.
BEFORE = {
    FRONT_PAGE: WORK,
    "how-to/agents": "stick join --as ada",
    "how-to/alone-with-agents": "stick join --as ada",
    "how-to/get-work-back": (
        "stick join --as ada; stick take; echo new > src/core.py; git commit -qam new; echo k > .env;"
        " echo lost >> src/core.py; stick release -m x; git checkout -q src/core.py; stick take"
    ),
    "how-to/editors": "stick join --as ada",
    "how-to/rooms": "stick join --as ada",
    "how-to/paths": "stick join --as ada",
    "how-to/takeover-and-bypass": f"stick join --as ada; {WORK}; git add app.py",
    "how-to/scripts-and-ci": "stick join --as ada; echo 'echo done' > release.sh",
    "how-to/several-machines": (
        "stick uninit; git init -q -b main --bare ../team.git; git remote add origin ../team.git;"
        " git push -q origin main"
    ),
    "how-to/server": "mkdir ../team && git init -q --bare ../team/shop.git",
}
#: Pages whose reader finds the stick in the hands of a member whose process was killed.
ABANDONED = {"tutorial": "stick takeover", "how-to/takeover-and-bypass": "stick takeover"}
#: By page: which blocks, from 0, are typed in the next clone. Who waits there has the stick from then on.
IN_NEXT_CLONE = {"how-to/several-machines": (1, 3)}
#: What ends otherwise than with 0, and the page says why: Codex trusts no hook by itself.
ENDS = {("how-to/agents", "stick doctor"): 78}
#: Examples in commands, and what is there in the repository.
HERE = {"undo 7": "undo 1", "--turn 7": "--turn 1", "src/app.py": "src/core.py"}
SCREEN = "tests/views/test_statusline.py types it into the program that reads it"
NOT_RUN = {
    "uv tool install .": "tests/architecture/test_package.py installs the wheel",
    "python3 -m venv .venv && .venv/bin/pip install -q . &&": "the demo is a step of .ci/run",
    "python3 -m venv .venv && .venv/bin/pip install -q -e": "this is how .ci/run starts the tests",
    "set -g status-right": SCREEN,
    "setopt PROMPT_SUBST": SCREEN,
    "[custom.stick]": "starship's configuration: the command in it is SCREEN's",
    'command = "stick statusline': "starship's configuration",
    "when = true": "starship's configuration",
    '"statusLine": {': SCREEN,
    'eval "$(stick completion': "tests/cli/test_completion.py does so in bash and zsh",
    "stick completion fish >": "tests/cli/test_completion.py does so in fish",
    "exec stick hook pre-receive": "a line of a hook: tests/handlers/test_git_fencing.py pushes through it",
    "git push -o stick-lease=ID": "tests/handlers/test_git_fencing.py pushes with a real id",
    "stick restore --from a1b2c3": "its id is the reader's: tests/recovery/test_restore.py has one",
    'rm -f "$(git rev-parse --git-dir)': "tests/setup/test_kept_hooks.py ends a room by it",
}
PAGES = {
    str(file.relative_to(DOCS).with_suffix("")) if DOCS in file.parents else FRONT_PAGE: file
    for file in pages()
}
SHOWN = {name: blocks(file.read_text(encoding="utf-8")) for name, file in PAGES.items()}


def is_session(block: str) -> bool:
    """Whether a block shows what two people see, as the demo does, and is nothing to be typed."""
    return " $ " in block.splitlines()[0]


def typed_blocks(name: str) -> list[list[str]]:
    return [typed(block) for block in SHOWN[name] if not is_session(block)]


def commands(name: str) -> list[str]:
    return [line for block in typed_blocks(name) for line in block]


def reason(command: str) -> str | None:
    return next((why for begin, why in NOT_RUN.items() if command.startswith(begin)), None)


def abandoned(shells: Shells, room: Path) -> None:
    """Have a member take the stick and be killed."""
    bob = shells.member(room, "bob")
    bob.stick("policy gone_grace 0s").ok()
    bob.stick("take").ok()
    bob.kill()


def run(reader: Shell, command: str, room: Path, name: str) -> None:
    here = command
    for example, ours in {**HERE, "/srv/team": str(room.parent / "team")}.items():
        here = here.replace(example, ours)
    done = reader.run(here)
    wanted = ENDS.get((name, command.partition("#")[0].strip()), 0)
    assert done.code == wanted, f"{command}\nexit {done.code}\n{done.text}"


@pytest.mark.sampled(10)  # pages; the others are long
@pytest.mark.parametrize("name", [name for name in PAGES if commands(name)])
def test_every_command_of_a_page_runs(name: str, shells: Shells, room: Path) -> None:
    reader = shells.person(room)
    reader.run(BEFORE.get(name, ":")).ok()
    next_clone, waits = room.parent / "next", list[Running]()
    for number, block in enumerate(typed_blocks(name)):
        typist = reader
        if number in IN_NEXT_CLONE.get(name, ()):
            if not next_clone.exists():
                reader.run(f"git clone -q ../team.git {next_clone}").ok()
                other = shells.person(next_clone)
            typist = other
            while waits:
                waits.pop().result().ok()
        for command in block:
            if reason(command):
                continue
            if command.startswith(ABANDONED.get(name, "\0")):
                abandoned(shells, room)
            if typist is not reader and command == "stick wait":
                waits.append(typist.begin(command))
            else:
                run(typist, command, room, name)
    assert not waits


def test_nothing_is_listed_that_no_page_shows() -> None:
    every = [command for name in PAGES for command in commands(name)]
    assert [b for b in NOT_RUN if not any(c.startswith(b) for c in every)] == []
    assert {*BEFORE, *ABANDONED, *IN_NEXT_CLONE} <= {name for name in PAGES if commands(name)}


def test_what_is_run_elsewhere_is_there() -> None:
    named = [word for why in NOT_RUN.values() for word in why.split() if "/" in word]
    assert named
    assert not [path for path in named if not (REPOSITORY / path).exists()]


def test_blocks_of_every_shape_are_seen() -> None:
    text = "a\n\n    one\n    two\n\n```\nthree \\\n  four\n# five\n```\n\n```json\nsix\n```\n"
    assert [typed(block) for block in blocks(text)] == [["three \\\n  four"], ["one", "two"]]
