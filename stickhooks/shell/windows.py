"""Programs of Windows that agents type in its shells: the launcher of Python, ``cmd``, ``wmic``.

``powershell`` reads the lines of PowerShell.
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
_CMD_READS: Final = (
    "dir type where ver echo findstr tree vol whoami hostname tasklist more cd chdir"
)
#: Redirections that write no file, as words: `>nulls` does.
_CMD_NOWHERE: Final = (">nul", "2>nul", "2>&1")
#: What redirects, expands or escapes in cmd's line.
_CMD_MARKS: Final = frozenset("<>^%!()\n")
#: What wmic does beside telling; ``/output:`` and ``/append:`` name a file.
_WMIC_WRITES: Final = "call delete create set assoc context"


def launcher(call: Call) -> Outcome | None:
    """Judge ``py -3.11 …``: the version, then Python's own words."""
    if call.words in _LISTS:
        return None
    first = plain(call.words[0]) if call.words else ""
    chosen = first[:2] in ("-2", "-3") or first.startswith("-V:")
    return call.run(["python3", *call.words[chosen:]])


def cmd(call: Call) -> None:
    """Judge ``cmd /c LINE``: programs that read, joined by ``|``, ``&``, ``&&`` or ``||``."""
    from stickhooks.shell import powershell, verdict

    words = list(map(plain, call.words))
    line = " ".join(words[1:]).strip()
    line = line[1:-1] if line[:1] == line[-1:] == '"' else line
    runs_one = words[:1] and words[0].lstrip("/").lower() == "c" and words[0].startswith("/")
    line = line.replace("&&", "|").replace("||", "|").replace("|", " | ")
    line = " ".join(word for word in line.split(" ") if word.lower() not in _CMD_NOWHERE)
    line = line.replace("&", "|")
    stages = [stage.replace('"', "").split() for stage in line.split("|")]
    others = powershell.OTHERS_ON_WINDOWS
    reads = all(
        stage
        and stage[0].lower() not in others
        and (stage[0].lower() in _CMD_READS.split() or verdict.only_read(stage))
        for stage in stages
    )
    if not (runs_one and reads and all(map(is_known, call.words)) and _CMD_MARKS.isdisjoint(line)):
        call.tree(f"{call.name} runs a program that may write anywhere", "yes")


def wmic(call: Call) -> None:
    words = [word.lower() for word in map(plain, call.words)]
    tells = "get" in words or "list" in words
    if not tells or any(one.startswith("/") or one in _WMIC_WRITES.split() for one in words):
        call.tree("wmic may write anywhere")


def powershell(call: Call) -> None:
    from stickhooks.shell import powershell

    words, positional = list(map(plain, call.words)), call.name.startswith("powershell")
    if not all(map(is_known, call.words)) or not powershell.only_reads(words, positional):
        call.tree(f"{call.name} runs a program that may write anywhere", "yes")


def cmdlet(call: Call) -> bool:
    """Tell whether a cmdlet that is typed into another shell only reads."""
    from stickhooks.shell import powershell

    words = [word if word.startswith("-") else f"'{word}'" for word in map(plain, call.words)]
    line = " ".join([call.name, *words])
    return (
        all(map(is_known, call.words))
        and "'" not in "".join(map(plain, call.words))
        and powershell.line_reads(line)
    )


def reg(call: Call) -> None:
    words = [word.lower() for word in map(plain, call.words)]
    asks = {
        "reg": ("query",),
        "sc": ("query", "queryex", "qc"),
        "schtasks": ("/query",),
        "netsh": (),
    }[call.name]
    shows = (
        call.name == "netsh"
        and "show" in words
        and not {"set", "add", "delete", "dump", "export", "-f"} & set(words)
    )
    if not shows and words[:1] not in [[one] for one in asks]:
        call.tree(f"{call.name} may change something")


def wsl(call: Call) -> Outcome | None:
    """Judge ``wsl``: what it lists, or the command that it runs."""
    lists = ("-l", "--list", "--status", "--version", "--help")
    if "".join(call.words[:1]) in lists and all(
        word in (*lists, "-v", "--verbose", "-q", "-o") for word in call.words
    ):
        return None
    words = call.words[1:] if call.words[:1] in (["-e"], ["--"], ["--exec"]) else call.words
    if not words or words[0].startswith("-"):
        call.nobody_knows("stick does not know what wsl runs")
        return None
    return call.run(words)


HANDLERS: Final[dict[str, Callable[[Call], Outcome | None]]] = {
    "py": launcher,
    "wmic": wmic,
    "wsl": wsl,
    **dict.fromkeys(("reg", "sc", "schtasks", "netsh"), reg),
    **dict.fromkeys(("cmd", "cmd.exe"), cmd),
    **dict.fromkeys(("powershell", "powershell.exe", "pwsh", "pwsh.exe"), powershell),
}
