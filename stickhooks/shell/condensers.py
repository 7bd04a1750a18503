"""``rtk``: it runs a command for an agent, or reads a file, and prints less of it.

Held against its README and the commands in its source (src/main.rs), November 2026. A program's name as
the first word runs that program with the words behind it; of its own verbs some read.
What it keeps of its own lies in the caller's home.
"""

from __future__ import annotations

from stickhooks.shell.options import listed
from stickhooks.shell.state import Call, Outcome
from stickhooks.shell.words import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

_BEFORE: Final = "uvhV ultra-compact verbose help version"
#: The words behind these are one line for a shell.
_LINES: Final = ("err", "test", "summary", "proxy")
#: Programs that it runs as they are typed. (Its ``npm x`` is `npm run x`.)
_PROGRAMS: Final = frozenset((
    "git", "gh", "glab", "aws", "psql", "pnpm", "dotnet", "docker", "kubectl", "oc", "rg", "curl", "wget",
    "wc", "ls", "tree", "cargo", "go", "pip", "ruff", "mypy", "pytest", "golangci-lint", "tsc", "prettier",
))  # fmt: skip
#: Its own verbs that read, and their options. (`gain --reset` is none, `smart --force-download` neither.)
_OWN: Final = (
    "read", "smart", "json", "deps", "env", "diff", "log", "gain", "discover", "session", "cc-economics",
)  # fmt: skip
_LOOKS: Final = (
    "l:m:nd:f:pgHqt:was:F level= max-lines= tail-lines= line-numbers model= depth= keys-only filter= project "
    "graph history quota tier= daily weekly monthly all format= failures limit= since="
)
#: What it calls otherwise than the program does.
_RENAMED: Final = {
    "kubectl pods": ["get", "pods"], "kubectl services": ["get", "services"],
    "oc pods": ["get", "pods"], "oc services": ["get", "services"], "pip outdated": ["list", "--outdated"],
}  # fmt: skip
#: Options of grep's that rg, which may be run in its place, does not have.
_OF_GREP: Final = ("--include=", "--exclude=", "--exclude-dir=", "-R", "-r", "-E")


def rtk(call: Call) -> Outcome | None:
    words = listed(call.words, _BEFORE, permute=False)
    if words.odd:
        call.nobody_knows("stick does not know what rtk runs with that")
    if words.odd or not words.operands or words.has("h V help version"):
        return None
    name, rest = plain(words.operands[0]), words.operands[1:]
    if name in _LINES:
        return call.script(" ".join(rest), call.name) if rest else None
    if name == "grep":
        return call.run(["rg", *(word for word in rest if not word.startswith(_OF_GREP))])
    if name == "find":
        return call.run(["find", *rest])
    if name in _PROGRAMS:
        first = _RENAMED.get(" ".join([name, *rest[:1]]), rest[:1])
        return call.run([name, *first, *rest[1:]])
    if name not in _OWN or listed(rest, _LOOKS).odd:
        call.nobody_knows(f"stick does not know what rtk {name} runs")
    return None


HANDLERS: Final[dict[str, Callable[[Call], Outcome | None]]] = {"rtk": rtk}
