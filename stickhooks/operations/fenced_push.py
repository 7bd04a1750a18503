"""``stick push``: a branch reaches the remote only while the caller holds the rooms of what is pushed.

The branch goes in one ``git push --atomic`` with a renewal of the lease: see ``store.engine.fence``. The room
whose lease is renewed in that push is the first one; further rooms are renewed just before, and must not
have moved since.
"""

from __future__ import annotations

import time

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import Frozen, dataclass
from stickhooks.operations import pushed_paths
from stickhooks.operations.context import Desk, Seat
from stickhooks.operations.pushed_paths import Update
from stickhooks.protocol import commands, rules
from stickhooks.store.engine import fence
from stickhooks.store.engine.beside import Beside, parted
from stickhooks.store.engine.git_remote import GitRemote
from stickhooks.store.engine.remote_fence import Fence
from stickhooks.store.engine.store import Sending
from stickhooks.store.snapshot import Conflict
from stickhooks.text import plain, word
from stickhooks.workspace import git_pushed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Final

RETRIES: Final = 20
HEADS: Final = "refs/heads/"


@dataclass(frozen=True)
class Pushed(Frozen):
    """What came of a push: the branch on the remote, what it was there before and is now (``""``: not there),
    and whether it was there already, by an earlier push."""

    remote: str
    branch: str
    old: str
    new: str
    already: bool


def push(
    desk: Desk, remote: str | None, branch: str | None, show: Callable[[bytes], object]
) -> Pushed:
    """Push a branch to the engine's remote, with the caller's lease renewed by the same push.

    Raises ``stale_lease`` for who does not hold, ``engine`` where git or the server refuses, ``config``
    where there is nothing to fence by; nothing was pushed then, unless the message says that it is not known.
    """
    engine = fence.remote_of(desk.store, remote)
    if remote not in (None, engine.remote):
        told = f"{_where(engine)} not fence a push to {plain(remote)}"
        raise Refusal("config", told, [f"git push {word(str(remote))} {word(branch or 'HEAD')}"])
    spec = _refspec(desk, engine.remote, branch)
    root = desk.workspace.root
    if len(git_pushed.pushed_to(root, engine.remote)) > 1:
        told = (
            f"{plain(engine.remote)} has several addresses that git pushes to, one after the other"
        )
        step = f"git push {word(engine.remote)} {word(spec.text)}"
        raise Refusal("config", f"{told}: that is no one push; nothing was pushed", [step])
    known = git_pushed.tracked(root, engine.remote, spec.to)
    new = git_pushed.commit_of(root, spec.source) if spec.source else ""
    seats = _seats(desk, Update(spec.to, known, new), engine.remote)
    beside = Beside(root, engine.remote, [spec.text], show)
    if isinstance(engine, Fence):
        _push_with_ref(desk, seats, engine, beside)
    else:
        _push(desk, seats, beside)
    rows = {to: (flag, summary) for flag, to, summary in map(parted, beside.rows)}
    flag, summary = rows.get(spec.to, ("", ""))
    old = summary.replace("...", "..").partition("..")[0] if flag in (" ", "+") else ""
    return Pushed(engine.remote, spec.to.removeprefix(HEADS), old, new, already=flag in ("", "="))


def _where(engine: GitRemote) -> str:
    if isinstance(engine, Fence):
        return f"the fence of these rooms is on {plain(engine.remote)}: it does"
    return f"the rooms here are on {engine.name}: they do"


@dataclass(frozen=True)
class Refspec(Frozen):
    """A refspec as git takes it; ``source`` is ``""`` for one that deletes."""

    text: str
    source: str
    to: str


def _refspec(desk: Desk, remote: str, branch: str | None) -> Refspec:
    """Return what is to be pushed where: ``BRANCH``, ``+BRANCH``, ``SOURCE:BRANCH``, or the branch here."""
    root = desk.workspace.root
    named = (branch or "").removeprefix("+")
    force = "+" if named != (branch or "") else ""
    if named in ("", "HEAD"):
        named = git_pushed.branch_here(root)
        if not named:
            told = "no branch is checked out here: name one"
            raise Refusal("usage", told, [Next("push", word(remote), "HEAD:BRANCH")])
        if not branch:
            _check_upstream(root, remote, named)
    source, colon, to = named.partition(":")
    if source.startswith("-") or to.startswith("-") or (colon and not to):
        raise Refusal("usage", f"{plain(named)} names no branch", [Next("push", "--help")])
    if source and source == git_pushed.branch_here(root) and not git_pushed.commit_of(root, "HEAD"):
        told = f"{plain(source)} has no commit yet: there is nothing to push"
        raise Refusal("usage", told, ["git commit"])
    if source and not git_pushed.commit_of(root, source):
        raise Refusal("usage", f"there is no branch {plain(source)} here", ["git branch"])
    if not colon:
        source = git_pushed.branch_named(root, source)
        if not source.startswith("refs/"):
            told = f"{plain(named)} is no branch: say which one of {plain(remote)} it goes to"
            raise Refusal(
                "usage", told, [Next("push", word(remote), word(f"{force}{named}:BRANCH"))]
            )
        to = git_pushed.goes_to(root, remote, source.removeprefix(HEADS))
    to = to if to.startswith("refs/") else HEADS + to
    if not to.startswith(HEADS):
        told = f"{plain(to)} is no branch: the stick is asked for branches alone"
        raise Refusal("usage", told, [f"git push {word(remote)} {word(named)}"])
    return Refspec(f"{force}{source}:{to}", source, to)


