"""``stick status``: one glance at the room here, and at who else is in it. Reads, never writes."""

from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import replace
from stickhooks.identity import liveness
from stickhooks.operations import changes, kept_beforehand, turn_head
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Reply
from stickhooks.protocol import parts, wire
from stickhooks.protocol.members import PROGRAMS
from stickhooks.protocol.model import Member
from stickhooks.protocol.phases import PERSON
from stickhooks.store.snapshot import Snapshot
from stickhooks.text import age, plain
from stickhooks.views import columns, enforcement, statusline, wakes
from stickhooks.views.summary import Glance, Row, look

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final

    from stickhooks.errors import Step

LABEL: Final = 11
LEAST: Final = 8
NAMES: Final = 8


def status(desk: Desk, *, everybody: bool) -> Reply:
    """Tell who may write here now; without a room, that anybody may."""
    rooms = desk.store.paths()
    if not rooms:
        return _without_room(desk)
    snapshot = desk.snapshot()
    glance = look(desk, snapshot)
    changed = _changes(desk, snapshot, rooms, glance)
    members = _members(desk, glance) if everybody else []
    others = _others(desk, snapshot.room.path) if len(rooms) > 1 else []
    lacking = enforcement.lacking(desk)
    kept = kept_beforehand.lines(desk.workspace)
    rows = [*glance.rows(), ("on disk", changed.lines() if changed else []), ("kept", kept)]
    rows += [("members", [_names(snapshot.room.members)])] if not everybody else []
    owner = next((m.agent_id for m in snapshot.room.members if PROGRAMS in m.extra), None)
    if owner is not None:
        message = f"those without a terminal count as {plain(owner)} for the hooks, until it leaves"
        rows.append(("programs", [message]))
    rows += [("wake", woken)] if (woken := wakes.lines(desk, snapshot, glance.me)) else []
    rows += [("rooms", [f"{plain(o['path'])}: {o['told']}" for o in others])]
    width = 0 if desk.as_json else columns.of_terminal(1)
    headline = columns.wrapped(glance.headline, width) if width else [glance.headline]
    warned = enforcement.line(*lacking)
    unguarded = enforcement.unguarded(desk)
    lines = [*headline, *filter(None, [warned]), *unguarded, *laid_out(rows, width)]
    lines += map(_member_line, members)
    data: dict[str, object] = {
        **glance.data(),
        "not_enforced": enforcement.data(*lacking),
        "not_guarded": unguarded,
        "changes": changed.data() if changed else None,
        "kept": kept,
        "wake": wakes.last(desk, snapshot),
        "other_rooms": others,
        **({"programs": owner} if owner else {}),
        **({"members": members} if everybody else {}),
    }
    follow, standing = _next(desk, glance, snapshot), glance.standing
    return Reply(lines, next=follow, data=data, standing=standing, me=glance.me, tone=glance.tone)


def first_look(desk: Desk) -> Reply:
    """Tell the state here and what to type next, to somebody who typed ``stick`` and no more."""
    reply = status(desk, everybody=False)
    holds = reply.standing and reply.standing.lease and not reply.next
    follow = [Next("release", "--help")] if holds else list(reply.next)
    return replace(reply, next=[*follow, "stick --help"])


def laid_out(rows: Sequence[Row], width: int) -> list[str]:
    """Return rows as lines, a label before the first of each; wrapped to a width that is not 0."""
    lines = []
    for label, texts in rows:
        for i, line in enumerate(texts):
            pieces = columns.wrapped(line, max(width - LABEL - 2, LEAST)) if width else [line]
            for j, piece in enumerate(pieces):
                lines.append(f"  {label if i == j == 0 else '':<{LABEL}}{piece}")
    return lines


