"""What reaches a session, found out by its own hooks: kept by the store, shown to nobody."""

from __future__ import annotations

from stickhooks.operations.promises import ASK, RESERVED
from stickhooks.store import activity
from stickhooks.waking import claude_code, codex, opencode
from stickhooks.waking.outcome import RECEIVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final

    from stickhooks.identity.resolver import Sighting
    from stickhooks.store.interface import Store

#: By the client of a session; nothing is known to reach the others while they are idle.
WAYS: Final = {one.NAME: one for one in (claude_code, codex, opencode)}
#: By what a prompt is recognised as ours, and what it is about: see ``waking.words``.
MARKS: Final = {
    RESERVED: ("The stick of ", " is reserved for you until ", ". Run: stick take"),
    ASK: (" asks for the stick of ", ". Run: stick notes"),
}


def remember(
    store: Store, agent: str, sighting: Sighting, env: Mapping[str, str], payload: Mapping[str, Any]
) -> None:
    """Keep what reaches the session of a hook; what was kept of another is dropped. Raises nothing."""
    way = WAYS.get(sighting.client.name if sighting.client else "")
    pid = sighting.client_process.pid if sighting.client_process else 0
    facts = way.reach_of(env, payload, pid) if way else {}
    told = {"way": way.NAME, **facts} if way and facts else None
    if store.reach(agent) != told:
        store.keep_reach(agent, told)


def received(store: Store, raw: Mapping[str, Any], agent: str, prompt: object) -> None:
    """Note that a prompt hook saw words of ours: they have arrived."""
    if not isinstance(prompt, str):
        return
    about = next((kind for kind, marks in MARKS.items() if all(m in prompt for m in marks)), None)
    if about:
        store.note(
            raw["room_id"], activity.WAKE, agent_id=agent, turn=raw["turn_id"], about=about,
            wake=RECEIVED, why="", client="",
        )  # fmt: skip
