"""Programs of Windows that agents type in its shells: the launcher of Python, ``cmd`` and PowerShell.

PowerShell's command is read where it is a line of listed cmdlets, joined by ``|`` and ``;``, without
variables, blocks, sub-expressions or redirections (about_Operators, about_Parsing); else it is asked.
"""

from __future__ import annotations

from stickhooks.shell.state import Call, Outcome
from stickhooks.shell.words import is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

#: What the launcher lists, instead of starting a Python.
_LISTS: Final = (["--list"], ["-0"], ["-0p"], ["--list-paths"])
_CMD_READS: Final = "dir type where ver echo findstr tree vol whoami hostname tasklist"
#: What joins commands, redirects, expands or escapes in cmd's line.
_CMD_MARKS: Final = frozenset("&|<>^%!()\n")
#: What may stand before PowerShell's command, and the one of it with a value.
_SWITCHES: Final = ("-noprofile", "-nop", "-noninteractive", "-nologo")
_CMDLETS: Final = """
    get-childitem gci ls dir get-content gc cat type get-item gi get-itemproperty get-location gl pwd
    get-process gps ps get-service gsv get-nettcpconnection get-netipaddress get-netadapter get-command
    gcm get-date get-host get-alias get-acl get-filehash get-hotfix get-ciminstance get-wmiobject
    get-winevent get-eventlog get-computerinfo get-psdrive get-volume get-disk get-member gm get-culture
    get-uptime select-object select select-string sls sort-object sort measure-object measure group-object
    group where-object where format-table ft format-list fl format-wide out-string out-host test-path
    test-connection test-netconnection resolve-dnsname resolve-path split-path compare-object diff
    write-output write-host echo convertto-json convertfrom-json convertto-csv convertfrom-csv
    stop-process spps kill start-sleep sleep
"""
#: What runs, groups, assigns, redirects, escapes or expands in PowerShell's line.
_MARKS: Final = frozenset("(){}$&<>=@`\n")


def launcher(call: Call) -> Outcome | None:
    """Judge ``py -3.11 …``: the version, then Python's own words."""
    if call.words in _LISTS:
        return None
    first = plain(call.words[0]) if call.words else ""
    chosen = first[:2] in ("-2", "-3") or first.startswith("-V:")
    return call.run(["python3", *call.words[chosen:]])


def cmd(call: Call) -> None:
    words = list(map(plain, call.words))
    line = " ".join(words[1:])
    first = line.replace('"', "").split(" ", 1)[0].lower()
    runs_one = words[:1] and words[0].lstrip("/").lower() == "c" and words[0].startswith("/")
    if (
        not runs_one
        or not all(map(is_known, call.words))
        or first not in _CMD_READS.split()
        or not _CMD_MARKS.isdisjoint(line)
    ):
        call.tree(f"{call.name} runs a program that may write anywhere")


def powershell(call: Call) -> None:
    line = _command(call.words)
    if line is None or not _only_reads(line):
        call.tree(f"{call.name} runs a program that may write anywhere")


def _command(words: list[str]) -> str | None:
    """Return what PowerShell is given as a command, None where that is not plain."""
    rest = list(words)
    while rest and plain(rest[0]).lower() in _SWITCHES:
        rest.pop(0)
    if not rest or plain(rest[0]).lower() not in ("-command", "-c") or not all(map(is_known, rest)):
        return None
    return " ".join(map(plain, rest[1:]))


def _only_reads(line: str) -> bool:
    stages: list[str] = [""]
    quote = ""
    for character in line:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "|;":
            stages.append("")
            continue
        if character in _MARKS and quote != "'":
            return False
        stages[-1] += character
    heads = [stage.strip().split(" ", 1)[0].lower() for stage in stages]
    return not quote and all(head in _CMDLETS.split() for head in heads)


HANDLERS: Final[dict[str, Callable[[Call], Outcome | None]]] = {
    "py": launcher,
    **dict.fromkeys(("cmd", "cmd.exe"), cmd),
    **dict.fromkeys(("powershell", "powershell.exe", "pwsh", "pwsh.exe"), powershell),
}
