"""Wait for the stick: register once, then only read, and ask again when the answer would differ."""

from __future__ import annotations

import time

from stickhooks.errors import Next, Refusal
from stickhooks.operations.holder_watch import Calm
from stickhooks.operations.rooms import Rooms
from stickhooks.operations.wishes import ROOM, Wish
from stickhooks.protocol import commands, parts, rules
from stickhooks.protocol.moment import GOT
from stickhooks.store import activity
from stickhooks.store.snapshot import Snapshot
from stickhooks.text import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from stickhooks.protocol.answers import Answer
    from stickhooks.protocol.model import Part, Room
    from stickhooks.store.interface import Changes, Store

LOOK_SECONDS: Final = 1.0
LONG_SECONDS: Final = 10.0  # a lease goes on while the machine sleeps, and this wait does not
ABANDONED: Final = ("recipient_gone", "claim_timeout")


def wait(
    rooms: Rooms,
    store: Store,
    agent_id: str,
    path: str,
    *,
    timeout: float | None = None,
    why: str | None = None,
    takeover: str | None = None,
    proven: bool = True,
    wish: Wish = ROOM,
    progress: Callable[[], bool] = lambda: False,
) -> Answer:
    """Block until the stick is the caller's, and return the grant.

    An abandoned reservation is taken over; a lost holder is only with ``takeover``, the
    reason to write down: else the answer ``takeover_available`` is returned. A closed room
    is answered with ``closed``. Raises Refusal ``timeout`` after ``timeout`` seconds, with
    the place in the line kept; ``interrupted`` by Ctrl-C, with the place given up. A holder
    goes on with its turn, unless it is not ``proven`` to be that holder: then it recovers it.

    ``progress`` is called at every look, and every second for as long as it returns True.
    """
    until = None if timeout is None else time.monotonic() + timeout
    attempt = _Attempt(rooms, agent_id, why, takeover, proven, wish)
    snapshot = _load(store, path)
    answer = attempt.made(snapshot)
    if answer is not None:
        return answer
    room_id = snapshot.room.room_id
    with (
        _noted(store, room_id, agent_id) as ended,
        store.wait_place(agent_id) as hold,
    ):
        try:
            rooms.enlist(agent_id, room_id, why, wish)
            with store.watch(path) as watch:
                while True:
                    snapshot = _load_again(store, path, snapshot)
                    parted = wish != ROOM and bool(snapshot.room.parts)
                    with Calm(rooms, snapshot, agent_id, parted=parted) as calm:
                        answer = attempt.made_if_due(snapshot, calm)
                        if answer is not None:
                            ended(answer["status"])
                            return answer
                        _stay(watch, calm, until, hold, progress, wish)
        except KeyboardInterrupt:
            rooms.delist(agent_id, room_id)
            raise _interrupted(_load(store, path).room, agent_id) from None


def _interrupted(room: Room, agent_id: str) -> Refusal:
    """Say where somebody stands who gave up: the stick may have come at that very moment."""
    own: list[Room | Part] = [room, *parts.promised_to(room, agent_id)]
    promised = [one for one in own if one.reservation and one.reservation.recipient == agent_id]
    if any(lease.holder == agent_id for lease in room.leases):
        told, follow = "interrupted, but the stick had come: it is yours", Next("take")
    elif promised:
        letter = promised[0].letter
        by = f" by {plain(letter.author)}" if letter else ""
        told, follow = f"interrupted; the stick was handed to you{by} and is kept", Next("take")
    else:
        return Refusal("interrupted", "interrupted; you are not in the line any more", [])
    return Refusal("interrupted", told, [follow, Next("leave")])


class _noted:  # noqa: N801 - used like a function
    """Note that a wait begins, and how it ended where it did not bring the stick.

    Gives what is to be told the status of the answer; a Refusal tells its own. The first note
    comes before the place in the line is seen: who is seen there writes nothing any more.
    """

    def __init__(self, store: Store, room_id: str, agent_id: str) -> None:
        self._store, self._room_id, self._agent_id = store, room_id, agent_id
        self._how = "interrupted"

    def __enter__(self) -> Callable[[str], None]:
        self._store.note(self._room_id, activity.WAIT, agent_id=self._agent_id)
        return self._ended

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        how = error.code if isinstance(error, Refusal) else self._how
        if how not in GOT:
            self._store.note(self._room_id, activity.STOP, agent_id=self._agent_id, how=how)

    def _ended(self, status: str) -> None:
        self._how = status


