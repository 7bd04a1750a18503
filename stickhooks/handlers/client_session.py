"""The hooks of a client's session: it joins as it begins, is reminded as a turn ends, leaves at its end.

None of them is a gate. A session begins and ends whatever becomes of us, so all of them end
with code 0, and what goes wrong is not said, but for a room that cannot be used.
"""

from stickhooks import waking
from stickhooks.clients import CLIENTS, Client, own_program, payloads
from stickhooks.errors import Refusal
from stickhooks.fast.os import os
from stickhooks.handlers import client_edit, client_notes
from stickhooks.identity import resolver
from stickhooks.operations import obligations
from stickhooks.protocol import phases
from stickhooks.system import deadline
from stickhooks.text import command, plain
from stickhooks.waking import reach
from stickhooks.workspace import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.operations.context import Desk
    from stickhooks.protocol.model import Room
    from stickhooks.store.snapshot import Snapshot

LIMIT_S = 6.0
LOCK_TIMEOUT = 3.0
GOES_ON = ("clear", "resume")  # the same client goes on, in another session
LEFT_BEHIND = {
    "status": "the session ended while it held the stick; it wrote no handoff",
    "next_action": "look at `git status` and `git diff` before you go on",
}
DONE = "`stick release --status … --next …`"

Reply = tuple[int, str, str]


def answer(name: str, client_name: str) -> int:
    """Do what is due at the start of a session, the end of a turn, or its own end; always 0."""
    client = CLIENTS.get(client_name)
    try:
        deadline.begin(LIMIT_S, lambda: os._exit(0))
        told = client_edit.payload()
        reply = _EVENTS[name](client, told) if client and not payloads.below_of(told) else None
    except BaseException:  # the client must not be held up by us
        reply = None
    deadline.end()
    if reply:
        os.write(1, reply[1].encode("utf-8", "backslashreplace"))
    return 0


def start(client: Client, payload: object) -> "Reply | None":
    """Join the room, and tell the model who it is there, who holds, and what to do."""
    from stickhooks.operations import joining

    desk = None
    try:
        desk = _desk(client, payload)
        if desk is None or phases.governing(desk.store.paths(), desk.here) is None:
            return None  # joining would make a room, and nobody asked for one
        me = str(joining.join(desk)["agent_id"])
        reach.remember(desk.store, me, desk.sighting, desk.env, payload)  # type: ignore[arg-type]
        told = _standing(desk, me)
    except Refusal as refusal:
        told = "; next: ".join([plain(refusal.message), *map(command, refusal.next)])
    told = own_program.steps(f"stick: {told}", client, dict(os.environ))
    if desk is not None and client_notes.with_welcome(client, desk, told):
        return None
    return payloads.adapter_of(client).welcome(told)  # type: ignore[no-any-return]


def _standing(desk: "Desk", me: str) -> str:
    standing = desk.standing()
    told = f"this tree is shared, and you are {plain(me)}; {standing.headline(me)}."
    if standing.lease and standing.lease["holder"] == me:
        return f"{told} It is yours: when you are done, commit, then {DONE}"
    first = standing.next(me, person=False)[0]
    return (
        f"{told} Before you write here: `{command(first)}`; when you are done, commit, then {DONE}"
    )


def stop(client: Client, payload: object) -> "Reply | None":
    """Remind who holds the stick, once in a turn, to put it down. Silent where a state is unreadable.

    A turn that nobody asked for is put down here, where its work is done and somebody waits.
    """
    desk = _desk(client, payload)
    if desk is None or not isinstance(payload, dict):
        return None
    held = [room for room in _own(desk) if _holds(desk, room)]
    held = [room for room in held if not _lets_go(desk, room, payload)]
    if payload.get("stop_hook_active"):
        return None
    due = [room for room in held if desk.store.is_first_reminder(room)]
    if not due:
        return None
    places = ", ".join(plain(desk.rooms.shown(room.room.path)) for room in due)
    waiting = max(len(room.room.waiters) for room in due)
    line = f" ({waiting} waiting)" if waiting else ""
    reason = (
        f"stick: you still hold {places}{line}. If your work is done: commit, then {DONE}, or"
        " `stick handoff NAME`. If it is not, or you wait for an answer, just stop:"
        " you are told this once."
    )
    reason = own_program.steps(reason, client, dict(os.environ))
    return payloads.adapter_of(client).reminder(reason)  # type: ignore[no-any-return]


