"""What has to hold on every engine, counted: no room is made twice, no stale change is taken, no event is
missing, no answer that was lost is misreported.

    python -m tests.stress.engine_table races --engine git --processes 8 --count 200
    python -m tests.stress.engine_table stale --engine etcd --count 1000
    python -m tests.stress.engine_table lost --engine http --count 300
    python -m tests.stress.engine_table traces --engine git
    python -m tests.stress.engine_table ring --engine http --count 200

``--engine`` is ``git`` (a bare repository over files), ``http`` (the same behind lighttpd and
``git-http-backend``) or ``etcd``. In ``races`` processes make a room at the same moment; in ``lost`` a proxy
cuts off 30 % of the answers to changes; ``ring`` hands the stick round four clones.
"""

from __future__ import annotations

import argparse
import multiprocessing
import queue
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stickhooks.errors import Refusal
from stickhooks.store.engine.interface import Moved, NoAnswer
from stickhooks.store.engine.store import EngineStore
from tests.protocol.test_conformance import ROOT, Replay, traces
from tests.stress.etcd_ring import Ring
from tests.support import engine_places
from tests.support.engine_places import Place
from tests.support.numbered import each_once, line

SHARE = 0.3


def text(revision: int, what: str) -> bytes:
    return b'{"schema":1,"revision":%d,"clock":0,"what":"%s","rooms":{}}\n' % (
        revision,
        what.encode(),
    )


# --- one of many makes it


def _race(place: Place, number: int, rounds: int, starts: Any, won: Any) -> None:
    for turn in range(rounds):
        engine = place.engine(f"racer {number}", f"r{turn}")
        starts.wait()
        try:
            engine.swap(None, text(1, f"{number}"), {})
            won.put(turn)
        except (Moved, NoAnswer, Refusal):
            pass


def races(place: Place, processes: int, rounds: int) -> list[str]:
    """Have processes make a room at once, ``rounds`` times. Return what went wrong: a line each."""
    context = multiprocessing.get_context("spawn")
    starts, won = context.Barrier(processes), context.Queue()
    for number in range(processes):
        place.clone(f"racer {number}")
    racers = [
        context.Process(target=_race, args=[place, number, rounds, starts, won])
        for number in range(processes)
    ]
    for racer in racers:
        racer.start()
    winners: Counter[int] = Counter()
    while any(racer.is_alive() for racer in racers) or not won.empty():
        try:
            winners[won.get(timeout=0.2)] += 1
        except queue.Empty:
            continue
    for racer in racers:
        racer.join()
    return [f"round {n}: {winners[n]} made it" for n in range(rounds) if winners[n] != 1]


# --- a change of what is not there any more


def stale(place: Place, count: int) -> list[str]:
    """Send changes of the second last version, and see each refused."""
    one, two = place.engine("one"), place.engine("two")
    old = one.swap(None, text(1, "one"), {"r": [line(1)]})
    assert two.load() == old
    now = one.swap(old, text(2, "one"), {"r": [line(2)]})
    wrong = []
    for number in range(count):
        try:
            two.swap(old, text(2, f"stale {number}"), {"r": [line(2)]})
            wrong.append(f"{number} was taken")
        except Moved:
            pass
    if two.load() != now or one.events("r", 0, 100) != [line(1), line(2)]:
        wrong.append("what is there has changed")
    return wrong


# --- answers that are lost


def lost(place: Place, count: int, cut: Callable[[float], None]) -> list[str]:
    """Make changes whose answers get lost; each has to be made once, and its event is there."""
    engine = place.engine("one")
    assert engine.load() is None
    cut(SHARE)
    try:
        lines = each_once(engine, count)
    finally:
        cut(0.0)
    return [] if engine.events("r", 0, count + 10) == lines else ["events are missing, or twice"]


# --- the law, and hand-overs


def all_traces(place: Place, count: int) -> list[str]:
    """Replay the recorded walks, each in rooms of its own."""
    wrong = []
    for number, trace in enumerate([one.values[0] for one in traces()][:count]):
        engine: Any = place.engine("one", f"t{number}")
        engine.least_ttl = 0
        folder = Path(place.folder, f"room {number}")
        replay = Replay(
            trace, EngineStore(ROOT, None, _timeless(engine), "here", folder=str(folder))
        )
        try:
            for step in trace["steps"]:
                replay.step(step)
        except AssertionError as error:
            wrong.append(f"trace {number}: {error}")
    return wrong


def _timeless(engine: Any) -> Any:
    """Return an engine without a clock of its own: a trace has one."""
    load, swap = engine.load, engine.swap

    def bare(found: Any) -> Any:
        return found and type(found)(found.token, found.data, None, None)

    engine.load, engine.swap = lambda: bare(load()), lambda *values: bare(swap(*values))
    return engine


def ring(place: Place, handoffs: int) -> Ring:
    """Hand the stick round four clones, and see whether two ever hold, a turn or an event is missing."""

    def engine(name: str) -> Any:
        made: Any = place.engine(name)
        made.poll, made.reuse = 0.05, 0.0
        made.least_ttl = min(made.least_ttl, 60_000)
        return made

    made = Ring(Path(place.folder), handoffs, engine)
    made.run(0, lambda: None)
    return made


def told(what: str, kind: str, count: int, processes: int) -> tuple[str, list[str]]:
    """Do a count of something. Return what was done, and what went wrong."""
    with (
        tempfile.TemporaryDirectory() as folder,
        engine_places.cutting(kind, Path(folder)) as (place, proxy),
    ):
        if what == "races":
            return f"{processes} processes", races(place, processes, count)
        if what == "stale":
            return "", stale(place, count)
        if what == "traces":
            return "", all_traces(place, count)
        if what == "ring":
            made = ring(place, count)
            return f"{len(made.turns)} turns, not answered: {dict(made.silences)}", made.faults
        assert proxy, f"nothing lies between here and {kind}"

        def cut(share: float) -> None:
            proxy.share = share

        wrong = lost(place, count, cut)
        return f"{proxy.cut} answers cut off", wrong


COUNTS = {"races": 200, "stale": 1000, "lost": 300, "traces": 60, "ring": 200}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=COUNTS)
    parser.add_argument("--engine", choices=engine_places.KINDS, required=True)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--processes", type=int, default=8)
    options = parser.parse_args()
    count, begun = options.count or COUNTS[options.what], time.monotonic()
    done, wrong = told(options.what, options.engine, count, options.processes)
    print("\n".join(wrong))
    seconds = time.monotonic() - begun
    print(
        f"{options.what} on {options.engine}: {count}; {done}; {seconds:.0f} s; wrong: {len(wrong)}"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
