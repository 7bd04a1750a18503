"""Happenings of a timeline whose every text is hostile."""

from __future__ import annotations

from collections.abc import Iterator

from stickhooks.timeline.happenings import Happening

MINUTE = 60_000
EVIL = "<script>alert(1)</script>&\"'\x00\x1b]]>\u202e\ud800 " + "日" * 60
KINDS = (
    "claim",
    "release",
    "takeover",
    "pass",
    "refused",
    "bypass",
    "outside",
    "wait",
    "stop",
    "leave",
)


def hostile(number: int) -> Iterator[Happening]:
    """Yield happenings whose every text is hostile."""
    for i in range(number):
        kind = KINDS[i % len(KINDS)]
        yield Happening(
            i * MINUTE, kind, f"{i % 50}{EVIL}", f"{(i + 1) % 50}{EVIL}", EVIL, EVIL, EVIL
        )
