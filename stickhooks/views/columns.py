"""Text on a terminal of so many columns: measured, cut and wrapped. Wide characters take two."""

from __future__ import annotations

import os
import unicodedata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

FALLBACK: Final = 80


def of_terminal(stream: int) -> int:
    """Return the columns of the terminal behind a stream, 0 where there is none."""
    try:
        return (os.get_terminal_size(stream).columns or FALLBACK) if os.isatty(stream) else 0
    except OSError:
        return 0


def width(text: str) -> int:
    """Return how many columns a line of text takes."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, columns: int) -> str:
    """Return a line that takes at most ``columns``; what does not fit is shown by an ellipsis."""
    if width(text) <= columns:
        return text
    taken, left = [], columns - 1
    for char in text:
        left -= _width(char)
        if left < 0:
            break
        taken.append(char)
    return "".join(taken).rstrip() + "…" if columns > 0 else ""


def wrapped(text: str, columns: int) -> list[str]:
    """Return a text in lines of at most ``columns``, broken between words where that is possible."""
    lines = [""]
    for word in _words(text, columns):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if width(joined) <= columns:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines


def _words(text: str, columns: int) -> Iterator[str]:
    """Yield the words of a text; one that is wider than a line comes in pieces."""
    for word in text.split(" "):
        while width(word) > columns:
            piece = word[: max(1, len(cut(word, columns)) - 1)]
            yield piece
            word = word[len(piece) :]
        yield word
