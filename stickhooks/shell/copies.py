"""Programs that copy, move and link: what they write, and what is made that stands for its source."""

from __future__ import annotations

from stickhooks.fast.os import os
from stickhooks.shell.options import Options, options
from stickhooks.shell.state import Call
from stickhooks.shell.words import UNKNOWN, as_typed, has_glob, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_VALUED: Final = "t target-directory S suffix m mode o owner g group strip-program"
#: With these the last operand is taken as it is, be it a link to a folder.
_AS_IT_IS: Final = {"ln": "T no-target-directory n no-dereference h", "mv": "T no-target-directory"}
#: With these ``cp`` copies a link as one, and with those it makes links.
_KEPT: Final = "a archive P no-dereference d R recursive r"
_LINKING: Final = "l link s symbolic-link"


def judge(call: Call) -> None:
    """Judge ``cp``, ``mv``, ``ln`` and ``install``: the last operand is written, or ``-t``."""
    given = options(call.words, _VALUED)
    if given.has("strip-program"):
        call.nobody_knows("install is given a program to run")
    targets = given.values("t target-directory")
    name = call.name.removeprefix("g")
    if name == "install" and given.has("d directory"):
        call.paths([*given.operands, *targets])
        return
    sources, places = given.operands[:-1], given.operands[-1:]
    if targets:
        sources, places = given.operands, targets
    elif name == "ln" and len(given.operands) == 1:
        sources, places = given.operands, ["."]
    if name == "mv":
        call.removed(sources)
    as_it_is = given.has(_AS_IT_IS.get(name, ""))
    call.paths(places, follows=not as_it_is)
    into = bool(targets) or len(sources) > 1
    for source in sources if places else ():
        if _stands_for(name, call, given, source):
            by_text = name == "ln" and given.has("s symbolic") and not given.has("r relative")
            for made in _made(call, source, places[-1], as_it_is, into):
                call.link(made, source, by_text)


def _stands_for(name: str, call: Call, given: Options, source: str) -> bool:
    """Tell whether what is made leads to its source, or where that led; a copy of its own does not."""
    if name in ("ln", "mv"):
        return True
    return name == "cp" and (given.has(_LINKING) or (given.has(_KEPT) and call.is_link(source)))


def _made(call: Call, source: str, place: str, as_it_is: bool, into: bool) -> list[str]:
    """Return what is made: the place itself, a name in it, or either where nobody knows."""
    name = source.rstrip("/").rpartition("/")[2]
    if name in ("", ".", "..") or has_glob(name) or UNKNOWN in name:
        return [place]  # who knows what name in it
    inside = f"{place.rstrip('/') or '/'}/{name}"
    if as_it_is:
        return [place]
    typed, folders = plain(place), call.state.cwds or ("/",)
    into = into or typed.endswith("/") or typed.rpartition("/")[2] in (".", "..")
    if into or all(os.path.isdir(os.path.join(folder, as_typed(place))) for folder in folders):
        return [inside]
    return [place, inside]
