"""Durations as people type them: ``90``, ``90s``, ``15m``, ``2h``, ``1d``, ``250ms``."""

# bundle: verbs
from __future__ import annotations

from stickhooks.errors import Refusal
from stickhooks.text import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_UNITS: Final = {"ms": 1, "": 1000, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
LONGEST: Final = 366 * 86_400_000


def milliseconds(text: str) -> int:
    """Return a duration in milliseconds. Raises Refusal ``usage`` for anything else."""
    number = text.strip()
    unit = next((u for u in ("ms", "s", "m", "h", "d") if number.endswith(u)), "")
    whole, dot, part = number.removesuffix(unit).partition(".")
    fits = _digits(whole, 9) and (_digits(part, 3) if dot else True)
    value = int(float(f"{whole}.{part or 0}") * _UNITS[unit]) if fits else -1
    if not 0 <= value <= LONGEST:
        raise Refusal("usage", f"{quoted(text)} is not a duration: write 90, 90s, 15m or 2h", [])
    return value


def _digits(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= most


def seconds(text: str) -> float:
    return milliseconds(text) / 1000


def since(text: str, command: str) -> int:
    """Return what ``--since`` names, in milliseconds. Raises ``usage`` with a line that works."""
    try:
        return milliseconds(text)
    except Refusal as refusal:
        message = f"--since: {refusal.message}"
        raise Refusal("usage", message, [f"{command} --since 24h"]) from None


def as_typed(value: int) -> str:
    """Return milliseconds as one would type them."""
    for unit in ("d", "h", "m", "s"):
        if value and value % _UNITS[unit] == 0:
            return f"{value // _UNITS[unit]}{unit}"
    return f"{value}ms" if value else "0s"
