"""``stick doctor``: what is wrong with the engine of shared rooms, and with this machine's clock for it."""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.operations.context import Desk
from stickhooks.setup import fence_left
from stickhooks.store.engine import openness, remote_fence
from stickhooks.store.engine.reading import EngineRead
from stickhooks.store.engine.store import EngineStore
from stickhooks.store.snapshot import snapshots
from stickhooks.text import age

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from stickhooks.errors import Step


def amiss(desk: Desk) -> Iterator[tuple[str, str, Step]]:
    """Yield code, sentence and next step of each trouble. One that cannot be asked is told with its rooms."""
    store = desk.store
    if not isinstance(store, EngineRead):
        yield from fence_left.left(desk)
        return
    try:
        store.engine.check()
        found = snapshots(store)
    except Refusal as refusal:
        if refusal.code == "config":
            yield refusal.code, refusal.message, refusal.next[0]
        return
    for trouble in [*store.engine.probe(), *_of_the_fence(store)]:
        yield trouble.code, trouble.message, trouble.next[0]
    wall, monotonic, boot = desk.rooms.clock()
    for one in found:
        mirror: Any = one.record.mirror or {}
        gained = wall - monotonic - mirror.get("skew", wall - monotonic)
        if mirror.get("boot") == boot and gained > openness.LEAP:
            told = f"this machine's wall clock was set forward by {age(gained)} since the lease was renewed"
            yield "config", f"{told}: no edit is allowed before it is renewed again", Next("renew")


def _of_the_fence(store: EngineRead) -> list[Refusal]:
    """Return what keeps turns from being fenced on a git remote, where the rooms are elsewhere."""
    if remote_fence.noted(store.document) is None or not isinstance(store, EngineStore):
        return []
    try:
        fence = remote_fence.of(store)
        why = remote_fence.trouble(fence, store.document)
    except Refusal as refusal:
        return [refusal]
    if why:
        return [Refusal("config", f"turns are not fenced: {why}", [Next("push")])]
    return fence.probe()


def is_shared(desk: Desk) -> bool:
    """Tell whether the rooms are on an engine, whose clock counts what was watched, and is no wall clock."""
    return isinstance(desk.store, EngineRead)
