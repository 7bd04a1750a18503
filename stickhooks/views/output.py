"""Results for people and for programs: text on the streams, or one JSON object."""

from __future__ import annotations

import os
import sys

from stickhooks.fast import json
from stickhooks.operations.reply import Reply
from stickhooks.system.folder import write_all
from stickhooks.text import command, labelled, plain, stamp
from stickhooks.views import colour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final

    from stickhooks.gate.standing import Standing

SCHEMA: Final = "stick/1"
STDOUT: Final = "standard output"


def show(reply: Reply, *, as_json: bool) -> None:
    """Print a reply: answers on standard output, refusals and hints on standard error."""
    if as_json:
        write(1, json_line(envelope(reply)))
    elif reply.code == "ok":
        first, *more = [plain(line) for text in reply.lines for line in text.split("\n")] or [""]
        if reply.tone and colour.wanted(1, os.environ):
            first = colour.painted(first, reply.tone)
        write(1, "\n".join([first, *more]))
        for i, step in enumerate(reply.next):
            write(2, f"{'or' if i else 'next'}: {plain(command(step))}")
    else:
        write(2, refusal_text(reply))


def json_line(data: Mapping[str, object]) -> str:
    return json.write(dict(data))


def refusal_text(reply: Reply) -> str:
    first, *more = reply.lines
    lines = [*map(plain, more), *labelled(reply.next)]
    return "\n".join([f"stick: {plain(first)}", *(f"       {line}" for line in lines)])


def envelope(reply: Reply) -> dict[str, object]:
    """Return the object that programs get; keys are only ever added to it."""
    nothing = {"room": None, "holder": None, "you": {"id": reply.me}}
    return {
        "schema": SCHEMA,
        "ok": reply.status == 0,
        "code": reply.code,
        "exit": reply.status,
        **(state(reply.standing, reply.me) if reply.standing else nothing),
        "next": [*map(command, reply.next)],
        "message": "\n".join(reply.lines),
        **stamped(reply.data),
    }


def state(standing: Standing, me: str | None) -> dict[str, object]:
    """Return a room, who has its stick, and what ``me`` is there, for programs."""
    you = standing.you_data(me)
    return {"room": standing.room_data(), "holder": standing.holder_data(), "you": you}


def stamped(data: Mapping[str, object]) -> dict[str, Any]:
    """Return data with its times in RFC 3339, in UTC."""

    def converted(key: str, value: object) -> object:
        if isinstance(value, dict):
            return stamped(value)
        if isinstance(value, list):
            return [converted("", item) for item in value]
        timed = key.endswith(("_at", "_ends")) and type(value) is int
        return stamp(int(str(value))) if timed else value

    return {key: converted(key, value) for key, value in data.items()}


def handoff_lines(answer: Mapping[str, Any]) -> list[str]:
    """Tell the handoff that came with a turn, every line of it safe for a terminal."""
    handoff = answer.get("handoff")
    if not handoff:
        return []
    lines = [f"handoff from {plain(answer.get('from_agent_id'))}:"]
    for label, key in (("status", "status"), ("next", "next_action")):
        first, *more = handoff[key].split("\n")
        lines.append(f"  {label + ':':<10} {plain(first)}")
        lines += [f"             {plain(line)}" for line in more]
    if handoff.get("artifacts"):
        lines.append(f"  artifacts: {', '.join(plain(a) for a in handoff['artifacts'])}")
    first = answer.get("unread_from")
    if first is not None:
        after = f"`stick log --after {first - 1}`"
        lines.append(f"  more:      there are handoffs that nobody was given: {after}")
    return lines


def write(stream: int, text: str) -> None:
    """Print a line; what the stream's encoding cannot take is escaped, never an error.

    What standard error cannot take is lost. Raises OSError where standard output is full.
    """
    file = sys.stdout if stream == 1 else sys.stderr
    if not text or file is None:  # closed by whoever started us
        return
    try:
        file.flush()
        write_all(stream, (text + "\n").encode("utf-8", "backslashreplace"))
    except BrokenPipeError:  # the reader has seen enough; what is done is done all the same
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    except OSError as error:
        if stream == 1:
            raise OSError(error.errno, error.strerror, STDOUT) from None
