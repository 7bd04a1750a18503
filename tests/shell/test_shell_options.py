"""Options of the programs that read: drawn from their own help, let pass by the gate, and run.

A longer run: ``STICK_OPTIONS_DRAWN=20000 pytest -s tests/shell/test_shell_options.py``, with another
``STICK_OPTIONS_SEED`` each time; a failure prints the seed and the command.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import time
from functools import cache
from pathlib import Path

import pytest

from stickhooks import shell
from stickhooks.shell import git, options, readers, setting, variables, writers
from tests.conftest import build
from tests.support.shell_tree import FILES, Snapshot, snapshot
from tests.support.shells import environment

DATA = Path(__file__).parents[1] / "data"
DRAWN = int(os.environ.get("STICK_OPTIONS_DRAWN", "200"))
SEED = int(os.environ.get("STICK_OPTIONS_SEED", "12"))
LIMIT_S = 20.0 if DRAWN <= 200 else 36000.0
PATIENCE_S = 5.0
#: Not run: what ends processes, never ends, or changes the machine that runs the tests.
NOT_RUN = {
    "kill", "pkill", "killall", "yes", "top", "sleep", "usleep", "suspend", "exit", "logout",
    "stty", "clear", "wait", "ping", "dmesg", "lsof", "ip", "ifconfig", "hostname", "date", "fg",
    "bg", "caller", "continue", "break", "gc", "repack", "prune-packed", "send-email", "umask",
    "ulimit", "vmstat", "iostat", "maintenance", "pack-refs", "commit-graph", "hash-object",
    "multi-pack-index", "update-server-info", "write-tree", "merge-tree", "mktree", "commit-tree",
    "mktag", "push", "fetch", "request-pull",
}  # fmt: skip
#: Values of options, and operands; ``new`` is a file that is not there yet.
VALUES = ("new", "a", "b", "sub", "1", "./tool", "touch new", "never", ".", "HEAD", "new/x", "all")
OPERANDS = ("a", "b", "a b", "a new", "sub", "HEAD", "HEAD HEAD~0", "-p", "list", "show", "")
OPTION = re.compile(r"(?<![\w-])(--?[A-Za-z][\w-]*)")
#: What stands before a reader in a tree that has something to tell.
VERBS = [verb for _, *verbs in git.OPTIONS for verb in verbs if verb not in NOT_RUN]
PROGRAMS = [*readers.LISTED, *writers.LISTED, "find", "xxd"]
#: Programs that tell something with these words; each is drawn where it is installed.
TELLING = [
    "sqlite3 a", "sqlite3 new", "psql -h 127.0.0.1 -c", "psql", "pg_dump", "npm audit", "npm ls", "npm run",
    "cargo tree", "cargo metadata", "cargo fmt", "cargo update", "docker ps", "docker exec a", "kubectl get",
    "aws s3 ls", "black", "isort", "gofmt", "rustfmt", "rustc", "gcc", "just", "conda list", "helm template",
    "python3 -c", "timedatectl", "mysql -e", "ruff", "pip list", "make",
    "openssl rsa", "openssl dgst", "openssl list", "dpkg-deb", "infocmp", "fc-query", "zdump",
    "readtags", "keytool", "jstack", "udevadm info", "tc qdisc show", "gio info", "busctl list",
    "xclip", "losetup", "filefrag", "csvjoin a", "in2csv", "llvm-nm", "llvm-readobj", "lexgrog",
    "corelist", "zipgrep", "pinky", "ipcs", "jdeps", "json_pp",
]  # fmt: skip


@cache
def prefix() -> list[str]:
    """Return what cuts off the net for one command, where the system allows it."""
    for words in (["unshare", "-n"], ["unshare", "-rn"]):
        if shutil.which("unshare") and not subprocess.run([*words, "true"], check=False).returncode:
            return words
    pytest.skip("the net cannot be cut off: unshare -n")


@cache
def options_of(command: str) -> list[str]:
    """Return the options that a program's own help names, and all letters as short ones."""
    asked = f"{command} -h" if command.startswith("git ") else f"{command} --help"
    try:
        done = subprocess.run(
            ["bash", "-c", asked], stdin=subprocess.DEVNULL, capture_output=True,
            timeout=PATIENCE_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return []
    told = (done.stdout + done.stderr).decode("utf-8", "replace")
    longs = [word for word in OPTION.findall(told) if len(word) > 2]
    extra = ["--output"] if command.startswith("git ") else []
    return [
        *sorted(set(longs)),
        *extra,
        *(f"-{letter}" for letter in "abcdfghijklmnoprstuvwxzOCDT"),
    ]


def drawn_option(chance: random.Random, command: str) -> str:
    option, value = chance.choice(options_of(command) or ["-o"]), chance.choice(VALUES)
    if option.startswith("--") and chance.random() < 0.2:
        option = option[: chance.randint(4, max(4, len(option)))]
    quoted = f"'{value}'" if " " in value else value
    shapes = (option, f"{option} {quoted}", f"{option}={quoted}", f"{option}{quoted}")
    return chance.choice(shapes)


def drawn_command(chance: random.Random, programs: list[str]) -> str:
    command = chance.choice(programs)
    options = [drawn_option(chance, command) for _ in range(chance.choice((1, 1, 2, 3)))]
    return " ".join([command, *options, chance.choice(OPERANDS)]).strip()


def drawn_form(chance: random.Random) -> str:
    """Return a variable before a reader, or a builtin with odd words."""
    if chance.random() < 0.5:
        beginning = chance.choice(variables._LOOKED_AT + variables._FAMILIES)
        name = beginning.strip() + chance.choice(("", "2", "_EVENT", "_PERFORMANCE", "_DIR"))
        value = chance.choice((*VALUES, "$PWD/new", "|touch new", "0", "true", ""))
        reader = chance.choice(("git status", "git log -p", "git diff", "ls", "mktemp", "less a"))
        before = chance.choice(("", "export ", "env ", ""))
        return f"{before}{name}='{value}'{'; ' if before == 'export ' else ' '}{reader}".replace(
            "'$PWD/new'", '"$PWD/new"'
        )
    name = chance.choice([*setting.SETTING, *setting.OTHERS, "test", "[["])
    words = ["-v", "-C", "-c", "1", "-p", "'a[$(touch new)]'", "'touch new'", "x", "-x", "-W", "-F"]
    end = " ]]" if name == "[[" else " < a"
    return " ".join([name, *chance.choices(words, k=chance.randint(1, 4))]) + end


def fresh(top: Path) -> Path:
    """Make the tree that commands run in, its HOME and TMPDIR inside."""
    place = top / "place"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(top / "original", place, symlinks=True)
    return place


def run(command: str, place: Path) -> None:
    env = {**environment(place / "home"), "TMPDIR": str(place / "tmp"), "TERM": "dumb"}
    env["RUSTUP_HOME"] = str(
        place.parent / "rustup"
    )  # its proxies write settings, whatever they are asked
    subprocess.run(
        [*prefix(), "timeout", "-k", "1", str(PATIENCE_S), "bash", "-c", command], cwd=place,
        env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        check=False,
    )  # fmt: skip


def passes(command: str, place: Path) -> bool:
    return shell.writes(command, str(place), {"HOME": str(place / "home")}).nothing


def changing(commands: list[str], top: Path) -> list[str]:
    """Run commands, ten in one tree; return those that change a tree of their own."""
    found = []
    for start in range(0, len(commands), 10):
        some, place = commands[start : start + 10], fresh(top)
        before = state(place)
        for command in some:
            run(command, place)
        if state(place) != before:
            found += [command for command in some if changes(command, top)]
    return found


def changes(command: str, top: Path) -> bool:
    place = fresh(top)
    before = state(place)
    run(command, place)
    return state(place) != before


def state(place: Path) -> tuple[Snapshot, list[str]]:
    """Return files, their modes and text; of git's own the refs and settings."""
    kept = ("HEAD", "config", "packed-refs", "refs", "info", "hooks")
    git = place / ".git"
    names = sorted(str(p) for one in kept for p in [git / one, *(git / one).rglob("*")])
    texts = [f"{name} {Path(name).read_bytes()!r}" for name in names if Path(name).is_file()]
    return snapshot(place), texts


@pytest.fixture(scope="module")
def top(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("options")
    tool = {"tool": "#!/bin/sh\ntouch new\n", "home/.keep": "", "tmp/.keep": ""}
    place = build(top / "original", {**FILES, **tool})
    (place / "tool").chmod(0o755)
    (place / "a").write_text("b\nchanged\n")
    env = environment(top)
    subprocess.run(["git", "stash"], cwd=place, env=env, check=True, capture_output=True)
    (place / "a").write_text("b\nchanged again\n")
    return top


def drawn(chance: random.Random, count: int, programs: list[str], top: Path) -> list[str]:
    """Return commands that the gate lets pass; ``count`` are drawn."""
    place, found = fresh(top), []
    for _ in range(count):
        form = chance.random() < 0.15 and len(programs) > 1
        command = drawn_form(chance) if form else drawn_command(chance, programs)
        if passes(command, place):
            found.append(command)
    return found


@pytest.mark.parametrize("command", (DATA / "options_that_write.txt").read_text().splitlines())
def test_an_option_that_writes_or_runs_something_is_asked(command: str) -> None:
    assert not shell.writes(command, "/ws", {"HOME": "/home/me"}).nothing


def test_honest_options_pass() -> None:
    """The words that agents type with readers; none of them is refused."""
    commands = (DATA / "options_that_read.txt").read_text().splitlines()
    assert len(commands) > 350
    home = {"HOME": "/home/me"}
    refused = [one for one in commands if not shell.writes(one, "/ws", home).nothing]
    assert not refused


def test_ansible_is_asked_where_it_would_run_what_stands_beside_a_playbook(tmp_path: Path) -> None:
    for folder in ("plain", "own/library", "inventory"):
        (tmp_path / folder).mkdir(parents=True)
    for place in ("plain/play.yml", "own/play.yml", "plain/hosts", "inventory/hosts"):
        (tmp_path / place).write_text("")
    (tmp_path / "inventory/hosts").chmod(0o755)

    def passes(command: str) -> bool:
        return shell.writes(command, str(tmp_path), {"HOME": "/home/me"}).nothing

    assert passes("ansible-playbook --list-tasks plain/play.yml")
    assert not passes("ansible-playbook --list-tasks own/play.yml")
    assert passes("cd plain && ansible-inventory -i hosts --graph")
    assert not passes("cd inventory && ansible-inventory -i hosts --graph")
    assert passes("ansible -i host.example, all --list-hosts")


def test_no_option_that_the_gate_lets_pass_changes_a_file(top: Path) -> None:
    print(f"seed {SEED}, {DRAWN} drawn")
    here = [name for name in PROGRAMS if name not in NOT_RUN and shutil.which(name)]
    programs = here + [f"git {verb}" for verb in VERBS]
    programs += [command for command in TELLING if shutil.which(command.split()[0])]
    chance, end, ran = random.Random(SEED), time.monotonic() + LIMIT_S, 0
    for _ in range(0, DRAWN, 20):
        commands = drawn(chance, 20, programs, top)
        ran += len(commands)
        assert not changing(commands, top), f"seed {SEED}"
        if time.monotonic() > end:
            break
    assert ran


def test_a_list_that_lets_too_much_pass_is_found_by_running(
    top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix()
    monkeypatch.setitem(readers.LISTED, "sort", options.ANY)
    chance, place = random.Random(1), fresh(top)
    some = [drawn_command(chance, ["sort"]) for _ in range(1000)]
    named = [command for command in some if " -o" in command and passes(command, place)]
    assert changing(named[:10], top)
