"""A room on an engine: what its mirror lets the holder do. Loaded only where there is such a room.

The gate opens no socket. While the mirror is open the holder may write; a renewal that is due is tried,
every ten seconds at most. Where it is not open the lease is renewed first, and what cannot be
confirmed is refused.
"""

# bundle: mirror
from stickhooks.errors import Next, Refusal
from stickhooks.store.engine import openness

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from stickhooks.gate.decision import Ruling
    from stickhooks.store.engine.openness import Reading
    from stickhooks.store.reader import Survey

RENEW, CLAIM = "renew", "claim"  # as in ``gate.decision``, which loads this
PAUSE_MS = 10_000


def unreadable(refusal: Refusal) -> Refusal:
    """Return what a mirror says that is not there or not whole: nothing is lost, the engine has it."""
    if refusal.code not in ("state_lost", "state_corrupt"):
        return refusal
    return Refusal("unconfirmed", what=str(refusal.details.get("what")))


def confirm(
    ruling: "Ruling",
    survey: "Survey",
    raw: "dict[str, Any]",
    reading: "Reading",
    said: str = "",
    *,
    reads: bool = False,
) -> "Ruling":
    """Return a ruling; of an allowed one with what must be written down first, or refused. Who only
    ``reads`` renews nothing: what would have to be confirmed is refused. Who is refused, is no member and
    ``said`` no name is called as they would join."""
    if ruling.code != "ok":
        if ruling.caller and ruling.caller.agent_id is None:
            from stickhooks.store.engine import names

            names.name_newcomer(raw, ruling.caller, said, names.clone_of(raw))
        return ruling
    mirror, engine = raw.get("mirror"), survey.engine
    if mirror is None or engine is None:
        what = f"{ruling.shown} is on an engine, and {survey.path} is no mirror of it"
        return ruling.refuse("unconfirmed", "unreadable", Refusal("unconfirmed", what=what))
    if CLAIM in ruling.due:
        return ruling  # it is granted by the engine or not at all
    mark = (survey.anchor or {}).get(ruling.room, {})
    over, clone = mark.get("over", -1), engine["clone"]
    ours = survey.tree == ruling.workspace.root and raw["lease"].get("operation") == mirror.get(
        "own"
    )
    if ours and openness.is_open(mirror, raw["revision"], over, reading, clone):  # type: ignore[arg-type]
        ruling.must = False
        if RENEW in ruling.due and 0 <= reading[1] - mirror.get("tried", 0) < PAUSE_MS:
            ruling.due.remove(RENEW)
    elif reads:
        what = "the engine has to be asked, and this command only reads"
        refusal = Refusal("unconfirmed", what=what, next=[Next("renew")])
        return ruling.refuse("unconfirmed", "unreadable", refusal)
    else:
        ruling.must = True
        if RENEW not in ruling.due:
            ruling.due.insert(0, RENEW)
    return ruling
