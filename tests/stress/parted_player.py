"""One of the processes of a soak with leases of paths: it takes sets of them, and hands them on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from stickhooks.operations import waiting
from stickhooks.operations.wishes import ROOM, Wish
from stickhooks.protocol import parts
from stickhooks.protocol.commands import Ask, Heartbeat, Pass, Release
from stickhooks.store.files import FileStore

from .player import NAMES, Answer, Player, handoff

PATHS: Final = ("a", "a/b", "a/b/c", "ab", "d", "e/f", "e/g", "h")
WHOLE: Final = Wish(whole=True)
REMEMBERED: Final = 4  # turns that a member tries again, though they may be over
Token = tuple[str, int]


class PartedPlayer(Player):
    """One member's process. ``mine`` are the leases and turns that it remembers."""

    mine: tuple[Token, ...] = ()

    def _holding(self) -> dict[Callable[[], object], int]:
        return {
            self.release: 30, self.release_all: 12, self.pass_on: 12, self.pass_all: 4, self.renew: 12,
            self.take: 12, self.add: 8, self.take_all: 2, self.leave_by_force: 2, self.forget: 3,
            self.join: 2, self.tell: 4, self.read: 6,
        }  # fmt: skip

    def _asking(self) -> dict[Callable[[], object], int]:
        return {
            self.add: 50, self.take: 10, self.take_all: 6, self.wait_long: 6, self.takeover: 10,
            self.join: 4, self.leave: 2, self.enlist: 6, self.renew: 4, self.release: 4, self.tell: 4,
            self.ask: 6, self.read: 8,
        }  # fmt: skip

    def wish(self) -> Wish:
        drawn = self.dice.sample(PATHS, self.dice.choice((1, 1, 1, 2, 2, 3)))
        return Wish(parts.merged(drawn))

    def turns(self) -> list[int]:
        """Return the turns that are out, of the rest first."""
        room = self.rooms.look("")[0]
        return [room.turn_id, *(part.turn_id for part in room.parts)]

    # --- the deeds

    def take(self) -> None:
        """Take what is promised, or else the rest."""
        self._taken(ROOM)

    def add(self) -> None:
        self._taken(self.wish())

    def take_all(self) -> None:
        self._taken(WHOLE)

    def wait_long(self) -> None:
        wish, patience = self.dice.choice((self.wish(), WHOLE)), self.dice.uniform(0.05, 0.3)
        store = self.rooms.store
        assert isinstance(store, FileStore)

        def act() -> Answer:
            return waiting.wait(
                self.rooms, store, self.agent, "",
                timeout=patience, takeover="it takes too long", wish=wish,
            )  # fmt: skip

        sent = {"patience": patience, "paths": wish.paths}
        self._granted(self._do("await", act, **sent))

    def _taken(self, wish: Wish) -> None:
        lease = self.dice.choice(self.mine)[0] if self.mine and self.dice.random() < 0.7 else None
        wait = lambda: self.rooms.wait(self.agent, self.room, lease, wish=wish)  # noqa: E731
        self._granted(self._do("wait", wait, paths=wish.paths))

    def takeover(self) -> None:
        def act() -> Answer:
            return self.rooms.takeover(
                self.agent, self.room, "in haste", self.dice.choice(self.turns())
            )

        self._granted(self._do("takeover", act))

    def ask(self) -> None:
        token = self._token()

        def act() -> Answer:
            asked = Ask(self.agent, self.room, token, for_turn=self.dice.choice(self.turns()))
            return self.rooms.do(asked)

        self._do("ask", act, text=token)

    def renew(self) -> None:
        lease, turn = self._some()
        deed = Heartbeat(self.agent, self.room, lease, turn)
        if self._do("renew", lambda: self.rooms.do(deed), turn=turn) is None:
            self._drop(turn)

    def release(self) -> None:
        (lease, turn), token = self._some(), self._token()
        deed = Release(self.agent, self.room, lease, turn, handoff(token))
        self._do("release", lambda: self.rooms.do(deed), turn=turn, handoff=token)
        self._drop(turn)

    def pass_on(self) -> None:
        (lease, turn), token = self._some(), self._token()
        to = self.dice.choice([n for n in NAMES if n != self.agent])
        deed = Pass(self.agent, self.room, lease, turn, to, handoff(token))
        if self._do("pass", lambda: self.rooms.do(deed), turn=turn, handoff=token, to=to):
            self._drop(turn)

    def release_all(self) -> None:
        token = self._token()
        every = [Release(self.agent, self.room, *one, handoff(token)) for one in self.mine]
        if every:
            act = lambda: self.rooms.do_all(self.room, every)  # noqa: E731
            self._do("release", act, turns=[turn for _, turn in self.mine], handoff=token)
        self._let_go()

    def pass_all(self) -> None:
        token, to = self._token(), self.dice.choice([n for n in NAMES if n != self.agent])
        every = [Pass(self.agent, self.room, *one, to, handoff(token)) for one in self.mine]
        if every:
            act = lambda: self.rooms.do_all(self.room, every)  # noqa: E731
            turns = [turn for _, turn in self.mine]
            if self._do("pass", act, turns=turns, handoff=token, to=to):
                self._let_go()

    # --- what is behind them

    def _some(self) -> Token:
        return self.dice.choice(self.mine) if self.mine else self.lost

    def _drop(self, turn: int) -> None:
        self.mine = tuple(one for one in self.mine if one[1] != turn)
        self.held = self.mine[-1] if self.mine else None

    def _let_go(self) -> None:
        super()._let_go()
        self.mine = ()

    def _granted(self, answer: Answer | None) -> None:
        every: list[Mapping[str, Any]] = [*(answer or {}).get("also", ()), answer or {}]
        for one in every:
            if one.get("status") in ("your_turn", "already_owner"):
                token = str(one["lease_id"]), int(one["turn_id"])
                self.mine = (*(m for m in self.mine if m[1] != token[1]), token)[-REMEMBERED:]
                self.held = self.lost = token