def _check_upstream(root: str, remote: str, branch: str) -> None:
    """Refuse as git does (``push.default``, ``simple``) a branch that is pulled from one of another name."""
    upstream = git_pushed.upstream(root, remote, branch)
    if upstream in ("", branch) or git_pushed.default(root) != "simple":
        return
    if git_pushed.goes_to(root, remote, branch) != branch:
        return
    told = f"{plain(branch)} is pulled from {plain(upstream)}: say to which one it goes; nothing was pushed"
    there = [f"{branch}:{upstream}", f"{branch}:{branch}"]
    raise Refusal("usage", told, [Next("push", word(remote), word(way)) for way in there])


def _seats(desk: Desk, update: Update, remote: str) -> list[Seat]:
    """Return the caller's seats in the rooms of all that a push changes. Raises ``stale_lease``."""
    rooms, here = desk.store.paths(), desk.path()
    needed = [here]
    if rooms != [here]:
        names = pushed_paths.of(desk.workspace, update, remote)
        needed = pushed_paths.rooms_of(desk.store, names) or needed
    seats = []
    for path in needed:
        there = desk if path == here else desk.moved(desk.rooms.shown(path))
        seats.append(_held(there))
    return seats


def _held(desk: Desk) -> Seat:
    """Return the caller's seat where it holds. Raises the refusal that says who does."""
    seat = desk.seat()
    try:
        desk.lease(seat)
    except Refusal as refusal:
        told = f"{refusal.sentence}; nothing was pushed"
        raise Refusal(refusal.code, told, refusal.next, told=refusal.details) from None
    return seat


def _push(desk: Desk, seats: Sequence[Seat], beside: Beside) -> None:
    first, *rest = seats
    for _ in range(RETRIES):
        try:
            others = {seat.path: _renewed(desk, seat) for seat in rest}
            sending = _prepared(desk, first)
            fence.push(desk.store, sending, beside, others)
            return
        except Conflict:
            continue
        except Refusal as refusal:
            _check_held(desk, seats, refusal)
            raise
    raise Refusal(
        "engine",
        "others changed the room again and again meanwhile; nothing was pushed",
        [Next("status")],
    )


def _push_with_ref(desk: Desk, seats: Sequence[Seat], ref: Fence, beside: Beside) -> None:
    def renew() -> None:
        for seat in seats:
            desk.rooms.do(_command(seat))

    try:
        fence.push_with_ref(desk.store, ref, beside, renew)
    except Refusal as refusal:
        _check_held(desk, seats, refusal)
        raise


def _check_held(desk: Desk, seats: Sequence[Seat], refusal: Refusal) -> None:
    """Raise the refusal that says who holds, where another one says that the caller does not."""
    if refusal.code in ("stale_lease", "turn_mismatch"):
        desk.store.paths()
        for seat in seats:
            _held(desk.moved(desk.rooms.shown(seat.path)))


def _command(seat: Seat) -> commands.Heartbeat:
    return commands.Heartbeat(seat.agent_id, seat.room_id, seat.lease_id or "", seat.room.turn_id)


def _renewed(desk: Desk, seat: Seat) -> str:
    """Renew the lease of a further room, and return the operation that did it."""
    command = _command(seat)
    desk.rooms.do(command)
    return fence.operation_at(desk.store, seat.path)


def _prepared(desk: Desk, seat: Seat) -> Sending:
    dead = desk.rooms.probed(desk.store.load(seat.path))
    with desk.store.exclusive():
        snapshot = desk.store.load(seat.path)
        if snapshot is None:
            raise Refusal("no_room")
        reading = desk.rooms.clock()
        moment = desk.rooms.moment(snapshot, dead, reading)
        outcome = rules.decide(snapshot.room, _command(seat), moment)
        if outcome.room == snapshot.room:  # renewed in this millisecond: the room's ref has to move
            time.sleep(0.002)
            raise Conflict
        return fence.prepared(desk.store, snapshot, outcome.room, outcome.events, reading)
