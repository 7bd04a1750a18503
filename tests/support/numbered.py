"""Changes of a document one after the other, each with one event, on an engine whose answers get lost."""

from __future__ import annotations

from stickhooks.store.engine.commit import commit
from stickhooks.store.engine.document import Document
from stickhooks.store.engine.interface import Engine


def line(number: int) -> bytes:
    return b'{"event_seq":%d,"what":"x"}\n' % number


def each_once(engine: Engine, count: int) -> list[bytes]:
    """Make so many changes; hold each to be made once, and to be known as made. Return their events."""
    version = None
    for number in range(1, count + 1):
        operation = f"op-{number}"

        def change(
            old: Document | None, operation: str = operation
        ) -> tuple[Document, dict[str, list[bytes]]]:
            old = old or Document(0, 0)
            return old.after(operation, 0, {}), {"r": [line(old.revision + 1)]}

        version, document = commit(engine, version, operation, change)
        assert document.revision == number
        assert document.operations[-1] == operation
    return [line(number) for number in range(1, count + 1)]
