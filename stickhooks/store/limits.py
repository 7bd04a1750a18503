"""What a reader would refuse, for its size or its shape, is refused before it is written.

A state keeps some room free of what can wait (members, places in the line, bindings, globs), so
that whoever holds the stick can put it down with a handoff, and the next one take it.
"""

from __future__ import annotations

import os

from stickhooks.errors import Next, Refusal
from stickhooks.fast import json
from stickhooks.store import codec, layout, reader, schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from stickhooks.protocol.model import Event, Room

NAME_LIMIT: Final = 200
LETTER: Final = 13 << 16  # bytes that the longest handoff takes as it is written, and some more
TURN: Final = 1 << 14  # and a lease, a promise


def state(
    room: Room, record: codec.Record, before: Room | None = None, size: int = 0
) -> tuple[dict[str, object], bytes]:
    """Return the state file of a room, and as what it is read.

    ``before`` is the room as it was, ``size`` its state's bytes: what makes no state longer is let
    by. Raises ``io`` for what would not fit, ``invalid_input`` for what could not be read back.
    """
    data = codec.encode(room, record)
    if len(data) > size and _rest(room, len(data)) > _limit(room, before):
        raise _full(room)
    if len(os.fsencode(layout.state_name(room.path))) > NAME_LIMIT:
        raise Refusal(
            "invalid_input", "the folder's path is too long for a room of its own", field="path"
        )
    raw = json.read(data.decode())
    wrong = schema.complaint(raw)
    if wrong or not isinstance(raw, dict):
        raise Refusal("invalid_input", f"this cannot be written down: {wrong}", field="path")
    return raw, data


def _rest(room: Room, size: int) -> int:
    """Return the bytes of a state without its handoff, which has a place of its own."""
    letter = len(json.write(codec.plain(room.letter))) if size > LETTER and room.letter else 0
    return size - letter


def _limit(room: Room, before: Room | None) -> int:
    most = reader.STATE_LIMIT - LETTER
    if before is not None and _turns(room) != _turns(before):
        return most
    return most - TURN


def _turns(room: Room) -> object:
    return room.turn_id, room.lease, [(part.turn_id, part.lease) for part in room.parts]


def lines(events: Sequence[Event]) -> bytes:
    """Return the lines of a log for events. Raises ``invalid_input`` for one that could not be read
    back: it would hide all that follow it."""
    written = [codec.event_line(event) for event in events]
    for line in written:
        try:
            codec.event_of(line)
        except ValueError as error:
            raise Refusal(
                "invalid_input", f"this cannot be written down: {error}", field="handoff"
            ) from None
    return b"".join(written)


def _full(room: Room) -> Refusal:
    count = len(room.members)
    return Refusal(
        "io",
        f"the room's state is full, with {count} members; nothing was changed: members that leave"
        " make place, and those that were not seen for 30 days go by themselves",
        [Next("status", "--all")],
    )
