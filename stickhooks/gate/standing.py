"""Where the stick is in one room, in words and as data: who has it, since when, and what to type next.

Loaded only when something is to be said, by the hooks and the commands alike. A takeover is never
offered while the room is ``owned``. Once the lease ran out a person is told of it; an agent only when
the holder is gone: agents execute what they read.
"""

from stickhooks.errors import Next
from stickhooks.gate import asked
from stickhooks.identity import liveness
from stickhooks.protocol import phases
from stickhooks.protocol.phases import named
from stickhooks.text import age, clock_time, ordinal, plain, stamp, word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stickhooks.errors import Step

#: Phases in which a holder that nothing proves to be gone may have to yield.
MAYBE_LOST = (phases.STALE_OWNER, phases.OWNER_IDLE)
WHY = 120  # characters
PLACE = 80
PARTS = 2  # that a headline tells of

#: To an agent: only a person may decide that somebody who may live has gone.
UNPROVEN = "nothing proves that the holder is gone: ask the person you work for, who may take over"


class _Process:
    """A process as it stands in a state, for ``liveness.judge``."""

    __slots__ = ("boot", "dead", "machine", "name", "pid", "pidns", "start")

    def __init__(self, raw: "dict[str, object]") -> None:
        for name in self.__slots__:
            setattr(self, name, raw[name])


def _judged(member) -> "list[tuple[str, str]]":  # type: ignore[no-untyped-def]
    """Say of each process of a member, None for nobody, whether it lives, and by what evidence."""
    known = [p for p in (member["process"], *member["beside"]) if p] if member else []
    return [liveness.judge(_Process(p)) for p in known]  # type: ignore[arg-type]


