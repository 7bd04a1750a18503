"""One change of the document, made certain: who was faster is found out, and what an answer said
that was lost.

A swap whose answer was lost may be done *after* the document was read again. So each has an
operation id of its own, which stands in the document that it makes. The document is read again: with
the id in it the change is done. Else the same swap is sent again; if that one is refused, the id is
looked for once more before the change counts as lost.
"""

from __future__ import annotations

import time

from stickhooks.errors import UNCHANGED, Next, Refusal
from stickhooks.store.engine import document
from stickhooks.store.engine.document import Document
from stickhooks.store.engine.interface import Moved, NoAnswer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Final, TypeAlias

    from stickhooks.store.engine.interface import Engine, Version

ATTEMPTS: Final = 12
PATIENCE: Final = 30.0  # seconds; a sending that was begun by then is waited for
#: Gives the next document, with the lines of its events by room id, for one that the engine has.
Change: TypeAlias = "Callable[[Document | None], tuple[Document, Mapping[str, Sequence[bytes]]]]"


def commit(
    engine: Engine,
    version: Version | None,
    operation: str,
    change: Change,
    attempts: int = ATTEMPTS,
) -> tuple[Version, Document]:
    """Make a change and return the document that the engine has with it.

    ``change`` is asked anew for every document that others wrote meanwhile; it raises Conflict where it
    cannot be made of that. Raises Refusal ``engine`` where nothing was changed, or, with the detail
    ``doubt``, where that cannot be found out.
    """
    doubt, until = False, time.monotonic() + PATIENCE
    for attempt in range(attempts):
        if attempt and time.monotonic() > until:
            break
        old = document.read(version.data, engine.name) if version else None
        after, events = change(old)
        try:
            return engine.swap(version, document.write(after), events), after
        except NoAnswer:
            doubt = True
        except Moved:
            pass
        except Refusal as refusal:  # of this sending: one before it may be done yet
            raise doubted(engine.name, refusal, doubt=doubt) from None
        version = _read_again(engine, doubt=doubt)
        found = document.read(version.data, engine.name) if version else None
        if version and found and operation in found.operations:
            return version, found
    raise busy(engine.name, doubt=doubt)


def _read_again(engine: Engine, *, doubt: bool) -> Version | None:
    try:
        return engine.load()
    except Refusal as refusal:
        raise doubted(engine.name, refusal, doubt=doubt) from None


def doubted(name: str, refusal: Refusal, *, doubt: bool) -> Refusal:
    """Return a refusal of an engine as it is, or, with ``doubt`` whether an earlier sending was done, the one
    that says so."""
    if not doubt or refusal.code != "engine":
        return refusal
    return in_doubt(name, refusal.sentence.removesuffix(f"; {UNCHANGED}"))


def in_doubt(name: str, why: str) -> Refusal:
    """Return the refusal for a change of which it is not known whether it was made."""
    return Refusal(
        "engine",
        f"{name} did not answer, so it is not known whether that was done ({why}):"
        " the next command that reaches it tells",
        [Next("status")],
        doubt=True,
    )


def busy(name: str, *, doubt: bool) -> Refusal:
    told = f"others changed the rooms on {name} again and again meanwhile"
    return (
        in_doubt(name, told)
        if doubt
        else Refusal("engine", f"{told}; {UNCHANGED}", [Next("status")])
    )
