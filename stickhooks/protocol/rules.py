"""The law: who may do what with the stick, and what follows.

Rule 1: everything that decides who may write is in this file, in ``protocol.phases``, and in the pure
        modules the table leads to (``transitions``, ``members``, ``moment``, ``line``, and for parts
        ``part_turns``); as much of it as possible in the RULES table. A cell that is not there is a refusal.
Rule 2: none of them reads a clock, a file or the process table, or draws random numbers. A
        Moment brings in all that they may know of the world.
"""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import replace
from stickhooks.protocol import phases
from stickhooks.protocol.commands import (  # fmt: skip
    Ask,
    Bind,
    Close,
    Command,
    Delist,
    Enlist,
    Heard,
    Heartbeat,
    Held,
    Join,
    Leave,
    Pass,
    Read,
    Release,
    Reopen,
    SetPolicy,
    Takeover,
    Tell,
    Wait,
    check_fields,
)
from stickhooks.protocol.line import delist, enlist
from stickhooks.protocol.members import join, seen
from stickhooks.protocol.model import Room
from stickhooks.protocol.moment import (  # fmt: skip
    ASKER,
    BARRED,
    HOLDER,
    OTHER,
    RECIPIENT,
    SENDER,
    Moment,
    Outcome,
    bars,
    gone,
    here,
    member_of,
    phase_of,
    revocable,
    role_of,
)
from stickhooks.protocol.notes import ask, read, tell
from stickhooks.protocol.part_checks import check_all_in, check_place
from stickhooks.protocol.phases import (  # fmt: skip
    CLOSED,
    DORMANT,
    IDLE,
    OWNED,
    OWNER_GONE,
    OWNER_IDLE,
    RECIPIENT_GONE,
    RESERVED,
    STALE_CLAIM,
    STALE_OWNER,
)
from stickhooks.protocol.transitions import (  # fmt: skip
    bind,
    close,
    go,
    go_back,
    grant,
    hand_on,
    hand_to,
    hear,
    ineligible,
    not_yet,
    offer,
    renew,
    reopen,
    reopen_with_reason,
    resume,
    say_closed,
    seize,
    set_policy,
    stay_open,
    step_down,
    turn_down,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Final, TypeAlias

    from stickhooks.protocol.answers import Answer

__all__ = [
    "RULES", "Moment", "Outcome", "bars", "check_all_in", "check_carving", "check_open_to",
    "check_place", "decide", "decide_all", "gone", "here", "member_of",
    "not_yours", "phase_of", "role_of",
]  # fmt: skip

Action: TypeAlias = "Callable[[Room, Command, Moment], Outcome]"

_HOLDING: Final[Mapping[type[Command], Action]] = {
    Wait: resume, Heartbeat: renew, Release: hand_on, Pass: hand_to, Close: close,
    Leave: step_down, SetPolicy: set_policy, Reopen: stay_open,
    Enlist: delist, Delist: delist, Bind: bind, Heard: hear, Tell: tell, Read: read,
}  # fmt: skip
_ANYWHERE: Final[Mapping[type[Command], Action]] = {
    Leave: go, Reopen: stay_open, Enlist: enlist, Delist: delist, Bind: bind, Heard: hear,
    Tell: tell, Read: read,
}  # fmt: skip
_PROMISED: Final[Mapping[type[Command], Action]] = {
    **_ANYWHERE, Leave: go_back, Delist: turn_down,
}  # fmt: skip
_SHUT: Final[Mapping[type[Command], Action]] = {
    **_ANYWHERE, Wait: say_closed, Enlist: say_closed, Reopen: reopen,
}  # fmt: skip

# fmt: off
#: What a command does, by who asks and where the stick is. No cell: refused.
RULES: Final[Mapping[str, Mapping[str, Mapping[type[Command], Action]]]] = {
    HOLDER: {
        OWNED:          _HOLDING,
        STALE_OWNER:    {**_HOLDING, Takeover: ineligible},
        OWNER_GONE:     {**_HOLDING, Takeover: ineligible},
        OWNER_IDLE:     {**_HOLDING, Takeover: ineligible},
    },
    RECIPIENT: {
        RESERVED:       {**_PROMISED, Wait: grant},
        STALE_CLAIM:    {**_PROMISED, Wait: grant, Takeover: ineligible},
        RECIPIENT_GONE: {**_PROMISED, Wait: grant, Takeover: ineligible},
        CLOSED:         _SHUT,
    },
    SENDER: {  # no snatching back while somebody else could take over
        RESERVED:       {**_ANYWHERE, Wait: not_yet},
        STALE_CLAIM:    {**_ANYWHERE, Wait: not_yet, Takeover: ineligible},
        RECIPIENT_GONE: {**_ANYWHERE, Wait: not_yet, Takeover: ineligible},
        CLOSED:         _SHUT,
    },
    OTHER: {
        IDLE:           {**_ANYWHERE, Wait: grant, SetPolicy: set_policy},
        DORMANT:        {**_ANYWHERE, Wait: grant, SetPolicy: set_policy},
        OWNED:          {**_ANYWHERE, Ask: ask, Wait: not_yet},
        STALE_OWNER:    {**_ANYWHERE, Ask: ask, Wait: offer, Takeover: seize},
        OWNER_GONE:     {**_ANYWHERE, Ask: ask, Wait: offer, Takeover: seize},
        OWNER_IDLE:     {**_ANYWHERE, Ask: ask, Wait: not_yet, Takeover: ineligible},
        RESERVED:       {**_ANYWHERE, Wait: not_yet},
        STALE_CLAIM:    {**_ANYWHERE, Wait: offer, Takeover: seize},
        RECIPIENT_GONE: {**_ANYWHERE, Wait: offer, Takeover: seize},
        CLOSED:         _SHUT,
    },
    ASKER: {  # who asked the holder, which has done nothing since: in this phase alone
        OWNER_IDLE:     {**_ANYWHERE, Ask: ask, Wait: offer, Takeover: seize},
    },
    BARRED: {  # who reopens inside a client session what a person closed
        CLOSED:         {Reopen: reopen_with_reason},
    },
}
# fmt: on


def decide(room: Room | None, command: Command, at: Moment) -> Outcome:
    """Return what ``command`` does to ``room``, or raise Refusal and change nothing.

    Checks come in this order: the request's fields, the room, the turn, the lease,
    membership, eligibility. A success is the caller's latest sign of life.
    """
    check_fields(command)
    if room is None:
        raise Refusal("room_not_found")
    if isinstance(command, Join):
        return join(room, command, at)
    if not (room.parts or any(getattr(command, name, None) for name in _OF_PARTS)):
        return _by_table(room, command, at)
    from stickhooks.protocol import part_turns  # a room without parts does without it

    outcome = part_turns.decide(room, command, at, _by_table)
    return replace(outcome, room=seen(outcome.room, command.agent_id, at))


def decide_all(room: Room | None, commands: Sequence[Command], at: Moment) -> Outcome:
    """Return what commands do to a room one after the other, all of them or, by a Refusal, none.

    The answer is the last one's, with ``also`` those before it.
    """
    outcome = decide(room, commands[0], at)
    for number, command in enumerate(commands[1:], 1):
        then = decide(outcome.room, command, replace(at, lease_id=f"{at.lease_id}.{number}"))
        answer: Answer = {**then.answer, "also": [*outcome.answer.get("also", ()), outcome.answer]}
        outcome = Outcome(then.room, answer, outcome.events + then.events)
    return outcome


_OF_PARTS: Final = ("paths", "whole", "for_turn")  # what only commands about parts have


def _by_table(room: Room, command: Command, at: Moment) -> Outcome:
    """Return what ``decide`` does where a room has no parts, or of one part, shown as a room."""
    _check_token(room, command, at)
    if member_of(room, command.agent_id) is None:
        raise Refusal("unknown_member", agent_id=command.agent_id)
    role, phase = _role(room, command, at), phase_of(room, at)
    action = RULES[role].get(phase, {}).get(type(command))
    if action is None:
        raise _no(room, command, phase)
    outcome = action(room, command, at)
    return replace(outcome, room=seen(outcome.room, command.agent_id, at))


def _role(room: Room, command: Command, at: Moment) -> str:
    if isinstance(command, Reopen) and bars(room, person=command.person):
        return BARRED
    return role_of(room, command.agent_id, at)


def _check_token(room: Room, command: Command, at: Moment) -> None:
    if not isinstance(command, Held | Takeover):
        return
    told: dict[str, object] = {
        "current_owner": room.lease.holder if room.lease else None,
        "current_turn_id": room.turn_id,
        "room_state": phases.shown(phase_of(room, at)),
    }
    if command.expected_turn_id != room.turn_id:
        raise Refusal("turn_mismatch", told=told)
    if isinstance(command, Held) and (
        room.lease is None
        or room.lease.holder != command.agent_id
        or room.lease.lease_id != command.lease_id
    ):
        raise Refusal("stale_lease", told=told)


def _no(room: Room, command: Command, phase: str) -> Refusal:
    if isinstance(command, Takeover) and phase != CLOSED:
        return Refusal("takeover_not_available", room_state=phases.shown(phase))
    if isinstance(command, Ask) and phase != CLOSED:
        return _nobody_to_ask(room, command, phase)
    return not_yours(room, phase)


def _nobody_to_ask(room: Room, command: Ask, phase: str) -> Refusal:
    """Return the refusal to ask where nobody else holds: what is free or promised is taken, not asked for."""
    keeper = revocable(room)
    if keeper != command.agent_id:
        return not_yours(room, phase)
    if room.lease:
        told = "you hold the stick: there is nobody to ask"
        return Refusal("invalid_input", told, [Next("status")], field="agent_id")
    told = "the stick is reserved for you: there is nobody to ask"
    return Refusal("reserved", told, [Next("take")], reserved_for=keeper)


def not_yours(room: Room, phase: str) -> Refusal:
    """Return the refusal for somebody who does not hold the stick and needs it."""
    if phase == CLOSED:
        return Refusal("room_closed")
    if room.lease:
        holder = room.lease.holder
        return Refusal("held", f"{holder} holds the stick", [Next("wait")], current_owner=holder)
    if room.reservation:
        heir = room.reservation.recipient
        return Refusal(
            "reserved", f"the stick is reserved for {heir}", [Next("wait")], reserved_for=heir
        )
    return Refusal("free", "nobody holds the stick; take it first", [Next("take")])


def not_removable(room: Room, phase: str, agent_id: str) -> Refusal:
    """Return the refusal to remove a room that is not free: its holder puts the stick down first."""
    refusal = not_yours(room, phase)
    if room.lease and room.lease.holder == agent_id:
        refusal.sentence = "you hold the stick: put it down, then remove the room"
        refusal.next = [Next("release", "--help")]
    return refusal


def check_open_to(room: Room | None, *, person: bool) -> None:
    """Refuse an agent what would open, in another way, a room that a person closed."""
    if room is not None and bars(room, person=person):
        raise Refusal("room_closed")


def check_carving(above: Room | None, agent_id: str, at: Moment, *, deed: str) -> None:
    """Refuse to ``make`` a room inside one that somebody else holds, or to ``remove`` it from there."""
    if above is None or above.lease is None or above.lease.holder == agent_id:
        return
    raise Refusal(
        "room_held",
        current_owner=above.lease.holder,
        path=above.path or ".",
        deed=deed,
        room_state=phases.shown(phase_of(above, at)),
    )
