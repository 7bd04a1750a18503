"""Fresh ids, for rooms and leases: drawn at random, never twice."""

from __future__ import annotations

import os


def uuid() -> str:
    """Return a random UUID (RFC 9562, version 4). The uuid module takes a whole start to load."""
    drawn = bytearray(os.urandom(16))
    drawn[6] = drawn[6] & 0x0F | 0x40
    drawn[8] = drawn[8] & 0x3F | 0x80
    text = drawn.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