def _stay(
    watch: Changes,
    calm: Calm,
    until: float | None,
    hold: Callable[[], bool],
    progress: Callable[[], bool],
    wish: Wish,
) -> None:
    """Return when there may be something to ask. Raises Refusal ``timeout``."""
    while True:
        alone, telling = hold(), progress()
        pause = LOOK_SECONDS
        if alone and not telling and calm.told and calm.lasts():
            pause = min(max(calm.left(), 0.0), LONG_SECONDS)
        if until is not None:
            left = until - time.monotonic()
            if left <= 0:
                raise Refusal(
                    "timeout",
                    "the stick did not come in time; your place in the line is kept",
                    [Next("wait", *wish.typed), Next("status")],
                )
            pause = min(pause, left)
        if watch.wait(pause, calm.ends) or not calm.lasts():
            return


def _load(store: Store, path: str) -> Snapshot:
    snapshot = store.load(path)
    if snapshot is None:
        raise Refusal("no_room")
    return snapshot


def _load_again(store: Store, path: str, known: Snapshot) -> Snapshot:
    """Return the room as it is, or as it was known where that cannot be found out just now: an engine that
    does not answer, or a lock that is not to be had, ends no wait."""
    try:
        return _load(store, path)
    except Refusal as refusal:
        if refusal.code not in ("engine", "io"):
            raise
        return known


class _Attempt:
    """One member's wish for the stick, and what it may do to get it."""

    def __init__(
        self,
        rooms: Rooms,
        agent_id: str,
        why: str | None,
        takeover: str | None,
        proven: bool,
        wish: Wish,
    ) -> None:
        self.rooms, self.agent_id, self.wish = rooms, agent_id, wish
        self.why, self.takeover, self.proven = why, takeover, proven
        self.came: list[Answer] = []  # turns that were taken over on the way

    def made_if_due(self, snapshot: Snapshot, calm: Calm) -> Answer | None:
        """Ask where the law would answer anything but ``not_yet``: to find that out writes nothing."""
        parted = bool(snapshot.room.parts) or self.wish != ROOM
        if calm.open and not parted:
            return self.made(snapshot)
        if calm.lasts() and not parted:
            return None
        wanted = self.wish.paths, self.wish.whole, self.wish.folds
        command = commands.Wait(self.agent_id, snapshot.room.room_id, None, None, None, *wanted)
        outcome = rules.decide(snapshot.room, command, self.rooms.moment(snapshot))
        return None if outcome.answer["status"] == "not_yet" else self.made(snapshot)

    def made(self, snapshot: Snapshot) -> Answer | None:
        """Ask once, and take over what may be taken over. None: not yet."""
        room = snapshot.room
        mine = [lease.lease_id for lease in room.leases if lease.holder == self.agent_id]
        shown = mine[0] if mine and self.proven else None
        answer = self.rooms.wait(
            self.agent_id, room.room_id, shown, self.why, wish=self.wish, seen=snapshot
        )  # fmt: skip
        if answer["status"] == "not_yet":
            return None
        if answer["status"] != "takeover_available":
            return {**answer, "also": self.came} if self.came else answer
        abandoned = answer["reason"] in ABANDONED
        reason = f"{answer['reserved_for']} did not come for it" if abandoned else self.takeover
        return answer if reason is None else self._taken_over(room.room_id, reason, answer)

    def _taken_over(self, room_id: str, reason: str, offer: Answer) -> Answer | None:
        turn = offer["turn_id"]
        assert isinstance(turn, int)
        try:
            taken = self.rooms.takeover(self.agent_id, room_id, reason, turn)
            self.came = [*self.came, taken]
            return taken if self.wish == ROOM else None  # it was in the way of what is wanted
        except Refusal as refusal:
            if refusal.code in ("turn_mismatch", "takeover_not_available", "takeover_ineligible"):
                return None  # somebody was faster: wait on
            raise
