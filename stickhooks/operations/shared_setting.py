"""``.stickhooks.toml`` at the top of the tree says on which engine its rooms are. It can only close.

The file came with a clone, so nothing is opened for it: no connection is made, no program run. It keeps
somebody who forgot ``stick init --engine`` from making a room of his own beside everybody's.
"""

# bundle: join
from __future__ import annotations

import os

from stickhooks.errors import Next, Refusal
from stickhooks.protocol import phases
from stickhooks.store import reader
from stickhooks.system.folder import read_file
from stickhooks.text import plain, word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from stickhooks.operations.context import Desk

NAME: Final = ".stickhooks.toml"
LIMIT: Final = 1 << 16  # bytes
SOLO: Final = "--solo"


def check(desk: Desk, verb: str) -> None:
    """Raise what ``elsewhere`` returns, if there is such a refusal."""
    refusal = elsewhere(desk, verb)
    if refusal is not None:
        raise refusal


def elsewhere(desk: Desk, verb: str) -> Refusal | None:
    """Return the refusal (``config``) to make a room where the tree says that its rooms are elsewhere, None
    where it may be made; ``verb`` makes one all the same with ``--solo``."""
    place = os.path.join(desk.workspace.root, NAME)
    if not os.path.lexists(place) or phases.governing(desk.store.paths(), desk.here) is not None:
        return None
    git_dir = desk.workspace.git_dir
    if git_dir is not None and reader.names_engine(git_dir):
        return None
    try:
        named = _engine(place)
    except Refusal as unsaid:
        return unsaid
    return Refusal(
        "config",
        f"{NAME} says that the rooms of this tree are shared on {plain(named)}; none is made for you alone",
        [Next("init", "--engine", word(named)), Next(verb, SOLO)],
    )


def _engine(place: str) -> str:
    """Return the engine that the file names. Raises ``config`` for one that says nothing."""
    import tomllib

    try:
        data = read_file(place, LIMIT) or b""
    except (ValueError, OSError) as error:  # a pipe has no end, nor has what a link may lead to
        raise _unsaid(str(error), f"ls -l {NAME}") from None
    try:
        named = tomllib.loads(data.decode()).get("engine")
    except ValueError as error:
        raise _unsaid(str(error), f"cat {NAME}") from None
    if isinstance(named, str) and named:
        return named
    raise _unsaid('it has no engine = "…"', f"cat {NAME}")


def _unsaid(what: str, step: str) -> Refusal:
    return Refusal("config", f"{NAME}: {plain(what)}", [step, Next("init", SOLO)])
