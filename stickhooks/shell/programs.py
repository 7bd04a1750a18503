"""The table of programs: for each name, who judges it. The shell's own builtins are here."""

from __future__ import annotations

from stickhooks.record import replace
from stickhooks.shell import finders, git, readers, runners, setting, writers
from stickhooks.shell.options import options
from stickhooks.shell.state import EVERYTHING, Call, Outcome, folders_at
from stickhooks.shell.words import UNKNOWN, is_known
from stickhooks.system import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Final, TypeAlias

    Handler: TypeAlias = Callable[[Call], Outcome | None]

#: Programs in these folders are what their names say.
PROGRAM_FOLDERS: Final = (
    "/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin", "/snap/bin",
)  # fmt: skip
#: What stick's verbs do to the stick: got where they succeed, put down whatever they answer.
GETTING: Final = ("wait", "take", "takeover")
KEEPING: Final = (
    "status", "log", "rooms", "whoami", "check", "policy", "renew", "join", "doctor", "skill",
    "agents-md", "board", "statusline", "completion",
)  # fmt: skip
#: Commands whose output is one name, without a slash in it.
NAMING: Final = (
    "date", "nproc", "id", "whoami", "hostname", "uname", "arch", "basename", "uuidgen", "wc", "seq",
)  # fmt: skip
#: A template of mktemp's stands for the folder that it will make, in which nobody has a room.
TEMPLATE: Final = "XXX"


def judge(call: Call) -> Outcome | None:
    """Judge one simple command; None where it leaves the shell as it was."""
    folder, name = os.path.dirname(call.name), os.path.basename(call.name)
    handler = HANDLERS.get(name) or HANDLERS.get(runners.is_versioned(name) or "")
    in_tree = folder and folder not in PROGRAM_FOLDERS
    if in_tree and os.path.basename(folder) != "bin":
        call.nobody_knows(f"nobody knows what the program {call.name} writes")
        return None
    if handler:
        return handler(call.renamed(_table_name(name), call.words))
    if call.words not in (["--version"], ["--help"]) or in_tree:
        call.nobody_knows(f"nobody knows whether {name} writes")
    return None


def _table_name(name: str) -> str:
    return name if name in HANDLERS else runners.is_versioned(name) or name


def is_program(name: str) -> bool:
    return name in HANDLERS


def output(words: list[str], cwd: str, variables: Mapping[str, str]) -> str:
    """Return what a substituted command prints, as far as that can be known."""
    if not words or not all(map(is_known, words)):
        return "0" if words and words[0] in NAMING and words[0] == "basename" else UNKNOWN
    name, rest = words[0], words[1:]
    if name == "pwd":
        return cwd
    if name == "mktemp":
        return writers.temporary(rest, variables.get("TMPDIR") or "/tmp")
    if name in NAMING and not any("/" in word for word in rest if word.startswith("+")):
        return "0" if len(rest) < 2 or name != "seq" else UNKNOWN
    return UNKNOWN


def change_folder(call: Call) -> Outcome:
    """Judge ``cd`` and ``pushd``: they fail only where there is no such folder now."""
    state = call.state
    operands = [word for word in call.words if not word.startswith("-") or word == "-"]
    target = operands[0] if operands else state.variables.get("HOME", UNKNOWN)
    if target == "-":
        target = state.variables.get("OLDPWD", UNKNOWN)
    folders = () if target.startswith("+") else folders_at(target, state)
    before = state.cwds[0] if len(state.cwds) == 1 else UNKNOWN
    sure = folders and all(os.path.isdir(folder) or TEMPLATE in folder for folder in folders)
    after = state.at(folders).knowing("OLDPWD", before)
    return Outcome(after, None if sure else state)


def lost(call: Call) -> Outcome:
    """Judge what leads to a folder that is not known."""
    return Outcome(call.state.at(()).knowing("OLDPWD", UNKNOWN), call.state)


def leave(call: Call) -> Outcome:
    return Outcome(None, None)


def stick(call: Call) -> Outcome:
    """Judge our own commands: after some of them the stick is held, or is not; a report is a file."""
    given = options(
        call.words,
        "room as lock-timeout timeout why takeover reason expect status next o format since",
    )
    state, verb = call.state, given.operands[0] if given.operands else ""
    for path in given.values("o") if verb == "report" else ():
        if path != "-":
            call.path(path)
    if given.has("help dry-run") or verb in KEEPING or not verb:
        return Outcome(state, state)
    if verb not in GETTING:
        without = replace(state, held=None)
        return Outcome(without, without)
    rooms = given.values("room")
    folders = folders_at(rooms[-1], state) if rooms else (EVERYTHING,)
    held = folders[0] if len(folders) == 1 else None
    return Outcome(replace(state, held=held), state)


HANDLERS: Final[dict[str, Handler]] = {
    **readers.HANDLERS,
    **finders.HANDLERS,
    **setting.HANDLERS,
    **writers.HANDLERS,
    **runners.HANDLERS,
    **dict.fromkeys(("cd", "pushd", "chdir"), change_folder),
    **dict.fromkeys(("exit", "return"), leave),
    **dict.fromkeys(("stick", "stickhooks"), stick),
    "popd": lost,
    "git": git.judge,
}
