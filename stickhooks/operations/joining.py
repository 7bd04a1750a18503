"""How somebody becomes a member, or comes back: by which name and process, and who may not."""

# bundle: join
from __future__ import annotations

import os

from stickhooks.errors import Next, Refusal
from stickhooks.identity import programs, resolver, resumed
from stickhooks.operations import newcomer, room_places
from stickhooks.operations.recording import bindings_of, exact, process_to_record
from stickhooks.protocol import phases, rules
from stickhooks.protocol.commands import check_new_name
from stickhooks.text import word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from stickhooks.operations.context import Desk
    from stickhooks.protocol.answers import Joined
    from stickhooks.protocol.model import Member, Process, Room
    from stickhooks.store.snapshot import Snapshot

ATTEMPTS: Final = 32


def join(desk: Desk, *, new: bool = False, all_programs: bool = False) -> Joined:
    """Join the room here, or make it.

    ``all_programs`` makes a person's programs without a terminal known, for the gate alone.
    Where somebody joins under our name meanwhile, there is a next one, for some ``ATTEMPTS``.
    """
    _check_place(desk, new)
    left = ATTEMPTS
    while True:
        path = phases.governing(desk.store.paths(), desk.here)
        if path is None:
            room_places.check(desk.workspace, desk.place)
        snapshot = desk.store.load(path) if path is not None else None
        room = snapshot.room if snapshot else None
        caller = _named(desk, room)
        if all_programs and not caller.person:
            told = "--programs is for a person at a terminal: an agent is known by its own session"
            raise Refusal("usage", told, [Next("join")])
        member = rules.member_of(room, caller.name) if room else None
        try:
            return _joined(desk, snapshot, caller, member, new=new, all_programs=all_programs)
        except Refusal as refusal:
            left -= 1
            if refusal.code != "identity_taken" or member is not None or not left:
                raise


def _joined(
    desk: Desk,
    snapshot: Snapshot | None,
    caller: resolver.Caller,
    member: Member | None,
    *,
    new: bool,
    all_programs: bool,
) -> Joined:
    if member is None:
        check_new_name(caller.name)
        room_places.check_account(desk.workspace.root, left=snapshot is not None)
    allowed = _may_become(desk, snapshot, caller)
    if member and not caller.proof and not allowed:
        raise newcomer.taken(caller)
    bindings = bindings_of(snapshot.room if snapshot else None)
    seen = process_to_record(caller, bindings)
    process = exact(caller, seen)
    desk.program = exact(caller, programs.above_terminal(caller, seen, bindings))
    if process is None and member and snapshot:
        process = _still_there(desk, snapshot, member)
    sighting = desk.sighting
    return desk.rooms.join(
        caller.name,
        desk.here,
        force_new=new,
        process=process,
        session_kind=phases.PERSON if caller.person else "mcp_harness",
        display_name=None if caller.person else getattr(sighting.client, "name", None),
        session=caller.session or None,
        beside=caller.person and member is not None,
        proven=bool(caller.proof) or allowed,
        program=desk.program,
        programs=programs.granted() if all_programs else None,
        sharing=resumed.others(sighting, caller.session, bindings),
    )


def known_as(desk: Desk) -> str | None:
    """Return the member that the evidence shows here, whatever name was said."""
    path = phases.governing(desk.store.paths(), desk.here)
    snapshot = desk.store.load(path) if path is not None else None
    if snapshot is None:
        return None
    bindings = bindings_of(snapshot.room)
    session = resolver.resolve(desk.sighting, bindings).session
    shown = resolver.shown_by(desk.sighting, session, bindings)
    return shown[0] if shown else None


def _named(desk: Desk, room: Room | None) -> resolver.Caller:
    """Return who asks. Who is unknown and said no name: as next door, or by one that nobody has anywhere."""
    caller = desk.caller(room)
    if caller.agent_id is None and not (desk.said or desk.sighting.name):
        rooms = list(newcomer.rooms_of(desk.store))
        next_door = newcomer.next_door(rooms, desk.caller)
        taken = room is not None and rules.member_of(room, next_door) is not None
        known = next_door and (caller.person or not taken)
        if known:
            caller.name = next_door
        elif not caller.person:
            caller.name = newcomer.name(rooms, caller)
    return caller


def _still_there(desk: Desk, snapshot: Snapshot, member: Member) -> Process | None:
    """Return a member's process: what a sandbox hides never replaces what was seen outside,
    unless that is proven dead."""
    process = member.process
    dead = process is not None and (process.dead or process in desk.rooms.moment(snapshot).dead)
    return None if dead else process


def _check_place(desk: Desk, new: bool) -> None:
    if new and not os.path.isdir(desk.place):
        raise Refusal(
            "invalid_input",
            f"{desk.place} is not a folder; a room of its own needs one",
            [f"mkdir -p {word(desk.place)}"],
            field="context_path",
        )


def _may_become(desk: Desk, snapshot: Snapshot | None, caller: resolver.Caller) -> bool:
    """A person is believed by their act, or comes as the login name; the gone may be replaced."""
    if caller.person and (desk.said or not desk.sighting.name):
        return True
    return snapshot is not None and desk.is_gone(snapshot, caller.name)