def end(client: Client, payload: object) -> None:
    """Leave the rooms that the session is a member of; a stick that it holds is put down first."""
    desk = _desk(client, payload)
    if desk is None or not isinstance(payload, dict) or payload.get("reason") in GOES_ON:
        return
    for snapshot in _own(desk):
        room, agent = snapshot.room, str(desk.caller(snapshot.room).agent_id)
        if not _is_alone(desk, room):
            continue  # somebody else goes on under this name
        held = [lease for lease in room.leases if lease.holder == agent]
        if held and room.parts:
            from stickhooks.operations import own_turns
            from stickhooks.operations.context import Seat

            seat = Seat(agent, room.path, room)
            own_turns.put_down(desk, seat, "release", {**LEFT_BEHIND}, "", None)
        elif room.lease and held:
            letter = _left_behind(desk, room)
            desk.rooms.release(agent, room.room_id, room.lease.lease_id, room.turn_id, letter)
        desk.rooms.leave(agent, room.room_id)
        desk.store.keep_reach(agent, None)
    waking.wake_all(desk.news)
    from stickhooks.operations import file_modes

    file_modes.follow(desk.workspace)
    desk.boundaries.keep()


def _left_behind(desk: "Desk", room: "Room") -> "dict[str, object]":
    """Return the handoff of a session that ended while it held the stick."""
    if room.lease is None or room.lease.auto_from is None:
        return {**LEFT_BEHIND}
    from stickhooks.operations import auto_release

    opening = f"{LEFT_BEHIND['status']}; its turn began by a first write"
    letter = auto_release.handoff(desk, room, opening)
    return {**letter, "next_action": LEFT_BEHIND["next_action"]}


def _lets_go(desk: "Desk", snapshot: "Snapshot", payload: "dict[str, object]") -> bool:
    """Put down a turn that began by a first write, if nothing more is done in it and somebody waits."""
    lease = snapshot.room.lease
    if lease is None or lease.auto_from is None or not _is_alone(desk, snapshot.room):
        return False
    from stickhooks.operations import auto_release, file_modes

    released = auto_release.lets_go(desk, snapshot, payload)
    if released:
        waking.wake_all(desk.news)
        file_modes.follow(desk.workspace)
        desk.boundaries.keep()
    return released


_EVENTS = {"session-start": start, "stop": stop, "session-end": end}


def _desk(client: Client, payload: object) -> "Desk | None":
    """Return a desk in the session's folder, seen as that session; None where there is no room."""
    if not isinstance(payload, dict):
        raise ValueError("it is not an object")
    folder = os.path.realpath(payloads.folder_of(payload) or os.getcwd())
    workspace = paths.workspace_of(folder)
    if workspace is None or not workspace.has_room():
        return None
    env = dict(os.environ)
    sighting = resolver.look(env, (client, payloads.session_of(payload)))
    obligations.load_library()
    from stickhooks.operations.context import Desk

    desk = Desk(folder, env=env, lock_timeout=LOCK_TIMEOUT)
    desk.see(sighting)
    return desk


def _own(desk: "Desk") -> "list[Snapshot]":
    """Return the rooms of the workspace that the session is a proven member of."""
    from stickhooks.store.snapshot import snapshots

    callers = ((one, desk.caller(one.room)) for one in snapshots(desk.store))
    return [one for one, caller in callers if caller.agent_id and caller.proof]


def _holds(desk: "Desk", snapshot: "Snapshot") -> bool:
    me = desk.caller(snapshot.room).agent_id
    return any(lease.holder == me for lease in snapshot.room.leases)


def _is_alone(desk: "Desk", room: "Room") -> bool:
    """Tell whether this session is all there is of its member: nobody else goes on under the name."""
    agent = desk.caller(room).agent_id
    member = next(m for m in room.members if m.agent_id == agent)
    newest = member.sessions[-1] if member.sessions else ""
    return not member.beside and resolver.is_same_session(desk.sighting.session, newest)
