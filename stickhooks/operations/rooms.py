"""What can be asked of a workspace's rooms. Every operation is the same few lines:

look at the room, probe the processes it names, take the lock, read again, ``decide``,
publish, answer. Clock, liveness and fresh ids come in as values.
"""

# bundle: write
from __future__ import annotations

from stickhooks.errors import Next, Refusal
from stickhooks.fast.records import replace
from stickhooks.identity import liveness
from stickhooks.operations.unconfirmed import told_if_doubtful
from stickhooks.operations.wishes import ROOM, Wish
from stickhooks.protocol import commands, phases, rules
from stickhooks.protocol.commands import Command
from stickhooks.protocol.members import with_proofs
from stickhooks.protocol.model import Policy, Process, Room
from stickhooks.protocol.rules import Moment, Outcome
from stickhooks.store.snapshot import Conflict, Reading, Snapshot, Unconfirmed
from stickhooks.system import clock, fresh

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any, Final, TypeAlias

    from stickhooks.protocol.answers import Answer, Joined, LoggedEvent
    from stickhooks.store.interface import Store

EVENTS_DEFAULT: Final = 100
RETRIES: Final = 100
Dead: TypeAlias = "Callable[[Iterable[Process]], frozenset[Process]]"


class Rooms:
    """The rooms of one workspace.

    ``dead`` returns those of some processes that are proven dead, ``draw`` a fresh id,
    ``clock`` a reading of ``clock.read``. With ``keep_proofs`` a proof of death is written on
    the binding, for members in sandboxes who cannot see for themselves.

    Every method either answers with what was done, durably, or raises Refusal and has
    changed nothing.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], Reading] = clock.read,
        dead: Dead = liveness.proven_dead,
        draw: Callable[[], str] = fresh.uuid,
        policy: Policy | None = None,
        keep_proofs: bool = False,
        published: Callable[[Room, Room], None] | None = None,
    ) -> None:
        self.store = store
        self.clock = clock
        self.dead = dead
        self.draw = draw
        self.policy = policy or Policy()
        self.keep_proofs = keep_proofs
        self.published = published

    # --- what changes a room

    def join(
        self,
        agent_id: str,
        context_path: str,
        *,
        force_new: bool = False,
        process: Process | None = None,
        session_kind: str | None = None,
        display_name: str | None = None,
        session: str | None = None,
        beside: bool = False,
        proven: bool = True,
        program: Process | None = None,
        programs: Mapping[str, object] | None = None,
        sharing: tuple[str, ...] = (),
    ) -> Joined:
        """Become a member of the room that governs ``context_path`` (relative to the root).

        Makes the room where there is none: at the workspace root, or with ``force_new``
        exactly at the path, carved out of the room above unless somebody else holds that.
        """
        command = commands.Join(
            agent_id, context_path or ".", process, session_kind, display_name, session, beside, proven,
            program, programs, sharing,
        )  # fmt: skip
        commands.check_fields(command)
        rooms = self.store.paths()
        governing = phases.governing(rooms, context_path)
        path = context_path if force_new else "" if governing is None else governing
        existed = False
        try:
            existed = self._open(path, agent_id, person=session_kind in (None, phases.PERSON))
        except Unconfirmed:
            pass  # the write to come confirms it as well
        try:
            outcome, moment = self._change(path, [command], self.store.load(path))
        except Refusal as refusal:
            if not existed and not refusal.details.get("done"):
                told = f"the room was made, but not joined: {refusal.message}"
                half = {**refusal.details, "half": True}
                raise Refusal(refusal.code, told, refusal.next, told=half) from refusal
            raise
        from stickhooks.protocol import wire

        return {
            "agent_id": agent_id,
            "room_id": outcome.room.room_id,
            "canonical_path": self.shown(path),
            "workspace_root": self.store.root,
            "joined_existing_room": existed,
            "room_state": wire.room(outcome.room, moment, self.shown(path)),
        }

    def wait(
        self,
        agent_id: str,
        room_id: str,
        lease_id: str | None = None,
        why: str | None = None,
        *,
        auto_from: str | None = None,
        wish: Wish = ROOM,
        seen: Snapshot | None = None,
    ) -> Answer:
        """Attempt once to get the stick, or what a wish is for. The answer's ``status`` says what came of it.

        ``auto_from`` says that a first write asks, not somebody. ``seen`` is the room as the
        caller has just read it: it is not looked for again.
        """
        wanted = wish.paths, wish.whole, wish.folds
        return self.do(commands.Wait(agent_id, room_id, lease_id, why, auto_from, *wanted), seen)

    def enlist(
        self, agent_id: str, room_id: str, why: str | None = None, wish: Wish = ROOM
    ) -> Answer:
        """Take a place in the line; kept until a release finds nobody at it."""
        wanted = wish.paths, wish.whole, wish.folds
        return self.do(commands.Enlist(agent_id, room_id, why, *wanted))

    def delist(self, agent_id: str, room_id: str) -> Answer:
        return self.do(commands.Delist(agent_id, room_id))

    def heartbeat(
        self, agent_id: str, room_id: str, lease_id: str, expected_turn_id: int
    ) -> Answer:
        return self.do(commands.Heartbeat(agent_id, room_id, lease_id, expected_turn_id))

    def release(
        self, agent_id: str, room_id: str, lease_id: str, expected_turn_id: int, handoff: object
    ) -> Answer:
        """Put the stick down with a handoff; it is promised to whoever waits first."""
        return self.do(commands.Release(agent_id, room_id, lease_id, expected_turn_id, handoff))

    def pass_on(
        self,
        agent_id: str,
        room_id: str,
        lease_id: str,
        expected_turn_id: int,
        to_agent_id: str,
        handoff: object,
    ) -> Answer:
        """Hand the stick to one member who is here."""
        return self.do(
            commands.Pass(agent_id, room_id, lease_id, expected_turn_id, to_agent_id, handoff)
        )  # fmt: skip

    def takeover(self, agent_id: str, room_id: str, reason: str, expected_turn_id: int) -> Answer:
        """Take a turn that was abandoned: its keeper is gone, or its time is over."""
        return self.do(commands.Takeover(agent_id, room_id, reason, expected_turn_id))

    def leave(self, agent_id: str, room_id: str, *, force: bool = False) -> Answer:
        return self.do(commands.Leave(agent_id, room_id, force))

    def close(
        self, agent_id: str, room_id: str, lease_id: str, expected_turn_id: int, handoff: object
    ) -> Answer:
        return self.do(commands.Close(agent_id, room_id, lease_id, expected_turn_id, handoff))

    def reopen(
        self, agent_id: str, room_id: str, reason: str | None = None, *, person: bool = True
    ) -> Answer:
        """Open a closed room; what a person closed opens to an agent only for a ``reason``."""
        return self.do(commands.Reopen(agent_id, room_id, reason, person))

    def heard(self, agent_id: str, room_id: str) -> Answer:
        """Note that the closer was told who opened the room."""
        return self.do(commands.Heard(agent_id, room_id))

    def set_policy(self, agent_id: str, room_id: str, policy: Policy) -> Answer:
        return self.do(commands.SetPolicy(agent_id, room_id, policy))

    def govern(self, room_id: str, policy: Policy) -> None:
        """Set the policy of a free room as whoever installs it, member or not."""
        seen = self.find(room_id)
        path, dead = seen.room.path, self.probed(seen)
        with self.store.exclusive():
            snapshot = self.store.load(path)
            if snapshot is None:
                raise Refusal("no_room")
            phase = rules.phase_of(snapshot.room, self._moment(snapshot, self.clock(), dead))
            if phase not in phases.FREE:
                raise rules.not_yours(snapshot.room, phase)
            rules.check_all_in(snapshot.room, "change its policy")
            with told_if_doubtful({"status": "ok"}):
                self.store.swap(snapshot, replace(snapshot.room, policy=policy), (), self.clock())

    def bind(
        self,
        agent_id: str,
        room_id: str,
        session: str,
        process: Process | None = None,
        sharing: tuple[str, ...] = (),
    ) -> Answer:
        return self.do(commands.Bind(agent_id, room_id, session, process, sharing))

    def remove(self, agent_id: str, room_id: str, *, person: bool = True) -> Answer:
        """Give a nested room's folder back to the room above. The room must be free."""
        from stickhooks.operations import removing

        return removing.remove(self, agent_id, room_id, person=person)

    def remake(self, path: str) -> Room | None:
        """Make a lost or damaged room anew; None where it is well: see ``remaking``."""
        from stickhooks.operations import remaking

        return remaking.remake(self, path)

    # --- what only reads

    def state(self, room_id: str) -> Mapping[str, Any]:
        """Return the room and its members."""
        from stickhooks.operations import room_facts

        return room_facts.state(self, room_id)

    def list_rooms(self, context_path: str | None = None) -> Mapping[str, Any]:
        """Return all rooms of the workspace, or those at or above a path."""
        from stickhooks.operations import room_facts

        return {"rooms": room_facts.listed(self, context_path)}

    def events(
        self, room_id: str, after_event_seq: object = 0, limit: object = EVENTS_DEFAULT
    ) -> list[LoggedEvent]:
        """Return the events numbered above ``after_event_seq``, oldest first, 500 at the most."""
        from stickhooks.operations import room_facts

        return room_facts.events(self, room_id, after_event_seq, limit)

    def look(self, path: str) -> tuple[Room, Moment]:
        """Return a room as it is, and the moment it is seen at. Raises ``no_room``."""
        snapshot = self.store.load(path)
        if snapshot is None:
            raise Refusal("no_room")
        return snapshot.room, self.moment(snapshot)

    def moment(
        self,
        snapshot: Snapshot,
        dead: frozenset[Process] | None = None,
        reading: Reading | None = None,
    ) -> Moment:
        """Return all that the law may know about a room now, or at a reading of the clock."""
        return self._moment(snapshot, reading or self.clock(), dead)

    def shown(self, path: str) -> str:
        return f"{self.store.root}/{path}" if path else self.store.root

    # --- the few lines

    def do(self, command: Command, seen: Snapshot | None = None) -> Answer:
        """Let the law say what becomes of a command, and return its answer."""
        commands.check_fields(command)
        seen = seen or self.find(command.room_id)  # type: ignore[attr-defined]
        outcome, _ = self._change(seen.room.path, [command], seen)
        return outcome.answer

    def do_all(self, room_id: str, several: Sequence[Command]) -> Answer:
        """Let the law say what becomes of several commands on one room, in one write: all or none."""
        seen = self.find(room_id)
        outcome, _ = self._change(seen.room.path, several, seen)
        return outcome.answer

    def _change(
        self, path: str, several: Sequence[Command], seen: Snapshot | None
    ) -> tuple[Outcome, Moment]:
        """Let ``decide`` say what becomes of a room, and publish it.

        The processes of the room as it was ``seen`` are probed before the lock is taken; those
        that appear in between are not probed, and so count as unknown, which only ever loses by time.
        """
        dead = self.probed(seen, several[0])
        for _ in range(RETRIES):
            with self.store.exclusive():
                snapshot, reading = self.store.load(path), self.clock()
                if snapshot is None:
                    raise Refusal("no_room")
                moment = self._moment(snapshot, reading, dead)
                outcome = rules.decide_all(snapshot.room, several, moment)
                room = with_proofs(outcome.room, dead) if self.keep_proofs else outcome.room
                if room == snapshot.room:
                    return outcome, moment
                try:
                    with told_if_doubtful(outcome.answer):
                        self.store.swap(snapshot, room, outcome.events, reading)
                except Conflict:
                    continue
                if self.published:
                    self.published(snapshot.room, room)
                return replace(outcome, room=room), moment
        raise Refusal(
            "io",
            "others changed the room again and again meanwhile; nothing was changed",
            [Next("status")],
        )

    def open(self, path: str, agent_id: str = "") -> bool:
        """Make the room at ``path`` if it is not there. Tell whether it was."""
        with told_if_doubtful({"status": "ok"}):
            return self._open(path, agent_id)

    def _open(self, path: str, agent_id: str, *, person: bool = True) -> bool:
        if self.store.load(path) is not None:
            return True
        with self.store.exclusive():
            if self.store.load(path) is not None:
                return True
            above, reading = self.above(path), self.clock()
            now = above.now(reading) if above else reading[0]
            if above:
                moment = Moment(now, "")
                rules.check_open_to(above.room, person=person)
                rules.check_carving(above.room, agent_id, moment, deed="make")
                rules.check_place(above.room, path, agent_id)
            policy = above.room.policy if above else self.policy
            try:
                self.store.create(Room(self.draw(), path, now, policy=policy), reading)
            except Conflict:  # somebody of another clone was faster
                return True
        return False

    def above(self, path: str) -> Snapshot | None:
        parent = phases.governing([room for room in self.store.paths() if room != path], path)
        return self.store.load(parent) if parent is not None else None

    def _moment(
        self, snapshot: Snapshot, reading: Reading, dead: frozenset[Process] | None = None
    ) -> Moment:
        """Gather all that the law may know of the world."""
        room = snapshot.room
        if dead is None:
            dead = self.probed(snapshot)
        waiting = self.store.waiting([w.agent_id for w in room.waiters])
        return Moment(snapshot.now(reading), self.draw(), dead, waiting)

    def probed(self, snapshot: Snapshot | None, command: object = None) -> frozenset[Process]:
        members = snapshot.room.members if snapshot else ()
        candidates = [p for m in members for p in m.processes if not p.dead]
        new = getattr(command, "process", None)
        return self.dead([*candidates, new] if new else candidates)

    def find(self, room_id: str) -> Snapshot:
        """Return a room as it is. A damaged neighbour does not stop the search."""
        damage = None
        for _, found in self.store.every(room_id):
            if isinstance(found, Refusal):
                damage = damage or found
            elif found and found.room.room_id == room_id:
                return found
        raise damage or Refusal("room_not_found")
