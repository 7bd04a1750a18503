"""One room on an engine, shared by clones on several machines, as a model: are two ever allowed at once,
and does work of somebody who was taken over from ever reach the branch by a fenced push?

    python -m tests.stress.shared_rooms --runs 100000             # all rules
    python -m tests.stress.shared_rooms --runs 3000 --copies      # a cloned machine, after one grace

Every run draws by its seed what happens, and when: loads, grants, renewals, releases and takeovers
whose requests and answers are late or lost, processes that are stopped or killed between any two
steps, reboots, mirrors wiped and old ones put back, whole machines put back, clocks of different
rates. The rules are those of
``stickhooks.store.engine.openness`` itself; the engine is one document with a compare-and-swap.
"""

from __future__ import annotations

import argparse
import heapq
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from stickhooks.store.engine import openness

TTL = 900_000  # ms, as all times
RATE = 0.2  # by which clocks are too fast or too slow
LATE = (1_000, 20_000, 200_000, 700_000)  # what a step may take, evenly drawn


@dataclass(frozen=True)
class Document:
    revision: int = 0
    clock: int = 0
    turn: int = 0
    holder: str | None = None  # a clone
    expires: int = 0
    operation: str = ""  # that wrote the lease


@dataclass
class Machine:
    """One clone's machine: its clock, its mirror, and the anchor's ``over``."""

    clone: str
    rate: float
    boot: int = 1
    booted: float = 0.0
    wound: float = 0.0  # when its wall clock began; without a battery at each boot
    seen: Document = Document()
    offset: int = 0  # room time minus monotonic, as counted since the revision was first seen
    offset_boot: int = 0
    mirror: dict[str, Any] = field(default_factory=lambda: openness.made_anew(None))
    over: int = -1
    kept: list[tuple[Any, ...]] = field(default_factory=list)  # mirrors that may be put back

    def reading(self, at: float) -> tuple[int, int, str]:
        return (
            int((at - self.wound) * self.rate),
            int((at - self.booted) * self.rate),
            f"boot-{self.boot}",
        )

    def publish(self, document: Document, at: float, mirror: dict[str, Any]) -> None:
        if document.revision < self.seen.revision:
            return  # never over a higher revision
        if document.revision > self.seen.revision or self.offset_boot != self.boot:
            self.offset = document.clock - self.reading(at)[1]
            self.offset_boot = self.boot
        self.seen, self.mirror = document, {**mirror, "clone": self.clone}
        whole = at, self.booted, self.boot, self.over
        self.kept.append((document, self.offset, self.offset_boot, self.mirror, whole))

    def wipe(self) -> None:
        self.seen, self.offset_boot, self.mirror = Document(-1), 0, {}

    def put_back(self, number: int, now: float) -> None:
        """Put an old mirror back, or with its wall clock right the whole machine as it was."""
        self.seen, self.offset, self.offset_boot, self.mirror, whole = self.kept[number]
        then, booted, boot, over = whole
        if self.rate == 1 and not self.wound and now - then > 6_000 and number % 3 == 0:
            self.booted, self.boot, self.over = booted + (now - then), boot, over

    def allows(self, at: float) -> bool:
        if self.seen.holder != self.clone:
            return False
        reading = self.reading(at)
        return openness.is_open(self.mirror, self.seen.revision, self.over, reading, self.clone)


