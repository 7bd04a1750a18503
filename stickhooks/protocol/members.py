"""Joining, and by what a member is known afterwards. A binding belongs to one member."""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import replace
from stickhooks.protocol.commands import Bind, Join
from stickhooks.protocol.model import Member, Process, Room
from stickhooks.protocol.moment import Moment, Outcome, member_of
from stickhooks.protocol.parts import keepers
from stickhooks.protocol.phases import PERSON

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

ABSENCE_LIMIT: Final = 30 * 24 * 3600 * 1000
BINDINGS_LIMIT: Final = 8
PROGRAMS: Final = "programs"  # the key that ``programs`` reads
KINDS: Final = {"human_guardian": 3, "mcp_harness": 2, "human_cli": 1}


def join(room: Room, command: Join, at: Moment) -> Outcome:
    """Become a member, or come back and be known by a new process."""
    known = member_of(room, command.agent_id)
    if known is not None and not command.proven:
        raise Refusal("identity_taken", agent_id=command.agent_id)
    _check_keeps(room, command)
    room = _without_left(room, unbound(_pruned(room, command.agent_id, at), command))
    if known is None:
        ordinal = max((m.ordinal for m in room.members), default=-1) + 1
        member = Member(
            command.agent_id, ordinal, at.now, at.now,
            command.session_kind or "mcp_harness", command.display_name, command.process,
        )  # fmt: skip
        members = (*room.members, member)
    else:
        member = _rejoined(room, member_of(room, command.agent_id) or known, command, at)
        members = tuple(member if m.agent_id == member.agent_id else m for m in room.members)
    if command.session:
        bound = with_session(member, command.session)
        members = tuple(bound if m.agent_id == bound.agent_id else m for m in members)
    if command.program is not None and not _is_bound(members, command.program, command.agent_id):
        members = tuple(
            _with_process(m, command.program, at) if m.agent_id == command.agent_id else m
            for m in members
        )
    if command.programs is not None:
        members = _with_programs(members, command.agent_id, command.programs)
    room = seen(replace(room, members=members), command.agent_id, at)
    return Outcome(room, {"agent_id": command.agent_id, "room_id": room.room_id})


def _check_keeps(room: Room, command: Join) -> None:
    """Refuse an agent a new name where it is the holder, or has the next turn.

    The binding would go with it, and nothing prove any more that it was that member: it could not
    even become it again. A person can, by saying so; and a client that was started in a person's own
    shell, as the same process, is not that person.
    """
    if command.session_kind == PERSON:
        return
    after = {m.agent_id: m for m in unbound(room, command).members}
    for member in room.members:
        rest = after[member.agent_id]
        known = rest.sessions if member.sessions else rest.processes
        bound = member.sessions or member.processes
        agent = member.session_kind != PERSON
        if agent and bound and not known and member.agent_id in keepers(room):
            raise _still_keeps(room, member.agent_id)


def _still_keeps(room: Room, agent: str) -> Refusal:
    held = any(lease.holder == agent for lease in room.leases)
    what = "hold the stick" if held else "have the next turn"
    first = Next("release", "--help") if held else Next("take")
    return Refusal(
        "held",
        f"you are {agent} here and {what}, which would not be yours under another name:"
        " release it first, then join under the other name",
        [first],
        current_owner=agent,
    )


def _rejoined(room: Room, member: Member, command: Join, at: Moment) -> Member:
    if command.beside and command.process:
        return _with_process(member, command.process, at)
    kind = command.session_kind or "mcp_harness"
    kept = member.process
    keeps = (
        member.agent_id in keepers(room)
        and kept is not None
        and kept.exact
        and not (kept.dead or kept in at.dead)
        and (
            command.process is None
            or not command.process.exact
            or KINDS.get(kind, 2) < KINDS.get(member.session_kind, 2)
        )
    )
    if keeps:
        return member
    return replace(
        member,
        process=command.process,
        session_kind=kind,
        display_name=command.display_name,
    )


def _with_process(member: Member, process: Process, at: Moment) -> Member:
    """Add a person's further terminal; processes proven dead make room for it."""
    if any(p.key == process.key for p in member.processes):
        return member
    living = [p for p in member.processes if not (p.dead or p in at.dead)]
    first, *rest = [*living, process]
    return replace(member, process=first, beside=tuple(rest[-BINDINGS_LIMIT:]))


