"""Wait for the stick: register once, then only read, and ask again when the answer would differ."""

from __future__ import annotations

import time

from stickhooks import commands, line, protocol
from stickhooks.errors import Refusal
from stickhooks.operations import Rooms
from stickhooks.protocol import Answer
from stickhooks.storage import FileStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

LOOK_SECONDS: Final = 1.0
ABANDONED: Final = ("recipient_gone", "claim_timeout")


def wait(
    rooms: Rooms,
    store: FileStore,
    agent_id: str,
    path: str,
    *,
    timeout: float | None = None,
    why: str | None = None,
    takeover: str | None = None,
    proven: bool = True,
    progress: Callable[[], None] = lambda: None,
) -> Answer:
    """Block until the stick is the caller's, and return the grant.

    An abandoned reservation is taken over; a lost holder is only with ``takeover``, the
    reason to write down: else the answer ``takeover_available`` is returned. A closed room
    is answered with ``closed``. Raises Refusal ``timeout`` after ``timeout`` seconds, with
    the place in the line kept; ``interrupted`` by Ctrl-C, with the place given up. A holder
    goes on with its turn, unless it is not ``proven`` to be that holder: then it recovers it.
    """
    room_id = rooms.look(path)[0].room_id
    until = None if timeout is None else time.monotonic() + timeout
    answer = _attempt(rooms, agent_id, path, why, takeover, proven)
    if answer is not None:
        return answer
    with line.place(store.folder, agent_id) as hold:
        try:
            rooms.enlist(agent_id, room_id, why)
            while True:
                hold()
                before = store.load(path)
                if _worth_asking(rooms, agent_id, room_id, path):
                    answer = _attempt(rooms, agent_id, path, why, takeover, proven)
                    if answer is not None:
                        return answer
                progress()
                left = LOOK_SECONDS if until is None else until - time.monotonic()
                if left <= 0:
                    raise Refusal(
                        "timeout",
                        "the stick did not come in time; your place in the line is kept",
                        ["stick wait", "stick status"],
                    )
                store.watch(path, before, min(LOOK_SECONDS, left))
        except KeyboardInterrupt:
            rooms.delist(agent_id, room_id)
            raise Refusal(
                "interrupted", "interrupted; you are not in the line any more", []
            ) from None


def _worth_asking(rooms: Rooms, agent_id: str, room_id: str, path: str) -> bool:
    """Tell whether the law would answer anything but ``not_yet``, without writing."""
    room, moment = rooms.look(path)
    outcome = protocol.decide(room, commands.Wait(agent_id, room_id), moment)
    return outcome.answer["status"] != "not_yet"


def _attempt(
    rooms: Rooms,
    agent_id: str,
    path: str,
    why: str | None,
    takeover: str | None,
    proven: bool,
) -> Answer | None:
    """Ask once, and take over what may be taken over. None: not yet."""
    room, _ = rooms.look(path)
    room_id, lease = room.room_id, room.lease
    mine = lease is not None and proven and lease.holder == agent_id
    answer = rooms.wait(agent_id, room_id, lease.lease_id if lease and mine else None, why)
    if answer["status"] == "not_yet":
        return None
    if answer["status"] != "takeover_available":
        return answer
    abandoned = answer["reason"] in ABANDONED
    reason = f"{answer['reserved_for']} did not come for it" if abandoned else takeover
    if reason is None:
        return answer
    turn = answer["turn_id"]
    assert isinstance(turn, int)
    try:
        return rooms.takeover(agent_id, room_id, reason, turn)
    except Refusal as refusal:
        if refusal.code in ("turn_mismatch", "takeover_not_available", "takeover_ineligible"):
            return None  # somebody was faster: wait on
        raise
