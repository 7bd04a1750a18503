"""What every command needs: the workspace it was called in, the room, and who is asking."""

from __future__ import annotations

import os

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import Frozen, dataclass
from stickhooks.gate.standing import Standing
from stickhooks.identity import liveness, resolver
from stickhooks.operations import recording
from stickhooks.operations.boundaries import Boundaries
from stickhooks.operations.promises import News, news_of
from stickhooks.operations.recording import bindings_of
from stickhooks.operations.rooms import Rooms
from stickhooks.operations.wishes import ROOM, Wish
from stickhooks.protocol import phases, rules
from stickhooks.protocol.commands import is_name
from stickhooks.protocol.model import Lease, Process, Room
from stickhooks.store import codec, layout
from stickhooks.store.opening import LOCK_TIMEOUT, open_store
from stickhooks.store.snapshot import Snapshot
from stickhooks.text import quoted, word
from stickhooks.workspace import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal, TypeAlias

    from stickhooks.errors import Step
    from stickhooks.protocol.answers import Answer
    from stickhooks.store.interface import Store

PutDown: TypeAlias = "Literal['release', 'pass', 'close']"


@dataclass(frozen=True)
class Seat(Frozen):
    """A member at one room: who acts, where, and the room as it was when that was found out."""

    agent_id: str
    path: str
    room: Room
    proven: bool = True

    @property
    def room_id(self) -> str:
        return self.room.room_id

    @property
    def lease_id(self) -> str | None:
        """The lease id of the member's own holding; shown to nobody else."""
        return self.own[0].lease_id if self.own else None

    @property
    def own(self) -> list[Lease]:
        """The leases that the member holds and may show: of the rest of the room first, then of parts."""
        mine = [lease for lease in self.room.leases if lease.holder == self.agent_id]
        return mine if self.proven else []