def _is_bound(members: tuple[Member, ...], process: Process, agent: str) -> bool:
    """Tell whether a process is another member's."""
    others = (m for m in members if m.agent_id != agent)
    return any(p.key == process.key for m in others for p in m.processes)


def _with_programs(
    members: tuple[Member, ...], agent: str, whose: Mapping[str, object]
) -> tuple[Member, ...]:
    """Have one member own the programs without a terminal: there is at most one in a room."""

    def told(member: Member) -> Member:
        extra = {key: value for key, value in member.extra.items() if key != PROGRAMS}
        mine = {PROGRAMS: whose} if member.agent_id == agent else {}
        return replace(member, extra={**extra, **mine})

    return tuple(told(m) for m in members)


def with_session(member: Member, session: str) -> Member:
    others = tuple(s for s in member.sessions if s != session)
    return replace(member, sessions=(*others, session)[-BINDINGS_LIMIT:])


def _without_left(before: Room, room: Room) -> Room:
    """Forget whose only session joins under another name, unless the stick is its or it waits."""
    had = {m.agent_id for m in before.members if m.sessions}
    kept = {*keepers(room), *queuing(room)}

    def stays(member: Member) -> bool:
        left = member.agent_id in had and not (member.sessions or member.processes)
        return member.agent_id in kept or not left

    return replace(room, members=tuple(filter(stays, room.members)))


def _with_older(member: Member, session: str) -> Member:
    """Add a session that did not say that it begins: an agent below the newest one may have its own id."""
    if not member.sessions or session in member.sessions:
        return member if member.sessions else with_session(member, session)
    *older, newest = member.sessions
    return replace(member, sessions=(*older, session, newest)[-BINDINGS_LIMIT:])


def bound(room: Room, command: Bind, at: Moment) -> Room:
    """Write down by which session and process a member is known from now on."""

    def known(member: Member) -> Member:
        member = _with_older(member, command.session)
        return _with_process(member, command.process, at) if command.process else member

    room = unbound(room, command)
    members = tuple(known(m) if m.agent_id == command.agent_id else m for m in room.members)
    return replace(room, members=members)


def unbound(room: Room, command: Join | Bind) -> Room:
    """Take a binding away from everybody else: it belongs to one member.

    But a session that runs in several processes belongs to a member in each.
    """
    process, sharing = command.process, command.sharing
    key = process.key if process is not None and process.exact else None

    def without(member: Member) -> Member:
        if member.agent_id == command.agent_id:
            return member
        session = None if member.agent_id in sharing else command.session
        kept = tuple(p for p in member.processes if p.key != key)
        sessions = tuple(s for s in member.sessions if s != session)
        return replace(
            member, process=kept[0] if kept else None, beside=kept[1:], sessions=sessions
        )  # fmt: skip

    return replace(room, members=tuple(without(m) for m in room.members))


def queuing(room: Room) -> list[str]:
    """Return the members that wait for the stick, or asked for it."""
    asks = [*room.asks, *(asking for part in room.parts for asking in part.asks)]
    return [*(w.agent_id for w in room.waiters), *(asking.agent_id for asking in asks)]


def _pruned(room: Room, joining: str, at: Moment) -> Room:
    """Forget members absent for 30 days, but never a holder, a recipient, one in the line or who asks."""
    kept = {joining, *keepers(room), *queuing(room)}
    return replace(
        room,
        members=tuple(
            m for m in room.members if m.agent_id in kept or at.now - m.last_seen_at < ABSENCE_LIMIT
        ),
    )


def seen(room: Room, agent: str, at: Moment) -> Room:
    members = tuple(
        replace(m, last_seen_at=at.now) if m.agent_id == agent else m for m in room.members
    )
    return replace(room, members=members)


def with_proofs(room: Room, dead: frozenset[Process]) -> Room:
    """Write proofs of death down on the bindings, for members who cannot see for themselves."""

    def marked(process: Process) -> Process:
        return replace(process, dead=True) if process in dead and not process.dead else process

    def proven(member: Member) -> Member:
        if not any(p in dead for p in member.processes):
            return member
        first = marked(member.process) if member.process else None
        return replace(member, process=first, beside=tuple(marked(p) for p in member.beside))

    return replace(room, members=tuple(proven(m) for m in room.members))
