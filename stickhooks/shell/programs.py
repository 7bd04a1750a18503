"""The table of programs: for each name, who judges it. The shell's own builtins are here."""

from __future__ import annotations

from stickhooks.fast.os import os
from stickhooks.shell.folders import is_program_folder
from stickhooks.shell.state import Call, Outcome, folders_at
from stickhooks.shell.words import UNKNOWN, is_known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Final, TypeAlias

    Handler: TypeAlias = Callable[[Call], Outcome | None]

#: Commands whose output is one name, without a slash in it.
NAMING: Final = (
    "date", "nproc", "id", "whoami", "hostname", "uname", "arch", "basename", "uuidgen", "wc", "seq",
)  # fmt: skip
#: A template of mktemp's stands for the folder that it will make, in which nobody has a room.
TEMPLATE: Final = "XXX"


def judge(call: Call) -> Outcome | None:
    """Judge one simple command; None where it leaves the shell as it was."""
    folder, slash, name = call.name.replace("\\", "/").rpartition("/")
    if slash and not is_program_folder(folder):
        call.nobody_knows(f"stick does not know what the program {call.name} writes")
        return None
    name = name.removesuffix(".exe") if handler(name.removesuffix(".exe")) else name
    name = name if handler(name) else _unversioned(name)
    run = handler(name)
    if run:
        return run(call.renamed(name, call.words))
    from stickhooks.shell import telling, windows

    if name[:1].isupper() and "-" in name and windows.cmdlet(call.renamed(name, call.words)):
        return None
    if call.words not in (
        ["--version"],
        ["--help"],
        ["-V"],
        ["-version"],
        ["version"],
        ["-h"],
    ) and not telling.judged(call.renamed(name, call.words)):
        call.nobody_knows(f"stick does not know whether {name} writes")
    return None


def is_program(name: str) -> bool:
    return handler(name) is not None


def _unversioned(name: str) -> str:
    from stickhooks.shell import interpreters

    return interpreters.is_versioned(name) or name


def output(words: list[str], cwd: str, variables: Mapping[str, str]) -> str:
    """Return what a substituted command prints, as far as that can be known."""
    if not words or not all(map(is_known, words)):
        return "0" if words[:1] == ["basename"] else UNKNOWN
    name, rest = words[0], words[1:]
    if name == "pwd":
        return cwd
    if rest or name in ("ssh-agent", "dircolors", "lesspipe"):
        from stickhooks.shell import telling

        if " ".join((os.path.basename(name), *rest)) in telling.ENVIRONMENTS:
            return "true"
    if name == "mktemp":
        from stickhooks.shell import writers

        return writers.temporary(rest, variables.get("TMPDIR") or "/tmp")
    if name in NAMING and not any("/" in word for word in rest if word.startswith("+")):
        return "0" if len(rest) < 2 or name != "seq" else UNKNOWN
    return UNKNOWN


def change_folder(call: Call) -> Outcome:
    """Judge ``cd`` and ``pushd``: they fail only where there is no such folder now.

    With two folders bash's cd fails, and zsh's goes to a third one.
    """
    state = call.state
    operands = [word for word in call.words if not word.startswith("-") or word == "-"]
    turned = call.name == "pushd" and (not operands or operands != call.words)
    by_number = any(word[:1] == "-" and word[1:].isdigit() for word in call.words)
    if len(operands) > 1 or turned or by_number:
        return lost(call)
    target = operands[0] if operands else state.variables.get("HOME", UNKNOWN)
    if call.variable("CDPATH") and not target.startswith(("/", ".", "-")):
        return lost(call)
    if target == "-":
        target = state.variables.get("OLDPWD", UNKNOWN)
    physical = any(word[:1] == "-" and "P" in word for word in call.words)
    folders = () if target.startswith("+") else folders_at(target, state, physical)
    before = state.cwds[0] if len(state.cwds) == 1 else UNKNOWN
    sure = folders and all(os.path.isdir(folder) or TEMPLATE in folder for folder in folders)
    sure = sure and not any(map(call.found.may_be_gone, folders))
    after = state.at(folders).knowing("OLDPWD", before)
    return Outcome(after, None if sure else state)


def lost(call: Call) -> Outcome:
    """Judge what leads to a folder that is not known."""
    return Outcome(call.state.at(()).knowing("OLDPWD", UNKNOWN), call.state)


def leave(call: Call) -> Outcome:
    return Outcome(None, None)


def git(call: Call) -> Outcome | None:
    from stickhooks.shell import git

    git.judge(call)
    return None


def stick(call: Call) -> Outcome | None:
    from stickhooks.shell import stick

    return stick.judge(call)


_OWN: Final[dict[str, Handler]] = {
    **dict.fromkeys(("cd", "pushd", "chdir"), change_folder),
    **dict.fromkeys(("exit", "return"), leave),
    **dict.fromkeys(("stick", "stickhooks"), stick),
    "popd": lost,
    "git": git,
}


def handler(name: str) -> Handler | None:
    """Return who judges a program, None for one that is not known."""
    return next((table[name] for table in tables() if name in table), None)


def tables() -> Iterator[Mapping[str, Handler]]:
    """Yield the programs of each kind, the ones that are asked for most first: a kind is loaded then."""
    yield _OWN
    from stickhooks.shell import readers

    yield readers.HANDLERS
    from stickhooks.shell import finders, setting, writers

    yield from (finders.HANDLERS, setting.HANDLERS, writers.HANDLERS)
    from stickhooks.shell import databases, runners, services

    yield from (runners.HANDLERS, databases.HANDLERS, services.HANDLERS)
    from stickhooks.shell import ansible, clouds, condensers, database_clients, media, windows

    yield from (clouds.HANDLERS, database_clients.HANDLERS, media.HANDLERS, windows.HANDLERS)
    yield from (ansible.HANDLERS, condensers.HANDLERS)