def _without_room(desk: Desk) -> Reply:
    """Tell that anybody may write, and what to type first: for those new to stick, too."""
    from stickhooks.operations import shared_setting

    lines = [f"{desk.no_room().message}; everybody may write"]
    follow: list[Step] = [Next("init"), Next("join"), Next("demo")]
    if desk.workspace.git_dir is None:
        lines.append("this is no git repository either: the hooks of stick go into one")
        follow = [Next("init", after="cd YOUR-REPOSITORY"), Next("join"), Next("demo")]
    elsewhere = shared_setting.elsewhere(desk, "init")
    if elsewhere is not None:  # the message says so: init and join alone are refused
        follow = [*elsewhere.next]
    return Reply(lines, next=follow, data={"rooms": []})


def _next(desk: Desk, glance: Glance, snapshot: Snapshot) -> list[Step]:
    standing, me = glance.standing, glance.me
    if standing.lease and standing.lease["holder"] == me:
        return []
    at = desk.aside(snapshot.room.path)
    person = desk.caller(snapshot.room).person
    if me is not None and parts.promised_to(snapshot.room, me):
        return [Next("take", room=at)]
    if me is not None and parts.held_by(snapshot.room, me):
        return []
    first, *_ = [*standing.next(me, person=person, room=at), None]
    if isinstance(first, Next) and first.verb == "status":  # who asked just that goes on to the log
        return [Next("log", room=at)]
    return [first] if first else []


def _changes(
    desk: Desk, snapshot: Snapshot, rooms: list[str], glance: Glance
) -> changes.Changes | None:
    """Return what changed on disk since the turn began, or else since the last handoff."""
    lease, shift = snapshot.room.lease, glance.standing.shift
    at = lease.granted_at if lease else glance.left_at
    since = "the turn began" if lease else "the last handoff" if at is not None else ""
    wall = None if at is None else at + shift
    head = turn_head.of(desk.workspace.git_dir, snapshot.room)
    return changes.of_room(desk.workspace, snapshot.room.path, rooms, since, wall, head)


def _others(desk: Desk, here: str) -> list[dict[str, str]]:
    """Return the other rooms of the workspace, each in a few words; one that is damaged says so."""
    states = {path: _brief(desk, it) for path, it in desk.store.every() if path != here}
    return [{"path": path or ".", "told": states[path]} for path in sorted(states)]


def _brief(desk: Desk, room: Snapshot | Refusal | None) -> str:
    if isinstance(room, Refusal):
        return room.code.replace("_", " ")
    if room is None:
        return "nobody has joined yet"
    me = desk.caller(room.room).agent_id
    return statusline.words(desk.standing(room).seen_by(me), me)


def _names(members: Sequence[Member]) -> str:
    names = [plain(m.agent_id) for m in members]
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    shown = f"{len(names)}: {', '.join(names[:NAMES])}{more} (stick status --all)"
    return shown if names else "none"


def _members(desk: Desk, glance: Glance) -> list[dict[str, object]]:
    standing, me = glance.standing, glance.me
    room, moment = desk.rooms.look(standing.raw["path"])
    return [
        {
            **wire.member(room, m, moment),
            "waiting": m.agent_id in moment.waiting,
            "seen": age(moment.now - m.last_seen_at),
            "last_seen_at": m.last_seen_at + standing.shift,
            "alive": _life(m, m.agent_id == me),
        }
        for m in room.members
    ]


def _life(member: Member, asks: bool) -> str:
    """Say whether a member lives; who asks does, whatever process was recorded."""
    states = [liveness.judge(p) for p in member.processes]
    order = (liveness.ALIVE, liveness.UNKNOWN, liveness.GONE)
    best = min(states, key=lambda v: order.index(v[0]), default=(liveness.UNKNOWN, "no process"))
    if asks and best[0] == liveness.GONE:
        return f"{liveness.ALIVE}: it asks; {best[1]}"
    return f"{best[0]}: {best[1]}"


def _member_line(member: Mapping[str, Any]) -> str:
    waits = ", waiting" if member["waiting"] else ""
    name = plain(member["agent_id"])
    kind = "a person" if member["session_kind"] == PERSON else "an agent"
    return f"  {name:<24} {kind:<8}  seen {member['seen']} ago{waits}; {member['alive']}"