class Desk:
    """One command's view of the world. Nothing is written until a verb asks for it.

    ``room`` is ``--room``, ``said`` is ``--as``; ``opened`` gives the store of a workspace. Raises
    ValueError for what is no path.
    """

    def __init__(
        self,
        room: str | None = None,
        said: str | None = None,
        *,
        env: Mapping[str, str] | None = None,
        lock_timeout: float = LOCK_TIMEOUT,
        opened: Callable[[str, str | None, float], Store] = open_store,
    ) -> None:
        self.env = dict(os.environ if env is None else env)
        self.said = said or ""
        self.lock_timeout = lock_timeout
        self.as_json = False
        self.place = _real("." if room is None else room)
        if said is not None and not is_name(said):
            raise Refusal(
                "invalid_input",
                f"{quoted(said)} cannot be a name: 1 to 64 visible characters, no space around",
                [Next("join", "--as", "NAME")],
                field="agent_id",
            )
        self.workspace = paths.workspace_of(self.place) or paths.new_workspace_of(self.place)
        self.opened = opened
        self.store = opened(self.workspace.root, self.workspace.git_dir, lock_timeout)
        self.boundaries = Boundaries(self.workspace)
        self.rooms = Rooms(self.store, keep_proofs=True, published=self._published)
        self.news: list[tuple[Rooms, News]] = []  # of what was published: see ``waking``
        self.told_as_holder = False  # what happened outside of its turn: see ``audit``
        self._sighting: resolver.Sighting | None = None
        self.program: Process | None = None  # around the terminal that was joined in

    def _published(self, before: Room, room: Room) -> None:
        self.boundaries.note(before, room)
        self.news += [(self.rooms, one) for one in news_of(before, room)]

    @property
    def here(self) -> str:
        """Return where this place is below the workspace, a room that it lies in spelled as it is."""
        relative = self.workspace.relative(self.place)
        try:
            return relative and paths.spelled(self.workspace.root, relative, self.store.paths())
        except Refusal:
            return relative

    def check_named(self) -> None:
        """Refuse a ``--room`` that is not there: a slip of the pen must not act on the room above."""
        if os.path.lexists(self.place):
            return
        try:
            if self.here in self.store.paths():
                return
        except Refusal:
            pass
        raise Refusal("invalid_input", f"there is no {self.place}", [Next("rooms")], field="room")

    def moved(self, path: str) -> Desk:
        """Return the same desk at another folder."""
        there = Desk(
            path, self.said or None,
            env=self.env, lock_timeout=self.lock_timeout, opened=self.opened,
        )  # fmt: skip
        there.as_json, there.news = self.as_json, self.news
        if there.workspace.root == self.workspace.root:
            there.boundaries = self.boundaries
        return there

    def take_over_from(self, other: Desk) -> None:
        """Have what was done at another room of this workspace be told of by this desk."""
        self.place = other.place

    # --- the room

    def path(self) -> str:
        """Return the room that governs this place. Raises ``no_room``."""
        path = phases.governing(self.store.paths(), self.here)
        if path is None:
            raise self.no_room()
        return path

    def snapshot(self) -> Snapshot:
        """Return the governing room as it is. Raises ``no_room`` and what the store raises."""
        found = self.store.load(self.path())
        if found is None:
            raise self.no_room()
        return found

    def no_room(self) -> Refusal:
        """Return the refusal for a place without a room of ours."""
        from stickhooks.operations import room_places, shared_setting

        git_dir = self.workspace.git_dir
        known = git_dir is not None and os.path.lexists(layout.anchor_of(git_dir))
        message = f"there is no room in {self.workspace.root}"
        if (
            known and not self.store.foreign()
        ):  # the anchor stands, and so does the gate: see "not begun"
            message = f"{self.workspace.root} has a room that nobody has joined yet"
        if self.store.foreign():
            message = (
                f"the room in {self.store.folder} was copied from another checkout and is"
                " ignored here; joining starts a room of your own"
            )
        elsewhere = shared_setting.elsewhere(self, "join")
        if elsewhere is not None:
            return Refusal("no_room", f"{message}; {elsewhere.sentence}", elsewhere.next)
        step = Next("join", room=room_places.named(self.workspace, self.place))
        return Refusal("no_room", message, [step])

    def standing(self, snapshot: Snapshot | None = None) -> Standing:
        """Return where the stick is, in words and as data."""
        from stickhooks.store import reader

        snapshot = snapshot or self.snapshot()
        reading = self.rooms.clock()
        shown = self.rooms.shown(snapshot.room.path)
        raw = reader.parsed(snapshot.data, shown)
        standing = Standing(raw, shown, snapshot.now(reading), reading[0])
        caller = self.caller(snapshot.room) if standing.alive == liveness.GONE else None
        return standing.seen_by(caller.agent_id if caller and caller.proof else None)

    def aside(self, path: str) -> str:
        """Return the ``--room`` that the next command must name, ``""`` where the folder is enough."""
        folder = os.path.realpath(os.getcwd())
        workspace = paths.workspace_of(folder)
        if workspace and workspace.root == self.workspace.root:
            inside = workspace.relative(folder)
            if phases.governing(self.store.paths(), inside) == path:
                return ""
        return self.rooms.shown(path)

    # --- the caller

    @property
    def sighting(self) -> resolver.Sighting:
        if self._sighting is None:
            self._sighting = resolver.look(self.env)
        return self._sighting

    def see(self, sighting: resolver.Sighting) -> None:
        """Take over what a hook has seen of the caller."""
        self._sighting = sighting

    def caller(self, room: Room | None) -> resolver.Caller:
        """Say who asks, by the bindings of this room."""
        known = [(lease.holder, lease.lease_id) for lease in room.leases] if room else []
        lease = next((one for one in known if one[1] == self.sighting.lease), None)
        caller = resolver.resolve(self.sighting, bindings_of(room), lease, self.said)
        if self.store.clone:
            from stickhooks.store.engine import names

            raw = codec.plain(room) if room else None
            names.name_newcomer(raw, caller, self.said, self.store.clone)
        return caller

    def seat(self) -> Seat:
        """Return the member that acts here.

        Raises ``unknown_member`` for somebody who has not joined, and ``identity_taken``
        for a name that nothing proves.
        """
        snapshot = self.snapshot()
        room, caller = snapshot.room, self.caller(snapshot.room)
        if caller.agent_id is None:
            from stickhooks.operations import newcomer

            named = self.said or self.sighting.name
            rooms = () if named else newcomer.rooms_of(self.store)
            name = newcomer.next_door(rooms, self.caller) or caller.name
            from stickhooks.gate import messages

            name_it = ("--as", word(self.said)) if self.said else ()
            steps: list[Step] = [Next("join", *name_it, room=self.aside(room.path))]
            if not named and room.lease:
                steps = messages.offered(self.standing(snapshot), caller, steps)
            raise Refusal(
                "unknown_member",
                f"you ({name}) have not joined {self.rooms.shown(room.path)}",
                steps,
                agent_id=name,
            )
        if not caller.proof and not self.is_gone(snapshot, caller.agent_id):
            from stickhooks.operations import newcomer

            raise newcomer.taken(caller)
        if caller.succeeds:
            recording.record(self.rooms, room.room_id, caller, bindings_of(room))
        return Seat(caller.agent_id, room.path, room, bool(caller.proof))

    def lease(self, seat: Seat) -> Lease:
        """Return the caller's own lease. Raises ``stale_lease`` for somebody who holds none."""
        lease = seat.room.lease
        if not seat.own:
            standing = self.standing()
            raise Refusal(
                "stale_lease",
                f"you do not hold the stick: {standing.headline(seat.agent_id)}",
                standing.next(seat.agent_id, person=self.caller(seat.room).person),
                current_owner=lease.holder if lease else None,
                current_turn_id=seat.room.turn_id,
                room_state=phases.shown(standing.phase),
            )
        return seat.own[0]

    def take(self, why: str | None = None, wish: Wish = ROOM) -> Answer:
        """Attempt once to get the stick, or what a wish is for; a holder goes on with what it has."""
        seat = self.seat()
        return self.rooms.wait(seat.agent_id, seat.room_id, seat.lease_id, why, wish=wish)

    def takeover(self, reason: str, expect: int | None) -> Answer:
        """Take an abandoned turn. Asked again for the turn it got, it answers with that."""
        seat = self.seat()
        turn, lease = seat.room.turn_id, seat.room.lease
        if seat.room.parts:
            from stickhooks.operations import own_turns

            return own_turns.take_over(self, seat, reason, expect)
        if seat.lease_id and expect in (None, turn - 1):
            from stickhooks.operations import replay

            done = replay.taken_over(self.rooms, seat.path, seat.agent_id)
            if done is not None:
                return done
        if lease and lease.holder == seat.agent_id and expect == turn - 1:
            return self.take()
        expected = turn if expect is None else expect
        return self.rooms.takeover(seat.agent_id, seat.room_id, reason, expected)

    def put_down(
        self, how: PutDown, handoff: Mapping[str, object], to: str = "", turn: int | None = None
    ) -> Answer:
        """Put the stick down with a handoff: ``release``, ``pass`` (to somebody) or ``close``.

        All that the caller has of the room, in one write, or what ``turn`` is for.

        Asked again with the same handoff (the first answer may have been lost with the
        caller), it answers as it did, and changes nothing.
        """
        if how == "pass" and not is_name(to):
            raise Refusal("invalid_input", field="to_agent_id")
        seat = self.seat()
        done = None
        if not seat.own:
            from stickhooks.operations import replay

            done = replay.put_down(seat.room, seat.agent_id, how, handoff, to)
        if done is not None:
            return done
        lease_id, rooms = self.lease(seat).lease_id, self.rooms
        agent, room_id, own = seat.agent_id, seat.room_id, seat.room.turn_id
        if seat.room.parts and how != "close":
            from stickhooks.operations import own_turns

            return own_turns.put_down(self, seat, how, handoff, to, turn)
        if how == "close" and seat.room.lease not in seat.own:
            from stickhooks.operations import own_turns

            raise own_turns.not_the_rest(seat)
        if turn not in (None, own):
            own = turn  # it is none of the caller's: the law says so
        if how == "pass":
            return rooms.pass_on(agent, room_id, lease_id, own, to, handoff)
        act = rooms.release if how == "release" else rooms.close
        return act(agent, room_id, lease_id, own, handoff)

    def leave(self, *, force: bool) -> Answer:
        """Stop being a member. Asked again by the one who just left, it answers as it did."""
        try:
            seat = self.seat()
        except Refusal as refusal:
            if refusal.code != "unknown_member":
                raise
            name = str(refusal.details["agent_id"])
            from stickhooks.operations import replay

            done = replay.left(self.rooms, self.snapshot().room, name)
            if done is None:
                raise
            return {**done, "agent_id": name}
        answer = self.rooms.leave(seat.agent_id, seat.room_id, force=force)
        return {**answer, "agent_id": seat.agent_id}

    def is_gone(self, snapshot: Snapshot, agent_id: str) -> bool:
        """Tell whether a member is gone, as the law says it, so that another may be it."""
        room = snapshot.room
        return rules.gone(room, rules.member_of(room, agent_id), self.rooms.moment(snapshot))


def _real(path: str) -> str:
    follow: list[Step] = [Next("rooms")]
    try:
        return paths.real(os.path.expanduser(path))
    except FileNotFoundError:
        told, follow = "the folder that this shell stands in was removed", ["cd YOUR-PROJECT"]
    except (ValueError, OSError) as error:
        told = f"{quoted(path)} is not a path that can be used: {error}"
    raise Refusal("invalid_input", told, follow, field="room")
