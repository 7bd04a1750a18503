"""JSON and bytes, mutated from a generator of random numbers: odd, cut, spliced, too large, too deep."""

from __future__ import annotations

import copy
import json
import random
from typing import Any, Final

#: What stands in the place of a value: of every type, too large, too deep, not to be encoded.
ODD: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1, 1 << 63, -(1 << 63), 1 << 70, 10**400, "", " ", "\0", "a\0b", "\ud800",
    "\x1b[31m", "\u202e", "é", "x" * 70, "y" * 100_000, "../..", "/", ".", "~", "~nobody", "%zz", "room",
    [], {}, [[]], [None], {"": None}, [1, "a", None], {"agent_id": "x"}, "NaN", "waiters", "**",
)  # fmt: skip
#: What stands in the place of a text: not JSON, or more than JSON should be.
TEXTS: Final[tuple[bytes, ...]] = (
    b"", b" ", b"\0", b"null", b"[]", b"{}", b"true", b"0", b'""', b"NaN", b"-Infinity", b"1e999",
    b"1" * 5000, b"[" * 200_000, b'{"a":' * 50_000, b"\xff\xfe", b"\xef\xbb\xbf{}", b'"\\ud800"',
    b'{"a":1,"a":2}', b"{" + b" " * (1 << 20) + b"}", b'{"schema":2}', b'{"schema":1}',
)  # fmt: skip


def mutated(value: Any, rng: random.Random) -> Any:
    """Return a JSON value with one or a few places changed."""
    changed = copy.deepcopy(value)
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        changed = _mutated_once(changed, rng)
    return changed


def _mutated_once(value: Any, rng: random.Random) -> Any:
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(list(value))
        chance = rng.random()
        if chance < 0.1:
            del value[key]
        elif chance < 0.2:
            value[str(rng.choice(ODD))[:50]] = value[key]
        else:
            value[key] = _mutated_once(value[key], rng)
        return value
    if isinstance(value, list) and value and rng.random() < 0.8:
        index = rng.randrange(len(value))
        if rng.random() < 0.2:
            value.insert(index, copy.deepcopy(rng.choice(value)))
        else:
            value[index] = _mutated_once(value[index], rng)
        return value
    if isinstance(value, int) and rng.random() < 0.3:
        return value + rng.choice((-1, 1, 1000, -(10**12)))
    return copy.deepcopy(rng.choice(ODD))


def mutated_bytes(data: bytes, rng: random.Random) -> bytes:
    """Return a text that was cut, doubled, flipped, spliced, or replaced."""
    chance = rng.random()
    at = rng.randint(0, len(data))
    if chance < 0.15:
        return rng.choice(TEXTS)
    if chance < 0.35:
        return data[:at]
    if chance < 0.6 and data:
        flipped = bytearray(data)
        for _ in range(rng.choice((1, 1, 3, 20))):
            flipped[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        return bytes(flipped)
    if chance < 0.8:
        return data[:at] + rng.choice(TEXTS)[:1000] + data[at:]
    return data[:at] + data[rng.randint(0, len(data)) :]


def text_of(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True).encode()


def hostile_text(value: Any, rng: random.Random) -> bytes:
    if rng.random() < 0.3:
        return mutated_bytes(text_of(value), rng)
    return text_of(mutated(value, rng))
