"""Variables that change what a program does: which of them a command may set.

Most names are the shell's own business. Those of a family that programs look at are asked, but for
the ones that are listed here: ``GIT_TRACE=f git status`` writes f, ``LESSOPEN`` runs a program.
"""

from __future__ import annotations

from stickhooks.shell import tables
from stickhooks.shell.folders import TEMPORARY, may_be_searched
from stickhooks.shell.state import Call
from stickhooks.shell.words import UNKNOWN, as_typed, is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_TABLE: Final = tables.by_program("variables")
#: Beginnings of names that programs look at; a whole name ends with a blank.
_LOOKED_AT: Final = tuple(
    name[:-1] if name.endswith("*") else name + " " for name in _TABLE["looked-at"].split()
)
_FAMILIES: Final = tuple(_TABLE["families"].split())
_HARMLESS: Final = _TABLE["harmless"].split()
_SETTINGS: Final = _TABLE["settings"].split()
_ENDINGS: Final = ("PAGER", "EDITOR", "_WRAPPER")
_GIVEN_ENDINGS: Final = tuple(_TABLE["endings"].split())
#: A number or a word is standard error or a descriptor; a path is a file that git writes.
_SWITCHES: Final = ("", "0", "1", "2", "true", "false")
#: Where a program puts files of its own: a folder for temporary ones, or nothing.
_PLACES: Final = (
    "HOME", "TMPDIR", "XDG_", "GIT_INDEX_FILE", "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM", "HISTFILE", "LESSHISTFILE", "GOCACHE", "GOMODCACHE", "GOPATH", "GOCOVERDIR",
)  # fmt: skip
_NOWHERE: Final = (*TEMPORARY, "/dev/null/")
_LESS_LETTERS: Final = set("-FRXSMQeEqrinINJ ")
_COMPILERS: Final = ("CC", "CXX", "AR", "LD", "CPP", "FC")
#: Where the system and installed programs have their settings.
_FAR: Final = (
    "/etc/",
    "/usr/",
    "/opt/",
    "/var/lib/",
    "/root/.",
    "/dev/null/",
    "/Library/",
    "/nix/",
)
_COMMANDS: Final = ("GIT_EXTERNAL_DIFF", "GIT_SSH_COMMAND", "PROMPT_COMMAND", "VISUAL", "EDITOR")


def judge(call: Call, name: str, value: str, exported: bool) -> None:
    """Judge a variable that is given a value; ``exported`` where programs are given it as well."""
    if is_known(value) and runs_when_counted(as_typed(value)):
        call.nobody_knows(f"{name} holds a subscript with a command in it")
    if name == "PATH":
        _path(call, value)
    if name in _SETTINGS and not _is_far(call, value):
        call.nobody_knows(f"{name} names settings that may run a program: {plain(value)}")
    if not _is_looked_at(name, exported) or name in _HARMLESS:
        return
    if name in _COMMANDS or name.endswith(("PAGER", "EDITOR")):
        if value:
            call.script(value, name)
        if value and is_known(value) and not name.endswith(("PAGER", "PROMPT_COMMAND")):
            call.run([*plain(value).split(), UNKNOWN])  # they are given files
    elif not _may_be(name, value):
        call.nobody_knows(f"{name} changes what programs write, load or run")


def set_somehow(call: Call, name: str) -> None:
    """Judge a variable that is given a value nobody can tell: by ``read``, ``printf -v``, a loop."""
    asked = name in ("PATH", *_SETTINGS) or _is_looked_at(name, exported=True)
    if asked and name not in _HARMLESS:
        call.nobody_knows(f"{name} changes what programs write, load or run")


def _is_far(call: Call, value: str) -> bool:
    """Tell whether all places named are none of a project's: the system's, or hidden ones of a home."""
    home = plain(call.state.variables.get("HOME", ""))
    ours = (home + "/.",) if home else ()
    return is_known(value) and all(
        (place + "/").startswith((*_FAR, *ours)) and ".." not in place
        for place in plain(value).split(":")
        if place
    )


def _path(call: Call, value: str) -> None:
    """Judge PATH: what is found in the shell's own folder need not be what its name says."""
    for folder in as_typed(value).split(":"):
        if is_known(folder) and not may_be_searched(folder, call.state.cwds):
            call.nobody_knows(f"programs would be looked for in {plain(folder) or '.'}")


def runs_when_counted(text: str) -> bool:
    """Tell whether bash runs a command where this is taken for a variable or counted."""
    before, bracket, inside = text.partition("[")
    return bool(
        bracket and ("$(" in inside or "`" in inside) and (before[-1:] + "x").isidentifier()
    )


def _is_looked_at(name: str, exported: bool) -> bool:
    if exported and (name.startswith(_FAMILIES) or name.endswith(_GIVEN_ENDINGS)):
        return True
    return name.endswith(_ENDINGS) or (name + " ").startswith(_LOOKED_AT)


def _may_be(name: str, value: str) -> bool:
    if name in _COMPILERS:  # found by its name alone, it is what it is called
        return is_known(value) and plain(value).replace("+", "").replace("-", "").isalnum()
    if name.startswith("GIT_TRACE"):
        return plain(value).lower() in _SWITCHES
    if name.startswith(_PLACES) or name.endswith(("_HISTORY", "HISTFILE")):
        return (plain(value) + "/").startswith(_NOWHERE) and ".." not in value
    return name == "LESS" and set(plain(value)) <= _LESS_LETTERS


def counts_a_command(node: object) -> bool:
    """Tell whether an expression of the shell has such a text in quotes."""
    todo = [node]
    while todo:
        one = todo.pop()
        if isinstance(one, list):
            todo += one
        elif isinstance(one, dict) and one.get("Type") == "SglQuoted":
            if runs_when_counted(str(one.get("Value", ""))):
                return True
        elif isinstance(one, dict):
            todo += list(one.values())
    return False
