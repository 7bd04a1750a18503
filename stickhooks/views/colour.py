"""Colour, sparingly: one line, one tone, and only where somebody looks at a terminal."""

from __future__ import annotations

import os

from stickhooks.operations.reply import Tone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

#: It is yours, or yours to take · somebody else has it · nobody can write, and somebody has to act.
_CODES: Final = {"go": "1;32", "wait": "1;33", "stop": "1;31"}


def wanted(stream: int, env: Mapping[str, str]) -> bool:
    """Tell whether colour may go to a stream: a terminal that can, and no NO_COLOR."""
    return os.isatty(stream) and not env.get("NO_COLOR") and env.get("TERM", "dumb") != "dumb"


def painted(text: str, tone: Tone) -> str:
    """Return text, which is safe for a terminal already, in a tone."""
    return f"\x1b[{_CODES[tone]}m{text}\x1b[0m" if tone else text