class Run:
    """One random run. ``verdict`` is what went wrong, ``""`` for nothing."""

    def __init__(self, seed: int, *, copies: bool = False, rate: float = RATE) -> None:
        self.random = random.Random(seed)
        self.document = Document()
        self.steps: list[tuple[float, int, Callable[[float], None]]] = []
        self.count = self.operations = 0
        self.pushes = random.Random(
            f"{seed} pushes"
        )  # drawn apart: seeds of other faults stay good
        self.landed = 0
        self.late = ""  # what landed too late
        self.copies = copies
        self.graceless = 0.0  # until when a copy may be allowed beside its original
        names = ["a", "b", "c"][: self.random.choice((2, 2, 3))]
        rates = [self.random.choice((1 - rate, 1.0, 1 + rate)) for _ in names]
        self.machines = [Machine(name, drawn) for name, drawn in zip(names, rates, strict=True)]
        self.end = TTL * 9.0
        for machine in self.machines:
            self.begin(machine, self.draw(100_000))
        if copies:
            self.later(self.draw(self.end / 2), self.copy)

    def draw(self, most: float) -> float:
        return self.random.random() * most

    def delay(self) -> float:
        return self.draw(self.random.choice(LATE))

    def later(self, at: float, step: Callable[[float], None]) -> None:
        self.count += 1
        heapq.heappush(self.steps, (at, self.count, step))

    def verdict(self) -> str:
        while self.steps:
            at, _, step = heapq.heappop(self.steps)
            if at > self.end:
                break
            step(at)
            allowed = [machine.clone for machine in self.machines if machine.allows(at)]
            if len(allowed) > 1 and at >= self.graceless:
                return f"at {at:.0f} two are allowed: {allowed}"
            if self.late:
                return f"at {at:.0f} {self.late}"
        return ""

    # --- what a machine does

    def begin(self, it: Machine, at: float) -> None:
        self.later(at, lambda at: self.act(it, at))

    def act(self, it: Machine, at: float) -> None:
        """Do one thing at random, then plan the next."""
        stopped = self.random.random() < 0.1
        self.begin(it, at + self.draw(TTL * 3 if stopped else TTL / 3))
        chance = self.random.random()
        if chance < 0.03:
            it.boot, it.booted = it.boot + 1, at
            it.wound = self.random.choice((it.wound, at))
        elif chance < 0.06 and it.kept and not self.copies:
            it.put_back(self.random.randrange(len(it.kept)), at)
        elif chance < 0.08 and not self.copies:
            it.wipe()
        elif chance < 0.45:
            self.load(it, at)
        else:
            self.swap(it, at)

    def load(self, it: Machine, at: float) -> None:
        read = at + self.delay()
        self.later(read, lambda at: self.answer(it, at, self.document))

    def answer(self, it: Machine, at: float, document: Document) -> None:
        if self.random.random() > 0.1:
            arrives = at + self.delay()
            self.later(arrives, lambda at: self.loaded(it, at, document))

    def loaded(self, it: Machine, at: float, document: Document) -> None:
        if not it.mirror:
            operation = document.operation if document.holder == it.clone else None
            return it.publish(document, at, openness.made_anew(operation))
        return it.publish(document, at, openness.carried(it.mirror, document.operation))

    def swap(self, it: Machine, at: float) -> None:
        """Plan one change by what the mirror says, send it, and have its answer come or not."""
        if it.offset_boot != it.boot:
            return self.load(it, at)
        self.operations += 1
        operation = f"{it.clone}{it.boot}-{self.operations}"
        reading = it.reading(at)
        now = reading[1] + it.offset
        before, after = it.seen, None
        if before.holder == it.clone:
            if openness.holding(it.mirror, before.operation) == openness.ANOTHERS:
                return None
            after = replace(before, expires=now + TTL, operation=operation)
            if self.random.random() < 0.4:  # others may act after this one
                after = replace(before, holder=None, operation="")
                it.mirror, it.over = openness.closed(it.mirror), before.revision
        elif before.holder is None or before.expires <= now:
            turn = before.turn + 1
            after = replace(
                before, holder=it.clone, turn=turn, expires=now + TTL, operation=operation
            )
        if after is None or self.random.random() < 0.1:  # a join or a note: the lease as it was
            after = before
        after = replace(after, revision=before.revision + 1, clock=now)
        it.mirror = openness.sending(it.mirror, operation)
        return self.later(at + self.delay(), lambda at: self.commit(it, at, before, after, reading))

    def commit(
        self,
        it: Machine,
        at: float,
        before: Document,
        after: Document,
        reading: tuple[int, int, str],
    ) -> None:
        renews = before.holder == after.holder == it.clone and after.operation != before.operation
        fenced = renews and self.pushes.random() < 0.5  # a branch goes with it
        if self.document.revision != before.revision or self.random.random() < 0.05:
            return self.load(it, at)
        if fenced:
            self.push(it, before)
        self.document = after
        if self.random.random() < 0.8:  # else the answer is lost, or its process killed
            arrives = at + self.delay()
            self.later(arrives, lambda at: self.confirmed(it, at, before, after, reading))
        return None

    def push(self, it: Machine, before: Document) -> None:
        """Have what a clone made in a turn land on the branch."""
        self.landed += 1
        if (self.document.holder, self.document.turn) != (it.clone, before.turn):
            now = self.document
            self.late = (
                f"work of {it.clone}'s turn {before.turn} landed in turn {now.turn} of {now.holder}"
            )

    def confirmed(
        self,
        it: Machine,
        at: float,
        before: Document,
        after: Document,
        reading: tuple[int, int, str],
    ) -> None:
        mirror = openness.carried(it.mirror, after.operation)
        if after.holder == it.clone and after.operation != before.operation:
            mirror = openness.opened(it.mirror, after.operation, reading, TTL)
        it.publish(after, at, mirror)

    def copy(self, at: float) -> None:
        """Clone a machine as it is, with its id and its clock."""
        one = self.random.choice(self.machines)
        two = replace(one, mirror=dict(one.mirror), kept=list(one.kept))
        self.machines.append(two)
        self.graceless = at + 2 * TTL / 3 / (1 - RATE) + 1_000
        self.begin(two, at)


def wrong(seeds: Sequence[int], *, copies: bool = False, rate: float = RATE) -> list[str]:
    """Return what went wrong in runs of these seeds, a line each."""
    runs = ((seed, Run(seed, copies=copies, rate=rate).verdict()) for seed in seeds)
    return [f"seed {seed}: {verdict}" for seed, verdict in runs if verdict]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--copies", action="store_true")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.runs)
    lines = wrong(seeds, copies=options.copies, rate=options.rate)
    print("\n".join([*lines[:20], f"{options.runs} runs: two allowed in {len(lines)}"]))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
