"""Aliases of git: what a verb that git does not know itself stands for (git-config(1), ``alias.*``).

git runs a program ``git-NAME`` before an alias of that name, so where there is one nothing is known.
"""

from __future__ import annotations

from stickhooks.shell.state import Call
from stickhooks.shell.words import has_glob, is_known, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: So many aliases may stand for one another; git stops where they go round.
DEPTH: Final = 8


def stands_for(call: Call) -> Call | None:
    """Return the call of git that an alias makes of this one; None where it is judged here: a script.

    Raises LookupError where it is no alias, or nobody knows what it does.
    """
    found, folders = call.found, call.state.cwds
    if found.alias is None or len(folders) != 1 or found.aliases >= DEPTH:
        raise LookupError
    found.aliases += 1
    value, top = found.alias(folders[0], call.name) or ("", "")
    if value.startswith("!"):
        _run(call, value[1:], top)
        return None
    import shlex  # and re with it, of which a verb that git knows has no need

    try:
        words = shlex.split(value)
    except ValueError:
        words = []
    if not words:
        raise LookupError
    return call.renamed("git", [*words, *call.words])


def _run(call: Call, script: str, top: str) -> None:
    """Judge a script that git runs at the top of the working tree, with the words as its arguments."""
    if not all(is_known(word) and not has_glob(word) for word in call.words):
        raise LookupError
    import shlex

    given = " ".join(shlex.quote(plain(word)) for word in call.words)
    there = call.moved(top) if top else call
    there.script(f"{script} {given}".strip(), "an alias of git")
