"""``find`` and ``fd``: the tests they may be given, and what they run for each file they find."""

from __future__ import annotations

from stickhooks.shell import tables
from stickhooks.shell.state import Call
from stickhooks.shell.words import UNKNOWN, is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

#: What find's expression may hold, alone and with one value.
_ALONE: Final = """
    ( ) ! , -a -and -o -or -not -daystart -depth -d -follow -ignore_readdir_race
    -noignore_readdir_race -mount -noleaf -nowarn -warn -xdev -x -empty -executable -false -true
    -nogroup -nouser -readable -writable -print -print0 -prune -ls -quit -help --help -version
    --version -E -X -s
"""
_WITH_VALUE: Final = """
    -amin -anewer -atime -cmin -cnewer -context -ctime -fstype -gid -group -ilname -iname -inum
    -ipath -iregex -iwholename -links -lname -maxdepth -mindepth -mmin -mtime -name -newer -path
    -perm -regex -regextype -samefile -size -type -uid -used -user -wholename -xtype -printf
    -files0-from -flags -Bmin -Btime -Bnewer
"""
_WRITING: Final = ("-fprint", "-fprint0", "-fls", "-fprintf")
_RUNNING: Final = ("-exec", "-ok", "-execdir", "-okdir")


def find(call: Call) -> None:
    """Judge ``find``: its actions that write or run; a test that is not listed is asked."""
    words = list(call.words)
    while words and words[0][:2] in ("-H", "-L", "-P", "-O", "-D"):
        if words.pop(0) == "-D":
            words = words[1:]
    starts: list[str] = []
    while words and not words[0].startswith(("-", "(", "!", ",")):
        starts.append(words.pop(0))
    if "-files0-from" in words:
        starts = [UNKNOWN]
    follows = any(
        "L" in word for word in call.words[: call.words.index(words[0]) if words else None]
    )
    _find_actions(call, starts or ["."], words, follows or "-follow" in words)


def _find_actions(call: Call, starts: list[str], words: list[str], follows: bool) -> None:
    """Judge find's expression; with ``follows`` it goes through links to folders."""
    while words:
        action = words.pop(0)
        if action == "-delete":
            call.paths(starts)
            for start in starts if follows else ():
                call.found.below(start, call.state)
        elif action in _WRITING:
            call.paths(words[:1])
            words = words[2 if action == "-fprintf" else 1 :]
        elif action in _RUNNING:
            ends = [place for place, word in enumerate(words) if word in (";", "+")]
            end = ends[0] if ends else len(words)
            command, words = words[:end], words[end + 1 :]
            for start in starts if command else []:
                _find_runs(call, action, UNKNOWN if follows else start, command)
        elif action in _WITH_VALUE.split() or action.startswith("-newer"):
            words = words[1:]
        elif action.startswith("-") and action not in _ALONE.split():
            call.nobody_knows(f"stick does not know what find does with {plain(action)}")
            return


def _find_runs(call: Call, action: str, start: str, command: list[str]) -> None:
    """Judge what find runs: ``{}`` is some path below where it started."""
    below = start.rstrip("/") + "/\1" if is_known(start) and start else UNKNOWN
    if action in ("-execdir", "-okdir"):
        below = UNKNOWN
    call.run([below if word == "{}" else word.replace("{}", UNKNOWN) for word in command])


def fd(call: Call) -> None:
    """Judge ``fd``: what it runs for each file found."""
    for place, word in enumerate(call.words):
        if word in ("-x", "-X", "--exec", "--exec-batch"):
            command = [one.replace("{}", UNKNOWN) for one in call.words[place + 1 :]]
            call.run([*command, UNKNOWN] if command else [UNKNOWN])
            call = call.renamed(call.name, call.words[:place])
            break
    call.listed(tables.by_program("writers")["fd"])


HANDLERS: Final[dict[str, Callable[[Call], None]]] = {
    "find": find,
    "fd": fd,
    "fdfind": fd,
}
