"""How things are said to people: names, times, ages, and why a write was refused. For the gate too."""

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from stickhooks.errors import Step


def plain(text: object, limit: int = 0) -> str:
    """Return text that is safe on a terminal: what is not printable is shown escaped."""
    told = str(text)
    if not told.isprintable():
        told = "".join(c if c.isprintable() else _escaped(c) for c in told)
    return told if not limit or len(told) <= limit else told[: limit - 1] + "…"


#: More of what somebody typed says no more; and no file's name is longer than 255 bytes (NAME_MAX).
QUOTED = 80
LONGEST_NAME = 255


def quoted(text: object) -> str:
    """Return what somebody typed in quotes: escaped where it is not printable, and its beginning."""
    return f"'{plain(text, QUOTED)}'"


def without_long_words(text: str) -> str:
    """Return a sentence in which no part of a word is longer than a file's name can be."""
    if len(text) <= LONGEST_NAME:
        return text
    return " ".join("/".join(map(_cut, word.split("/"))) for word in text.split(" "))


def _cut(part: str) -> str:
    return part if len(part) <= LONGEST_NAME else f"{part[:QUOTED]}… ({len(part)} characters)"


def _escaped(char: str) -> str:
    known = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\x1b": "\\e"}
    code = ord(char)
    return known.get(char) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


def age(milliseconds: int) -> str:
    """Return a duration in the largest unit that says enough: ``20 s``, ``6 min``, ``3 h``, ``2 d``."""
    seconds = max(0, milliseconds) // 1000
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or (seconds >= size and unit != "d"):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def clock_time(at: int, shift: int = 0) -> str:
    """Return local ``HH:MM`` of room time ``at``; ``shift`` leads from room time to the wall clock.

    With the date where that is not today's.
    """
    try:
        then = time.localtime((at + shift) / 1000)
    except (OverflowError, ValueError, OSError):  # no calendar has it
        return "a far day"
    today = time.localtime()
    day = "" if then[:3] == today[:3] else time.strftime("%d %b ", then)
    return day + time.strftime("%H:%M", then)


def stamp(at: int, shift: int = 0) -> str:
    """Return RFC 3339 in UTC, for programs."""
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((at + shift) // 1000))
    except (OverflowError, ValueError, OSError):
        return "9999-12-31T23:59:59Z"


def ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def word(text: str) -> str:
    """Return text as one word of a shell command."""
    safe = text.translate(dict.fromkeys(map(ord, "/.-_:")))
    if text and text.isascii() and (safe.isalnum() or not safe) and text[0] not in "-:":
        return text
    return "'" + text.replace("'", "'\\''") + "'"


def path_word(path: str) -> str:
    """Return a path as one word of a shell command that no verb takes for an option."""
    return word(f"./{path}" if path.startswith("-") else path)


def _typed(part: str) -> str:
    """Return a part of a command as it can be typed: what no terminal shows stands in `$'…'`, byte by byte.

    So bash, zsh, ksh and busybox read it (POSIX.1-2024), dash and fish do not.
    """
    if part.isprintable():
        return part
    text = part[1:-1].replace("'\\''", "'") if part[0] == "'" else part
    return "$'" + "".join(map(_in_octal, text)) + "'"


def _in_octal(c: str) -> str:
    if c in "\\'":
        return f"\\{c}"
    return (
        c if c.isprintable() else "".join(f"\\{b:03o}" for b in c.encode(errors="surrogateescape"))
    )


class Urgent(str):
    """A line that leads past the gate: told last, and as what it is."""

    __slots__ = ()


def command(step: "Step") -> str:
    """Return what is typed for a step, in one line: the only place where its parts become text."""
    if isinstance(step, str):
        return step
    first = f"{command(step.after)} && " if step.after else ""
    room = ("--room", word(step.room)) if step.room else ()
    note = f" ({step.note})" if step.note else ""
    return first + " ".join(("stick", step.verb, *map(_typed, step.args), *room)) + note


def labelled(steps: "Sequence[Step]") -> "list[str]":
    """Return a line for each step of a refusal, the best first."""
    labels = ("or:" if i else "next:" for i in range(len(steps)))
    return [
        f"{'urgent:' if isinstance(step, Urgent) else label:<8} {plain(command(step))}"
        for label, step in zip(labels, steps, strict=True)
    ]