class Standing:
    """One room as it stands at ``now`` (room time); ``shift`` leads from there to the wall clock."""

    def __init__(self, raw, shown: str, now: int, wall: int) -> None:  # type: ignore[no-untyped-def]
        self.raw = raw
        self.shown = plain(shown)
        self.paths: list[str] = raw.get("of_paths", [])  # of a part: see ``gate.parts``
        self.place = f"{plain(named(self.paths))} in {self.shown}" if self.paths else self.shown
        self.now = now
        self.shift = wall - now
        self.lease = raw["lease"]
        self.reservation = raw["reservation"]
        self.keeper = (
            self.lease["holder"] if self.lease else (self.reservation or {}).get("recipient")
        )
        self.alive, self.evidence = self._liveness(self.member(self.keeper))
        promise = self.lease or self.reservation
        self.phase = phases.phase_of(
            closed=raw["closed"],
            holder=self.lease["holder"] if self.lease else None,
            recipient=self.reservation["recipient"] if self.reservation else None,
            over=bool(promise) and phases.is_over(now, promise["expires_at"]),
            gone=self.alive == liveness.GONE,
            anybody_here=bool(promise) or any(map(self._is_here, raw["members"])),
            idle="asks" in raw and asked.in_vain(raw, now),
        )

    def seen_by(self, me: "str | None") -> "Standing":
        """Show the room to ``me``: nobody who asks is gone, whatever process was recorded."""
        if me and me == self.keeper and self.alive == liveness.GONE:
            others = "others may take over until your next edit, or `stick take`, records this one"
            self.alive, self.evidence = liveness.UNKNOWN, f"{self.evidence}; {others}"
            over = phases.is_over(self.now, (self.lease or self.reservation)["expires_at"])
            stays = {phases.OWNER_GONE: (phases.OWNED, phases.STALE_OWNER)}
            stays[phases.RECIPIENT_GONE] = phases.RESERVED, phases.STALE_CLAIM
            self.phase = stays.get(self.phase, (self.phase,) * 2)[over]
        return self

    def _is_here(self, member) -> bool:  # type: ignore[no-untyped-def]
        """Tell whether a member is present and not gone."""
        policy, seen = self.raw["policy"], member["last_seen_at"]
        if not phases.is_present(self.now, seen, policy["presence_ttl"]):
            return False
        found = _judged(member)
        dead = bool(found) and all(verdict == liveness.GONE for verdict, _ in found)
        return not phases.is_gone(self.now, seen, policy["gone_grace"], dead=dead)

    def _liveness(self, member) -> "tuple[str, str]":  # type: ignore[no-untyped-def]
        """Say whether a member lives. A proof of death counts when the grace is over."""
        found = _judged(member)
        if not found:
            return liveness.UNKNOWN, "its process is not known here"
        living = [verdict for verdict in found if verdict[0] != liveness.GONE]
        if living:
            return next((v for v in living if v[0] == liveness.ALIVE), living[0])
        grace, seen = self.raw["policy"]["gone_grace"], member["last_seen_at"]
        if not phases.is_gone(self.now, seen, grace, dead=True):
            left = age(seen + grace - self.now)
            return liveness.UNKNOWN, f"{found[0][1]}; a takeover opens in {left}"
        return found[0]

    def places(self, agent_id: str) -> int:
        """Return in how many terminals, editors and clients a member is seen to live."""
        return sum(verdict == liveness.ALIVE for verdict, _ in _judged(self.member(agent_id)))

    def member(self, agent_id: "str | None"):  # type: ignore[no-untyped-def]
        return next((m for m in self.raw["members"] if m["agent_id"] == agent_id), None)

    def is_of_another_clone(self, agent_id: "str | None") -> bool:
        """Tell whether a member of a room on an engine joined elsewhere: nobody who asks here is that one."""
        clone, member = (self.raw.get("mirror") or {}).get("clone"), self.member(agent_id)
        return bool(clone and member and member.get("clone") != clone)

    @property
    def code(self) -> str:
        """The code of a refusal to somebody who does not hold the stick."""
        if self.phase == phases.CLOSED:
            return "room_closed"
        return "held" if self.lease else "reserved" if self.reservation else "free"

    def headline(self, me: "str | None" = None) -> str:
        """Say who, since when, and why, in one line; and which paths are somebody's own."""
        letter, free = self.raw["letter"], self.phase in phases.FREE
        waits = free and self.raw["pending"] and letter
        more = f"; a handoff of {plain(letter['author'])} is waiting" if waits else ""
        return self._rest_line(me) + self._but_for(me) + more

    def _but_for(self, me: "str | None") -> str:
        parts = self.raw.get("parts", ())
        told = [self._part_line(part, me) for part in parts[:PARTS]]
        more = f" and {len(parts) - PARTS} more" if len(parts) > PARTS else ""
        return f", but for {'; '.join(told)}{more}" if told else ""

    def _part_line(self, part, me: "str | None") -> str:  # type: ignore[no-untyped-def]
        """Say of a part whose it is, until when, and which turn."""
        lease, promise = part.get("lease"), part.get("reservation")
        who = lease["holder"] if lease else promise["recipient"]
        name = f"{plain(who)} (you)" if who == me else plain(who)
        ends = (lease or promise)["expires_at"]
        until = f" until {clock_time(ends, self.shift)}"
        if phases.is_over(self.now, ends):
            until = f", whose {'lease' if lease else 'time'} ran out {age(self.now - ends)} ago"
        if who != me and self._liveness(self.member(who))[0] == liveness.GONE:
            until = ", who is gone"
        how = f"{name}{until}" if lease else f"reserved for {name}{until}"
        return f"{plain(named(part['paths']))}: {how} (turn {part['turn_id']})"

    def _rest_line(self, me: "str | None") -> str:
        if self.phase == phases.CLOSED:
            letter = self.raw["letter"]
            closed = letter and letter["event_type"] == "close"
            by = f" (by {plain(letter['author'])})" if closed else ""
            return f"{self.place} is closed{by}: there are no turns"
        if self.lease:
            return self._held_line(me)
        if self.reservation:
            return self._reserved_line(me)
        return f"nobody holds {self.place}"

    def _held_line(self, me: "str | None") -> str:
        lease, who = self.lease, plain(self.lease["holder"])
        since = clock_time(lease["granted_at"], self.shift)
        if lease["holder"] == me:
            who = f"{who} (you)"
        since += f" ({age(self.now - lease['granted_at'])}){self._elsewhere()}"
        told = f"{who} holds {self.place} since {since}"
        if self.phase == phases.OWNER_GONE:
            told += f", and is gone: {self.evidence}"
        elif self.phase == phases.OWNER_IDLE:
            told += asked.idle(self)
        elif self.phase == phases.STALE_OWNER:
            told += f"; its lease ran out {age(self.now - lease['expires_at'])} ago"
        if not lease["why"]:
            return told
        why = plain(lease["why"], WHY)
        return f"{told}: {why}" if self.phase == phases.OWNED else f"{told} (it was for: {why})"

    def _elsewhere(self) -> str:
        """Say where the holder of a room on an engine sits, if that is in another clone."""
        place = self.lease.get("place")
        if not isinstance(place, str) or not asked.is_elsewhere(self.raw):
            return ""
        return f" in {plain(place, PLACE)}"

    def _reserved_line(self, me: "str | None") -> str:
        heir = self.reservation["recipient"]
        who = "you" if heir == me else plain(heir)
        told = f"{self.place} is reserved for {who}"
        if self.raw["letter"]:
            told += f" by {plain(self.raw['letter']['author'])}"
        if self.phase == phases.RECIPIENT_GONE:
            return f"{told}, who is gone: {self.evidence}"
        if self.phase == phases.STALE_CLAIM:
            return f"{told}, who has not come for it"
        return f"{told} until {clock_time(self.reservation['expires_at'], self.shift)}"

    def bars(self, *, person: bool) -> bool:
        """Tell whether the room stays closed to a caller: see ``phases.bars_agents``."""
        closer = self.member((self.raw["letter"] or {}).get("author")) or {}
        by_person = (self.raw.get("closing") or {}).get("person")
        kind = closer.get("session_kind")
        return not person and phases.bars_agents(self.raw["closed"], by_person, kind)

    def details(self, me: "str | None" = None) -> "list[str]":
        """Say how long it is good for, whether its keeper lives, and where you stand in the line."""
        if self.phase == phases.CLOSED:
            from stickhooks.gate import closed

            return closed.details(self, me)
        told = []
        if self.lease and self.phase == phases.OWNED:
            ends = clock_time(self.lease["expires_at"], self.shift)
            renewed = age(self.now - self.lease["renewed_at"])
            life = "process alive" if self.alive == liveness.ALIVE else plain(self.evidence)
            told.append(f"lease ends {ends}, renewed {renewed} ago, {life}")
        line = [w["agent_id"] for w in self.raw["waiters"]]
        if me in line:
            told.append(
                f"you ({plain(me)}) are {ordinal(line.index(me) + 1)} of {len(line)} waiting"
            )
        elif line:
            told.append(f"{len(line)} waiting")
        if "asks" in self.raw:
            told += asked.by(self.raw, me)
        return ["; ".join(told)] if told else []

    def next(self, me: "str | None", *, person: bool, room: str = "") -> "list[Step]":
        """Return what to type, the best first. ``room`` is the ``--room`` to name, where it matters."""

        def step(verb: str, *args: str) -> Next:
            return Next(verb, *args, room=room, after=first)

        first = None if self.member(me) else Next("join", room=room)
        if self.phase == phases.CLOSED:
            return [Next("log", room=room) if self.bars(person=person) else step("reopen")]
        if self.phase in MAYBE_LOST and asked.lost(self, me) and not person:
            return [Next("status")]  # `stick wait` would answer the same at once
        wanted = self._wanted()
        if self.phase in phases.FREE or (self.reservation and self.keeper == me):
            return [step("take", *wanted)]
        steps: list[Step] = [step("wait", *wanted)]
        open_to = {phases.OWNER_GONE, phases.RECIPIENT_GONE}
        if person:
            open_to |= {phases.STALE_CLAIM, *(MAYBE_LOST if asked.lost(self, me) else ())}
        if self.phase in open_to and self.keeper != me:
            turn = ("--expect", str(self.raw["turn_id"])) if self.paths else ()
            steps.insert(0, step("takeover", "--reason", '"why"', *turn))
        return steps

    def _wanted(self) -> "list[str]":
        """Return what ``take`` and ``wait`` have to be told to get what a part is in the way of."""
        if not self.paths:
            return []
        inside, one = self.raw["path"], self.raw.get("wanted", self.paths[0])
        if one in (None, inside):
            return ["--whole"]
        root = self.shown[: len(self.shown) - len(inside)].rstrip("/") if inside else self.shown
        return [word(f"{root}/{one}")]

    def room_data(self) -> "dict[str, object]":
        return {
            "path": self.shown,
            "id": self.raw["room_id"],
            "turn": self.raw["turn_id"],
            "state": phases.shown(self.phase),
        }

    def holder_data(self) -> "dict[str, object] | None":
        """Return who holds, for programs; ``alive`` is None where that is unknown."""
        if not self.lease:
            return None
        return {
            "id": self.lease["holder"],
            "since": stamp(self.lease["granted_at"], self.shift),
            "lease_ends": stamp(self.lease["expires_at"], self.shift),
            "alive": {liveness.ALIVE: True, liveness.GONE: False}.get(self.alive),
            "why": self.lease["why"],
        }

    def you_data(self, me: "str | None") -> "dict[str, object]":
        line = [w["agent_id"] for w in self.raw["waiters"]]
        return {"id": me, "position": line.index(me) + 1 if me in line else None}
