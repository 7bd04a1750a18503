"""One room at a glance: who may write, how long that is good for, who waits, what was left to do."""

from __future__ import annotations

from stickhooks.errors import Refusal
from stickhooks.fast.records import Frozen, dataclass, replace
from stickhooks.gate import asked
from stickhooks.gate.standing import Standing
from stickhooks.identity import liveness
from stickhooks.operations.context import Desk
from stickhooks.operations.reply import Tone
from stickhooks.protocol import phases
from stickhooks.protocol.phases import named
from stickhooks.store.snapshot import Snapshot
from stickhooks.text import age, clock_time, ordinal, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, TypeAlias

TEXT: Final = 200
#: A label, and the lines that belong to it.
Row: TypeAlias = "tuple[str, list[str]]"


@dataclass(frozen=True)
class Glance(Frozen):
    """A room as ``me`` sees it. ``waiting`` are those with a process that waits right now.

    ``left_at`` is when the last handoff was written, in room time, None where nothing tells.
    """

    standing: Standing
    me: str | None
    name: str
    waiting: frozenset[str]
    left_at: int | None

    # --- for people

    @property
    def headline(self) -> str:
        return self.standing.headline(self.me)

    @property
    def tone(self) -> Tone:
        s = self.standing
        if s.phase in (phases.CLOSED, phases.OWNER_GONE, phases.RECIPIENT_GONE):
            return "stop"
        return "go" if (self.me and s.keeper == self.me) or s.phase in phases.FREE else "wait"

    def rows(self, *, strangers: bool = True) -> list[Row]:
        """Return what there is to tell. That you are no member is left out for no ``strangers``."""
        rows = [
            ("may write", [self.may_write()]),
            ("you", [self._you()] if self.me or strangers else []),
            ("paths", [part.of_paths() for part in self.parts()]),
            ("notes", self.unread()),
            ("asked", self.asks()),
            ("waiting", self.line()),
            ("handoff", self.handoff()),
        ]
        return [(label, lines) for label, lines in rows if lines]

    def parts(self) -> list[Glance]:
        """Return what some have of the room for themselves, each as a room of its own."""
        s = self.standing
        if "parts" not in s.raw:
            return []
        from stickhooks.gate import parts

        views = [parts.view_of(s.raw, part) for part in s.raw["parts"]]
        now = s.now + s.shift
        found = [Standing(view, s.shown, s.now, now).seen_by(self.me) for view in views]
        return [replace(self, standing=standing) for standing in found]

    def of_paths(self) -> str:
        """Say of a part whose it is, until when and for what; or why it can be taken over."""
        s = self.standing
        if s.phase not in (phases.OWNED, phases.RESERVED):
            return self.headline
        who = "you" if self.me and s.keeper == self.me else plain(s.keeper)
        until = self._time((s.lease or s.reservation)["expires_at"])
        how = f"{who} until" if s.lease else f"reserved for {who} until"
        why = s.lease["why"] if s.lease else ""
        told = f"{plain(named(s.paths))}: {how} {until} (turn {s.raw['turn_id']})"
        return told + (f": {plain(why, TEXT)}" if why else "")

    def may_write(self) -> str:
        """Say in one line who may write now, and for how long that is good."""
        return self._rest_may_write() + (
            ", but for the paths" if "parts" in self.standing.raw else ""
        )

    def _rest_may_write(self) -> str:
        s = self.standing
        who = "you" if self.me and s.keeper == self.me else plain(s.keeper)
        if s.phase == phases.OWNED:
            return f"{who} alone, until {self._time(s.lease['expires_at'])} ({self._evidence()})"
        if s.phase == phases.OWNER_IDLE:
            return f"{who}, until the member that asked takes over ({self._evidence()})"
        if s.phase == phases.STALE_OWNER:
            return f"{who}, until somebody takes over ({self._evidence()})"
        gone = f"nobody: {who} is gone, and the turn can be taken over"
        held = {
            phases.CLOSED: "nobody: the room is closed",
            phases.OWNER_GONE: gone,
            phases.RESERVED: f"nobody, until {who} {'take' if who == 'you' else 'takes'} it",
            phases.STALE_CLAIM: f"nobody: {who} did not come, and the turn can be taken over",
            phases.RECIPIENT_GONE: gone,
        }
        return held.get(s.phase) or self._free()

    def _free(self) -> str:
        raw = self.standing.raw
        foreign = raw["pending"] and raw["letter"]["author"] != self.me
        if raw["policy"]["on_idle"] == "claim" and not foreign:
            return "the first member that edits: an edit takes the stick"
        return "nobody, until somebody takes the stick"

    def _evidence(self) -> str:
        s = self.standing
        life = "process alive" if s.alive == liveness.ALIVE else plain(s.evidence)
        return f"renewed {age(s.now - s.lease['renewed_at'])} ago; {life}"

    def _you(self) -> str:
        if self.me is None:
            return f"not a member yet; `stick join` would name you {plain(self.name)}"
        place = self.place()
        return plain(self.me) + (f", {place} waiting" if place else "")

    def place(self) -> str:
        """Say which place in the line is yours: ``2nd of 3``; ``""`` where you have none."""
        names = [w["agent_id"] for w in self.standing.raw["waiters"]]
        return f"{ordinal(names.index(self.me) + 1)} of {len(names)}" if self.me in names else ""

    def line(self) -> list[str]:
        """Tell who waits, in order, since when and for what."""
        lines = []
        for i, waiter in enumerate(self.standing.raw["waiters"], 1):
            name = plain(waiter["agent_id"]) + (" (you)" if waiter["agent_id"] == self.me else "")
            lines.append(f"{i}. {name} for {age(self.standing.now - waiter['since'])}")
            if waiter["agent_id"] not in self.waiting:
                lines[-1] += " (not waiting now; its place in the line is kept)"
            if waiter.get("paths") or waiter.get("whole"):
                lines[-1] += f" for {plain(named(waiter.get('paths') or ['the whole room']))}"
            if waiter["why"]:
                lines[-1] += f": {plain(waiter['why'], TEXT)}"
        return lines

    def unread(self) -> list[str]:
        count = asked.unread(self.standing.raw, self.me)
        return [f"\u2709 {count} unread: stick notes"] if count else []

    def unread_by_others(self) -> list[str]:
        """Tell how many notes the other members were not shown yet."""
        members = [m["agent_id"] for m in self.standing.raw["members"] if m["agent_id"] != self.me]
        counts = [(name, asked.unread(self.standing.raw, name)) for name in members]
        told = ", ".join(f"{plain(name)} {count}" for name, count in counts if count)
        return [f"\u2709 {told}"] if told else []

    def asks(self) -> list[str]:
        """Tell who asked a holder for the stick in this turn, since when and for what."""
        s = self.standing
        of = f" for {plain(named(s.paths))}" if s.paths else ""
        own = [
            f"by {plain(ask['agent_id'])} {age(s.now - ask['asked_at'])} ago{of}"
            + (f": {plain(ask['why'], TEXT)}" if ask["why"] else "")
            for ask in s.raw.get("asks", ())
        ]
        return own + [line for part in self.parts() for line in part.asks()]

    def handoff(self) -> list[str]:
        """Tell the last handoff: by whom, when, what was done and what comes next."""
        letter = self.standing.raw["letter"]
        if not letter:
            return []
        first = f"from {plain(letter['author'])}"
        if self.left_at is not None:
            first += f" at {self._time(self.left_at)} ({age(self.standing.now - self.left_at)} ago)"
        text = letter["handoff"]
        lines = [first, f"status: {_short(text['status'])}", f"next: {_short(text['next_action'])}"]
        files = text.get("artifacts") or ()
        return [*lines, f"artifacts: {plain(', '.join(files), TEXT)}"] if files else lines

    def _time(self, at: int) -> str:
        return clock_time(at, self.standing.shift)

    # --- for programs

    def data(self) -> dict[str, Any]:
        waiters = map(self._waiter_data, self.standing.raw["waiters"])
        return {
            "waiting": list(waiters),
            "handoff": self._handoff_data(),
            "asks": self._asks_data(self.standing.raw),
            "unread": asked.unread(self.standing.raw, self.me),
            **({"parts": self._parts_data()} if "parts" in self.standing.raw else {}),
        }

    def _parts_data(self) -> list[dict[str, object]]:
        shift, found = self.standing.shift, []
        for part in self.standing.raw["parts"]:
            lease, promise = part.get("lease"), part.get("reservation")
            told = {"paths": part["paths"], "turn_id": part["turn_id"]}
            told["holder"] = lease["holder"] if lease else None
            told["reserved_for"] = promise["recipient"] if promise else None
            told["expires_at"] = (lease or promise)["expires_at"] + shift
            told["why"] = lease["why"] if lease else ""
            told["asks"] = self._asks_data(part)
            found.append(told)
        return found

    def _asks_data(self, of: dict[str, Any]) -> list[dict[str, object]]:
        return [self._ask_data(ask) for ask in of.get("asks") or ()]

    def _ask_data(self, ask: dict[str, Any]) -> dict[str, object]:
        at = ask["asked_at"] + self.standing.shift
        return {**{key: ask[key] for key in ("agent_id", "event_seq", "why")}, "asked_at": at}

    def _waiter_data(self, waiter: dict[str, Any]) -> dict[str, object]:
        since, name = waiter["since"] + self.standing.shift, waiter["agent_id"]
        now = name in self.waiting
        told = {"agent_id": name, "since_at": since, "why": waiter["why"], "waits_now": now}
        return told | {key: waiter[key] for key in ("paths", "whole") if waiter.get(key)}

    def _handoff_data(self) -> dict[str, object] | None:
        letter = self.standing.raw["letter"]
        if not letter:
            return None
        at = None if self.left_at is None else self.left_at + self.standing.shift
        names = ("status", "next_action", "artifacts")
        return {
            "author": letter["author"],
            "event_seq": letter["event_seq"],
            "created_at": at,
            "pending": self.standing.raw["pending"],
            **{name: letter["handoff"].get(name) for name in names},
        }


def look(desk: Desk, snapshot: Snapshot) -> Glance:
    """Return a room as the caller of a desk sees it. Reads only."""
    room = snapshot.room
    caller = desk.caller(room)
    waiting = desk.store.waiting([w.agent_id for w in room.waiters])
    standing = desk.standing(snapshot)
    return Glance(standing, caller.agent_id, caller.name, waiting, _left_at(desk, snapshot))


def _left_at(desk: Desk, snapshot: Snapshot) -> int | None:
    """Return when the last handoff was written. The log knows, and may be gone."""
    letter = snapshot.room.letter
    if letter is None:
        return None
    try:
        events = desk.store.events(snapshot, letter.event_seq - 1, 1)
    except (Refusal, OSError, ValueError):
        return None
    return next((e.created_at for e in events if e.event_seq == letter.event_seq), None)


def _short(text: str) -> str:
    first, _, more = text.strip().partition("\n")
    return plain(first + (" …" if more else ""), TEXT)
