"""A holder whose lease is in its last quarter: the next write of its own renews it."""

from __future__ import annotations

from pathlib import Path

from stickhooks.fast.records import replace
from stickhooks.store.files import FileStore
from stickhooks.system import clock


def expiry(repo: Path) -> int:
    """Return when the lease of a repository's room ends, in milliseconds of the room's clock."""
    snapshot = FileStore(str(repo), str(repo / ".git")).load("")
    assert snapshot
    assert snapshot.room.lease
    return snapshot.room.lease.expires_at


def shorten(repo: Path) -> int:
    """Move the end of the lease into its last quarter; return when it then ends."""
    store = FileStore(str(repo), str(repo / ".git"))
    with store.exclusive():
        before = store.load("")
        assert before
        assert before.room.lease
        early = before.room.lease.expires_at - before.room.policy.owner_lease_ttl * 3 // 4
        lease = replace(before.room.lease, expires_at=early)
        store.swap(before, replace(before.room, lease=lease), (), clock.read())
    return early
