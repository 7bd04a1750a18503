"""Durations as people type them: ``90``, ``90s``, ``15m``, ``2h``, ``1d``, ``250ms``."""

from __future__ import annotations

import re
from typing import Final

from stickhooks.errors import Refusal

_UNITS: Final = {"ms": 1, "": 1000, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_FORM: Final = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d|)")
LONGEST: Final = 366 * 86_400_000


def milliseconds(text: str) -> int:
    """Return a duration in milliseconds. Raises Refusal ``usage`` for anything else."""
    form = _FORM.fullmatch(text.strip())
    value = int(float(form[1]) * _UNITS[form[2]]) if form else -1
    if not 0 <= value <= LONGEST:
        raise Refusal("usage", f"{text!r} is not a duration: write 90, 90s, 15m or 2h", [])
    return value


def seconds(text: str) -> float:
    return milliseconds(text) / 1000


def told(value: int) -> str:
    """Return milliseconds as one would type them."""
    for unit in ("d", "h", "m", "s"):
        if value and value % _UNITS[unit] == 0:
            return f"{value // _UNITS[unit]}{unit}"
    return f"{value}ms" if value else "0s"
