"""The turns that a member has in a room with parts, and the paths that it names. Loaded only for these."""

from __future__ import annotations

import os

from stickhooks.errors import Next, Refusal
from stickhooks.operations.wishes import Wish
from stickhooks.protocol import moment, parts, phases
from stickhooks.protocol.commands import Command, Heartbeat, Pass, Release
from stickhooks.protocol.part_views import as_room
from stickhooks.store import layout, reader
from stickhooks.text import quoted, word
from stickhooks.workspace import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stickhooks.operations.context import Desk, PutDown, Seat
    from stickhooks.protocol.answers import Answer
    from stickhooks.protocol.model import Lease

LOST = (
    phases.OWNER_GONE,
    phases.RECIPIENT_GONE,
    phases.STALE_CLAIM,
    phases.STALE_OWNER,
    phases.OWNER_IDLE,
)
#: A shell hands on a glob that nothing fits as it was typed: its path would be nobody's work.
GLOB_SIGNS = "*?["


def wanted(desk: Desk, names: Sequence[str]) -> tuple[Desk, Wish]:
    """Return the desk at the room that has some paths, and the wish for them.

    Raises ``invalid_input`` for what is no path of one room, or all of it, and where rooms are on an engine.
    """
    found = [_inside(desk, name) for name in names]
    rooms = desk.store.paths()
    layout = paths.Layout(desk.workspace.root, rooms)
    spelled = [layout.spelled(path) for path in found]
    governing = {layout.governing(path) for path in spelled}
    if None in governing or not governing:
        raise desk.no_room()
    if len(governing) > 1:
        told = f"{quoted(names[0])} and {quoted(names[-1])} are of two rooms: take them one by one"
        raise _wrong(told, Next("rooms"))
    room = str(next(iter(governing)))
    whole = next((n for n, path in zip(names, spelled, strict=True) if path == room), None)
    if whole is not None:
        told = f"{quoted(whole)} is all of {desk.rooms.shown(room)}: `stick take` gets the room"
        raise _wrong(told, Next("take", "--whole", room=desk.aside(room)))
    git_dir = desk.workspace.git_dir
    if git_dir is not None and reader.names_engine(git_dir):
        told = (
            "the rooms here are on an engine: they have no leases of paths, only of all of a room"
        )
        raise _wrong(told, Next("take"))
    folds = paths.ignores_case(desk.workspace.root)
    there = desk if desk.path() == room else desk.moved(desk.rooms.shown(room))
    return there, Wish(parts.merged(spelled, folds), folds=folds, typed=tuple(map(word, names)))


def _inside(desk: Desk, name: str) -> str:
    """Return a path below the workspace that a caller names from where it stands."""
    if not name:
        raise _wrong("an empty name is no path", Next("take", "--help"))
    try:
        real = paths.real(os.path.expanduser(name))
    except (OSError, ValueError) as error:
        raise _wrong(f"{quoted(name)} is no path: {error}", Next("take", "--help")) from None
    root = desk.workspace.root
    inside = desk.workspace.relative(real)
    if not paths.is_inside(real, root):
        raise _wrong(f"{quoted(name)} lies outside {root}", Next("rooms"))
    if paths.is_ours(root, inside):
        raise _wrong(
            f"{quoted(name)} belongs to stickhooks or to git: nobody takes it", Next("status")
        )
    around = paths.workspace_of(os.path.dirname(real)) if inside else None
    if around is not None and around.root != root:
        told = f"{quoted(name)} lies in {around.root}, which is a workspace of its own with its own stick"
        there = os.path.lexists(os.path.join(around.root, layout.FOLDER))
        raise _wrong(told, Next("take" if there else "join", room=around.root))
    if any(sign in name for sign in GLOB_SIGNS) and not os.path.lexists(real):
        told = (
            f"{quoted(name)} is not there, and globs are not taken: name the files, or their folder"
        )
        raise _wrong(told, Next("take", "--help"))
    return inside


def _wrong(told: str, step: Next) -> Refusal:
    return Refusal("invalid_input", told, [step], field="path")


def of_path(desk: Desk, name: str) -> int | None:
    """Return the turn of the part that a path lies in, None where it is the rest's."""
    _, wish = wanted(desk, [name])
    room = desk.snapshot().room
    found = (p.turn_id for p in room.parts if parts.has(p, wish.paths[0], wish.folds))
    return next(found, None)


def held(seat: Seat) -> list[tuple[int, Lease]]:
    """Return the turns that the member at a seat holds, those of parts first."""
    turns = [*((p.turn_id, p.lease) for p in seat.room.parts), (seat.room.turn_id, seat.room.lease)]
    return [(turn, lease) for turn, lease in turns if lease in seat.own and lease]


def put_down(
    desk: Desk, seat: Seat, how: PutDown, handoff: Mapping[str, object], to: str, turn: int | None
) -> Answer:
    """Release or pass all that the member has of the room, or what one turn is for, in one write."""
    several = [
        _put_down(seat, how, (lease, number), handoff, to)
        for number, lease in held(seat)
        if turn in (None, number)
    ]
    if not several:
        told = f"turn {turn} is none of yours"
        raise Refusal("turn_mismatch", told, [Next("status")], current_turn_id=seat.room.turn_id)
    return desk.rooms.do_all(seat.room_id, several)


def _put_down(
    seat: Seat, how: PutDown, holding: tuple[Lease, int], handoff: Mapping[str, object], to: str
) -> Command:
    lease, turn = holding
    token = seat.agent_id, seat.room_id, lease.lease_id, turn
    return Pass(*token, to, handoff) if how == "pass" else Release(*token, handoff)


def not_the_rest(seat: Seat) -> Refusal:
    """Return the refusal to close a room by somebody who has some paths of it, and not the rest."""
    own = ", ".join(phases.named(p.paths) for p in parts.held_by(seat.room, seat.agent_id))
    told = f"you hold {own} alone: only the holder of the rest of a room closes it"
    step = Next("wait" if moment.revocable(seat.room) else "take", "--whole")
    return Refusal("stale_lease", told, [step], current_turn_id=seat.room.turn_id)


def renew(desk: Desk, seat: Seat) -> Answer:
    """Renew all leases that the member has in the room, in one write."""
    several = [
        Heartbeat(seat.agent_id, seat.room_id, lease.lease_id, turn) for turn, lease in held(seat)
    ]
    return desk.rooms.do_all(seat.room_id, several)


def take_over(desk: Desk, seat: Seat, reason: str, expect: int | None) -> Answer:
    """Take over an abandoned turn. A refusal says ``for_turn``, of which turn it speaks."""
    turn = _abandoned(desk) if expect is None else expect
    try:
        return desk.rooms.takeover(seat.agent_id, seat.room_id, reason, turn)
    except Refusal as refusal:
        refusal.details["for_turn"] = turn
        raise


def _abandoned(desk: Desk) -> int:
    """Return the turn that may be taken over: of the rest if that is so, else of the first such part."""
    snapshot = desk.snapshot()
    room, now = snapshot.room, desk.rooms.moment(snapshot)
    views = [(room.turn_id, room), *((p.turn_id, as_room(room, p)) for p in room.parts)]
    lost = [turn for turn, view in views if moment.phase_of(view, now) in LOST]
    return lost[0] if lost else room.turn_id
