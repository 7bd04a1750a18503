"""A day in a shop: four members and one stick, as a log and sightings that a real room could have.

    python -m tests.support.story > docs/timeline.svg

draws the picture of the front page anew.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path

from stickhooks.fast.json import read
from stickhooks.protocol.model import Event, Policy
from stickhooks.store import codec
from stickhooks.timeline import model, source
from stickhooks.timeline.happenings import Happening, Now
from stickhooks.timeline.model import Timeline
from tests.support.world import HOUR, MINUTE, SECOND, Table, process

PICTURE = Path(__file__).parents[2] / "docs" / "timeline.svg"
ROOM = "shop"
MONDAY = 1_795_392_000 * SECOND  # 23 November 2026, 00:00 UTC


def happenings(
    log: list[Event], sightings: list[Mapping[str, object]], shift: int = 0
) -> list[Happening]:
    """Return events and sightings as they are read from a room, in order."""
    told = [h for raw in sightings for h in source.of_sighting(raw)]
    told += [source.of_event(read(codec.event_line(e).decode()), shift) for e in log]
    return sorted(told, key=lambda it: it.at)


class Day:
    """A room whose clock is told, with what would be noted beside its events."""

    def __init__(self) -> None:
        self.table = Table(policy=Policy(presence_ttl=24 * HOUR))
        self.seen: list[Mapping[str, object]] = []
        self.beside: list[Happening] = []  # commits, notes and asks
        self.at("08:55")
        for name in ("ada", "codex:a1", "claude:b2", "bob"):
            self.table.join(name, process(len(name), 1))

    def at(self, told: str) -> Table:
        hours, minutes = told.split(":")
        self.table.now = MONDAY + int(hours) * HOUR + int(minutes) * MINUTE
        return self.table

    def note(self, told: str, what: str, who: str, **more: object) -> None:
        self.at(told)
        self.seen.append({"at": self.table.now, "what": what, "agent_id": who, **more})

    def refuse(self, told: str, who: str, kind: str, path: str | None = None) -> None:
        self.note(told, "refused", who, kind=kind, path=path, code="held")

    def wait(self, told: str, who: str) -> None:
        self.note(told, "wait", who)
        self.table.enlist(who)

    def release(self, told: str, status: str, next_action: str) -> None:
        self.at(told).release({"status": status, "next_action": next_action})

    def commit(self, told: str, subject: str) -> None:
        self.beside.append(Happening(self.at(told).now, model.COMMIT, "", told=subject))

    def say(self, told: str, what: str, who: str, to: str, words: str) -> None:
        self.beside.append(Happening(self.at(told).now, what, who, to, told=words))

    def take(self, told: str, who: str, why: str | None = None) -> None:
        self.at(told).take(who, why)
        self.table.waiting.discard(who)

    def timeline(self, end: str = "18:05", since: str = "") -> Timeline:
        now = Now(self.at(end).now, frozenset(self.table.waiting), self.table.heir or "")
        start = self.at(since).now if since else None
        told = [*happenings(self.table.log, self.seen), *self.beside]
        return model.of(sorted(told, key=lambda it: it.at), now, start)


def day() -> Day:
    """Tell the day."""
    it = Day()
    it.take("09:00", "ada", "refactor the login")
    it.commit("09:31", "start the login")
    it.refuse("09:05", "codex:a1", "edit", "app.py")
    it.wait("09:07", "codex:a1")
    it.refuse("09:20", "claude:b2", "commit")
    it.refuse("09:22", "claude:b2", "edit", "cart.py")
    it.wait("09:24", "claude:b2")
    it.release("09:38", "login drafted", "write its tests")
    it.take("09:38", "codex:a1", "write the tests of the login")
    it.commit("09:52", "test the login")
    it.commit("10:11", "test its errors")
    it.release("10:15", "login tested", "the checkout page")
    it.take("10:15", "claude:b2")
    it.commit("11:24", "the checkout page")
    it.at("11:30").pass_to("bob", {"status": "checkout page works", "next_action": "review it"})
    it.table.waiting.discard("bob")
    it.take("11:47", "bob", "review the checkout page")
    it.wait("12:02", "codex:a1")
    it.note("12:17", "stop", "codex:a1", how="timeout")
    it.table.waiting.discard("codex:a1")
    it.release("12:25", "reviewed, two fixes", "upgrade the payment library")
    it.take("13:05", "codex:a1", "upgrade the payment library")
    it.wait("13:30", "claude:b2")
    it.refuse("13:32", "claude:b2", "shell", "make test")
    it.say("13:50", model.ASK, "claude:b2", "codex:a1", "the mails are urgent")
    it.refuse("13:58", "ada", "editor", "pay.py")
    it.table.dead.add(process(len("codex:a1"), 1))
    it.at("14:06").takeover("ada", "its container was killed")
    it.commit("14:41", "upgrade the payment library")
    it.release("14:50", "payment library upgraded", "translate the mails")
    it.take("14:50", "claude:b2")
    it.commit("15:35", "translate the mails")
    it.refuse("15:09", "bob", "commit")
    it.note(
        "15:11", "bypass", "bob", kind="commit", path=None, code="ok", why="shop is down: hotfix"
    )
    it.release("15:40", "mails translated", "the search page")
    it.note("16:04", "outside", "bob", kind="post-checkout", did="checked out 4f2c91aa07", paths=[])
    it.table.dead.clear()
    it.say("16:15", model.NOTE, "bob", "", "the shop is up again")
    it.take("16:30", "codex:a1")
    it.note("17:05", "back", "codex:a1", kind="undo", of=8, paths=["search.py", "search.css"])
    it.wait("17:12", "ada")
    it.release("17:40", "search page drafted", "look at it on a phone")
    it.take("17:40", "ada")
    return it


def drawn() -> str:
    """Return the picture of the front page, with the hours of UTC."""
    from stickhooks.timeline import svg

    return svg.draw(day().timeline(), ROOM, time.gmtime)


if __name__ == "__main__":
    sys.stdout.write(drawn())
