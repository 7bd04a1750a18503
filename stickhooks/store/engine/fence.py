"""A branch of the user's that reaches the remote only while this clone holds: its push carries a renewal.

The room's ref moves in the same ``git push --atomic``, with a lease on the commit that was read and found
ours (R4). A takeover in between moves that ref, so the server refuses both. The lock of the workspace is held
while the renewal is prepared and while it is published, not while git pushes: a push may take
minutes, and what others of this clone swap meanwhile makes it fail like what other clones do.
"""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.store.engine import remote_fence
from stickhooks.store.engine.commit import commit
from stickhooks.store.engine.document import OPERATION, Document
from stickhooks.store.engine.git_remote import MAIN, ROOMS, GitRemote
from stickhooks.store.engine.store import EngineStore, Sending
from stickhooks.store.snapshot import Conflict
from stickhooks.text import plain, word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Final

    from stickhooks.errors import Step
    from stickhooks.protocol.model import Event, Room
    from stickhooks.store.engine.beside import Beside
    from stickhooks.store.engine.remote_fence import Fence
    from stickhooks.store.interface import Store
    from stickhooks.store.snapshot import Reading, Snapshot

ATTEMPTS: Final = 3  # with no answer: each one sends the branch once more


def remote_of(store: Store, asked: str | None) -> GitRemote:
    """Return the git remote on which a push of branches is fenced: it has the rooms, or a ref that moves with
    each of their turns. Raises ``config`` where nothing fences there."""
    if not isinstance(store, EngineStore):
        raise _alone(store, asked or remote_fence.REMOTE)
    if isinstance(store.engine, GitRemote):
        return store.engine
    store.paths()  # raises what is wrong with the setting
    return remote_fence.of(store, asked)


def _alone(store: Store, remote: str) -> Refusal:
    """Return the refusal for rooms of this machine. A server that asks for the stick of others' rooms is not
    let by a plain push, so that is looked for."""
    told = "the rooms of this workspace are on this machine alone"
    try:
        there = GitRemote(remote, store.root, store.git_dir or "")
        refs = [] if store.git_dir is None else sorted(there.refs("refs/stickhooks/*"))
    except Refusal:
        refs = []
    if f"{ROOMS}{MAIN}" in refs:
        verb = ("engine", "--move") if store.paths() else ("init", "--engine")
        step = Next(*verb, word(f"git:{remote}"))
        return Refusal(
            "config", f"{told}, and {plain(remote)} has others: nothing was pushed", [step]
        )
    fences = [ref for ref in refs if ref.startswith(remote_fence.FENCES)]
    if fences:
        told = f"{told}, and {plain(remote)} has the fence of others that are on an etcd:"
        told = f"{told} with our pre-receive branches go with their stick alone; nothing was pushed"
        steps: list[Step] = [Next("init", "--help")]
        steps += [
            f"{remote_fence.way_to_end(remote, ref)} # if no clone has them any more"
            for ref in fences
        ]
        return Refusal("config", told, steps)
    told = f"{told}: there is nothing to fence a push by; nothing was pushed"
    return Refusal("config", told, ["git push", Next("init", "--help")])


def push(store: Store, sending: Sending, beside: Beside, others: Mapping[str, str]) -> None:
    """Send a prepared renewal and a branch as one push; ``others`` are further rooms, with the operation
    that their lease must bear still.

    Raises Conflict where the room has changed: neither has moved. Raises ``engine`` as ``commit`` does.
    """
    assert isinstance(store, EngineStore)
    engine = store.engine
    assert isinstance(engine, GitRemote)

    def change(old: Document | None) -> tuple[Document, Mapping[str, Sequence[bytes]]]:
        rooms = old.rooms if old else {}
        if any(_operation(rooms.get(path)) != operation for path, operation in others.items()):
            raise Conflict
        return sending.change(old)

    engine.beside = beside
    try:
        version, now = commit(engine, store.version, sending.operation, change, ATTEMPTS)
    finally:
        engine.beside = None
        store.stale()
    with store.exclusive():
        store.publish(version, now, sending)


def push_with_ref(store: Store, fence: Fence, beside: Beside, renew: Callable[[], object]) -> None:
    """Send a branch as one push with the ref that moves with each turn: see ``remote_fence``."""
    assert isinstance(store, EngineStore)
    remote_fence.push(store, fence, beside, renew)


def prepared(
    store: Store, before: Snapshot, room: Room, events: Sequence[Event], reading: Reading
) -> Sending:
    """Check a renewal and write down what has to be so before it is sent. Needs the lock."""
    assert isinstance(store, EngineStore)
    return store.prepared(before, room, events, reading)


def operation_at(store: Store, path: str) -> str:
    """Return the operation that wrote the lease of a room as it was loaded last, ``""`` for none."""
    assert isinstance(store, EngineStore)
    return _operation(store.raw(path))


def _operation(room: Mapping[str, Any] | None) -> str:
    lease = (room or {}).get("lease") or {}
    return str(lease.get(OPERATION, ""))
