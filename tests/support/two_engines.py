"""What two clones of one engine do with each other, wherever it lies."""

from __future__ import annotations

import pytest

from stickhooks.store.engine.interface import Engine, Moved

EVENTS = [b'{"event_seq":1,"x":0}\n', b'{"event_seq":2,"x":0}\n']


def text(revision: int) -> bytes:
    return b'{"schema":1,"revision":%d}\n' % revision


def play(one: Engine, two: Engine) -> None:
    """Have both write, each see the other's, neither write over it, and one delete all."""
    assert one.load() is None
    assert list(one.probe()) == []
    first = one.swap(None, text(1), {"r": EVENTS[:1]})
    with pytest.raises(Moved):
        two.swap(None, text(1), {})
    assert two.load() == first
    second = two.swap(first, text(2), {"r": EVENTS[1:]})
    with pytest.raises(Moved):
        one.swap(first, text(3), {})
    assert list(one.events("r", 0, 9)) == EVENTS
    one.delete(second, b"farewell")
    assert two.load() is None
    assert two.farewell() == b"farewell"
